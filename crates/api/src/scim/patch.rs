//! PATCH (RFC 7644, 3.5.2) on a resource's JSON, with what Entra ID and Okta send: operations in any letter case,
//! paths inside the value of an operation without a path, truth values as texts.

use serde_json::{Map, Value, json};

use super::error::{Result, ScimError};
use super::filter::{self, Filter, Operator};
use super::path;

/// Operations of one request.
const MOST: usize = 1_000;

/// One operation.
#[derive(Debug)]
pub(super) struct Operation {
    pub kind: Kind,
    /// As it was sent; empty for none.
    pub path: String,
    pub value: Value,
}

/// What an operation does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Add,
    Replace,
    Remove,
}

/// Reads the operations of a body.
///
/// # Errors
/// `invalidSyntax` for a body that has none, or an operation that there is not.
pub(super) fn operations(body: &Value) -> Result<Vec<Operation>> {
    let list = path::get(body, "Operations").and_then(Value::as_array);
    let list = list.ok_or_else(|| ScimError::syntax("Send Operations, a list."))?;
    if list.is_empty() || list.len() > MOST {
        return Err(ScimError::syntax(format!("Send 1 to {MOST} operations.")));
    }
    list.iter().map(operation).collect()
}

fn operation(body: &Value) -> Result<Operation> {
    let text = |name| path::get(body, name).and_then(Value::as_str).unwrap_or_default();
    let kind = match text("op").to_lowercase().as_str() {
        "add" => Kind::Add,
        "replace" => Kind::Replace,
        "remove" => Kind::Remove,
        _ => return Err(ScimError::syntax("An op is add, replace or remove.")),
    };
    let value = path::get(body, "value").cloned().unwrap_or(Value::Null);
    Ok(Operation { kind, path: text("path").trim().to_owned(), value })
}

/// Applies operations, one after the other.
///
/// # Errors
/// `noTarget`, `invalidPath`, `invalidFilter`, `invalidValue`.
pub(super) fn apply(resource: &mut Value, operations: &[Operation]) -> Result<()> {
    operations.iter().try_for_each(|operation| one(resource, operation))
}

fn one(resource: &mut Value, operation: &Operation) -> Result<()> {
    let Operation { kind, path, value } = operation;
    if !path.is_empty() {
        return at_path(resource, *kind, path, value);
    }
    if *kind == Kind::Remove {
        return Err(ScimError::new(
            http::StatusCode::BAD_REQUEST,
            "noTarget",
            "To remove something, say its path.",
        ));
    }
    let object =
        value.as_object().ok_or_else(|| ScimError::value("Without a path the value is an object."))?;
    for (name, value) in object {
        if name.eq_ignore_ascii_case("schemas") {
            continue;
        }
        // An extension as a whole, or an attribute by its path.
        if name.to_lowercase().starts_with("urn:") && value.is_object() {
            merge(resource, name, value);
        } else {
            at_path(resource, *kind, name, value)?;
        }
    }
    Ok(())
}

fn merge(resource: &mut Value, name: &str, value: &Value) {
    let target = slot(resource, name);
    match (target.as_object_mut(), value.as_object()) {
        (Some(target), Some(value)) => {
            for (name, value) in value {
                let key = path::key(target, name).unwrap_or_else(|| name.clone());
                target.insert(key, value.clone());
            }
        }
        _ => *target = value.clone(),
    }
}

/// The attribute of an object, made if it is not there.
fn slot<'v>(object: &'v mut Value, name: &str) -> &'v mut Value {
    if !object.is_object() {
        *object = Value::Object(Map::new());
    }
    let existing = object.as_object().and_then(|object| path::key(object, name));
    &mut object[existing.unwrap_or_else(|| name.to_owned())]
}

fn at_path(resource: &mut Value, kind: Kind, path: &str, value: &Value) -> Result<()> {
    if let Some((list, rest)) = path.split_once('[') {
        let (filter, rest) = filter::bracketed(rest)
            .map_err(|why| ScimError::new(http::StatusCode::BAD_REQUEST, "invalidFilter", why))?;
        let sub = rest.strip_prefix('.').unwrap_or(rest);
        if !rest.is_empty() && (sub.is_empty() || sub == rest || sub.contains(['[', ']', '.'])) {
            return Err(ScimError::path(format!("{path} is no path.")));
        }
        return elements(resource, kind, list, &filter, sub, value);
    }
    let names = path::split(path);
    // Columns of the organization's own may have blanks in their names; attributes of the standard have none.
    let is_own = path.to_lowercase().starts_with("urn:");
    let odd = |name: &String| name.is_empty() || name.contains(']') || (name.contains(' ') && !is_own);
    if names.iter().any(odd) || names.len() > 3 {
        return Err(ScimError::path(format!("{path} is no path.")));
    }
    let mut target = resource;
    for name in &names[..names.len() - 1] {
        target = slot(target, name);
        // An attribute of a list without a filter is that of its first element.
        if target.is_array() {
            return Err(ScimError::path(format!("Say which element of {name} is meant: {name}[…].")));
        }
    }
    let name = &names[names.len() - 1];
    match kind {
        Kind::Remove => {
            let key = target.as_object().and_then(|object| path::key(object, name));
            if let (Some(key), Some(object)) = (key, target.as_object_mut()) {
                object.shift_remove(&key);
            }
        }
        Kind::Add => add(slot(target, name), value),
        Kind::Replace => *slot(target, name) = value.clone(),
    }
    Ok(())
}

/// Adds to a list what is not in it, and to an object what it does not have; replaces anything else.
fn add(target: &mut Value, value: &Value) {
    if let Some(list) = target.as_array_mut() {
        for value in value.as_array().map_or(std::slice::from_ref(value), Vec::as_slice) {
            if !list.contains(value) {
                list.push(value.clone());
            }
        }
    } else if let (true, Some(more)) = (target.is_object(), value.as_object()) {
        for (name, value) in more {
            *slot(target, name) = value.clone();
        }
    } else {
        *target = value.clone();
    }
}

fn elements(
    resource: &mut Value,
    kind: Kind,
    list: &str,
    filter: &Filter,
    sub: &str,
    value: &Value,
) -> Result<()> {
    let names = path::split(list);
    let [name] = names.as_slice() else { return Err(ScimError::path(format!("{list} is no list."))) };
    let target = slot(resource, name);
    if target.is_null() {
        *target = json!([]);
    }
    let Some(list) = target.as_array_mut() else {
        return Err(ScimError::path(format!("{name} is no list.")));
    };
    if kind == Kind::Remove && sub.is_empty() {
        list.retain(|element| !filter.fits(element));
        return Ok(());
    }
    let mut found = false;
    for element in list.iter_mut().filter(|element| filter.fits(element)) {
        found = true;
        match (kind, sub) {
            (Kind::Remove, sub) => {
                let key = element.as_object().and_then(|object| path::key(object, sub));
                if let (Some(key), Some(object)) = (key, element.as_object_mut()) {
                    object.shift_remove(&key);
                }
            }
            (_, "") => *element = value.clone(),
            (_, sub) => *slot(element, sub) = value.clone(),
        }
    }
    if !found && kind != Kind::Remove {
        // Entra sets `emails[type eq "work"].value` of users who have none: the element is made as the filter says.
        list.push(made(filter, sub, value)?);
    }
    Ok(())
}

fn made(filter: &Filter, sub: &str, value: &Value) -> Result<Value> {
    let Filter::Compare(name, Operator::Eq, wanted) = filter else {
        return Err(ScimError::new(http::StatusCode::BAD_REQUEST, "noTarget", "No element fits the filter."));
    };
    let mut element = if sub.is_empty() { value.clone() } else { json!({}) };
    if let [name] = name.as_slice() {
        *slot(&mut element, name) = wanted.clone();
    }
    if !sub.is_empty() {
        *slot(&mut element, sub) = value.clone();
    }
    Ok(element)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn patched(mut resource: Value, operations: Value) -> Result<Value> {
        let body = json!({ "Operations": operations });
        apply(&mut resource, &super::operations(&body)?)?;
        Ok(resource)
    }

    #[test]
    fn the_ways_of_entra_and_okta_are_understood() {
        let user =
            || json!({ "userName": "a", "active": true, "emails": [{ "type": "work", "value": "a@x" }] });
        for (operations, path, expected) in [
            (json!([{ "op": "Replace", "path": "active", "value": "False" }]), "/active", json!("False")),
            (json!([{ "op": "replace", "value": { "active": false } }]), "/active", json!(false)),
            (
                json!([{ "op": "Add", "path": "emails[type eq \"work\"].value", "value": "b@x" }]),
                "/emails/0/value",
                json!("b@x"),
            ),
            (
                json!([{ "op": "add", "path": "emails[type eq \"home\"].value", "value": "h@x" }]),
                "/emails/1/type",
                json!("home"),
            ),
            (
                json!([{ "op": "Add", "path": "name.givenName", "value": "Anna" }]),
                "/name/givenName",
                json!("Anna"),
            ),
            (
                json!([{ "op": "replace", "value": { "name.familyName": "M", "USERNAME": "b" } }]),
                "/name/familyName",
                json!("M"),
            ),
            (json!([{ "op": "replace", "value": { "USERNAME": "b" } }]), "/userName", json!("b")),
            (
                json!([{ "op": "Add", "path": "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department", "value": "D" }]),
                "/urn:ietf:params:scim:schemas:extension:enterprise:2.0:User/department",
                json!("D"),
            ),
            (json!([{ "op": "remove", "path": "emails[type eq \"work\"]" }]), "/emails", json!([])),
            (
                json!([{ "op": "add", "path": "emails", "value": [{ "type": "work", "value": "a@x" }, { "value": "c@x" }] }]),
                "/emails/1/value",
                json!("c@x"),
            ),
        ] {
            let patched =
                patched(user(), operations.clone()).unwrap_or_else(|why| panic!("{operations}: {why:?}"));
            assert_eq!(patched.pointer(path), Some(&expected), "{operations} {patched}");
        }
        let gone = patched(user(), json!([{ "op": "remove", "path": "active" }]));
        assert_eq!(gone.map(|user| user.get("active").is_none()), Ok(true));
    }

    #[test]
    fn what_is_no_operation_is_refused_and_nothing_panics() {
        for operations in [
            json!([]),
            json!("x"),
            json!([{ "op": "move", "path": "a" }]),
            json!([{ "op": "remove" }]),
            json!([{ "op": "add", "value": 1 }]),
            json!([{ "op": "add", "path": "emails[", "value": 1 }]),
            json!([{ "op": "add", "path": "emails[type eq \"x\"", "value": 1 }]),
            json!([{ "op": "add", "path": "emails[type eq \"x\"]]", "value": 1 }]),
            json!([{ "op": "add", "path": "emails.value", "value": 1 }]),
            json!([{ "op": "add", "path": "userName[a eq 1]", "value": 1 }]),
            json!([{ "op": "replace", "path": "emails[type pr and value co \"zz\"]", "value": {} }]),
            json!([{ "op": "add", "path": ".", "value": 1 }]),
        ] {
            let user = json!({ "userName": "a", "emails": [{ "type": "work", "value": "a@x" }] });
            assert!(patched(user, operations.clone()).is_err(), "{operations}");
        }
    }
}
