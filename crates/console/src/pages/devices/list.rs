//! The grid of devices.

use catalog::{PLATFORMS, Permission, Platform, RULES, RuleId};
use domain::model::{DeviceState, PolicySuiteId};
use door::FormData;
use engine::OrgIndex;
use engine::devices::{self, Column, Filter, Format, GridPage, GridQuery, GridRow, Posture, Sort};
use engine::policy::PolicyState;

use super::super::frame::{Answer, Cx, Oops, download};
use super::super::words;
use crate::parts::{
    Align, Applied, Bulk, BulkAction, Button, ButtonKind, Column as ColumnView, ColumnChoice, EmptyState,
    Filter as FilterView, FilterOption, Grid, GridState, Head, Html, Icon, Pager, Place, Row, Tab, Table,
    cell,
};

const PATH: &str = "/dashboard/devices";
const FILTERS: &[&str] = &["status", "platform", "state", "finding", "policy", "silent", "suite"];

const STATES: [(DeviceState, &str, &str); 4] = [
    (DeviceState::Enrolled, "enrolled", "Enrolled"),
    (DeviceState::Quarantined, "quarantined", "In quarantine"),
    (DeviceState::Wiped, "wiped", "Wiped"),
    (DeviceState::Retired, "retired", "Retired"),
];

const POLICIES: [(PolicyState, &str); 4] = [
    (PolicyState::Current, "Policy current"),
    (PolicyState::Outdated, "Policy out of date"),
    (PolicyState::Missing, "Policy not taken yet"),
    (PolicyState::Refused, "Policy refused"),
];

/// Reads the state of the grid from a query.
pub fn state(query: Vec<(String, String)>) -> GridState {
    let keys: Vec<&'static str> = devices::columns().iter().map(|c| c.key).collect();
    GridState::parse(PATH, query, FILTERS, &keys)
}

/// What the engine is asked for a state.
pub fn query(state: &GridState) -> GridQuery {
    let all = |key: &str| -> Vec<&str> {
        state.filters.iter().filter(|(k, _)| k == key).map(|(_, v)| v.as_str()).collect()
    };
    let mut filters = Vec::new();
    let mut add = |given: bool, filter: Filter| {
        if given {
            filters.push(filter);
        }
    };
    let status: Vec<_> = all("status").into_iter().filter_map(Posture::from_key).collect();
    add(!all("status").is_empty(), Filter::Posture(status));
    let platforms: Vec<_> = all("platform").into_iter().filter_map(Platform::from_key).collect();
    add(!all("platform").is_empty(), Filter::Platform(platforms));
    let states = all("state");
    let wanted: Vec<_> = STATES.iter().filter(|(_, k, _)| states.contains(k)).map(|(s, ..)| *s).collect();
    add(!states.is_empty(), Filter::State(wanted));
    let rules: Vec<_> = all("finding").into_iter().filter_map(RuleId::from_key).collect();
    add(!all("finding").is_empty(), Filter::Finding(rules));
    let policies = all("policy");
    let wanted: Vec<_> = POLICIES.iter().map(|(s, _)| *s).filter(|s| policies.contains(&s.key())).collect();
    add(!policies.is_empty(), Filter::Policy(wanted));
    for hours in all("silent").into_iter().filter_map(|h| h.parse().ok()) {
        add(true, Filter::SilentHours(hours));
    }
    for suite in all("suite").into_iter().filter_map(|id| id.parse::<PolicySuiteId>().ok()) {
        add(true, Filter::Suite(suite));
    }
    let sort =
        (!state.sort.is_empty()).then(|| Sort { column: state.sort.clone(), descending: state.descending });
    GridQuery {
        text: state.search.clone(),
        filters,
        sort,
        offset: state.after.parse().unwrap_or(0),
        limit: state.page_size() as usize,
    }
}

pub async fn show(cx: Cx) -> Answer {
    let state = state(cx.query.clone());
    let asked = query(&state);
    let offset = asked.offset;
    let page = devices::grid(&cx.engine, &cx.scope, &asked)?;
    let known = devices::columns();
    let shown: Vec<Column> = known.iter().filter(|c| is_shown(&state, c)).copied().collect();
    let rows = cx.org(|org| page.rows.iter().map(|r| row(&cx, org, r, &shown)).collect::<Vec<_>>())?;
    let choice = |c: &Column| ColumnChoice {
        key: c.key,
        label: c.label.into(),
        shown: is_shown(&state, c),
        usual: c.default,
    };
    let filtered = !state.filters.is_empty() || !state.search.is_empty();
    let query_text = GridState { after: String::new(), before: String::new(), ..state.clone() }.query();
    let export = cx.can(Permission::DevicesExport).then(|| format!("{PATH}/export?{query_text}"));
    let grid = Grid {
        id: "grid".into(),
        label: "Devices".into(),
        search_hint: "Name, user, serial, MAC, IMEI".into(),
        views: views(&cx, &state)?,
        filters: filters(&state, &page),
        applied: applied(&cx, &state),
        choices: known.iter().map(choice).collect(),
        columns: shown.iter().map(|c| column(c, &state)).collect(),
        rows,
        bulk: Some(bulk(&cx, &query_text, page.total)),
        export,
        pager: pager(&state, offset, &page),
        empty: Some(empty(&cx, &state, filtered)),
        state: state.clone(),
    };
    let mut head = Head::new(
        "Smart Devices and Users",
        "Every phone and tablet that reaches your mail, and whose it is. Press a state to learn why it is so.",
    )
    .action(Button::link("Users", "/dashboard/users").icon(Icon::Users));
    if cx.can(Permission::DevicesExport) {
        let href = format!("{PATH}/export?{query_text}&format=json");
        head = head.action(Button::link("Export JSON", href).icon(Icon::Download));
    }
    if cx.can(Permission::DevicesEdit) {
        head = head.action(
            Button::link("Add device", "/dashboard/devices/add").kind(ButtonKind::Primary).icon(Icon::Plus),
        );
    }
    cx.page(Place::Devices, head, vec![grid.into()])
}

fn is_shown(state: &GridState, column: &Column) -> bool {
    if state.columns.is_empty() { column.default } else { state.columns.iter().any(|c| c == column.key) }
}

fn column(column: &Column, state: &GridState) -> ColumnView {
    ColumnView {
        wide_only: !matches!(column.key, "name" | "posture" | "user" | "platform" | "last_contact"),
        ..ColumnView::new(column.key, column.label).sortable(state)
    }
}

fn row(cx: &Cx, org: &OrgIndex, row: &GridRow, shown: &[Column]) -> Row {
    let href = format!("{PATH}/{}", row.device.id);
    let cell_of = |column: &Column| match column.key {
        "name" => cell::open(&href, &row.device.name),
        "user" => cell::link(format!("/dashboard/users/{}", row.user.id), &row.user.display_name),
        "posture" => words::status(row.posture).chip().peek(format!("{href}/why")).into(),
        "platform" => cell::with_icon(words::platform_icon(row.device.platform), row.device.platform.label()),
        "macs" => cell::mono(row.device.macs.iter().map(|m| words::mac(m)).collect::<Vec<_>>().join(" ")),
        "serial_number" | "imei" | "meid" | "udid" | "guid" | "eas_id" => cell::mono(row.cell(org, column)),
        _ if column.is_time => words::ago(cx, row.cell(org, column).parse().ok()),
        _ => cell::text(row.cell(org, column)),
    };
    Row {
        id: row.device.id.to_string(),
        name: row.device.name.clone(),
        cells: shown.iter().map(cell_of).collect(),
    }
}

fn views(cx: &Cx, state: &GridState) -> Result<Vec<Tab>, Oops> {
    let total = cx.org(|org| org.devices.len())?;
    let on = |query: &str| state.search.is_empty() && filters_text(state) == query;
    let view = |label: &str, query: &str| {
        let href = if query.is_empty() { PATH.to_owned() } else { format!("{PATH}?{query}") };
        Tab::new(label, href, on(query))
    };
    Ok(vec![
        view("All", "").note(words::grouped(total)),
        view("Needs attention", "status=restricted&status=blocked"),
        view("Waiting", "status=waiting"),
        view("In quarantine", "state=quarantined"),
        view("Silent for a week", "silent=168"),
    ])
}

fn filters_text(state: &GridState) -> String {
    state.filters.iter().map(|(k, v)| format!("{k}={v}")).collect::<Vec<_>>().join("&")
}

fn filters(state: &GridState, page: &GridPage) -> Vec<FilterView> {
    let option = |key: &str, value: &str, label: &str, count: String| FilterOption {
        value: value.into(),
        label: label.into(),
        count,
        on: state.has(key, value),
    };
    let filter = |key: &'static str, label: &str, options| FilterView { key, label: label.into(), options };
    let plain = String::new;
    vec![
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
        filter("state", "Record", STATES.iter().map(|(_, k, l)| option("state", k, l, plain())).collect()),
    ]
}

fn applied(cx: &Cx, state: &GridState) -> Vec<Applied> {
    let search = (!state.search.is_empty())
        .then(|| Applied { label: format!("“{}”", state.search), href: state.without_search() });
    let label = |key: &str, value: &str| match key {
        "status" => Posture::from_key(value).map(|p| p.label().to_owned()),
        "platform" => Platform::from_key(value).map(|p| p.label().to_owned()),
        "state" => STATES.iter().find(|(_, k, _)| *k == value).map(|(_, _, l)| (*l).to_owned()),
        "finding" => RuleId::from_key(value).map(|r| r.entry().label.to_owned()),
        "policy" => POLICIES.iter().find(|(s, _)| s.key() == value).map(|(_, l)| (*l).to_owned()),
        "silent" => Some(format!("Silent for {value} hours")),
        "suite" => {
            let suite = |org: &OrgIndex| org.suite(value.parse().ok()?).map(|s| s.name.clone());
            cx.org(suite).ok().flatten().map(|name| format!("Suite {name}"))
        }
        _ => None,
    };
    let filters = state.filters.iter().map(|(key, value)| Applied {
        label: label(key, value).unwrap_or_else(|| value.clone()),
        href: state.without(key, value),
    });
    search.into_iter().chain(filters).collect()
}

fn pager(state: &GridState, offset: usize, page: &GridPage) -> Pager {
    let size = state.page_size() as usize;
    let end = offset + page.rows.len();
    let summary = if page.rows.is_empty() {
        String::new()
    } else {
        format!(
            "{}–{} of {}",
            words::grouped(offset + 1),
            words::grouped(end),
            words::count(page.total, "device", "devices")
        )
    };
    let back = offset.saturating_sub(size);
    Pager {
        summary,
        first: (offset > size).then(|| state.first_page()),
        previous: (offset > 0)
            .then(|| if back == 0 { state.first_page() } else { state.following(&back.to_string()) }),
        next: (end < page.total).then(|| state.following(&end.to_string())),
        sizes: state.sizes(),
    }
}

fn bulk(cx: &Cx, query: &str, total: usize) -> Bulk {
    let actions = catalog::COMMANDS.iter().filter(|c| cx.can(c.permission)).map(|command| BulkAction {
        value: words::command_key(command.kind).into(),
        label: command.label.into(),
        icon: words::command_icon(command.kind),
        danger: words::is_dangerous(command.kind),
    });
    Bulk {
        action: format!("{PATH}/bulk"),
        csrf: cx.csrf(),
        query: query.into(),
        everything: if total <= super::bulk::MOST {
            format!("all {}", words::count(total, "device", "devices"))
        } else {
            String::new()
        },
        actions: actions.collect(),
    }
}

fn empty(cx: &Cx, state: &GridState, filtered: bool) -> EmptyState {
    if filtered {
        return EmptyState {
            icon: Icon::Search,
            title: "No device fits".into(),
            text: "Take a filter away, or search for something else. Serial numbers and MAC addresses may be typed \
                   with or without separators."
                .into(),
            actions: vec![Button::link("Clear filters", state.cleared()).kind(ButtonKind::Primary)],
        };
    }
    let host = cx.host.base_url();
    EmptyState {
        icon: Icon::Devices,
        title: "No device has enrolled yet".into(),
        text: Html::rich(
            "Point the phones’ mail at `{}`. A phone appears here the first time its user signs in.",
            &[host.split_once("://").map_or(host.as_str(), |(_, rest)| rest)],
        ),
        actions: vec![Button::link("Add a user", "/dashboard/users/add").kind(ButtonKind::Primary)],
    }
}

pub async fn export(cx: Cx) -> Answer {
    let json = cx.asked("format") == "json";
    let state = state(cx.query.clone());
    let format = if json { Format::Json } else { Format::Csv };
    let bytes = devices::export(&cx.engine, &cx.scope, query(&state), &state.columns, format).await?;
    Ok(if json {
        download("application/json", "devices.json", bytes)
    } else {
        download("text/csv; charset=utf-8", "devices.csv", bytes)
    })
}

/// The devices that a form of the grid means: the ticked ones, or all that fit its query.
pub fn meant(cx: &Cx, form: &FormData) -> Result<Vec<GridRow>, Oops> {
    if form.text("everything") == "1" {
        let uri: http::Uri = format!("/?{}", form.raw("query")).parse().unwrap_or_default();
        let pairs = axum_extra::extract::Query::<Vec<(String, String)>>::try_from_uri(&uri)
            .map(|q| q.0)
            .unwrap_or_default();
        let mut asked = query(&state(pairs));
        (asked.offset, asked.limit) = (0, super::bulk::MOST);
        return Ok(devices::grid(&cx.engine, &cx.scope, &asked)?.rows);
    }
    let ids: Vec<_> =
        form.all("id").into_iter().filter_map(|id| id.parse().ok()).take(super::bulk::MOST).collect();
    let rows = cx.org(|org| {
        let row = |id: &domain::model::DeviceId| {
            let device = org.devices.get(*id)?;
            let user = org.user(device.user)?;
            Some(GridRow {
                posture: devices::posture(org, device),
                last_contact: engine::presence::last_contact(&cx.engine, device),
                suite: String::new(),
                device: device.clone(),
                user: user.clone(),
            })
        };
        ids.iter().filter_map(row).collect()
    })?;
    Ok(rows)
}

/// A few devices as a plain table, for the pages of users and commands.
pub fn small_table(cx: &Cx, caption: &str, rows: &[GridRow]) -> Table {
    let mut table = Table::new(caption, &["Device", "State", "User", "Platform", "Last contact"]);
    table.columns[4].1 = Align::Right;
    for row in rows {
        let href = format!("{PATH}/{}", row.device.id);
        table = table.row([
            cell::open(&href, &row.device.name),
            words::status(row.posture).chip().peek(format!("{href}/why")).into(),
            Html::text(row.user.display_name.clone()),
            cell::with_icon(words::platform_icon(row.device.platform), row.device.platform.label()),
            words::ago(cx, row.last_contact),
        ]);
    }
    table
}
