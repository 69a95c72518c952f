//! What a device may reach, and why: the first tab, and the panel behind a chip.

use domain::model::{DeviceId, JournalRow, Level};
use door::Path;
use engine::devices::{self, DeviceDetail, Posture};

use super::super::frame::{Answer, Cx, Oops};
use super::super::{journal, restrictions, words};
use super::{findings, remedies, verdicts};
use crate::parts::{
    Button, Card, Columns, Event, Head, Html, Part, Place, Table, Timeline, Why, Widths, cell,
};

/// Why a device is in its state.
pub fn why_part(cx: &Cx, detail: &DeviceDetail) -> Why {
    let line = detail.explanation.targets.iter().find(|t| !t.allowed);
    let line = line.or(detail.explanation.targets.first());
    let status = words::status(detail.posture);
    let closed = line.is_some_and(|l| !l.allowed);
    let text = |text: &str| (!text.is_empty()).then(|| Html::text(text));
    let next = line.filter(|_| closed || detail.posture == Posture::Compliant).and_then(|l| {
        let at = l.next_at.map(|at| cx.ago(at));
        text(&l.next).map(|words| match at {
            Some(at) => Html::join([words, Html::text(" (looked at "), at.into(), Html::text(")")]),
            None => words,
        })
    });
    Why {
        id: "why".into(),
        title: status.word().into(),
        tone: status.tone(),
        reason: Html::text(detail.explanation.headline.clone()),
        since: since(detail, closed.then_some(line).flatten()).map(|at| cx.ago(at)),
        decided_by: line.and_then(|l| l.decided_by.as_ref()).map(|level| decided(cx, level)),
        next,
        fix: line.filter(|_| closed).and_then(|l| text(&l.fix)),
        floating: false,
    }
}

fn since(detail: &DeviceDetail, line: Option<&devices::TargetLine>) -> Option<i64> {
    match detail.posture {
        Posture::Blocked => detail.device.block.as_ref().map(|b| b.since),
        Posture::Wiped | Posture::Retired => Some(detail.device.state_since),
        _ => line.and_then(|l| l.since),
    }
}

/// The level whose ticks decided, as a way to them.
fn decided(cx: &Cx, level: &Level) -> Html {
    let words = format!("Access Restrictions, {}", words::level(cx, level));
    if cx.can(catalog::Permission::ComplianceView) {
        cell::link(restrictions::address(level), words)
    } else {
        Html::text(words)
    }
}

/// The panel behind a chip in a list; a page of its own without script.
pub async fn why(cx: Cx, Path(id): Path<DeviceId>) -> Answer {
    let detail = devices::detail(&cx.engine, &cx.scope, id)?;
    let head = Head::new(detail.device.name.clone(), "Why this device is in this state.")
        .under("Smart Devices and Users", "/dashboard/devices")
        .action(Button::link("Open the device", format!("/dashboard/devices/{id}")));
    cx.page(Place::Devices, head, vec![why_part(&cx, &detail).html()])
}

/// The tab.
pub async fn tab(cx: &Cx, detail: &DeviceDetail) -> Result<Vec<Html>, Oops> {
    let mut left: Vec<Html> = vec![
        Card::flush("What this device may reach", reach(cx, detail))
            .aside("one verdict, used by the gateway, Cisco ISE and this page")
            .into(),
    ];
    left.extend(remedies::card(&detail.explanation));
    left.push(findings::now(cx, &detail.device));
    let rows = devices::timeline(&cx.engine, &cx.scope, detail.device.id, 8).await?;
    let right = Html::stack([
        restrictions::summary(cx, &Level::Device(detail.device.id)),
        Card::new("Timeline", timeline(cx, &rows, Some(detail.device.id)))
            .aside(verdicts::link(detail.device.id))
            .into(),
    ]);
    Ok(vec![Columns::new(Widths::TwoToOne, [Html::stack(left), right]).into()])
}

/// What can be had at all, line by line; targets that wait for a platform which carries them are in REST.
fn reach(cx: &Cx, detail: &DeviceDetail) -> Table {
    let columns = &["Target", "State", "Why", "What happens next"];
    let mut table = Table::new("What this device may reach", columns).tall();
    for line in detail.explanation.targets.iter().filter(|line| line.target.info().carried) {
        let since =
            line.since.map(|at| Html::join([Html::text("Since "), cx.ago(at).into(), Html::text(".")]));
        let due = line.next_at.map(|at| Html::join([Html::text("Due "), cx.ago(at).into()]));
        let next = cell::lines(line.next.clone(), due.unwrap_or_default());
        table = table.row([
            Html::text(line.target.info().short),
            words::access_chip(line.allowed).into(),
            cell::prose(cell::lines(line.why.clone(), since.unwrap_or_default())),
            cell::prose(next),
        ]);
    }
    table
}

/// Rows of the journal as a timeline.
pub fn timeline(cx: &Cx, rows: &[JournalRow], more_of: Option<DeviceId>) -> Timeline {
    let event = |row: &JournalRow| {
        let said = journal::told_on(cx, row, Some("this device"));
        Event::new(said.tone, said.html, cx.ago(row.at), words::actor(&row.actor))
    };
    let more =
        more_of.map(|id| Button::link("All of it", format!("/dashboard/devices/{id}?tab=timeline")).small());
    Timeline { events: rows.iter().map(event).collect(), more }
}

/// The tab with the whole timeline.
pub async fn timeline_tab(cx: &Cx, detail: &DeviceDetail) -> Result<Vec<Html>, Oops> {
    let rows = devices::timeline(&cx.engine, &cx.scope, detail.device.id, 200).await?;
    Ok(vec![
        Card::new("Timeline", timeline(cx, &rows, None))
            .aside(verdicts::link(detail.device.id))
            .footer("The last 200 entries of the journal.")
            .into(),
    ])
}
