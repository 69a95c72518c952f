//! One device: who, what, in which state, and six tabs.

use catalog::{CommandKind, Permission};
use domain::model::{DeviceId, DeviceState, Level};
use door::Path;
use engine::devices::{self, DeviceDetail};
use engine::schedules::Standing;

use super::super::frame::{Answer, Cx};
use super::super::{restrictions, words};
use super::{access, commands, exchanges, facts, order, policy};
use crate::parts::{Button, Card, Fact, Facts, Head, Html, Icon, Menu, MenuItem, Place, Tab, Tabs, cell};

const TABS: &[(&str, &str, Permission)] = &[
    ("access", "Access and compliance", Permission::DevicesView),
    ("policy", "Policy", Permission::PolicyView),
    ("commands", "Commands", Permission::DevicesView),
    ("exchanges", "Mail exchanges", Permission::DevicesTrace),
    ("facts", "Facts", Permission::DevicesView),
    ("timeline", "Timeline", Permission::DevicesView),
];

pub async fn show(cx: Cx, Path(id): Path<DeviceId>) -> Answer {
    let detail = devices::detail(&cx.engine, &cx.scope, id)?;
    let asked = cx.asked("tab");
    let open = TABS.iter().find(|(key, _, needs)| *key == asked && cx.can(*needs)).map_or("access", |t| t.0);
    let mut body = vec![Card::new("", header(&cx, &detail)).into(), tabs(&cx, &detail, open).into()];
    body.extend(match open {
        "policy" => policy::tab(&cx, &detail)?,
        "commands" => commands::tab(&cx, &detail).await?,
        "exchanges" => exchanges::tab(&cx, &detail).await?,
        "facts" => facts::tab(&cx, &detail),
        "timeline" => access::timeline_tab(&cx, &detail).await?,
        _ => access::tab(&cx, &detail).await?,
    });
    let orders = offered(&cx, &detail).into_iter().filter(|kind| words::is_dangerous(*kind));
    body.extend(orders.map(|kind| order::danger(&cx, &detail, kind, false).into()));
    cx.page(Place::Devices, head(&cx, &detail), body)
}

/// The commands that make sense now and are permitted.
fn offered(cx: &Cx, detail: &DeviceDetail) -> Vec<CommandKind> {
    let device = &detail.device;
    let managed = matches!(device.state, DeviceState::Enrolled | DeviceState::Quarantined);
    let channel = device.eas().is_some();
    let fits = |kind: CommandKind| match kind {
        CommandKind::FullWipe | CommandKind::AccountWipe => managed && channel,
        CommandKind::Block => managed && device.block.is_none(),
        CommandKind::Allow => device.block.is_some() || device.state == DeviceState::Wiped,
        CommandKind::QuarantineRelease => device.state == DeviceState::Quarantined,
        CommandKind::PolicyRefresh | CommandKind::ForgetPartnership => managed && channel,
        CommandKind::ClearAuthFailures => device.facts.int("auth_failures").is_some_and(|n| n > 0),
    };
    let held = catalog::COMMANDS.iter().filter(|c| cx.can(c.permission)).map(|c| c.kind);
    held.filter(|kind| fits(*kind)).collect()
}

fn head(cx: &Cx, detail: &DeviceDetail) -> Head {
    let device = &detail.device;
    let chip = words::status(detail.posture).chip().why("why-state", access::why_part(cx, detail));
    let mut head = Head::new(device.name.clone(), detail.explanation.headline.clone())
        .under("Smart Devices and Users", "/dashboard/devices")
        .under(detail.user.display_name.clone(), format!("/dashboard/users/{}", detail.user.id))
        .chip(chip);
    let href = |kind| format!("/dashboard/devices/{}/order/{}", device.id, words::command_key(kind));
    let offered = offered(cx, detail);
    let direct =
        [CommandKind::QuarantineRelease, CommandKind::Allow, CommandKind::Block, CommandKind::PolicyRefresh];
    let buttons: Vec<_> = direct.into_iter().filter(|kind| offered.contains(kind)).take(2).collect();
    for kind in &buttons {
        let mut button = Button::link(kind.entry().label, href(*kind)).icon(words::command_icon(*kind));
        if words::is_dangerous(*kind) {
            button = button.opens(words::command_key(*kind));
        }
        head = head.action(button);
    }
    let mut items: Vec<MenuItem> = Vec::new();
    if cx.can(Permission::DevicesEdit) {
        items.push(MenuItem {
            label: "Edit".into(),
            detail: "Name, liability, suite, addresses, facts".into(),
            icon: Some(Icon::Edit),
            href: format!("/dashboard/devices/{}/edit", device.id),
            ..MenuItem::default()
        });
    }
    if cx.can(Permission::DevicesEdit) && cx.can(Permission::DevicesForget) {
        items.push(MenuItem {
            label: "Join with another record".into(),
            detail: "When one phone shows up twice".into(),
            icon: Some(Icon::Link),
            href: format!("/dashboard/devices/{}/join", device.id),
            ..MenuItem::default()
        });
    }
    if cx.can(Permission::ComplianceView) {
        items.push(MenuItem {
            label: "Exceptions".into(),
            detail: "Restrict it never, more, or by its own ticks".into(),
            icon: Some(Icon::Restrict),
            href: restrictions::address(&Level::Device(device.id)),
            ..MenuItem::default()
        });
        items.push(MenuItem {
            label: "Connectivity watch list".into(),
            detail: "Tell somebody when it is silent for too long".into(),
            icon: Some(Icon::Clock),
            href: format!("/dashboard/watch-list/{}", device.id),
            ..MenuItem::default()
        });
    }
    let mut apart = true;
    for kind in offered.iter().filter(|kind| !buttons.contains(kind)) {
        let danger = words::is_dangerous(*kind);
        items.push(MenuItem {
            label: kind.entry().label.into(),
            icon: Some(words::command_icon(*kind)),
            href: href(*kind),
            dialog: danger.then(|| words::command_key(*kind).to_owned()),
            danger,
            apart: danger && std::mem::take(&mut apart),
            ..MenuItem::default()
        });
    }
    if cx.can(Permission::DevicesForget) {
        items.push(MenuItem {
            label: "Remove the record …".into(),
            icon: Some(Icon::Trash),
            href: format!("/dashboard/devices/{}/remove", device.id),
            danger: true,
            apart: true,
            ..MenuItem::default()
        });
    }
    if !items.is_empty() {
        head.actions.push(Menu { id: "more".into(), label: "More".into(), icon_only: false, items }.into());
    }
    head
}

fn header(cx: &Cx, detail: &DeviceDetail) -> Facts {
    let device = &detail.device;
    let text = |key: &str| device.facts.text(key).unwrap_or_default().to_owned();
    let system = format!("{} {}", device.platform.label(), text("os_version"));
    let served = match (&detail.server, detail.server_source) {
        (Some(server), Some(from)) => format!("{}, from {}", server.name, words::assigned_from(cx, from)),
        _ => "the stand-in".to_owned(),
    };
    let channel = match device.eas() {
        Some(channel) => cell::lines(format!("ActiveSync {}", channel.eas.version), served),
        None => Html::default(),
    };
    let suite = match &detail.suite {
        Some(suite) => cell::lines(
            cell::link(format!("/dashboard/policy-suites/{}", suite.id), &suite.name),
            format!("from {}", words::assigned_from(cx, detail.suite_source)),
        ),
        None => Html::default(),
    };
    let schedule = match &detail.standing {
        Some(standing) => schedule(cx, standing),
        None => Html::default(),
    };
    Facts::new([
        Fact::new(
            "Owner",
            cell::lines(
                cell::link(format!("/dashboard/users/{}", detail.user.id), &detail.user.display_name),
                detail.user.email.clone(),
            ),
        ),
        Fact::new(
            "Liability",
            cell::lines(
                detail.liability.label(),
                format!("from {}", words::assigned_from(cx, detail.liability_source)),
            ),
        ),
        Fact::new(
            "Model",
            if text("model").is_empty() {
                Html::default()
            } else {
                cell::lines(text("model"), text("manufacturer"))
            },
        ),
        Fact::new("System", cell::lines(system, device.client.label())),
        Fact::new("Channel", channel),
        Fact::new("Policy suite", suite),
        Fact::new("Connection schedule", schedule),
        Fact::new(
            "MAC address",
            device.macs.first().map_or_else(Html::default, |mac| cell::mono(words::mac(mac))),
        ),
        Fact::new("Last contact", detail.last_contact.map_or_else(Html::default, |at| cx.ago(at).into())),
    ])
}

/// Which schedule, from where, and how the device keeps to it.
fn schedule(cx: &Cx, standing: &Standing) -> Html {
    let plan = &standing.plan;
    let name = if cx.can(Permission::SchedulesView) {
        cell::link(format!("/dashboard/connection-schedules/{}", plan.schedule.id), &plan.schedule.name)
    } else {
        Html::text(&plan.schedule.name)
    };
    let from = Html::text(format!("from {}; ", words::assigned_from(cx, plan.from)));
    let due = match (standing.missed, standing.next_due) {
        (0, None) => Html::text("no check-in expected"),
        (0, Some(at)) => Html::join([Html::text("due "), cx.ago(at).into()]),
        (1, _) => Html::text("missed 1 check-in"),
        (missed, _) => Html::text(format!("missed {missed} check-ins")),
    };
    cell::lines(name, Html::join([from, due]))
}

fn tabs(cx: &Cx, detail: &DeviceDetail, open: &str) -> Tabs {
    let live = detail.live_commands.len();
    let tab = |(key, label, _): &(&str, &str, Permission)| {
        let note = match *key {
            "commands" if live > 0 => live.to_string(),
            "facts" => detail.device.facts.iter().count().to_string(),
            _ => String::new(),
        };
        let href = format!("/dashboard/devices/{}?tab={key}", detail.device.id);
        Tab::new(*label, href, *key == open).note(note)
    };
    Tabs {
        label: detail.device.name.clone(),
        tabs: TABS.iter().filter(|(_, _, needs)| cx.can(*needs)).map(tab).collect(),
        swap: "#main".into(),
    }
}
