//! Picked devices: what can be done to them, which they are, and how a few of them are listed.

use door::FormData;
use engine::devices::{self, GridRow};

use super::super::frame::{Cx, Oops};
use super::super::words;
use super::{PATH, assign, query};
use crate::parts::{Align, Bulk, BulkAction, Html, Icon, Table, cell};

/// The actions beneath the grid.
pub fn bulk(cx: &Cx, asked: &str, total: usize) -> Bulk {
    let actions = catalog::COMMANDS.iter().filter(|c| cx.can(c.permission)).map(|command| BulkAction {
        value: words::command_key(command.kind).into(),
        label: command.label.into(),
        icon: words::command_icon(command.kind),
        danger: words::is_dangerous(command.kind),
    });
    let assign = assign::may(cx).then(|| BulkAction {
        value: assign::ACTION.into(),
        label: "Assign …".into(),
        icon: Icon::ArrowRight,
        danger: false,
    });
    Bulk {
        action: format!("{PATH}/bulk"),
        csrf: cx.csrf(),
        query: asked.into(),
        everything: if total <= devices::MOST_ASSIGNED {
            format!("all {}", words::count(total, "device", "devices"))
        } else {
            String::new()
        },
        actions: assign.into_iter().chain(actions).collect(),
    }
}

/// Whether a form of the grid means everything, and that is more than a command may be ordered for.
pub fn is_too_much(cx: &Cx, form: &FormData) -> Result<bool, Oops> {
    if form.text("everything") != "1" {
        return Ok(false);
    }
    let mut asked = query::query(&query::state(cx, words::decoded(form.raw("query"))));
    (asked.offset, asked.limit) = (0, 1);
    Ok(devices::grid(&cx.engine, &cx.scope, &asked)?.total > super::bulk::MOST)
}

/// The devices that a form of the grid means: the ticked ones, or all that fit its query.
pub fn meant(cx: &Cx, form: &FormData) -> Result<Vec<GridRow>, Oops> {
    if form.text("everything") == "1" {
        let pairs = words::decoded(form.raw("query"));
        let mut asked = query::query(&query::state(cx, pairs));
        (asked.offset, asked.limit) = (0, super::bulk::MOST);
        return Ok(devices::grid(&cx.engine, &cx.scope, &asked)?.rows);
    }
    let ids: Vec<_> =
        form.all("id").into_iter().filter_map(|id| id.parse().ok()).take(super::bulk::MOST).collect();
    let rows = cx.org(|org| {
        let row = |id: &domain::model::DeviceId| {
            let device = org.devices.get(*id)?;
            let user = org.user(device.user)?;
            Some(GridRow {
                posture: devices::posture(org, device),
                last_contact: engine::presence::last_contact(&cx.engine, device),
                suite: String::new(),
                standing: None,
                device: device.clone(),
                user: user.clone(),
            })
        };
        ids.iter().filter_map(row).collect()
    })?;
    Ok(rows)
}

/// A few devices as a plain table, for the pages of users and commands.
pub fn small_table(cx: &Cx, caption: &str, rows: &[GridRow]) -> Table {
    let mut table = Table::new(caption, &["Device", "State", "User", "Platform", "Last contact"]);
    table.columns[4].1 = Align::Right;
    for row in rows {
        let href = format!("{PATH}/{}", row.device.id);
        table = table.row([
            cell::open(&href, &row.device.name),
            words::status(row.posture).chip().peek(format!("{href}/why")).into(),
            Html::text(row.user.display_name.clone()),
            cell::with_icon(words::platform_icon(row.device.platform), row.device.platform.label()),
            words::ago(cx, row.last_contact),
        ]);
    }
    table
}
