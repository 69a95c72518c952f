//! One command for many devices: asked again on a page of its own, with each device's outcome afterwards.

use door::Form;
use engine::commands;
use engine::devices::GridRow;

use super::super::frame::{Answer, Cx, Oops, hidden_value};
use super::super::words;
use super::{assign, picked};
use crate::parts::{
    Card, Control, Danger, Fact, FieldView, Head, Html, Loss, Note, Place, Table, Tone, cell,
};

/// Most devices one order may name.
pub const MOST: usize = 500;

/// What has to be typed before something destructive is ordered for many.
fn phrase(count: usize) -> String {
    words::count(count, "device", "devices")
}

pub async fn ask(cx: Cx, Form(form): Form) -> Answer {
    if form.text("action") == assign::ACTION {
        return assign::ask(&cx, &form);
    }
    let kind = words::command_by_key(form.text("action")).ok_or(Oops::not_found("command"))?;
    cx.scope.require(kind.entry().permission)?;
    if picked::is_too_much(&cx, &form)? {
        let said =
            format!("A command can be ordered for at most {MOST} devices at once. Filter the list first.");
        return cx.failed("/dashboard/devices", said);
    }
    let rows = picked::meant(&cx, &form)?;
    if rows.is_empty() {
        return cx.failed("/dashboard/devices", "Tick the devices first; nothing was ordered.");
    }
    question(&cx, kind, &rows, "")
}

fn question(cx: &Cx, kind: catalog::CommandKind, rows: &[GridRow], error: &str) -> Answer {
    let command = kind.entry();
    let mut hidden = cx.hidden();
    hidden.push(hidden_value("action", words::command_key(kind)));
    hidden.extend(rows.iter().map(|r| hidden_value("id", r.device.id.to_string())));
    let limit = engine::approvals::limits(&cx.engine, &cx.scope)?.limit as usize;
    let danger = Danger {
        id: "bulk".into(),
        title: format!("{} for {}?", command.label, phrase(rows.len())),
        lead: command.help.into(),
        facts: vec![Fact::new("Devices", Html::text(phrase(rows.len())))],
        losses: (!command.loses.is_empty())
            .then(|| Loss { text: command.loses.into(), kept: false })
            .into_iter()
            .collect(),
        recall: if command.needs_device {
            "It can be cancelled until the device has been told.".into()
        } else {
            Html::default()
        },
        approval: (kind.is_destructive() && rows.len() > limit).then(|| {
            Note::new(
                Tone::Warn,
                "A second administrator has to agree",
                format!("{limit} destructive commands an hour go at once; the others wait for approval."),
            )
        }),
        name: if kind.is_destructive() { phrase(rows.len()) } else { String::new() },
        fields: vec![
            FieldView::new("note", "Reason", Control::Text(String::new(), "text"))
                .help("Written to the journal.")
                .optional(),
        ],
        action: "/dashboard/devices/bulk/order".into(),
        hidden,
        verb: command.label.into(),
        cancel: "/dashboard/devices".into(),
        standalone: true,
        error: error.into(),
    };
    let head = Head::new(command.label, "Look once more at what is meant, then order it.")
        .under("Smart Devices and Users", "/dashboard/devices");
    let table = picked::small_table(cx, "Devices meant", rows);
    cx.page(Place::Devices, head, vec![danger.into(), Card::flush("Devices meant", table).into()])
}

pub async fn order(cx: Cx, Form(form): Form) -> Answer {
    let kind = words::command_by_key(form.text("action")).ok_or(Oops::not_found("command"))?;
    let rows = picked::meant(&cx, &form)?;
    if kind.is_destructive() && form.text("confirm") != phrase(rows.len()) {
        return question(
            &cx,
            kind,
            &rows,
            "The typed words are not the ones asked for. Nothing was ordered.",
        );
    }
    let ids: Vec<_> = rows.iter().map(|r| r.device.id).collect();
    let outcomes = commands::order_many(&cx.engine, &cx.scope, &ids, kind, form.text("note")).await?;
    let mut table = Table::new("Outcome", &["Device", "State", "What happens next"]).tall();
    let mut good = 0;
    for (row, (id, outcome)) in rows.iter().zip(&outcomes) {
        let name = cell::open(format!("/dashboard/devices/{id}"), &row.device.name);
        table = match outcome {
            Ok(command) => {
                good += 1;
                let next = if command.next.is_empty() { &command.reason } else { &command.next };
                table.row([name, words::command_chip(command.state).into(), cell::prose(next.clone())])
            }
            Err(error) => table.row([
                name,
                crate::parts::Chip::new("Not ordered", Tone::Bad).into(),
                cell::prose(error.to_string()),
            ]),
        };
    }
    let title = format!("{}: {good} of {} ordered", kind.entry().label, outcomes.len());
    let head = Head::new(title, "Each device has its own outcome.")
        .under("Smart Devices and Users", "/dashboard/devices");
    cx.page(Place::Devices, head, vec![Card::flush("", table).into()])
}
