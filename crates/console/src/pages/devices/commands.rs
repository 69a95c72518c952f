//! Commands of a device.

use domain::model::{CommandId, CommandState, OrderedCommand};
use door::{Form, Path};
use engine::commands;
use engine::devices::{self, DeviceDetail};

use super::super::frame::{Answer, Cx, Oops, PostButton, Wrong, hidden_value};
use super::super::words;
use crate::parts::{Button, ButtonKind, Card, EmptyState, Html, Icon, Table, cell};

/// The tab of a device.
pub async fn tab(cx: &Cx, detail: &DeviceDetail) -> Result<Vec<Html>, Oops> {
    let all = devices::commands(&cx.engine, &cx.scope, detail.device.id).await?;
    if all.is_empty() {
        let empty = EmptyState {
            icon: Icon::ArrowRight,
            title: "Nothing was ever ordered for this device".into(),
            text: "Commands are ordered from the head of this page.".into(),
            actions: Vec::new(),
        };
        return Ok(vec![Card::new("", empty).into()]);
    }
    let back = format!("/dashboard/devices/{}?tab=commands", detail.device.id);
    let columns = &["Command", "State", "Why, and what happens next", "Ordered", ""];
    let mut table = Table::new("Commands", columns).tall();
    for command in &all {
        table = table.row([
            cell::with_icon(words::command_icon(command.kind), command.kind.entry().label),
            words::command_chip(command.state).into(),
            why(cx, command),
            by(cx, command),
            buttons(cx, command, &back),
        ]);
    }
    Ok(vec![Card::flush("Commands", table).aside("live and former, newest first").into()])
}

fn why(cx: &Cx, command: &OrderedCommand) -> Html {
    let mut lines = command.reason.clone();
    if !command.note.is_empty() {
        lines.push_str(&format!(" Reason given: {}", command.note));
    }
    let next = match command.next_at {
        Some(at) => Html::join([Html::text(format!("Next: {} Ends ", command.next)), cx.ago(at).into()]),
        None if command.next.is_empty() => Html::default(),
        None => Html::text(format!("Next: {}", command.next)),
    };
    cell::prose(cell::lines(lines, next))
}

fn by(cx: &Cx, command: &OrderedCommand) -> Html {
    let who = words::actor(&command.ordered_by.to_string());
    let who = match &command.approved_by {
        Some(second) => format!("{who}, approved by {}", words::actor(&second.to_string())),
        None => who,
    };
    cell::lines(cx.ago(command.ordered_at), who)
}

fn buttons(cx: &Cx, command: &OrderedCommand, back: &str) -> Html {
    let mut all = Vec::new();
    let button = |verb: &str, label: &str, kind| PostButton {
        action: format!("/dashboard/commands/{}/{verb}", command.id),
        hidden: [cx.hidden(), vec![hidden_value("back", back)]].concat(),
        button: Button { label: label.into(), kind, small: true, ..Button::default() },
    };
    if command.state == CommandState::AwaitingApproval && cx.can(catalog::Permission::DevicesWipeOverride) {
        all.push(Button::link("Decide", "/dashboard/approvals").kind(ButtonKind::Danger).small().into());
    }
    let open = matches!(command.state, CommandState::AwaitingApproval | CommandState::Queued);
    if open && cx.can(command.kind.entry().permission) {
        all.push(button("cancel", "Cancel", ButtonKind::Plain).into());
    }
    Html::join(all)
}

/// Commands of the organization that wait for their devices; `None` when there are none.
pub fn waiting(cx: &Cx) -> Result<Option<Html>, engine::Error> {
    let mut live = commands::live(&cx.engine, &cx.scope)?;
    live.retain(|c| c.state != CommandState::AwaitingApproval);
    if live.is_empty() {
        return Ok(None);
    }
    let columns = &["Device", "Command", "State", "Why, and what happens next", "Ordered", ""];
    let mut table = Table::new("Waiting for the device", columns).tall();
    for command in live.iter().take(200) {
        let name = cx.org(|org| org.devices.get(command.device).map(|d| d.name.clone())).ok().flatten();
        table = table.row([
            cell::open(
                format!("/dashboard/devices/{}?tab=commands", command.device),
                name.unwrap_or_else(|| "a device that is gone".into()),
            ),
            cell::with_icon(words::command_icon(command.kind), command.kind.entry().label),
            words::command_chip(command.state).into(),
            why(cx, command),
            by(cx, command),
            buttons(cx, command, "/dashboard/approvals"),
        ]);
    }
    let count = words::count(live.len(), "command", "commands");
    Ok(Some(Card::flush("Waiting for the device", table).aside(count).into()))
}

/// Only pages that carry these forms can be come back to.
fn back(form: &door::FormData) -> String {
    let to = form.text("back");
    if to.starts_with("/dashboard/devices/") { to.to_owned() } else { "/dashboard/approvals".into() }
}

pub async fn cancel(cx: Cx, Path(id): Path<CommandId>, Form(form): Form) -> Answer {
    match commands::cancel(&cx.engine, &cx.scope, id).await {
        Ok(()) => cx.done(&back(&form), "The command was cancelled."),
        Err(error @ engine::Error::Conflict(_)) => cx.failed(&back(&form), Wrong::of(error)?.general),
        Err(error) => Err(error.into()),
    }
}
