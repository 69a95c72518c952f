//! The list of users.

use std::collections::HashMap;
use std::sync::Arc;

use catalog::Permission;
use domain::model::{LetterState, User, UserId, UserLetter, ViewList};
use engine::export::Format;
use engine::users::{self, UserColumn, UserPage};
use engine::{OrgIndex, letters};

use super::super::frame::{Answer, Cx, download};
use super::super::{views, words};
use super::query::{applied, columns, filters, query, state};
use super::{PATH, bulk, state_chip};
use crate::parts::{
    Button, ButtonKind, Column, ColumnChoice, EmptyState, Grid, GridState, Head, Html, Icon, Pager, Place,
    Row, cell,
};

pub async fn list(cx: Cx) -> Answer {
    let state = state(&cx, cx.query.clone());
    let asked = query(&state);
    let page = users::grid(&cx.engine, &cx.scope, &asked).await?;
    let known = columns(&cx);
    let shown: Vec<UserColumn> = known.iter().filter(|column| is_shown(&state, column)).cloned().collect();
    let ids = page.rows.iter().map(|user| user.id).collect();
    let letters = letters::states(&cx.engine, &cx.scope, ids).await?;
    let rows =
        cx.org(|org| page.rows.iter().map(|user| row(&cx, org, user, &shown, &letters)).collect::<Vec<_>>())?;
    let choice = |column: &UserColumn| ColumnChoice {
        key: column.key.clone(),
        label: column.label.to_string(),
        shown: is_shown(&state, column),
        usual: column.default,
    };
    let (tabs, saved) = views::tabs(&cx, ViewList::Users, &state).await?;
    let query_text = GridState { after: String::new(), before: String::new(), ..state.clone() }.query();
    let grid = Grid {
        id: "grid".into(),
        label: "Users".into(),
        search_hint: "Name, sign-in name, address".into(),
        views: tabs,
        views_more: vec![views::keep(ViewList::Users, &state, saved)],
        filters: filters(&cx, &state),
        applied: applied(&cx, &state),
        choices: known.iter().map(choice).collect(),
        columns: shown.iter().map(|column| heading(column, &state)).collect(),
        rows,
        pager: pager(&state, asked.offset, &page),
        empty: Some(empty(&cx, &state)),
        bulk: bulk::actions(&cx, &state, page.total),
        export: cx.can(Permission::DevicesExport).then(|| format!("{PATH}/export?{query_text}")),
        state: state.clone(),
        ..Grid::default()
    };
    let mut head = Head::new(
        "Users",
        "The people whose devices are managed, where their mail comes from, and which suite they have.",
    )
    .under("Smart Devices and Users", "/dashboard/devices");
    if cx.can(Permission::DevicesExport) {
        for (format, label) in [("xlsx", "Export Excel"), ("json", "Export JSON")] {
            let href = format!("{PATH}/export?{query_text}&format={format}");
            head = head.action(Button::link(label, href).icon(Icon::Download));
        }
    }
    if cx.can(Permission::UsersEdit) {
        head = head
            .action(Button::link("Import CSV", "/dashboard/users/import").icon(Icon::Download))
            .action(add());
    }
    cx.page(Place::Devices, head, vec![grid.into()])
}

fn add() -> Button {
    Button::link("Add user", "/dashboard/users/add").kind(ButtonKind::Primary).icon(Icon::Plus)
}

fn is_shown(state: &GridState, column: &UserColumn) -> bool {
    if state.columns.is_empty() { column.default } else { state.columns.iter().any(|key| *key == column.key) }
}

fn heading(column: &UserColumn, state: &GridState) -> Column {
    let heading = Column::new(column.key.clone(), column.label.clone());
    let heading = if column.is_sortable() { heading.sortable(state) } else { heading };
    Column { wide_only: !matches!(column.key.as_ref(), "name" | "state" | "email" | "devices"), ..heading }
}

fn row(
    cx: &Cx,
    org: &OrgIndex,
    user: &Arc<User>,
    shown: &[UserColumn],
    letters: &HashMap<UserId, UserLetter>,
) -> Row {
    let cell_of = |column: &UserColumn| match column.key.as_ref() {
        "name" => {
            cell::lines(cell::open(format!("{PATH}/{}", user.id), &user.display_name), user.username.clone())
        }
        "state" => state_chip(user).into(),
        "letter" => letter_cell(cx, letters.get(&user.id)),
        "devices" => Html::text(words::count(org.devices.of_user(user.id).len(), "device", "devices")),
        "max_devices" if user.device_limit(&org.organization.settings) == 0 => cell::muted("no limit"),
        "created_at" => cx.at(user.created_at).into(),
        _ => cell::text(column.text(org, user)),
    };
    Row {
        id: user.id.to_string(),
        name: user.display_name.clone(),
        cells: shown.iter().map(cell_of).collect(),
    }
}

fn pager(state: &GridState, offset: usize, page: &UserPage) -> Pager {
    let size = state.page_size() as usize;
    let end = offset + page.rows.len();
    let summary = if page.rows.is_empty() {
        String::new()
    } else {
        let total = words::count(page.total, "user", "users");
        format!("{}–{} of {total}", words::grouped(offset + 1), words::grouped(end))
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

fn empty(cx: &Cx, state: &GridState) -> EmptyState {
    if !state.search.is_empty() || !state.filters.is_empty() {
        return EmptyState {
            icon: Icon::Search,
            title: "Nobody fits".into(),
            text: "Take a filter away, or look for a part of a name, sign-in name or address.".into(),
            actions: vec![Button::link("Clear filters", state.cleared()).kind(ButtonKind::Primary)],
        };
    }
    EmptyState {
        icon: Icon::Users,
        title: "There is no user yet".into(),
        text: "Users appear by themselves when hands-off enrolment is on for their mail server; or add them by hand."
            .into(),
        actions: if cx.can(Permission::UsersEdit) { vec![add()] } else { Vec::new() },
    }
}

fn letter_cell(cx: &Cx, letter: Option<&UserLetter>) -> Html {
    let chip: Html = super::super::letters::chip(letter.map(|letter| letter.state)).into();
    match letter {
        None => chip,
        Some(letter) if letter.outcome.is_empty() || letter.state == LetterState::Sent => {
            cell::lines(chip, cx.ago(letter.at))
        }
        Some(letter) => cell::lines(chip, letter.outcome.clone()),
    }
}

pub async fn export(cx: Cx) -> Answer {
    let format = Format::from_key(cx.asked("format")).unwrap_or(Format::Csv);
    let asked = query(&state(&cx, cx.query.clone()));
    let bytes = users::export(&cx.engine, &cx.scope, &asked, format).await?;
    Ok(download(format.media(), &format!("users.{}", format.key()), bytes))
}
