//! The list of users.

use std::sync::Arc;

use catalog::Permission;
use domain::model::User;
use engine::assignment::{liability_of, server_of, suite_of};
use engine::export::Format;
use engine::users;

use super::super::frame::{Answer, Cx, download};
use super::super::words;
use super::{bulk, state_chip};
use crate::parts::{
    Applied, Button, ButtonKind, Column, EmptyState, Grid, GridState, Head, Html, Icon, Pager, Place, Row,
    cell,
};

pub async fn list(cx: Cx) -> Answer {
    let state = GridState::parse("/dashboard/users", cx.query.clone(), &[], &["name"]);
    let size = state.page_size() as usize;
    let after = (!state.after.is_empty()).then_some(state.after.as_str());
    let mut all = users::list(&cx.engine, &cx.scope, &state.search, after, size + 1)?;
    let more = all.len() > size;
    all.truncate(size);
    let next = all.last().map(|u| u.username.to_lowercase()).unwrap_or_default();
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
            Column::new("devices", "Devices"),
            Column::new("server", "Mail server").wide_only(),
            Column::new("suite", "Policy suite").wide_only(),
            Column::new("liability", "Liability").wide_only(),
            Column::new("groups", "Groups").wide_only(),
        ],
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
            title: if state.search.is_empty() { "There is no user yet" } else { "Nobody fits" }.into(),
            text: "Users appear by themselves when hands-off enrolment is on for their mail server; or add them by hand."
                .into(),
            actions: if cx.can(Permission::UsersEdit) { vec![add()] } else { Vec::new() },
        }),
        bulk: bulk::actions(&cx, &state, users::count(&cx.engine, &cx.scope, &state.search)?),
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

/// The text that is searched for, in an address.
fn search(state: &GridState) -> String {
    format!("q={}", words::encoded(&state.search))
}

pub async fn export(cx: Cx) -> Answer {
    let format = Format::from_key(cx.asked("format")).unwrap_or(Format::Csv);
    let bytes = users::export(&cx.engine, &cx.scope, cx.asked("q"), format).await?;
    Ok(download(format.media(), &format!("users.{}", format.key()), bytes))
}
