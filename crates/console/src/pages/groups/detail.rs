//! One group: what it gives, and who is in it.

use catalog::Permission;
use domain::model::{Group, GroupId, Level};
use door::Path;
use engine::groups;

use super::super::frame::{Answer, Cx, Oops};
use super::super::{restrictions, words};
use super::{PATH, members, rule};
use crate::parts::{Button, ButtonKind, Card, Fact, Facts, Head, Html, Icon, Note, Place, Tone, cell};

pub async fn show(cx: Cx, Path(id): Path<GroupId>) -> Answer {
    let group = groups::get(&cx.engine, &cx.scope, id)?;
    let page = format!("{PATH}/{id}");
    let mut head = Head::new(group.name.clone(), group.note.clone()).under("Groups", PATH);
    if cx.can(Permission::GroupsEdit) {
        head = head
            .action(
                Button::link("Remove …", format!("{page}/remove")).kind(ButtonKind::Danger).icon(Icon::Trash),
            )
            .action(Button::link("Copy", format!("{page}/copy")).icon(Icon::Copy))
            .action(Button::link("Edit", format!("{page}/edit")).icon(Icon::Edit));
        if group.directory.is_none() {
            head = head.action(Button::link("Members by rule", format!("{page}/rule")).icon(Icon::Filter));
        }
        if group.is_by_hand() {
            head = head.action(
                Button::link("Add members", format!("{page}/members"))
                    .kind(ButtonKind::Primary)
                    .icon(Icon::Plus),
            );
        }
    }
    let mut body = Vec::new();
    if let Some(link) = &group.directory {
        let name = cx.org(|org| org.directory(link.server).map(|server| server.name.clone()))?;
        let what = if link.folder.is_some() { "folder" } else { "group" };
        let text = Html::rich(
            "Who is in it is decided in **{}**, by the {} **{}**. It comes behind the local groups.",
            &[&name.unwrap_or_default(), what, &link.dn],
        );
        let open = Button::link("Open the LDAP server", format!("/dashboard/ldap-servers/{}", link.server));
        let note = Note::new(Tone::Info, "Its members are taken from a directory", text);
        body.push(if cx.can(Permission::ServersView) { note.action(open) } else { note }.into());
    }
    body.extend(rule::note(&cx, &group)?);
    let level = Level::Group(id);
    let restricts =
        cx.org(|org| org.access.level(&level).is_some() || org.access.exception(&level).is_some())?;
    if group.settings == domain::model::GroupSettings::default() && !restricts {
        let text =
            "Choose a suite, a schedule, a mail server or a liability, or make access restrictions for it.";
        body.push(Note::new(Tone::Info, "This group changes nothing for its members yet", text).into());
    }
    body.push(Card::new("", facts(&cx, &group)?).into());
    if cx.can(Permission::DevicesView) {
        body.push(members::grid(&cx, &group)?);
    }
    body.push(restrictions::summary(&cx, &level));
    cx.page(Place::Groups, head, body)
}

fn facts(cx: &Cx, group: &Group) -> Result<Facts, Oops> {
    let settings = &group.settings;
    let silent = || cell::muted("says nothing about it");
    let (suite, schedule, server, place, members, devices) = cx.org(|org| {
        let place = org.groups().iter().position(|other| other.id == group.id).map_or(0, |at| at + 1);
        let devices: usize = org.members(group.id).map(|user| org.devices.of_user(user.id).len()).sum();
        (
            settings.suite.and_then(|id| org.suite(id).cloned()),
            settings.schedule.and_then(|id| org.schedule(id).cloned()),
            settings.server.and_then(|id| org.server(id).cloned()),
            place,
            org.member_count(group.id),
            devices,
        )
    })?;
    Ok(Facts::new([
        Fact::new(
            "Policy suite",
            suite.map_or_else(silent, |s| cell::link(format!("/dashboard/policy-suites/{}", s.id), &s.name)),
        ),
        Fact::new(
            "Connection schedule",
            schedule.map_or_else(silent, |s| {
                cell::link(format!("/dashboard/connection-schedules/{}", s.id), &s.name)
            }),
        ),
        Fact::new(
            "Mail server",
            server.map_or_else(silent, |s| {
                cell::link(format!("/dashboard/activesync-servers/{}", s.id), &s.name)
            }),
        ),
        Fact::new("Liability", settings.liability.map_or_else(silent, |l| Html::text(l.label()))),
        Fact::new("Place in the order", cell::lines(place.to_string(), cell::link(PATH, "all groups"))),
        Fact::new("Members", Html::text(words::count(members, "user", "users"))),
        Fact::new(
            "Their devices",
            cell::link(
                format!("/dashboard/devices?group={}", group.id),
                words::count(devices, "device", "devices"),
            ),
        ),
    ]))
}
