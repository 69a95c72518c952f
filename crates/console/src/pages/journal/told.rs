//! An entry as a sentence.

use catalog::Severity;
use domain::model::JournalRow;
use serde_json::Value;

use super::super::frame::Cx;
use crate::parts::{Html, Tone, cell};

/// An event as a sentence, in its colour.
pub struct Told {
    /// How bad.
    pub tone: Tone,
    /// The sentence; the subject is a link where there is a page for it.
    pub html: Html,
}

/// Puts a row into words.
pub fn told(cx: &Cx, row: &JournalRow) -> Told {
    told_on(cx, row, None)
}

/// The same on a page of its own subject, which is named `here` (*this device*) instead of being a link to itself.
pub fn told_on(cx: &Cx, row: &JournalRow, here: Option<&str>) -> Told {
    let event = catalog::event_by_key(&row.event);
    let tone = match event.map(|e| e.severity) {
        Some(Severity::Critical) => Tone::Bad,
        Some(Severity::Warning) => Tone::Warn,
        Some(Severity::Informational) | None => Tone::Idle,
    };
    let label = event.map_or(row.event.as_str(), |e| e.label);
    let mut pieces = Vec::new();
    let mut rest = label;
    while let Some(at) = rest.find('{') {
        pieces.push(Html::text(&rest[..at]));
        let (mark, after) = rest[at..].split_once('}').unwrap_or((&rest[at..], ""));
        pieces.push(match here {
            _ if mark != "{name" => {
                Html::text(engine::journal::word(mark.trim_start_matches('{'), row.body.as_ref()))
            }
            Some(here) if at == 0 && rest.len() == label.len() => Html::text(super::entry::label(here)),
            Some(here) => Html::text(here),
            None => subject(cx, row),
        });
        rest = after;
    }
    pieces.push(Html::text(rest));
    Told { tone, html: Html::join(pieces) }
}

/// What an id is called now, if it is still there.
pub fn name_of(cx: &Cx, id: &str) -> Option<String> {
    page_of(cx, id).map(|(_, name)| name)
}

/// The page of a subject, and what it is called now.
fn page_of(cx: &Cx, id: &str) -> Option<(String, String)> {
    cx.org(|org| {
        if let Ok(id) = id.parse() {
            return org.devices.get(id).map(|d| (format!("/dashboard/devices/{id}"), d.name.clone()));
        }
        if let Ok(id) = id.parse() {
            return org.user(id).map(|u| (format!("/dashboard/users/{id}"), u.display_name.clone()));
        }
        if let Ok(id) = id.parse() {
            return org.group(id).map(|g| (format!("/dashboard/groups/{id}"), g.name.clone()));
        }
        if let Ok(id) = id.parse() {
            return org.suite(id).map(|s| (format!("/dashboard/policy-suites/{id}"), s.name.clone()));
        }
        if let Ok(id) = id.parse() {
            return org.server(id).map(|s| (format!("/dashboard/activesync-servers/{id}"), s.name.clone()));
        }
        None
    })
    .ok()
    .flatten()
}

/// The subject as a link, as far as it still exists; else the name that the entry keeps.
fn subject(cx: &Cx, row: &JournalRow) -> Html {
    let id = row.subject.as_str();
    let found = page_of(cx, id);
    if let Some((href, name)) = found {
        return cell::link(href, name);
    }
    if let Some(admin) = id.parse().ok().and_then(|id| cx.engine.directory().administrator(id)) {
        return Html::text(admin.display_name.clone());
    }
    if let Some(organization) = id.parse().ok().and_then(|id| cx.engine.directory().organization(id)) {
        return Html::text(organization.read().organization.name.clone());
    }
    let body = row.body.as_ref();
    let at = |path: &str| body.and_then(|b| b.pointer(path)).and_then(Value::as_str);
    let name =
        ["/name", "/username", "/before/display_name", "/before/name", "/before/username", "/after/name"]
            .iter()
            .find_map(|path| at(path));
    Html::text(name.unwrap_or(if id.is_empty() { "the organization" } else { id }))
}
