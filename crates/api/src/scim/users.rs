//! `/Users`.

use std::sync::Arc;

use axum::response::{IntoResponse, Response};
use catalog::Permission;
use domain::model::{User, UserId};
use engine::users::{self, UserInput};
use http::StatusCode;
use serde_json::Value;

use super::error::{Answer, Result, ScimError};
use super::page::{Body, Call, Wanted};
use super::resource::{of_user, user_input, user_name};
use super::{patch, path};

pub(super) async fn list(call: Call) -> Result<Answer> {
    let wanted = call.wanted()?;
    found(&call, &wanted)
}

pub(super) async fn search(call: Call, Body(body): Body) -> Result<Answer> {
    found(&call, &Wanted::of(&body)?)
}

fn found(call: &Call, wanted: &Wanted) -> Result<Answer> {
    call.scope.require(Permission::DevicesView)?;
    let org = call.org.read();
    // What identity systems ask before every change: one user, by name.
    let exact = wanted.filter.as_ref().and_then(|filter| filter.is_exactly("userName"));
    let mut users: Vec<&Arc<User>> = match exact {
        Some(name) => {
            let is_it = |user: &&Arc<User>| user_name(user).eq_ignore_ascii_case(name);
            org.users().filter(is_it).collect()
        }
        None => org.users().collect(),
    };
    users.sort_unstable_by_key(|user| user.id);
    Ok(wanted.page(users.into_iter().map(|user| of_user(&org, &call.base, user))))
}

fn read(call: &Call) -> Result<Arc<User>> {
    let id: UserId = call.id.parse().map_err(|_| ScimError::not_found("There is no such user."))?;
    Ok(users::get(&call.engine, &call.scope, id)?)
}

fn answer(call: &Call, id: UserId, status: StatusCode) -> Result<Response> {
    let user = users::get(&call.engine, &call.scope, id)?;
    let resource = of_user(&call.org.read(), &call.base, &user);
    Ok(Answer(status, resource).into_response())
}

pub(super) async fn show(call: Call) -> Result<Response> {
    let user = read(&call)?;
    let resource = of_user(&call.org.read(), &call.base, &user);
    Ok(call.shown(resource))
}

pub(super) async fn create(call: Call, Body(body): Body) -> Result<Response> {
    let input = read_input(&call, None, &body)?;
    let made = users::create(&call.engine, &call.scope, input.clone()).await?;
    if input.state == Some(domain::model::UserState::Disabled) {
        users::edit(&call.engine, &call.scope, made.id, UserInput { password: String::new(), ..input })
            .await?;
    }
    answer(&call, made.id, StatusCode::CREATED)
}

/// Reads a user, and says in SCIM's own word that somebody else has the name.
fn read_input(call: &Call, old: Option<&User>, body: &Value) -> Result<UserInput> {
    let org = call.org.read();
    let input = user_input(&org, old, body)?;
    let other = |user: &Arc<User>| old.is_none_or(|old| old.id != user.id);
    if org.user_by_name(&input.username).is_some_and(other) {
        return Err(ScimError::taken("userName: There is a user of this name already."));
    }
    if !input.email.is_empty() && org.user_by_email(&input.email).is_some_and(other) {
        return Err(ScimError::taken("emails: Another user has this address."));
    }
    Ok(input)
}

pub(super) async fn replace(call: Call, Body(body): Body) -> Result<Response> {
    let old = read(&call)?;
    call.unchanged(old.rev)?;
    store(&call, &old, &body).await
}

async fn store(call: &Call, old: &User, body: &Value) -> Result<Response> {
    let input = read_input(call, Some(old), body)?;
    if !is_same(old, &input) {
        users::edit_seen(&call.engine, &call.scope, old.id, Some(old.rev), input).await?;
    }
    answer(call, old.id, StatusCode::OK)
}

/// Identity systems send the same again and again; that is no change and no entry of the journal.
fn is_same(old: &User, input: &UserInput) -> bool {
    let now = UserInput {
        provisioned_as: Some(old.provisioned_as.clone()),
        external_id: Some(old.external_id.clone()),
        ..UserInput::of(old)
    };
    now == *input
}

pub(super) async fn patch(call: Call, Body(body): Body) -> Result<Response> {
    let operations = patch::operations(&body)?;
    let old = read(&call)?;
    call.unchanged(old.rev)?;
    let mut resource = of_user(&call.org.read(), &call.base, &old);
    patch::apply(&mut resource, &operations)?;
    if path::get(&resource, "id").and_then(Value::as_str) != Some(call.id.as_str()) {
        let detail = "The id cannot be changed.";
        return Err(ScimError::new(StatusCode::BAD_REQUEST, "mutability", detail));
    }
    store(&call, &old, &resource).await
}

pub(super) async fn remove(call: Call) -> Result<Response> {
    let old = read(&call)?;
    call.unchanged(old.rev)?;
    // With the records of devices only by a token that may remove records.
    let with_devices = call.scope.has(Permission::DevicesForget);
    users::remove(&call.engine, &call.scope, old.id, with_devices).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}
