//! What a device may reach, and why: the first tab, and the panel behind a chip.

use domain::assignment::AssignedFrom;
use domain::model::{DeviceId, JournalRow, Level};
use door::Path;
use engine::devices::{self, DeviceDetail, Posture};

use super::super::frame::{Answer, Cx, Oops};
use super::super::{journal, restrictions, words};
use crate::parts::{
    Button, Card, Chip, Columns, Event, Head, Html, Icon, Note, Part, Place, Table, Timeline, Tone, Why,
    Widths, cell,
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
    let level_words = match level {
        Level::Group(id) => words::assigned_from(cx, AssignedFrom::Group(*id)),
        level => level.words(),
    };
    let words = format!("Access Restrictions, {level_words}");
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
    let columns = &["Target", "State", "Why, and what happens next"];
    let mut reach = Table::new("What this device may reach", columns).tall();
    for line in &detail.explanation.targets {
        let chip = if line.allowed {
            Chip::new("Allowed", Tone::Ok)
        } else {
            Chip::new("Stopped", Tone::Bad).icon(Icon::ShieldOff)
        };
        let why = match line.since {
            Some(at) => Html::join([
                Html::text(format!("{} ", line.why)),
                Html::text("Since "),
                cx.ago(at).into(),
                Html::text("."),
            ]),
            None => Html::text(line.why.clone()),
        };
        let next = match line.next_at {
            Some(at) => Html::join([Html::text(format!("Next: {} Due ", line.next)), cx.ago(at).into()]),
            None => Html::text(format!("Next: {}", line.next)),
        };
        reach = reach.row([
            Html::text(line.target.info().label),
            chip.into(),
            cell::prose(cell::lines(why, next)),
        ]);
    }
    let mut left = vec![
        Card::flush("What this device may reach", reach)
            .aside("one verdict, used by the gateway, Cisco ISE and this page")
            .into(),
    ];
    let fixes: Vec<&str> =
        detail.explanation.targets.iter().map(|t| t.fix.as_str()).filter(|f| !f.is_empty()).collect();
    if let Some(fix) = fixes.first() {
        left.push(Note::new(Tone::Info, "What would fix it", *fix).into());
    }
    left.push(findings(cx, detail));
    let rows = devices::timeline(&cx.engine, &cx.scope, detail.device.id, 8).await?;
    let right = Html::stack([
        restrictions::summary(cx, &Level::Device(detail.device.id)),
        Card::new("Timeline", timeline(cx, &rows, Some(detail.device.id))).into(),
    ]);
    Ok(vec![Columns::new(Widths::TwoToOne, [Html::stack(left), right]).into()])
}

fn findings(cx: &Cx, detail: &DeviceDetail) -> Html {
    let verdict = &detail.device.verdict;
    if verdict.findings.is_empty() {
        return Note::new(
            Tone::Ok,
            "No rule is broken",
            "Every rule of the organization holds on this device.",
        )
        .into();
    }
    let mut table = Table::new("Findings", &["Rule", "What was found", "Since", "Takes effect"]).tall();
    for record in &verdict.findings {
        let rule = record.rule.entry();
        let effect = if record.restricts_at > cx.now {
            cx.ago(record.restricts_at).into()
        } else {
            Html::text("in force")
        };
        table = table.row([
            cell::lines(rule.label, rule.number),
            cell::prose(cell::lines(record.finding.detail.clone(), rule.remedy)),
            cx.ago(record.since).into(),
            effect,
        ]);
    }
    Card::flush("Findings", table).into()
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
        Card::new("Timeline", timeline(cx, &rows, None)).aside("the last 200 entries of the journal").into(),
    ])
}
