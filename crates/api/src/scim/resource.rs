//! Users and groups as SCIM's JSON (RFC 7643), and back.

use std::collections::BTreeMap;

use domain::model::{CustomScope, Group, User, UserId, UserState};
use engine::users::UserInput;
use engine::{OrgIndex, custom_columns};
use serde_json::{Map, Value, json};

use super::error::{Result, ScimError};
use super::path;

pub(super) const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
pub(super) const GROUP: &str = "urn:ietf:params:scim:schemas:core:2.0:Group";
/// The organization's own columns, by their names.
pub(super) const CUSTOM: &str = "urn:ietf:params:scim:schemas:extension:notifymdm:2.0:User";

/// The address of a resource.
fn location(base: &str, kind: &str, id: &str) -> String {
    format!("{base}/{kind}/{id}")
}

fn moment(millis: i64) -> String {
    jiff::Timestamp::from_millisecond(millis).map(|t| t.to_string()).unwrap_or_default()
}

fn meta(base: &str, kind: &str, id: &str, created: i64, rev: i64) -> Value {
    json!({
        "resourceType": kind.trim_end_matches('s'), "created": moment(created),
        "location": location(base, kind, id), "version": format!("W/\"{rev}\""),
    })
}

/// The name that the client gave a user, else the sign-in name.
pub(super) fn user_name(user: &User) -> &str {
    if user.provisioned_as.is_empty() { &user.username } else { &user.provisioned_as }
}

/// A user.
pub(super) fn of_user(org: &OrgIndex, base: &str, user: &User) -> Value {
    let id = user.id.to_string();
    let mut name = Map::new();
    for (key, value) in [("givenName", &user.first_name), ("familyName", &user.last_name)] {
        if !value.is_empty() {
            name.insert(key.into(), json!(value));
        }
    }
    let groups: Vec<Value> = org
        .groups_of_ranked(user)
        .iter()
        .map(|group| {
            let id = group.id.to_string();
            json!({ "value": id, "display": group.name, "$ref": location(base, "Groups", &id), "type": "direct" })
        })
        .collect();
    let mut resource = json!({
        "schemas": [USER],
        "id": id,
        "userName": user_name(user),
        "name": name,
        "displayName": user.display_name,
        "active": user.state == UserState::Active,
        "emails": [],
        "phoneNumbers": [],
        "groups": groups,
        "meta": meta(base, "Users", &id, user.created_at, user.rev),
    });
    if !user.external_id.is_empty() {
        resource["externalId"] = json!(user.external_id);
    }
    if !user.email.is_empty() {
        resource["emails"] = json!([{ "value": user.email, "type": "work", "primary": true }]);
    }
    if !user.phone.is_empty() {
        resource["phoneNumbers"] = json!([{ "value": user.phone, "type": "work" }]);
    }
    let custom = custom_columns::names(org, CustomScope::User, &user.custom);
    if !custom.is_empty() {
        resource["schemas"] = json!([USER, CUSTOM]);
        resource[CUSTOM] = json!(custom);
    }
    resource
}

/// What a user is made of, from JSON. What SCIM does not say stays as it is with `old`.
///
/// # Errors
/// `invalidValue` by attribute.
pub(super) fn user_input(org: &OrgIndex, old: Option<&User>, resource: &Value) -> Result<UserInput> {
    let object = resource.as_object().ok_or_else(|| ScimError::syntax("A user is a JSON object."))?;
    let name = text(path::get(resource, "userName"), "userName")?;
    if name.is_empty() {
        return Err(ScimError::value("userName: This attribute is needed."));
    }
    let names = path::get(resource, "name").cloned().unwrap_or(Value::Null);
    let part = |key: &str| text(path::get(&names, key), key);
    let mut input = old.map(UserInput::of).unwrap_or_default();
    let renamed = old.is_none_or(|old| user_name(old) != name);
    if renamed {
        // Identity systems send addresses; people sign in without the domain.
        name.split('@').next().unwrap_or(&name).clone_into(&mut input.username);
    }
    input.email = email(resource, &name)?;
    input.first_name = part("givenName")?;
    input.last_name = part("familyName")?;
    input.display_name = match text(path::get(resource, "displayName"), "displayName")? {
        shown if shown.is_empty() => part("formatted")?,
        shown => shown,
    };
    input.phone = first(resource, "phoneNumbers")?;
    input.provisioned_as = Some(name);
    input.external_id = Some(text(path::get(resource, "externalId"), "externalId")?);
    input.password = text(path::get(resource, "password"), "password")?;
    input.state = Some(match path::get(resource, "active") {
        None | Some(Value::Null) => old.map_or(UserState::Active, |old| old.state),
        Some(value) if truth(value, "active")? => UserState::Active,
        Some(_) => UserState::Disabled,
    });
    let custom = path::key(object, CUSTOM).and_then(|key| object[&key].as_object());
    if let Some(custom) = custom {
        let named: BTreeMap<String, String> = custom
            .iter()
            .map(|(key, value)| Ok((key.clone(), text(Some(value), key)?)))
            .collect::<Result<_>>()?;
        input.custom = custom_columns::from_names(org, CustomScope::User, named)?;
    } else if old.is_some() {
        input.custom.clear();
    }
    Ok(input)
}

/// A text; numbers and truth values are written as such.
fn text(value: Option<&Value>, name: &str) -> Result<String> {
    match value {
        None | Some(Value::Null) => Ok(String::new()),
        Some(Value::String(text)) if text.len() <= 4_000 => Ok(text.trim().to_owned()),
        Some(value @ (Value::Number(_) | Value::Bool(_))) => Ok(value.to_string()),
        Some(_) => Err(ScimError::value(format!("{name}: Send a text."))),
    }
}

/// True or false; Entra sends texts.
fn truth(value: &Value, name: &str) -> Result<bool> {
    match value {
        Value::Bool(truth) => Ok(*truth),
        Value::String(text) if text.eq_ignore_ascii_case("true") => Ok(true),
        Value::String(text) if text.eq_ignore_ascii_case("false") => Ok(false),
        _ => Err(ScimError::value(format!("{name}: Send true or false."))),
    }
}

/// The value of the primary element of a list, else of that of type work, else of the first one.
fn first(resource: &Value, name: &str) -> Result<String> {
    let list = match path::get(resource, name) {
        None | Some(Value::Null) => return Ok(String::new()),
        Some(value) => path::elements(value),
    };
    let primary = |e: &&&Value| path::get(e, "primary").is_some_and(|p| truth(p, "primary").unwrap_or(false));
    let work = |e: &&&Value| {
        path::get(e, "type").and_then(Value::as_str).is_some_and(|t| t.eq_ignore_ascii_case("work"))
    };
    let chosen = list.iter().find(primary).or_else(|| list.iter().find(work)).or(list.first());
    match chosen {
        Some(element) if element.is_object() => text(path::get(element, "value"), name),
        Some(element) => text(Some(element), name),
        None => Ok(String::new()),
    }
}

/// The address; without one a sign-in name that is an address.
fn email(resource: &Value, name: &str) -> Result<String> {
    let sent = first(resource, "emails")?;
    Ok(if sent.is_empty() && name.contains('@') { name.to_owned() } else { sent })
}

/// A group, with its members unless they are not wanted.
pub(super) fn of_group(org: &OrgIndex, base: &str, group: &Group, with_members: bool) -> Value {
    let id = group.id.to_string();
    let mut resource = json!({
        "schemas": [GROUP],
        "id": id,
        "displayName": group.name,
        "meta": meta(base, "Groups", &id, group.created_at, group.rev),
    });
    if with_members {
        let member = |user: &User| {
            let id = user.id.to_string();
            json!({ "value": id, "display": user.display_name, "$ref": location(base, "Users", &id), "type": "User" })
        };
        resource["members"] = org.members(group.id).map(|user| member(user)).collect();
    }
    resource
}

/// The users that a list of members names.
///
/// # Errors
/// `invalidValue` for what is no user's id.
pub(super) fn members(value: &Value) -> Result<Vec<UserId>> {
    if value.is_null() {
        return Ok(Vec::new());
    }
    path::elements(value)
        .into_iter()
        .map(|element| {
            let id = path::get(element, "value").unwrap_or(element);
            let id = id.as_str().and_then(|id| id.parse().ok());
            id.ok_or_else(|| {
                ScimError::value("members: Send the ids of users as value. Groups cannot be members.")
            })
        })
        .collect()
}
