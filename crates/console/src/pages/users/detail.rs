//! One user: facts, devices, exceptions.

use std::sync::Arc;

use catalog::Permission;
use domain::model::{CustomScope, Group, Level, User, UserId};
use door::Path;
use engine::devices::{Filter, GridQuery, grid};
use engine::{assignment, users};

use super::super::devices::{self};
use super::super::frame::{Answer, Cx, Oops};
use super::super::{custom, restrictions, words};
use super::{enrollment, identity, state_chip};
use crate::parts::{Button, ButtonKind, Card, EmptyState, Fact, Facts, Head, Html, Icon, Place, cell};

pub async fn show(cx: Cx, Path(id): Path<UserId>) -> Answer {
    let user = users::get(&cx.engine, &cx.scope, id)?;
    let asked = GridQuery { filters: vec![Filter::User(id)], limit: 100, ..GridQuery::default() };
    let page = grid(&cx.engine, &cx.scope, &asked)?;
    let own: Html = if page.rows.is_empty() {
        EmptyState {
            icon: Icon::Devices,
            title: "No device yet".into(),
            text: "A phone appears here the first time this user signs in with it.".into(),
            actions: Vec::new(),
        }
        .into()
    } else {
        devices::small_table(&cx, "Devices", &page.rows).into()
    };
    let mut head = Head::new(user.display_name.clone(), user.email.clone())
        .under("Smart Devices and Users", "/dashboard/devices")
        .under("Users", "/dashboard/users")
        .chip(state_chip(&user));
    if cx.can(Permission::UsersEdit) {
        head = head
            .action(
                Button::link("Remove …", format!("/dashboard/users/{id}/remove"))
                    .kind(ButtonKind::Danger)
                    .icon(Icon::Trash),
            )
            .action(
                Button::link("Edit", format!("/dashboard/users/{id}/edit"))
                    .kind(ButtonKind::Primary)
                    .icon(Icon::Edit),
            );
    }
    let join =
        page.rows.first().filter(|_| page.rows.len() > 1 && cx.can(Permission::DevicesForget)).map(|row| {
            let href = format!("/dashboard/devices/{}/join", row.device.id);
            Button::link("Join two records", href).small().icon(Icon::Link)
        });
    let aside: Html = if cx.can(Permission::DevicesEdit) {
        let href = format!("/dashboard/devices/add?user={}", words::encoded(&user.username));
        let add = Button::link("Add device", href).small().icon(Icon::Plus);
        Html::join(join.into_iter().chain([add]).map(Html::from))
    } else {
        Html::default()
    };
    let body = vec![
        Card::new("", facts(&cx, &user)?).into(),
        Card::flush("Devices", own).aside(aside).into(),
        enrollment::card(&cx, &user).await?,
        identity::card(&cx, &user),
        restrictions::summary(&cx, &Level::User(id)),
    ];
    cx.page(Place::Devices, head, body)
}

fn facts(cx: &Cx, user: &User) -> Result<Facts, Oops> {
    let (server, (suite, suite_from), liability, groups) = cx.org(|org| {
        let liability = assignment::liability_of(org, user, None);
        let suite = assignment::suite_of(org, user, None);
        (assignment::server_of(org, user), suite, liability, org.groups_of_ranked(user))
    })?;
    let schedule = cx.org(|org| assignment::schedule_of(org, user, None))?;
    let server = match server {
        Some(server) => {
            let href = format!("/dashboard/activesync-servers/{}", server.value.id);
            let learnt = user.learnt_at(server.value.id).map(|url| format!(", at {url}")).unwrap_or_default();
            let from = format!("from {}{learnt}", words::assigned_from(cx, server.from));
            cell::lines(cell::link(href, &server.value.name), from)
        }
        None => cell::lines("Stand-in", "no mail; policy and wipe only"),
    };
    let mut all = vec![
        Fact::new("Sign-in name", cell::text(&user.username)),
        Fact::new(
            "Login domain",
            if user.domain.is_empty() { Html::text("none") } else { cell::text(&user.domain) },
        ),
        Fact::new("E-mail", if user.email.is_empty() { Html::text("none") } else { cell::text(&user.email) }),
        Fact::new("Phone", if user.phone.is_empty() { Html::text("none") } else { cell::text(&user.phone) }),
        Fact::new("Devices allowed", allowed(cx, user)?),
        Fact::new("Mail server", server),
        Fact::new(
            "Policy suite",
            suite.map_or_else(Html::default, |s| {
                let href = format!("/dashboard/policy-suites/{}", s.id);
                cell::lines(
                    cell::link(href, &s.name),
                    format!("from {}", words::assigned_from(cx, suite_from)),
                )
            }),
        ),
        Fact::new(
            "Liability",
            cell::lines(
                liability.value.label(),
                format!("from {}", words::assigned_from(cx, liability.from)),
            ),
        ),
        Fact::new("Groups", group_links(&groups)),
        Fact::new(
            "Connection schedule",
            schedule.map_or_else(Html::default, |assigned| {
                let from = format!("from {}", words::assigned_from(cx, assigned.from));
                let href = format!("/dashboard/connection-schedules/{}", assigned.value.id);
                cell::lines(cell::link(href, &assigned.value.name), from)
            }),
        ),
        Fact::new("Local password", if user.password_hash.is_some() { "set" } else { "none" }),
        Fact::new(
            "Added",
            cell::lines(
                cx.ago(user.created_at),
                if user.hands_off { "by hands-off enrolment" } else { "by hand" },
            ),
        ),
    ];
    all.extend(custom::facts(cx, CustomScope::User, &user.custom)?);
    Ok(Facts::new(all))
}

/// How many devices the user may have, and who says so.
fn allowed(cx: &Cx, user: &User) -> Result<Html, Oops> {
    if user.shared {
        return Ok(cell::lines("Any number", "a shared account"));
    }
    let usual = cx.org(|org| org.organization.settings.max_devices_per_user)?;
    let (most, from) =
        user.max_devices.map_or((usual, "from the organization"), |own| (own, "from the user"));
    Ok(cell::lines(if most == 0 { "Any number".to_owned() } else { most.to_string() }, from))
}

/// The user's groups, the most important one first.
fn group_links(groups: &[Arc<Group>]) -> Html {
    if groups.is_empty() {
        return Html::text("none");
    }
    let mut links = Vec::new();
    for group in groups {
        if !links.is_empty() {
            links.push(Html::text(", "));
        }
        links.push(cell::link(format!("/dashboard/groups/{}", group.id), &group.name));
    }
    Html::join(links)
}
