//! The state of the grid in the address: what it asks of the engine, and how it is told.

use catalog::{PLATFORMS, Platform, RULES, RuleId};
use domain::model::DeviceState;
use engine::OrgIndex;
use engine::devices::{self, Column, GridPage, GridQuery, Posture, Sort};
use engine::policy::PolicyState;

use super::super::frame::Cx;
use super::super::words;
use super::PATH;
use crate::parts::{Applied, Filter as FilterView, FilterOption, GridState};

const STATES: [(DeviceState, &str); 4] = [
    (DeviceState::Enrolled, "Enrolled"),
    (DeviceState::Quarantined, "In quarantine"),
    (DeviceState::Wiped, "Wiped"),
    (DeviceState::Retired, "Retired"),
];

const POLICIES: [(PolicyState, &str); 4] = [
    (PolicyState::Current, "Policy current"),
    (PolicyState::Outdated, "Policy out of date"),
    (PolicyState::Missing, "Policy not taken yet"),
    (PolicyState::Refused, "Policy refused"),
];

/// The columns of the grid, the organization's own ones among them.
pub fn columns(cx: &Cx) -> Vec<Column> {
    cx.org(devices::columns_in).unwrap_or_default()
}

/// Reads the state of the grid from a query.
pub fn state(cx: &Cx, query: Vec<(String, String)>) -> GridState {
    let known = columns(cx);
    let keys: Vec<&str> = known.iter().map(|c| c.key.as_ref()).collect();
    GridState::parse(PATH, query, &devices::FILTERS, &keys)
}

/// What the engine is asked for a state.
pub fn query(state: &GridState) -> GridQuery {
    let sort =
        (!state.sort.is_empty()).then(|| Sort { column: state.sort.clone(), descending: state.descending });
    GridQuery {
        text: state.search.clone(),
        filters: devices::filters(&state.filters),
        sort,
        offset: state.after.parse().unwrap_or(0),
        limit: state.page_size() as usize,
    }
}

/// The filters that are drawn.
pub fn filters(cx: &Cx, state: &GridState, page: &GridPage) -> Vec<FilterView> {
    let option = |key: &str, value: &str, label: &str, count: String| FilterOption {
        value: value.into(),
        label: label.into(),
        count,
        on: state.has(key, value),
    };
    let filter = |key: &'static str, label: &str, options| FilterView {
        key,
        label: label.into(),
        options,
        ..FilterView::default()
    };
    let plain = String::new;
    let groups = cx.org(OrgIndex::groups).unwrap_or_default();
    let groups = groups.iter().map(|g| option("group", &g.id.to_string(), &g.name, plain())).collect();
    let mut filters = vec![
        filter(
            "status",
            "State",
            page.by_posture
                .iter()
                .map(|(p, n)| option("status", p.key(), p.label(), words::grouped(*n)))
                .collect(),
        ),
        filter(
            "platform",
            "Platform",
            PLATFORMS.iter().map(|p| option("platform", p.key, p.label, plain())).collect(),
        ),
        filter(
            "finding",
            "What is wrong",
            RULES.iter().map(|r| option("finding", r.id.key(), r.label, plain())).collect(),
        ),
        filter(
            "overdue",
            "Missed check-ins",
            ["1", "2", "3", "5", "10"].map(|n| option("overdue", n, &format!("{n} or more"), plain())).into(),
        ),
        filter(
            "coming",
            "Restriction coming",
            COMING.map(|(hours, label)| option("coming", hours, label, plain())).into(),
        ),
        filter(
            "state",
            "Record",
            STATES.iter().map(|(s, l)| option("state", devices::state_key(*s), l, plain())).collect(),
        ),
        filter("group", "Group", groups),
    ];
    // Without groups there is nothing to choose from.
    filters.retain(|filter| !filter.options.is_empty());
    filters
}

/// How soon something may be taken away: hours, and what that is called.
const COMING: [(&str, &str); 4] =
    [("24", "Within a day"), ("72", "Within three days"), ("168", "Within a week"), ("8760", "At any time")];

/// A filter in words.
pub fn label(cx: &Cx, key: &str, value: &str) -> String {
    let words = match key {
        "status" => Posture::from_key(value).map(|p| p.label().to_owned()),
        "platform" => Platform::from_key(value).map(|p| p.label().to_owned()),
        "state" => STATES.iter().find(|(s, _)| devices::state_key(*s) == value).map(|(_, l)| (*l).to_owned()),
        "finding" => RuleId::from_key(value).map(|r| r.entry().label.to_owned()),
        "policy" => POLICIES.iter().find(|(s, _)| s.key() == value).map(|(_, l)| (*l).to_owned()),
        "silent" => Some(format!("Silent for {value} hours")),
        "group" => {
            let group = |org: &OrgIndex| org.group(value.parse().ok()?).map(|g| g.name.clone());
            cx.org(group).ok().flatten().map(|name| format!("Group {name}"))
        }
        "suite" => {
            let suite = |org: &OrgIndex| org.suite(value.parse().ok()?).map(|s| s.name.clone());
            cx.org(suite).ok().flatten().map(|name| format!("Suite {name}"))
        }
        "schedule" => {
            let schedule = |org: &OrgIndex| org.schedule(value.parse().ok()?).map(|s| s.name.clone());
            cx.org(schedule).ok().flatten().map(|name| format!("Schedule {name}"))
        }
        "coming" => COMING
            .iter()
            .find(|(hours, _)| *hours == value)
            .map(|(_, label)| format!("Restriction coming {}", label.to_lowercase())),
        "overdue" if value == "1" => Some("Overdue: a check-in was missed".into()),
        "overdue" => Some(format!("Overdue: {value} check-ins were missed")),
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
