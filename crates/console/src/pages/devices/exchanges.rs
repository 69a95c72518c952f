//! The last ActiveSync exchanges of a device, and the trace of its user.

use domain::model::DeviceId;
use door::{Form, Path};
use engine::devices::{self, DeviceDetail};
use engine::exchanges::Exchange;

use super::super::frame::{Answer, Cx, Oops, PostButton, hidden_value};
use super::super::words;
use crate::parts::{Align, Button, Card, Chip, EmptyState, Html, Icon, Table, Tone, cell};

/// Lines of a trace that are drawn.
const LINES: usize = 200;

/// The tab.
pub async fn tab(cx: &Cx, detail: &DeviceDetail) -> Result<Vec<Html>, Oops> {
    let all = devices::exchanges(&cx.engine, &cx.scope, detail.device.id).await?;
    let mut body = Vec::new();
    if all.is_empty() {
        let empty = EmptyState {
            icon: Icon::Mail,
            title: "Nothing was heard of this device yet".into(),
            text: "Its last 200 requests are listed here, with who answered and why. Bodies are never kept."
                .into(),
            actions: Vec::new(),
        };
        body.push(Card::new("Mail exchanges", empty).into());
    } else {
        body.push(
            Card::flush("Mail exchanges", table(cx, &all))
                .aside("the last 200, without bodies")
                .footer("Times are measured at our door, from the first byte of the request to the last of the answer.")
                .into(),
        );
    }
    body.push(trace_card(cx, detail).await?);
    Ok(body)
}

fn table(cx: &Cx, all: &[Exchange]) -> Table {
    let columns = &["When", "Command", "Answer", "Took", "Who answered, and why"];
    let mut table = Table::new("The last ActiveSync exchanges", columns).tall();
    table.columns[3].1 = Align::Right;
    for exchange in all {
        let answer = match exchange.status {
            Some(status) => format!("{} · {status}", exchange.http),
            None => exchange.http.to_string(),
        };
        let tone = match (exchange.http, exchange.status) {
            (200, None | Some(1)) => Tone::Ok,
            (200..=399 | 449, _) => Tone::Warn,
            _ => Tone::Bad,
        };
        let (up, down) = exchange.bytes;
        let size = format!("{} in, {} out", bytes(up), bytes(down));
        let why = if exchange.why.is_empty() {
            Html::text(exchange.who.clone())
        } else {
            Html::rich("**{}**: {}", &[&exchange.who, &exchange.why])
        };
        table = table.row([
            cx.at(exchange.at).into(),
            cell::lines(cell::mono(&exchange.command), exchange.version.clone()),
            Chip::new(answer, tone).into(),
            Html::text(words::duration(exchange.duration.into())),
            cell::prose(cell::lines(why, size)),
        ]);
    }
    table
}

fn bytes(count: u64) -> String {
    match count {
        0..1024 => format!("{count} B"),
        1024..1_048_576 => format!("{} KiB", count / 1024),
        _ => format!("{} MiB", count / 1_048_576),
    }
}

async fn trace_card(cx: &Cx, detail: &DeviceDetail) -> Result<Html, Oops> {
    let found = devices::trace(&cx.engine, &cx.scope, detail.user.id).await?;
    let button = |minutes: &str, label: &str| -> Html {
        PostButton {
            action: format!("/dashboard/devices/{}/trace", detail.device.id),
            hidden: [cx.hidden(), vec![hidden_value("minutes", minutes)]].concat(),
            button: Button { label: label.into(), small: true, icon: Some(Icon::Eye), ..Button::default() },
        }
        .into()
    };
    let running = found.as_ref().is_some_and(|(trace, _)| trace.until > cx.now);
    let buttons = if running {
        button("0", "Stop the trace")
    } else {
        Html::join([button("15", "Trace for 15 minutes"), Html::text(" "), button("60", "Trace for an hour")])
    };
    let mut parts = Vec::new();
    let title = format!("Trace of {}", detail.user.display_name);
    if let Some((trace, lines)) = found {
        let until = cx.ago(trace.until);
        let words = if running { "Runs; ends " } else { "Ended " };
        parts.push(Html::join([
            Html::text(words),
            until.into(),
            Html::text(format!(". Started by {}.", words::actor(&trace.started_by))),
        ]));
        let mut table = Table::new("Lines of the trace", &["When", "Line"]).tall();
        for line in lines.iter().rev().take(LINES) {
            table = table.row([cx.at(line.at).into(), cell::mono(&line.line)]);
        }
        if !lines.is_empty() {
            parts.push(table.into());
        }
    } else {
        parts.push(Html::text(
            "While a trace runs, one line is kept for each request of this user, without bodies and credentials.",
        ));
    }
    Ok(Card::new(title, Html::stack(parts)).aside(buttons).into())
}

pub async fn trace(cx: Cx, Path(id): Path<DeviceId>, Form(form): Form) -> Answer {
    let device = devices::get(&cx.engine, &cx.scope, id)?;
    let minutes: u32 = form.text("minutes").parse().unwrap_or(0);
    devices::set_trace(&cx.engine, &cx.scope, device.user, minutes).await?;
    let said = if minutes == 0 { "The trace was stopped." } else { "The trace runs." };
    cx.done(&format!("/dashboard/devices/{id}?tab=exchanges"), said)
}
