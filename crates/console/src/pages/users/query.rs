//! The state of the list of users in the address: what it asks of the engine, and how it is told.

use catalog::Liability;
use engine::OrgIndex;
use engine::devices::Sort;
use engine::letters::LetterFilter;
use engine::users::{self, UserColumn, UserQuery};

use super::super::frame::Cx;
use super::PATH;
use crate::parts::{Applied, Filter, FilterOption, GridState};

/// The columns of the list, the organization's own ones among them.
pub fn columns(cx: &Cx) -> Vec<UserColumn> {
    cx.org(users::columns_in).unwrap_or_default()
}

/// Reads the state of the list from a query.
pub fn state(cx: &Cx, query: Vec<(String, String)>) -> GridState {
    let known = columns(cx);
    let keys: Vec<&str> = known.iter().map(|column| column.key.as_ref()).collect();
    GridState::parse(PATH, query, &users::FILTERS, &keys)
}

/// What the engine is asked for a state.
pub fn query(state: &GridState) -> UserQuery {
    let is_known = |(key, value): &&(String, String)| users::is_filter(key, value);
    UserQuery {
        text: state.search.clone(),
        filters: state.filters.iter().filter(is_known).cloned().collect(),
        sort: (!state.sort.is_empty())
            .then(|| Sort { column: state.sort.clone(), descending: state.descending }),
        offset: state.after.parse().unwrap_or(0),
        limit: state.page_size() as usize,
    }
}

const STATES: [(&str, &str); 2] = [("active", "Active"), ("disabled", "Disabled")];
const DEVICES: [(&str, &str); 2] = [("some", "With devices"), ("none", "Without a device")];

fn letter_label(key: &str) -> &'static str {
    match key {
        "never" => "Never sent",
        "queued" => "Queued",
        "sent" => "Sent",
        _ => "Not sent",
    }
}

/// The filters that are drawn.
pub fn filters(cx: &Cx, state: &GridState) -> Vec<Filter> {
    let option = |key: &str, value: &str, label: &str| FilterOption {
        value: value.into(),
        label: label.into(),
        count: String::new(),
        on: state.has(key, value),
    };
    let filter = |key: &'static str, label: &str, one: bool, options: Vec<FilterOption>| Filter {
        key,
        label: label.into(),
        options,
        one,
    };
    let words =
        |key: &str, of: &[(&str, &str)]| of.iter().map(|(value, label)| option(key, value, label)).collect();
    let groups = cx.org(OrgIndex::groups).unwrap_or_default();
    let mut filters = vec![
        filter("state", "State", false, words("state", &STATES)),
        filter("devices", "Devices", true, words("devices", &DEVICES)),
        filter(
            "letter",
            "Welcome letter",
            true,
            LetterFilter::ALL.iter().map(|(key, _)| option("letter", key, letter_label(key))).collect(),
        ),
        filter(
            "liability",
            "Liability",
            false,
            Liability::ALL.iter().map(|one| option("liability", one.key(), one.label())).collect(),
        ),
        filter("source", "Came from", false, words("source", &users::SOURCES)),
        filter(
            "group",
            "Group",
            false,
            groups.iter().map(|group| option("group", &group.id.to_string(), &group.name)).collect(),
        ),
    ];
    // Without groups there is nothing to choose from.
    filters.retain(|filter| !filter.options.is_empty());
    filters
}

/// A filter in words.
pub fn label(cx: &Cx, key: &str, value: &str) -> String {
    let of = |words: &[(&'static str, &'static str)]| {
        words.iter().find(|(key, _)| *key == value).map(|(_, label)| (*label).to_owned())
    };
    let words = match key {
        "state" => of(&STATES),
        "devices" => of(&DEVICES),
        "source" => of(&users::SOURCES).map(|label| format!("Came from: {}", label.to_lowercase())),
        "letter" => Some(format!("Welcome letter: {}", letter_label(value).to_lowercase())),
        "liability" => Liability::from_key(value).map(|one| one.label().to_owned()),
        "group" => {
            let group = |org: &OrgIndex| org.group(value.parse().ok()?).map(|group| group.name.clone());
            cx.org(group).ok().flatten().map(|name| format!("Group {name}"))
        }
        _ => None,
    };
    words.unwrap_or_else(|| value.to_owned())
}

/// What is in force, each with the way to lift it.
pub fn applied(cx: &Cx, state: &GridState) -> Vec<Applied> {
    let search = (!state.search.is_empty())
        .then(|| Applied { label: format!("“{}”", state.search), href: state.without_search() });
    let filters = state
        .filters
        .iter()
        .map(|(key, value)| Applied { label: label(cx, key, value), href: state.without(key, value) });
    search.into_iter().chain(filters).collect()
}
