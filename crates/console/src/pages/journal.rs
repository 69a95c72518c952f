//! The journal: who did what, when, to what; with what was before and after.

use catalog::{Permission, Severity};
use domain::model::JournalRow;
use door::{Access, Path, Routes};
use engine::journal::{JournalQuery, page};
use http::Method;
use serde_json::Value;

use super::frame::{Answer, Cx, Oops};
use super::words;
use crate::parts::{
    Applied, Card, Chip, Column, EmptyState, Fact, Facts, Filter, FilterOption, Grid, GridState, Head, Html,
    Icon, Pager, Place, Row, Table, Tone, cell,
};

/// Registers the pages.
pub fn routes(routes: Routes) -> Routes {
    routes.route(Method::GET, "/dashboard/journal", Access::Needs(Permission::JournalView), list).route(
        Method::GET,
        "/dashboard/journal/{sequence}",
        Access::Needs(Permission::JournalView),
        entry,
    )
}

/// Areas of events, as a filter offers them.
const AREAS: &[(&str, &str)] = &[
    ("device.", "Devices"),
    ("channel.", "Policy on devices"),
    ("command.", "Commands"),
    ("user.", "Users"),
    ("policy.", "Policy suites"),
    ("restriction.", "Access restrictions"),
    ("server.", "ActiveSync servers"),
    ("gateway.", "Gateway"),
    ("administrator.", "Administrators"),
    ("role.", "Roles"),
    ("session.", "Sign-ins"),
    ("token.", "API tokens"),
    ("ise.", "Cisco ISE"),
    ("organization.", "Organization"),
    ("installation.", "Installation"),
];

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
    let command = row.body.as_ref().and_then(|b| b.get("kind")).and_then(Value::as_str);
    let command = command.and_then(words::command_by_key).map_or("A command", |kind| kind.entry().label);
    let mut pieces = Vec::new();
    let mut rest = label;
    while let Some(at) = rest.find('{') {
        pieces.push(Html::text(&rest[..at]));
        let (mark, after) = rest[at..].split_once('}').unwrap_or((&rest[at..], ""));
        pieces.push(match here {
            _ if mark == "{command" => Html::text(command),
            Some(here) if at == 0 && rest.len() == label.len() => Html::text(self::label(here)),
            Some(here) => Html::text(here),
            None => subject(cx, row),
        });
        rest = after;
    }
    pieces.push(Html::text(rest));
    Told { tone, html: Html::join(pieces) }
}

/// The subject as a link, as far as it still exists; else the name that the entry keeps.
fn subject(cx: &Cx, row: &JournalRow) -> Html {
    let id = row.subject.as_str();
    let found = cx
        .org(|org| {
            if let Ok(id) = id.parse() {
                return org.devices.get(id).map(|d| (format!("/dashboard/devices/{id}"), d.name.clone()));
            }
            if let Ok(id) = id.parse() {
                return org.user(id).map(|u| (format!("/dashboard/users/{id}"), u.display_name.clone()));
            }
            if let Ok(id) = id.parse() {
                return org.suite(id).map(|s| (format!("/dashboard/policy-suites/{id}"), s.name.clone()));
            }
            if let Ok(id) = id.parse() {
                return org
                    .server(id)
                    .map(|s| (format!("/dashboard/activesync-servers/{id}"), s.name.clone()));
            }
            None
        })
        .ok()
        .flatten();
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

async fn list(cx: Cx) -> Answer {
    let state = GridState::parse("/dashboard/journal", cx.query.clone(), &["event", "subject"], &["when"]);
    let value = |key: &str| state.filters.iter().find(|(k, _)| k == key).map(|(_, v)| v.clone());
    let size = state.page_size();
    let query = JournalQuery {
        before: state.after.parse().ok(),
        event: value("event").unwrap_or_default(),
        subject: value("subject").unwrap_or_default(),
        limit: Some(size + 1),
    };
    let mut rows = page(&cx.engine, &cx.scope, query).await?;
    let more = rows.len() > size as usize;
    rows.truncate(size as usize);
    let last = rows.last().map(|r| r.sequence.to_string()).unwrap_or_default();
    let option = |(value, label): &(&str, &str)| FilterOption {
        value: (*value).into(),
        label: (*label).into(),
        count: String::new(),
        on: state.has("event", value),
    };
    let applied = state.filters.iter().map(|(key, value)| Applied {
        label: match key.as_str() {
            "event" => AREAS.iter().find(|(k, _)| k == value).map_or(value.clone(), |(_, l)| (*l).to_owned()),
            _ => format!("About {value}"),
        },
        href: state.without(key, value),
    });
    let grid = Grid {
        id: "grid".into(),
        label: "Journal".into(),
        filters: vec![Filter {
            key: "event",
            label: "About".into(),
            options: AREAS.iter().map(option).collect(),
        }],
        applied: applied.collect(),
        columns: vec![
            Column::new("when", "When"),
            Column::new("grave", "Severity").wide_only(),
            Column::new("what", "What happened"),
            Column::new("who", "Who"),
            Column::new("n", "No.").right().wide_only(),
        ],
        rows: rows.iter().map(|row| line(&cx, row)).collect(),
        pager: Pager {
            summary: words::count(rows.len(), "entry", "entries") + ", newest first",
            first: (!state.after.is_empty()).then(|| state.first_page()),
            next: more.then(|| state.following(&last)),
            sizes: state.sizes(),
            ..Pager::default()
        },
        empty: Some(EmptyState {
            icon: Icon::Journal,
            title: "Nothing is written here".into(),
            text: "No entry fits. Everything that anybody changes is written to the journal.".into(),
            actions: Vec::new(),
        }),
        state,
        ..Grid::default()
    };
    let head = Head::new(
        "Journal",
        "Who did what, when, and to what. Entries are chained by hashes, so none can be changed or taken out unnoticed.",
    );
    cx.page(Place::Journal, head, vec![grid.into()])
}

fn line(cx: &Cx, row: &JournalRow) -> Row {
    let said = told(cx, row);
    let number = row.sequence.to_string();
    Row {
        id: String::new(),
        name: String::new(),
        cells: vec![
            cx.at(row.at).into(),
            severity(said.tone),
            cell::prose(cell::lines(said.html, row.event.clone())),
            Html::text(words::actor(&row.actor)),
            cell::open(format!("/dashboard/journal/{number}"), &number),
        ],
    }
}

fn severity(tone: Tone) -> Html {
    match tone {
        Tone::Bad => Chip::new("Critical", tone).into(),
        Tone::Warn => Chip::new("Warning", tone).into(),
        _ => Chip::new("Notice", Tone::Idle).into(),
    }
}

async fn entry(cx: Cx, Path(sequence): Path<i64>) -> Answer {
    let query =
        JournalQuery { before: Some(sequence.saturating_add(1)), limit: Some(1), ..JournalQuery::default() };
    let rows = page(&cx.engine, &cx.scope, query).await?;
    let row = rows.into_iter().find(|r| r.sequence == sequence).ok_or(Oops::not_found("journal entry"))?;
    let said = told(&cx, &row);
    let facts = Facts::rows([
        Fact::new("When", cx.at(row.at)),
        Fact::new("Who", Html::text(row.actor.clone())),
        Fact::new("What", said.html.clone()),
        Fact::new("Event", cell::mono(&row.event)),
        Fact::new("Subject", cell::mono(&row.subject)),
        Fact::new("Hash", cell::mono(&row.hash)),
    ]);
    let mut body = vec![Card::new("", facts).into()];
    body.extend(row.body.as_ref().map(details));
    let head = Head::new(format!("Entry {sequence}"), said.html).under("Journal", "/dashboard/journal");
    cx.page(Place::Journal, head, body)
}

/// Before and after side by side where the entry has both; else whatever it keeps, line by line.
fn details(body: &Value) -> Html {
    let empty = serde_json::Map::new();
    let of = |key: &str| body.get(key).and_then(Value::as_object);
    if let (Some(before), Some(after)) = (of("before").or(Some(&empty)), of("after")) {
        let mut table = Table::new("What changed", &["What", "Before", "After"]).tall();
        let keys: std::collections::BTreeSet<&String> = before.keys().chain(after.keys()).collect();
        for key in keys {
            let (old, new) = (before.get(key), after.get(key));
            if old != new {
                table = table.row([Html::text(label(key)), shown(old), shown(new)]);
            }
        }
        return Card::flush("What changed", table).into();
    }
    let lines = body.as_object().unwrap_or(&empty);
    let facts = lines.iter().map(|(key, value)| Fact::new(label(key), shown(Some(value))));
    Card::new("Details", Facts::rows(facts)).into()
}

fn label(key: &str) -> String {
    let words = key.replace('_', " ");
    let mut letters = words.chars();
    letters.next().map_or(String::new(), |first| first.to_uppercase().chain(letters).collect())
}

fn shown(value: Option<&Value>) -> Html {
    match value {
        None | Some(Value::Null) => cell::none(),
        Some(Value::String(text)) => cell::text(text),
        Some(Value::Bool(yes)) => Html::text(if *yes { "yes" } else { "no" }),
        Some(Value::Number(number)) => Html::text(number.to_string()),
        Some(Value::Array(items)) if items.iter().all(Value::is_string) => {
            cell::prose(items.iter().filter_map(Value::as_str).collect::<Vec<_>>().join("; "))
        }
        Some(other) => cell::mono(other.to_string()),
    }
}
