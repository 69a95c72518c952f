//! The list, newest first, with its filters. All of them stand in the address.

use domain::model::{JournalRow, Organization};
use engine::journal::{JournalQuery, page};

use super::super::frame::{Answer, Cx};
use super::super::words;
use super::{PATH, told};
use crate::parts::{
    Applied, Button, Chip, Column, Control, EmptyState, Filter, FilterOption, Grid, GridState, Head, Html,
    Icon, Input, Pager, Place, Row, Tone, cell,
};

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

const FILTERS: &[&str] = &["event", "actor", "subject", "from", "until"];

pub async fn show(cx: Cx) -> Answer {
    let state = GridState::parse(PATH, cx.query.clone(), FILTERS, &["when"]);
    let size = state.page_size();
    let mut rows = page(&cx.engine, &cx.scope, query(&cx, &state, size + 1)).await?;
    let more = rows.len() > size as usize;
    rows.truncate(size as usize);
    let last = rows.last().map(|r| r.sequence.to_string()).unwrap_or_default();
    let filtered = !state.filters.is_empty() || !state.search.is_empty();
    let grid = Grid {
        id: "grid".into(),
        label: "Journal".into(),
        search_hint: if cx.outside() { String::new() } else { "Device, user, serial, id".into() },
        filters: vec![about(&state), who(&cx, &state)],
        fields: vec![day(&state, "from", "From"), day(&state, "until", "To")],
        applied: applied(&cx, &state),
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
        empty: Some(empty(&state, filtered)),
        state,
        ..Grid::default()
    };
    let head = Head::new(
        "Journal",
        "Who did what, when, and to what. Entries are chained by hashes, so none can be changed or taken out unnoticed.",
    );
    cx.page(Place::Journal, head, vec![grid.into()])
}

/// The value of a filter that takes one.
fn value<'s>(state: &'s GridState, key: &str) -> &'s str {
    state.filters.iter().rfind(|(k, _)| k == key).map_or("", |(_, v)| v.as_str())
}

fn query(cx: &Cx, state: &GridState, limit: u32) -> JournalQuery {
    JournalQuery {
        before: state.after.parse().ok(),
        event: value(state, "event").to_owned(),
        subject: value(state, "subject").to_owned(),
        search: state.search.clone(),
        actor: value(state, "actor").to_owned(),
        from: cx.day(value(state, "from")).map(|(begins, _)| begins),
        until: cx.day(value(state, "until")).map(|(_, ends)| ends),
        limit: Some(limit),
    }
}

fn about(state: &GridState) -> Filter {
    let option = |(value, label): &(&str, &str)| FilterOption {
        value: (*value).into(),
        label: (*label).into(),
        count: String::new(),
        on: self::value(state, "event") == *value,
    };
    Filter { key: "event", label: "About".into(), options: AREAS.iter().map(option).collect(), one: true }
}

/// Whoever can be asked for by name; anybody else by a link from one of their entries.
fn who(cx: &Cx, state: &GridState) -> Filter {
    let option = |value: String, label: String| FilterOption {
        on: self::value(state, "actor") == value,
        value,
        label,
        count: String::new(),
    };
    let directory = cx.engine.directory();
    let mut admins = directory.administrators(cx.scope.organization());
    if cx.scope.is_system_administrator() && !cx.outside() {
        admins.extend(directory.administrators(Organization::SYSTEM));
    }
    let mut options: Vec<_> =
        admins.iter().take(100).map(|a| option(a.id.to_string(), a.username.clone())).collect();
    options.push(option("system".into(), "The server itself".into()));
    options.push(option("command line".into(), "The command line".into()));
    Filter { key: "actor", label: "Who".into(), options, one: true }
}

fn day(state: &GridState, key: &str, label: &str) -> Input {
    let mut input = Input::new(key, label, Control::Text(value(state, key).to_owned(), "date"));
    input.id = format!("grid-{key}");
    input
}

fn applied(cx: &Cx, state: &GridState) -> Vec<Applied> {
    let search = (!state.search.is_empty())
        .then(|| Applied { label: format!("“{}”", state.search), href: state.without_search() });
    let label = |key: &str, value: &str| match key {
        "event" => AREAS
            .iter()
            .find(|(k, _)| *k == value)
            .map_or_else(|| format!("Event {value}"), |(_, l)| (*l).to_owned()),
        "actor" => {
            let admin = value.parse().ok().and_then(|id| cx.engine.directory().administrator(id));
            format!("By {}", admin.map_or_else(|| words::actor(value), |a| a.username.clone()))
        }
        "from" => format!("From {value}"),
        "until" => format!("To {value}"),
        _ => format!("About {}", told::name_of(cx, value).unwrap_or_else(|| value.to_owned())),
    };
    let filters = state
        .filters
        .iter()
        .map(|(key, value)| Applied { label: label(key, value), href: state.without(key, value) });
    search.into_iter().chain(filters).collect()
}

fn empty(state: &GridState, filtered: bool) -> EmptyState {
    let text = if filtered {
        "Take a filter away, or look at other days. Devices and users are found by what they are called now; whatever \
         is gone, by its id."
    } else {
        "Everything that anybody changes is written to the journal."
    };
    let clear = Button::link("Clear filters", state.cleared());
    EmptyState {
        icon: Icon::Journal,
        title: if filtered { "No entry fits" } else { "Nothing is written here" }.into(),
        text: text.into(),
        actions: filtered.then_some(clear).into_iter().collect(),
    }
}

fn line(cx: &Cx, row: &JournalRow) -> Row {
    let said = told::told(cx, row);
    let number = row.sequence.to_string();
    Row {
        id: String::new(),
        name: String::new(),
        cells: vec![
            cx.at(row.at).into(),
            severity(said.tone),
            cell::prose(cell::lines(said.html, row.event.clone())),
            cell::link(format!("{PATH}?actor={}", words::encoded(&row.actor)), words::actor(&row.actor)),
            cell::open(format!("{PATH}/{number}"), &number),
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
