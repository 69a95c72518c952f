//! What is about to happen, and who should have come.

use domain::model::DeviceId;
use engine::dashboard::Dashboard;

use super::super::frame::{Cx, Oops};
use super::super::words;
use crate::parts::{Card, Chip, Html, Icon, Table, TableRow, Tone, cell};

/// Devices that lose something if nothing changes, the first ones.
pub fn coming(cx: &Cx, sums: &Dashboard) -> Result<Html, Oops> {
    const TITLE: &str = "About to be restricted";
    if sums.coming.is_empty() {
        return Ok(nothing(TITLE, "Nobody is about to lose anything."));
    }
    let mut table =
        Table::new("Devices that are about to be restricted", &["Device", "Loses", "When"]).tall();
    for next in &sums.coming {
        let what = cell::lines(words::targets(next.targets), next.rule.entry().label);
        table.rows.push(TableRow { cells: vec![device(cx, next.device)?, what, cx.ago(next.at).into()] });
    }
    let all = words::count(sums.coming_count, "device", "devices");
    Ok(Card::flush(TITLE, table).aside(cell::link("/dashboard/devices?coming=8760", all)).into())
}

/// Devices that missed check-ins of their connection schedule, those that missed most.
pub fn overdue(cx: &Cx, sums: &Dashboard) -> Result<Html, Oops> {
    const TITLE: &str = "Overdue";
    if sums.overdue.is_empty() {
        return Ok(nothing(TITLE, "Every device came in time."));
    }
    let mut table = Table::new("Overdue devices", &["Device", "Missed", "Last contact"]).tall();
    for late in &sums.overdue {
        let missed = words::count(late.missed() as usize, "check-in", "check-ins");
        let tone = if late.missed() > 2 { Tone::Bad } else { Tone::Warn };
        let seen = cx.org(|org| {
            org.devices.get(late.device).and_then(|d| engine::presence::last_contact(&cx.engine, d))
        })?;
        table.rows.push(TableRow {
            cells: vec![
                device(cx, late.device)?,
                Chip::new(missed, tone).icon(Icon::Clock).into(),
                words::ago(cx, seen),
            ],
        });
    }
    let all = words::count(sums.overdue_count, "device", "devices");
    let href = "/dashboard/devices?overdue=1&cols=name,user,posture,schedule,next_check_in,missed_check_ins";
    Ok(Card::flush(TITLE, table).aside(cell::link(href, all)).into())
}

fn nothing(card: &str, text: &str) -> Html {
    Card::new(card, cell::with_icon(Icon::Ok, text)).into()
}

/// A device with its user, as a link.
fn device(cx: &Cx, id: DeviceId) -> Result<Html, Oops> {
    let (name, user) = cx.org(|org| {
        let device = org.devices.get(id);
        let user = device.and_then(|device| org.user(device.user)).map(|user| user.username.clone());
        (device.map(|device| device.name.clone()), user)
    })?;
    let link = cell::link(format!("/dashboard/devices/{id}"), name.unwrap_or_default());
    Ok(cell::lines(link, user.unwrap_or_default()))
}
