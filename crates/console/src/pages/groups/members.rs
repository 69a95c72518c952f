//! Members of a group: looking for them, adding and removing many at a time.

use std::sync::Arc;

use catalog::Permission;
use domain::model::{Group, GroupId, User, UserId};
use door::{Form, FormData, Path};
use engine::approvals::Edit;
use engine::groups::{self, MembersChanged};
use engine::{OrgIndex, users};

use super::super::foretold::{self, Ask};
use super::super::frame::{Answer, Cx, Oops, Wrong};
use super::super::words;
use super::PATH;
use super::form::review_head;
use crate::parts::{
    Applied, Bulk, BulkAction, Button, ButtonKind, Column, EmptyState, Grid, GridState, Head, Html, Icon,
    Pager, Place, Row, cell,
};

/// Users that "everything that was found" may mean at once.
const MOST: usize = 50_000;

fn state(path: String, query: Vec<(String, String)>) -> GridState {
    GridState::parse(&path, query, &[], &[])
}

/// The members of a group, to be searched, picked and removed.
pub fn grid(cx: &Cx, group: &Group) -> Result<Html, Oops> {
    let state = state(format!("{PATH}/{}", group.id), cx.query.clone());
    let size = state.page_size() as usize;
    let after = (!state.after.is_empty()).then_some(state.after.as_str());
    let (engine, scope) = (&cx.engine, &cx.scope);
    let found = groups::members(engine, scope, group.id, &state.search, after, size + 1)?;
    let total = groups::count_members(engine, scope, group.id, &state.search)?;
    let add = Button::link("Add members", format!("{PATH}/{}/members", group.id))
        .kind(ButtonKind::Primary)
        .icon(Icon::Plus);
    let empty = if state.search.is_empty() && group.directory.is_some() {
        EmptyState {
            icon: Icon::Users,
            title: "Nobody is in it, as far as we know".into(),
            text: "Its members come with the next refresh of its directory.".into(),
            actions: Vec::new(),
        }
    } else if state.search.is_empty() && group.rule.is_some() {
        EmptyState {
            icon: Icon::Users,
            title: "The rule finds nobody".into(),
            text: "Who fits joins by itself. Ask the rule who would be in it before you change it.".into(),
            actions: Vec::new(),
        }
    } else if state.search.is_empty() {
        EmptyState {
            icon: Icon::Users,
            title: "Nobody is in this group yet".into(),
            text: "Add users here, or pick devices in the grid and assign their users.".into(),
            actions: if cx.can(Permission::GroupsEdit) { vec![add] } else { Vec::new() },
        }
    } else {
        nobody_fits()
    };
    let remove = BulkAction {
        value: "remove".into(),
        label: "Remove from the group".into(),
        icon: Icon::Close,
        danger: false,
    };
    users_grid(cx, group, "Members", &state, found, total, remove, empty)
}

fn nobody_fits() -> EmptyState {
    EmptyState {
        icon: Icon::Users,
        title: "Nobody fits".into(),
        text: "Look for a part of a name, sign-in name or address.".into(),
        actions: Vec::new(),
    }
}

#[expect(clippy::too_many_arguments, reason = "the two lists differ in exactly these")]
fn users_grid(
    cx: &Cx,
    group: &Group,
    label: &str,
    state: &GridState,
    mut found: Vec<Arc<User>>,
    total: usize,
    action: BulkAction,
    empty: EmptyState,
) -> Result<Html, Oops> {
    let size = state.page_size() as usize;
    let more = found.len() > size;
    found.truncate(size);
    let next = found.last().map(|user| user.username.to_lowercase()).unwrap_or_default();
    let rows = cx.org(|org| found.iter().map(|user| row(org, user)).collect::<Vec<_>>())?;
    let may = cx.can(Permission::GroupsEdit);
    let grid = Grid {
        id: "grid".into(),
        label: label.into(),
        search_hint: "Name, sign-in name, address".into(),
        applied: (!state.search.is_empty())
            .then(|| Applied { label: format!("“{}”", state.search), href: state.without_search() })
            .into_iter()
            .collect(),
        columns: vec![
            Column::new("name", "User"),
            Column::new("email", "E-mail"),
            Column::new("devices", "Devices"),
            Column::new("groups", "Groups").wide_only(),
        ],
        pager: Pager {
            summary: format!("{} shown of {}", rows.len(), words::count(total, "user", "users")),
            first: (!state.after.is_empty()).then(|| state.first_page()),
            next: more.then(|| state.following(&next)),
            sizes: state.sizes(),
            ..Pager::default()
        },
        rows,
        bulk: (may && group.is_by_hand()).then(|| Bulk {
            action: format!("{PATH}/{}/members", group.id),
            csrf: cx.csrf(),
            query: state.query(),
            everything: format!("all {}", words::count(total, "user", "users")),
            actions: vec![action],
        }),
        empty: Some(empty),
        state: state.clone(),
        ..Grid::default()
    };
    Ok(grid.into())
}

fn row(org: &OrgIndex, user: &Arc<User>) -> Row {
    let groups = org.groups_of_ranked(user);
    let groups: Vec<&str> = groups.iter().map(|group| group.name.as_str()).collect();
    Row {
        id: user.id.to_string(),
        name: user.display_name.clone(),
        cells: vec![
            cell::lines(
                cell::open(format!("/dashboard/users/{}", user.id), &user.display_name),
                user.username.clone(),
            ),
            cell::text(&user.email),
            Html::text(words::count(org.devices.of_user(user.id).len(), "device", "devices")),
            cell::text(groups.join(", ")),
        ],
    }
}

/// Everybody who is not in the group yet, to be searched, picked and added.
pub async fn choose(cx: Cx, Path(id): Path<GroupId>) -> Answer {
    let group = groups::get(&cx.engine, &cx.scope, id)?;
    let state = state(format!("{PATH}/{id}/members"), cx.query.clone());
    let size = state.page_size() as usize;
    let after = (!state.after.is_empty()).then_some(state.after.as_str());
    let found = users::outside(&cx.engine, &cx.scope, id, &state.search, after, size + 1)?;
    let total = users::outside(&cx.engine, &cx.scope, id, &state.search, None, usize::MAX)?.len();
    let empty = if state.search.is_empty() {
        EmptyState {
            icon: Icon::Users,
            title: "There is nobody to add".into(),
            text: "Every user of the organization is in this group.".into(),
            actions: Vec::new(),
        }
    } else {
        nobody_fits()
    };
    let add =
        BulkAction { value: "add".into(), label: "Add to the group".into(), icon: Icon::Plus, danger: false };
    let grid = users_grid(&cx, &group, "Users outside the group", &state, found, total, add, empty)?;
    let head = Head::new(
        "Add members",
        "Look for users, pick them, and add them to the group. They get what the group gives at once.",
    )
    .under("Groups", PATH)
    .under(group.name.clone(), format!("{PATH}/{id}"));
    cx.page(Place::Groups, head, vec![grid])
}

/// Adds or removes the picked users, or all that the list found.
pub async fn change(cx: Cx, Path(id): Path<GroupId>, Form(data): Form) -> Answer {
    let group = groups::get(&cx.engine, &cx.scope, id)?;
    let adding = data.text("action") == "add";
    let users = meant(&cx, id, adding, &data)?;
    let page = if adding { format!("{PATH}/{id}/members") } else { format!("{PATH}/{id}") };
    if users.is_empty() {
        return cx.failed(&page, "Tick the users first; nothing was changed.");
    }
    let moves = users.iter().map(|user| (*user, adding)).collect();
    let (add, remove) = if adding { (users, Vec::new()) } else { (Vec::new(), users) };
    let ask = Ask {
        place: Place::Groups,
        head: review_head(&group),
        edit: Edit::Members { group: id, moves },
        action: format!("{PATH}/{id}/members"),
        back: page.clone(),
    };
    if let Some(review) = foretold::review(&cx, ask, &data).await? {
        return Ok(review);
    }
    match groups::change_members(&cx.engine, &cx.scope, id, &add, &remove).await {
        Ok(done) => cx.done(&format!("{PATH}/{id}"), said(&group, done)),
        Err(error) => cx.failed(&page, Wrong::of(error)?.rest(&[])),
    }
}

fn said(group: &Group, done: MembersChanged) -> String {
    let users = |count| words::count(count, "user", "users");
    if done.removed > 0 {
        format!("{} left {}.", users(done.removed), group.name)
    } else {
        format!("{} joined {}.", users(done.added), group.name)
    }
}

fn meant(cx: &Cx, id: GroupId, adding: bool, data: &FormData) -> Result<Vec<UserId>, Oops> {
    if data.text("everything") != "1" {
        return Ok(data.all("id").into_iter().filter_map(|id| id.parse().ok()).collect());
    }
    let asked = state(String::new(), words::decoded(data.raw("query")));
    let found = if adding {
        users::outside(&cx.engine, &cx.scope, id, &asked.search, None, MOST)?
    } else {
        groups::members(&cx.engine, &cx.scope, id, &asked.search, None, MOST)?
    };
    Ok(found.iter().map(|user| user.id).collect())
}
