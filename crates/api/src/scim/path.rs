//! Attributes by name, in any letter case, with or without the schema before them (RFC 7644, 3.10).

use serde_json::{Map, Value};

/// Schemas whose attributes stand at the top of a resource.
const CORE: [&str; 2] =
    ["urn:ietf:params:scim:schemas:core:2.0:user", "urn:ietf:params:scim:schemas:core:2.0:group"];

/// `name.familyName` in its parts; an extension's attribute has the extension before it.
pub(super) fn split(path: &str) -> Vec<String> {
    let path = path.trim();
    let lower = path.to_lowercase();
    if let Some(core) = CORE.iter().find(|core| lower.starts_with(&format!("{core}:"))) {
        return split(&path[core.len() + 1..]);
    }
    if lower.starts_with("urn:") {
        // The attribute stands behind the last colon; versions in the schema have points, so they are no separators.
        return match path.rsplit_once(':') {
            Some((schema, attribute)) if schema.matches(':').count() >= 4 => {
                let mut parts = vec![schema.to_owned()];
                parts.extend(attribute.splitn(2, '.').map(str::to_owned));
                parts
            }
            _ => vec![path.to_owned()],
        };
    }
    path.splitn(2, '.').map(|part| part.trim().to_owned()).collect()
}

/// The name under which an object has an attribute.
pub(super) fn key(object: &Map<String, Value>, name: &str) -> Option<String> {
    object.keys().find(|key| key.eq_ignore_ascii_case(name)).cloned()
}

/// The attribute of an object.
pub(super) fn get<'v>(object: &'v Value, name: &str) -> Option<&'v Value> {
    let object = object.as_object()?;
    object.get(&key(object, name)?)
}

/// What a path leads to: of a list, the attribute of each element.
pub(super) fn values<'v>(resource: &'v Value, path: &[String]) -> Vec<&'v Value> {
    let mut found = vec![resource];
    for name in path {
        found = found.into_iter().filter_map(|value| get(value, name)).flat_map(elements).collect();
    }
    found
}

/// The elements of a list; anything else is its own element.
pub(super) fn elements(value: &Value) -> Vec<&Value> {
    value.as_array().map_or_else(|| vec![value], |list| list.iter().collect())
}
