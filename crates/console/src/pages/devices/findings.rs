//! Rules that a device breaks or broke, each with the facts that it leans on and what follows from it.

use domain::Millis;
use domain::model::{Device, DueRemediation, Evidence, FoundRecord, VerdictRecord};

use super::super::frame::Cx;
use super::super::words;
use crate::parts::{Card, Html, Note, Table, Tone, cell};

/// The findings of now, with how their ladders end.
pub fn now(cx: &Cx, device: &Device) -> Html {
    let record = VerdictRecord::of(device);
    let due = |found: &FoundRecord| device.verdict.finding(found.rule).and_then(|f| f.remediation);
    let rows: Vec<_> = record.findings.iter().map(|found| (found, due(found))).collect();
    if rows.is_empty() {
        let text = "Every rule of the organization holds on this device.";
        return Note::new(Tone::Ok, "No rule is broken", text).into();
    }
    Card::flush("Findings", table(cx, &rows, cx.now)).into()
}

/// The findings of a moment.
pub fn then(cx: &Cx, record: &VerdictRecord, at: Millis) -> Html {
    if record.findings.is_empty() {
        return Note::new(Tone::Ok, "No rule was broken", "Every rule held at that moment.").into();
    }
    let rows: Vec<_> = record.findings.iter().map(|found| (found, None)).collect();
    Card::flush("Findings of that moment", table(cx, &rows, at)).into()
}

fn table(cx: &Cx, rows: &[(&FoundRecord, Option<DueRemediation>)], seen_at: Millis) -> Table {
    let columns = &["Rule", "What was found, and what follows", "What it leans on"];
    let mut table = Table::new("Findings", columns).tall();
    for (found, due) in rows {
        let since = Html::join([Html::text("Since "), cx.ago(found.since).into()]);
        let found_lines = cell::lines(found.detail.clone(), since);
        table = table.row([
            cell::lines(found.rule.entry().label, found.rule.entry().number),
            cell::prose(Html::join([found_lines, follows(cx, found, *due, seen_at)])),
            cell::prose(evidence(cx, found)),
        ]);
    }
    table
}

/// The facts, each with its source and time.
fn evidence(cx: &Cx, found: &FoundRecord) -> Html {
    let one = |evidence: &Evidence| {
        let Some(fact) = catalog::fact(&evidence.fact) else { return Html::default() };
        let fact = fact.entry();
        let value = words::fact_value(cx, fact.kind, fact.unit, &evidence.value);
        let value = Html::join([Html::text(format!("{}: ", fact.label)), value]);
        let source = Html::text(format!("{}, ", words::source(&evidence.source)));
        cell::lines(value, Html::join([source, cx.ago(evidence.at).into()]))
    };
    if found.evidence.is_empty() {
        Html::text("a fact that is not known")
    } else {
        Html::join(found.evidence.iter().map(one))
    }
}

/// What the finding takes away, from when on, who decided so, and what is ordered in the end.
fn follows(cx: &Cx, found: &FoundRecord, due: Option<DueRemediation>, seen_at: Millis) -> Html {
    let level = words::level(cx, &found.level);
    let targets = found.closes.carried();
    if targets.is_empty() {
        return cell::lines("It is reported, and restricts nothing.", format!("So says {level}."));
    }
    let stops = words::targets(targets);
    let first = if found.restricts_at <= seen_at {
        Html::text(format!("Stops {stops}."))
    } else {
        Html::join([
            Html::text(format!("Stops {stops} ")),
            cx.ago(found.restricts_at).into(),
            Html::text("."),
        ])
    };
    let mut second = vec![Html::text(format!("So says {level}."))];
    if let Some(due) = due {
        let label = due.command.entry().label;
        second.extend(match due.ordered_at {
            Some(at) => [Html::text(format!(" {label} was ordered ")), cx.ago(at).into(), Html::text(".")],
            None => [Html::text(format!(" {label} is ordered ")), cx.ago(due.at).into(), Html::text(".")],
        });
    }
    cell::lines(first, Html::join(second))
}
