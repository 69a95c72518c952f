//! Two forms of the same document, field by field, with names instead of ids.

use domain::model::{DeviceId, GroupId, Liability, PolicySuiteId, RoamingMode, ScheduleId, ServerId, UserId};
use domain::schedule::Interval;
use serde_json::Value;

use super::Line;
use crate::OrgIndex;

/// What has no value.
pub(super) const NOTHING: &str = "none";

/// The fields that differ, in the order of their names; a field of a part is named with its part.
pub(super) fn differences(org: &OrgIndex, before: &Value, after: &Value) -> Vec<Line> {
    let mut lines = Vec::new();
    compare(org, "", before, after, &mut lines);
    lines
}

fn compare(org: &OrgIndex, place: &str, before: &Value, after: &Value, lines: &mut Vec<Line>) {
    if before == after {
        return;
    }
    let (Value::Object(old), Value::Object(new)) = (before, after) else {
        return lines.push(Line::new(place, shown(org, before), shown(org, after)));
    };
    let keys: std::collections::BTreeSet<&String> = old.keys().chain(new.keys()).collect();
    for key in keys.into_iter().filter(|key| *key != "rev") {
        let name = if place.is_empty() { label(key) } else { format!("{place} ▸ {}", label(key)) };
        let of = |fields: &serde_json::Map<String, Value>| fields.get(key).cloned().unwrap_or_default();
        compare(org, &name, &of(old), &of(new), lines);
    }
}

/// A key as the head of a line.
fn label(key: &str) -> String {
    let words = match key {
        "macs" => "MAC addresses".to_owned(),
        "url" => "Address".to_owned(),
        "suite" | "default_suite" => "Policy suite".to_owned(),
        "schedule" | "default_schedule" => "Connection schedule".to_owned(),
        "server" | "default_server" => "Mail server".to_owned(),
        "bearer" => "Pass bearer tokens through".to_owned(),
        "trust" => "Accepted certificates".to_owned(),
        other => other.replace('_', " "),
    };
    let mut letters = words.chars();
    letters.next().map_or(String::new(), |first| first.to_uppercase().chain(letters).collect())
}

/// A value in words.
pub(super) fn shown(org: &OrgIndex, value: &Value) -> String {
    match value {
        Value::Null => NOTHING.to_owned(),
        Value::Bool(yes) => if *yes { "yes" } else { "no" }.to_owned(),
        Value::Number(number) => number.to_string(),
        Value::String(text) if text.is_empty() => NOTHING.to_owned(),
        Value::String(text) => name(org, text).or_else(|| word(text)).unwrap_or_else(|| text.clone()),
        Value::Array(items) if items.is_empty() => NOTHING.to_owned(),
        Value::Array(items) => joined(org, items.iter(), ", "),
        Value::Object(parts) => joined(org, parts.values(), " "),
    }
}

fn joined<'a>(org: &OrgIndex, values: impl Iterator<Item = &'a Value>, between: &str) -> String {
    values.map(|value| shown(org, value)).collect::<Vec<_>>().join(between)
}

/// What an id is called; `None` for a text that is no id.
pub(super) fn name(org: &OrgIndex, text: &str) -> Option<String> {
    const GONE: &str = "something that is gone";
    let or_gone = |name: Option<String>| Some(name.unwrap_or_else(|| GONE.to_owned()));
    if let Ok(id) = text.parse::<PolicySuiteId>() {
        return or_gone(org.suite(id).map(|suite| suite.name.clone()));
    }
    if let Ok(id) = text.parse::<ScheduleId>() {
        return or_gone(org.schedule(id).map(|schedule| schedule.name.clone()));
    }
    if let Ok(id) = text.parse::<ServerId>() {
        return or_gone(org.server(id).map(|server| server.name.clone()));
    }
    if let Ok(id) = text.parse::<GroupId>() {
        return or_gone(org.group(id).map(|group| group.name.clone()));
    }
    if let Ok(id) = text.parse::<UserId>() {
        return or_gone(org.user(id).map(|user| user.display_name.clone()));
    }
    let id = text.parse::<DeviceId>().ok()?;
    or_gone(org.devices.get(id).map(|device| device.name.clone()))
}

/// The stored names of choices, as they are offered.
fn word(key: &str) -> Option<String> {
    let json = || Value::String(key.to_owned());
    if let Ok(liability) = serde_json::from_value::<Liability>(json()) {
        return Some(liability.label().to_owned());
    }
    if let Ok(interval) = serde_json::from_value::<Interval>(json()) {
        return Some(interval.label().to_owned());
    }
    if let Ok(roaming) = serde_json::from_value::<RoamingMode>(json()) {
        return RoamingMode::ALL
            .iter()
            .find(|(mode, ..)| *mode == roaming)
            .map(|(.., words)| (*words).into());
    }
    let known = match key {
        "as_sent" => "as the device sends it",
        "user" => "the user name alone",
        "user_at_domain" => "user@domain",
        "domain_user" => "DOMAIN\\user",
        "public" => "public certificate authorities",
        "plain" => "no TLS",
        "http403" => "HTTP 403",
        "status129" => "status 129",
        _ => return None,
    };
    Some(known.to_owned())
}
