//! The list of users.

use std::sync::Arc;

use catalog::Permission;
use domain::model::{LetterState, User, UserLetter};
use engine::assignment::{liability_of, server_of, suite_of};
use engine::export::Format;
use engine::letters::{self, LetterFilter};
use engine::users;

use super::super::frame::{Answer, Cx, download};
use super::super::words;
use super::{bulk, state_chip};
use crate::parts::{
    Applied, Button, ButtonKind, Column, EmptyState, Filter, FilterOption, Grid, GridState, Head, Html, Icon,
    Pager, Place, Row, cell,
};

/// What the list can be filtered by.
pub const FILTERS: &[&str] = &["letter"];

fn letter_filter(state: &GridState) -> Option<LetterFilter> {
    LetterFilter::ALL.into_iter().find(|(key, _)| state.has("letter", key)).map(|(_, filter)| filter)
}

/// The users that the list means, in name order, behind a name.
pub async fn found(
    cx: &Cx,
    state: &GridState,
    after: Option<&str>,
    limit: usize,
) -> engine::Result<Vec<Arc<User>>> {
    match letter_filter(state) {
        None => users::list(&cx.engine, &cx.scope, &state.search, after, limit),
        Some(filter) => letters::list_users(&cx.engine, &cx.scope, filter, &state.search, after, limit).await,
    }
}

async fn counted(cx: &Cx, state: &GridState) -> engine::Result<usize> {
    match letter_filter(state) {
        None => users::count(&cx.engine, &cx.scope, &state.search),
        Some(filter) => letters::count_users(&cx.engine, &cx.scope, filter, &state.search).await,
    }
}

pub async fn list(cx: Cx) -> Answer {
    let state = GridState::parse("/dashboard/users", cx.query.clone(), FILTERS, &["name"]);
    let size = state.page_size() as usize;
    let after = (!state.after.is_empty()).then_some(state.after.as_str());
    let mut all = found(&cx, &state, after, size + 1).await?;
    let more = all.len() > size;
    all.truncate(size);
    let next = all.last().map(|u| u.username.to_lowercase()).unwrap_or_default();
    let ids = all.iter().map(|user| user.id).collect();
    let letters = letters::states(&cx.engine, &cx.scope, ids).await?;
    let rows = cx.org(|org| {
        let row = |user: &Arc<User>| Row {
            id: user.id.to_string(),
            name: user.display_name.clone(),
            cells: vec![
                cell::lines(
                    cell::open(format!("/dashboard/users/{}", user.id), &user.display_name),
                    user.username.clone(),
                ),
                state_chip(user).into(),
                cell::text(&user.email),
                letter_cell(&cx, letters.get(&user.id)),
                Html::text(words::count(org.devices.of_user(user.id).len(), "device", "devices")),
                Html::text(
                    server_of(org, user).map_or_else(|| "Stand-in".to_owned(), |s| s.value.name.clone()),
                ),
                cell::text(suite_of(org, user, None).0.map(|s| s.name.clone()).unwrap_or_default()),
                Html::text(liability_of(org, user, None).value.label()),
                cell::text(
                    org.groups_of_ranked(user).iter().map(|g| g.name.as_str()).collect::<Vec<_>>().join(", "),
                ),
            ],
        };
        all.iter().map(row).collect::<Vec<_>>()
    })?;
    let total = cx.org(engine::OrgIndex::user_count)?;
    let add = || Button::link("Add user", "/dashboard/users/add").kind(ButtonKind::Primary).icon(Icon::Plus);
    let grid = Grid {
        id: "grid".into(),
        label: "Users".into(),
        search_hint: "Name, sign-in name, address".into(),
        applied: (!state.search.is_empty())
            .then(|| Applied { label: format!("“{}”", state.search), href: state.without_search() })
            .into_iter()
            .collect(),
        columns: vec![
            Column::new("name", "User"),
            Column::new("state", "State"),
            Column::new("email", "E-mail"),
            Column::new("letter", "Welcome letter").wide_only(),
            Column::new("devices", "Devices"),
            Column::new("server", "Mail server").wide_only(),
            Column::new("suite", "Policy suite").wide_only(),
            Column::new("liability", "Liability").wide_only(),
            Column::new("groups", "Groups").wide_only(),
        ],
        filters: vec![letter_options(&state)],
        rows,
        pager: Pager {
            summary: format!("{} shown of {}", all.len(), words::count(total, "user", "users")),
            first: (!state.after.is_empty()).then(|| state.first_page()),
            next: more.then(|| state.following(&next)),
            sizes: state.sizes(),
            ..Pager::default()
        },
        empty: Some(EmptyState {
            icon: Icon::Users,
            title: if state.search.is_empty() && state.filters.is_empty() { "There is no user yet" } else { "Nobody fits" }.into(),
            text: "Users appear by themselves when hands-off enrolment is on for their mail server; or add them by hand."
                .into(),
            actions: if cx.can(Permission::UsersEdit) { vec![add()] } else { Vec::new() },
        }),
        bulk: bulk::actions(&cx, &state, counted(&cx, &state).await?),
        export: cx.can(Permission::DevicesExport).then(|| format!("/dashboard/users/export?{}", search(&state))),
        state: state.clone(),
        ..Grid::default()
    };
    let mut head = Head::new(
        "Users",
        "The people whose devices are managed, where their mail comes from, and which suite they have.",
    )
    .under("Smart Devices and Users", "/dashboard/devices");
    if cx.can(Permission::DevicesExport) {
        let href = format!("/dashboard/users/export?{}&format=xlsx", search(&state));
        head = head.action(Button::link("Export Excel", href).icon(Icon::Download));
    }
    if cx.can(Permission::UsersEdit) {
        head = head
            .action(Button::link("Import CSV", "/dashboard/users/import").icon(Icon::Download))
            .action(add());
    }
    cx.page(Place::Devices, head, vec![grid.into()])
}

fn letter_options(state: &GridState) -> Filter {
    let label = |key: &str| match key {
        "never" => "Never sent",
        "queued" => "Queued",
        "sent" => "Sent",
        _ => "Not sent",
    };
    let option = |(key, _): (&str, LetterFilter)| FilterOption {
        value: key.to_owned(),
        label: label(key).to_owned(),
        count: String::new(),
        on: state.has("letter", key),
    };
    let options = LetterFilter::ALL.into_iter().map(option).collect();
    Filter { key: "letter", label: "Welcome letter".into(), options, one: true }
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

/// The text that is searched for, in an address.
fn search(state: &GridState) -> String {
    format!("q={}", words::encoded(&state.search))
}

pub async fn export(cx: Cx) -> Answer {
    let format = Format::from_key(cx.asked("format")).unwrap_or(Format::Csv);
    let bytes = users::export(&cx.engine, &cx.scope, cx.asked("q"), format).await?;
    Ok(download(format.media(), &format!("users.{}", format.key()), bytes))
}
