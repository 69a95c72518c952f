//! The diary of a device: everything that the company or the system did to it or looked at, from the journal.

use askama::Template;
use domain::model::{DeviceId, JournalRow};
use door::{Access, Path, Routes};
use engine::self_service;
use http::{Method, StatusCode};

use super::layout::Layout;
use crate::assets;
use crate::frame::{Answer, Cx, html};

/// Registers the page.
pub fn routes(routes: Routes) -> Routes {
    routes.route(Method::GET, "/portal/devices/{id}/diary", Access::SignedIn, show)
}

struct Entry {
    tone: &'static str,
    text: String,
    who: String,
    when: String,
}

#[derive(Template)]
#[template(path = "diary.html")]
struct Diary {
    l: Layout,
    id: String,
    name: String,
    entries: Vec<Entry>,
}

async fn show(cx: Cx, Path(id): Path<DeviceId>) -> Answer {
    let device = self_service::device(&cx.engine, &cx.scope, id)?.device;
    let rows = self_service::diary(&cx.engine, &cx.scope, id).await?;
    let entries = rows.iter().filter_map(|row| entry(&cx, &device.name, row)).collect();
    let l = Layout::of(&cx, "devices", cx.t.say("diary-title"));
    Ok(html(StatusCode::OK, Diary { l, id: id.to_string(), name: device.name.clone(), entries }.to_string()))
}

fn entry(cx: &Cx, name: &str, row: &JournalRow) -> Option<Entry> {
    let event = catalog::event_by_key(&row.event)?;
    let said = |key: &str| row.body.as_ref()?.get(key)?.as_str().map(str::to_owned);
    let named = |key: &str| said(key).and_then(|name| serde_json::from_value(name.into()).ok());
    let command = named("kind").or_else(|| named("command"));
    let command = command.map_or_else(|| cx.t.say("diary-command"), |kind| cx.t.command(kind).into_owned());
    let rule = said("rule").and_then(|key| catalog::RuleId::from_key(&key));
    let rule = rule.map(|rule| cx.t.rule(rule)).unwrap_or_default();
    let target = said("target").and_then(|key| catalog::Target::from_key(&key));
    let target = target.map_or_else(|| cx.t.say("diary-access"), |target| cx.t.target(target).into_owned());
    let text = cx.t.event(event);
    let marks = [("{command}", command), ("{rule}", rule), ("{target}", target), ("{name}", name.to_owned())];
    Some(Entry {
        tone: match event.severity {
            catalog::Severity::Informational => "info",
            catalog::Severity::Warning => "warn",
            catalog::Severity::Critical => "bad",
        },
        text: filled(&text, &marks),
        who: who(cx, &row.actor),
        when: cx.at(row.at),
    })
}

/// Marks are filled in one pass: a name that looks like a mark stays a name.
fn filled(text: &str, marks: &[(&str, String)]) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('{') {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        if let Some((mark, value)) = marks.iter().find(|(mark, _)| rest.starts_with(mark)) {
            out.push_str(value);
            rest = &rest[mark.len()..];
        } else {
            out.push('{');
            rest = &rest[1..];
        }
    }
    out.push_str(rest);
    out
}

/// Who did it, from the stable text form that the journal keeps.
fn who(cx: &Cx, actor: &str) -> String {
    let bare = |rest: &str| rest.rsplit_once(" (").map_or(rest, |(name, _)| name).to_owned();
    for (start, key) in [
        ("administrator ", "who-administrator"),
        ("token of ", "who-integration"),
        ("ISE as ", "who-network"),
        ("mail server ", "who-mail-server"),
    ] {
        if let Some(rest) = actor.strip_prefix(start) {
            return cx.t.with(key, "name", bare(rest));
        }
    }
    let key = match actor {
        _ if actor.starts_with("user ") && actor.ends_with(&format!("({})", cx.user.id)) => "who-you",
        _ if actor.starts_with("user ") => "who-former-user",
        _ if actor.starts_with("device ") => "who-device",
        _ if actor.starts_with("compliance manager") => "who-rules",
        "command line" => "who-operator",
        _ => "who-system",
    };
    cx.t.say(key)
}

#[cfg(test)]
mod tests {
    use super::filled;

    #[test]
    fn a_name_that_looks_like_a_mark_stays_a_name() {
        let marks = [("{name}", "{command}".to_owned()), ("{command}", "Block".to_owned())];
        assert_eq!(filled("{command} for {name} {x}{", &marks), "Block for {command} {x}{");
    }
}
