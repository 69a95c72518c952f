//! The grid of devices.

use catalog::Permission;
use domain::model::ViewList;
use engine::OrgIndex;
use engine::devices::{self, Column, Format, GridPage, GridRow};

use super::super::frame::{Answer, Cx, download};
use super::super::{views, words};
use super::query::{applied, columns, filters, query, state};
use super::{PATH, picked};
use crate::parts::{
    Button, ButtonKind, Column as ColumnView, ColumnChoice, EmptyState, Grid, GridState, Head, Html, Icon,
    Pager, Place, Row, cell,
};

pub async fn show(cx: Cx) -> Answer {
    let state = state(&cx, cx.query.clone());
    let asked = query(&state);
    let offset = asked.offset;
    let page = devices::grid(&cx.engine, &cx.scope, &asked)?;
    let known = columns(&cx);
    let shown: Vec<Column> = known.iter().filter(|c| is_shown(&state, c)).cloned().collect();
    let rows = cx.org(|org| page.rows.iter().map(|r| row(&cx, org, r, &shown)).collect::<Vec<_>>())?;
    let choice = |c: &Column| ColumnChoice {
        key: c.key.clone(),
        label: c.label.to_string(),
        shown: is_shown(&state, c),
        usual: c.default,
    };
    let (tabs, saved) = views::tabs(&cx, ViewList::Devices, &state).await?;
    let filtered = !state.filters.is_empty() || !state.search.is_empty();
    let query_text = GridState { after: String::new(), before: String::new(), ..state.clone() }.query();
    let export = cx.can(Permission::DevicesExport).then(|| format!("{PATH}/export?{query_text}"));
    let grid = Grid {
        id: "grid".into(),
        label: "Devices".into(),
        search_hint: "Name, user, serial, MAC, IMEI".into(),
        views: tabs,
        views_more: vec![views::keep(ViewList::Devices, &state, saved)],
        filters: filters(&cx, &state, &page),
        applied: applied(&cx, &state),
        choices: known.iter().map(choice).collect(),
        columns: shown.iter().map(|c| column(c, &state)).collect(),
        rows,
        bulk: Some(picked::bulk(&cx, &query_text, page.total)),
        export,
        pager: pager(&state, offset, &page),
        fields: Vec::new(),
        empty: Some(empty(&cx, &state, filtered)),
        state: state.clone(),
    };
    let mut head = Head::new(
        "Smart Devices and Users",
        "Every phone and tablet that reaches your mail, and whose it is. Press a state to learn why it is so.",
    )
    .action(Button::link("Users", "/dashboard/users").icon(Icon::Users));
    if cx.can(Permission::DevicesExport) {
        for (format, label) in [("xlsx", "Export Excel"), ("json", "Export JSON")] {
            let href = format!("{PATH}/export?{query_text}&format={format}");
            head = head.action(Button::link(label, href).icon(Icon::Download));
        }
    }
    if cx.can(Permission::DevicesEdit) {
        head = head.action(
            Button::link("Add device", "/dashboard/devices/add").kind(ButtonKind::Primary).icon(Icon::Plus),
        );
    }
    cx.page(Place::Devices, head, vec![grid.into()])
}

fn is_shown(state: &GridState, column: &Column) -> bool {
    if state.columns.is_empty() { column.default } else { state.columns.iter().any(|c| *c == column.key) }
}

fn column(column: &Column, state: &GridState) -> ColumnView {
    ColumnView {
        wide_only: !matches!(column.key.as_ref(), "name" | "posture" | "user" | "platform" | "last_contact"),
        ..ColumnView::new(column.key.clone(), column.label.clone()).sortable(state)
    }
}

fn row(cx: &Cx, org: &OrgIndex, row: &GridRow, shown: &[Column]) -> Row {
    let href = format!("{PATH}/{}", row.device.id);
    let cell_of = |column: &Column| match column.key.as_ref() {
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
    let state = state(&cx, cx.query.clone());
    let format = Format::from_key(cx.asked("format")).unwrap_or(Format::Csv);
    let bytes = devices::export(&cx.engine, &cx.scope, query(&state), &state.columns, format).await?;
    Ok(download(format.media(), &format!("devices.{}", format.key()), bytes))
}
