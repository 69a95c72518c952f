//! `/Groups`: groups of the organization and who is in them. What members get is set in the console.

use std::collections::BTreeSet;
use std::sync::Arc;

use axum::response::{IntoResponse, Response};
use catalog::Permission;
use domain::model::{Group, GroupId, UserId};
use engine::groups::{self, GroupInput};
use http::StatusCode;
use serde_json::Value;

use super::error::{Answer, Result, ScimError};
use super::filter;
use super::page::{Body, Call, Wanted};
use super::patch::{self, Kind, Operation};
use super::path;
use super::resource::{members, of_group};

pub(super) async fn list(call: Call) -> Result<Answer> {
    let wanted = call.wanted()?;
    found(&call, &wanted)
}

pub(super) async fn search(call: Call, Body(body): Body) -> Result<Answer> {
    found(&call, &Wanted::of(&body)?)
}

fn found(call: &Call, wanted: &Wanted) -> Result<Answer> {
    call.scope.require(Permission::GroupsView)?;
    let org = call.org.read();
    let mut groups = org.groups();
    groups.sort_unstable_by_key(|group| group.id);
    // Of a group that is asked for by name alone members are made only if they are wanted.
    let by_name = wanted.filter.as_ref().is_none_or(|filter| filter.is_exactly("displayName").is_some());
    let with_members = wanted.wants("members") || !by_name;
    Ok(wanted.page(groups.iter().map(|group| of_group(&org, &call.base, group, with_members))))
}

fn read(call: &Call) -> Result<Arc<Group>> {
    let id: GroupId = call.id.parse().map_err(|_| ScimError::not_found("There is no such group."))?;
    Ok(groups::get(&call.engine, &call.scope, id)?)
}

fn answer(call: &Call, id: GroupId, status: StatusCode) -> Result<Response> {
    let group = groups::get(&call.engine, &call.scope, id)?;
    let resource = of_group(&call.org.read(), &call.base, &group, true);
    Ok(Answer(status, resource).into_response())
}

pub(super) async fn show(call: Call) -> Result<Response> {
    let group = read(&call)?;
    let resource = of_group(&call.org.read(), &call.base, &group, call.wanted()?.wants("members"));
    Ok(call.shown(resource))
}

fn name(body: &Value) -> Result<String> {
    let name = path::get(body, "displayName").and_then(Value::as_str).map(str::trim);
    let name = name.filter(|name| !name.is_empty());
    name.map(str::to_owned).ok_or_else(|| ScimError::value("displayName: This attribute is needed."))
}

/// Members that there are, or the error that there are not.
fn known(call: &Call, wanted: Vec<UserId>) -> Result<BTreeSet<UserId>> {
    let org = call.org.read();
    match wanted.iter().find(|id| org.user(**id).is_none()) {
        Some(id) => Err(ScimError::value(format!("members: There is no user {id}."))),
        None => Ok(wanted.into_iter().collect()),
    }
}

pub(super) async fn create(call: Call, Body(body): Body) -> Result<Response> {
    let wanted = known(&call, members(path::get(&body, "members").unwrap_or(&Value::Null))?)?;
    let input = GroupInput { name: name(&body)?, ..GroupInput::default() };
    free(&call, None, &input.name)?;
    let id = groups::create(&call.engine, &call.scope, input).await?;
    let add: Vec<UserId> = wanted.into_iter().collect();
    groups::change_members(&call.engine, &call.scope, id, &add, &[]).await?;
    answer(&call, id, StatusCode::CREATED)
}

fn free(call: &Call, own: Option<GroupId>, name: &str) -> Result<()> {
    let org = call.org.read();
    let is_taken =
        org.groups().iter().any(|g| Some(g.id) != own && g.name.to_lowercase() == name.to_lowercase());
    if is_taken {
        Err(ScimError::taken("displayName: There is a group of this name already."))
    } else {
        Ok(())
    }
}

pub(super) async fn replace(call: Call, Body(body): Body) -> Result<Response> {
    let old = read(&call)?;
    call.unchanged(old.rev)?;
    let wanted = known(&call, members(path::get(&body, "members").unwrap_or(&Value::Null))?)?;
    store(&call, &old, &name(&body)?, &wanted).await?;
    answer(&call, old.id, StatusCode::OK)
}

async fn store(call: &Call, old: &Group, name: &str, wanted: &BTreeSet<UserId>) -> Result<()> {
    if name != old.name {
        free(call, Some(old.id), name)?;
        let (note, settings) = (old.note.clone(), old.settings.clone());
        let input = GroupInput { name: name.to_owned(), note, settings };
        groups::edit_seen(&call.engine, &call.scope, old.id, Some(old.rev), input).await?;
    }
    let now: BTreeSet<UserId> = call.org.read().members(old.id).map(|user| user.id).collect();
    let add: Vec<UserId> = wanted.difference(&now).copied().collect();
    let remove: Vec<UserId> = now.difference(wanted).copied().collect();
    if !add.is_empty() || !remove.is_empty() {
        groups::change_members(&call.engine, &call.scope, old.id, &add, &remove).await?;
    }
    Ok(())
}

pub(super) async fn patch(call: Call, Body(body): Body) -> Result<Response> {
    let operations = patch::operations(&body)?;
    let old = read(&call)?;
    call.unchanged(old.rev)?;
    let mut shown = old.name.clone();
    let mut wanted: BTreeSet<UserId> = call.org.read().members(old.id).map(|user| user.id).collect();
    for operation in &operations {
        apply(&call, operation, &mut shown, &mut wanted)?;
    }
    store(&call, &old, &shown, &wanted).await?;
    answer(&call, old.id, StatusCode::OK)
}

fn apply(
    call: &Call,
    operation: &Operation,
    shown: &mut String,
    wanted: &mut BTreeSet<UserId>,
) -> Result<()> {
    let Operation { kind, path, value } = operation;
    let (attribute, rest) = path.split_once('[').map_or((path.as_str(), None), |(a, rest)| (a, Some(rest)));
    let names = path::split(attribute);
    match (names.first().map(|name| name.to_lowercase()).as_deref(), rest) {
        (Some(""), None) => {
            let object = value
                .as_object()
                .ok_or_else(|| ScimError::value("Without a path the value is an object."))?;
            for (name, value) in object {
                let part = Operation { kind: *kind, path: name.clone(), value: value.clone() };
                if !name.is_empty() {
                    apply(call, &part, shown, wanted)?;
                }
            }
        }
        (Some("displayname"), None) => {
            let text = value.as_str().map(str::trim).filter(|text| !text.is_empty() && *kind != Kind::Remove);
            text.ok_or_else(|| ScimError::value("displayName: Send a text."))?.clone_into(shown);
        }
        (Some("members"), None) => match kind {
            Kind::Add => wanted.extend(known(call, members(value)?)?),
            Kind::Replace => *wanted = known(call, members(value)?)?,
            // Without a value all of them go.
            Kind::Remove if value.is_null() => wanted.clear(),
            Kind::Remove => {
                let gone = members(value)?;
                wanted.retain(|id| !gone.contains(id));
            }
        },
        (Some("members"), Some(rest)) if *kind == Kind::Remove => {
            let (filter, rest) = filter::bracketed(rest)
                .map_err(|why| ScimError::new(StatusCode::BAD_REQUEST, "invalidFilter", why))?;
            if !rest.is_empty() {
                return Err(ScimError::path(format!("{path} is no path.")));
            }
            wanted.retain(|id| !filter.fits(&serde_json::json!({ "value": id.to_string(), "type": "User" })));
        }
        // What groups of ours do not have is taken and not kept (RFC 7644, 3.3).
        (Some("externalid" | "schemas" | "id" | "meta"), None) => {}
        _ => return Err(ScimError::path(format!("A group has no {path}."))),
    }
    Ok(())
}

pub(super) async fn remove(call: Call) -> Result<Response> {
    let old = read(&call)?;
    call.unchanged(old.rev)?;
    groups::remove(&call.engine, &call.scope, old.id).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}
