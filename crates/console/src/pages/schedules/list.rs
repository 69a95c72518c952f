//! All schedules with their use.

use catalog::Permission;
use domain::model::ScheduleHalf;
use engine::schedules::{self, Use};

use super::super::frame::{Answer, Cx};
use super::super::words;
use super::PATH;
use crate::parts::{Button, ButtonKind, Card, EmptyState, Head, Html, Icon, Place, Table, cell};

/// Who has a schedule, in words.
pub fn used(used: &Use) -> String {
    let mut words = Vec::new();
    if used.is_default {
        words.push("the organization’s default".to_owned());
    }
    if used.by_user > 0 {
        words.push(words::count(used.by_user, "user", "users"));
    }
    if used.by_group > 0 {
        words.push(words::count(used.by_group, "group", "groups"));
    }
    if used.by_device > 0 {
        words.push(words::count(used.by_device, "device", "devices") + " by hand");
    }
    if words.is_empty() { "nobody".into() } else { words.join(", ") }
}

/// A half in a few words.
fn intervals(half: &ScheduleHalf) -> Html {
    let (peak, off) = (half.peak_interval, half.off_peak_interval);
    cell::lines(peak.label(), format!("off-peak {}", off.label().to_lowercase()))
}

pub async fn show(cx: Cx) -> Answer {
    let all = schedules::list(&cx.engine, &cx.scope)?;
    let add =
        || Button::link("Add schedule", format!("{PATH}/add")).kind(ButtonKind::Primary).icon(Icon::Plus);
    let mut head = Head::new(
        "Device Connection Schedules",
        "When and how often devices check in, and when what waits for them is pushed at once.",
    );
    if cx.can(Permission::SchedulesEdit) {
        head = head.action(add());
    }
    if all.is_empty() {
        let empty = EmptyState {
            icon: Icon::Clock,
            title: "There is no connection schedule".into(),
            text: "Nothing is expected of devices: none is ever overdue, and everything is pushed at once."
                .into(),
            actions: if cx.can(Permission::SchedulesEdit) { vec![add()] } else { Vec::new() },
        };
        return cx.page(Place::ConnectionSchedules, head, vec![Card::new("", empty).into()]);
    }
    let columns = &["Schedule", "Corporate, every", "Individual, every", "Assigned by", "In force on"];
    let mut table = Table::new("Device connection schedules", columns).tall();
    for (schedule, use_of) in &all {
        table = table.row([
            cell::lines(
                cell::open(format!("{PATH}/{}", schedule.id), &schedule.name),
                schedule.description.clone(),
            ),
            intervals(&schedule.corporate),
            intervals(&schedule.individual),
            cell::prose(used(use_of)),
            cell::link(
                format!("/dashboard/devices?schedule={}", schedule.id),
                words::count(use_of.devices(), "device", "devices"),
            ),
        ]);
    }
    cx.page(Place::ConnectionSchedules, head, vec![Card::flush("", table).into()])
}
