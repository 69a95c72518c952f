//! The preview of who loses what, and saving.

use std::sync::Arc;

use catalog::{TARGETS, TargetSet};
use domain::model::{AccessConfig, Level};
use door::{Form, FormData};
use engine::compliance::{self, AccessEdit, Outcome, Proposal, WhatIf};

use super::super::frame::{Answer, Cx, FormAround, Wrong, hidden_value};
use super::super::words;
use super::{PATH, edits, row};
use crate::parts::{Button, Card, Chip, Head, Html, Icon, Matrix, Note, Place, SaveBar, Table, Tone, cell};

pub async fn save(cx: Cx, Form(form): Form) -> Answer {
    let access = compliance::access(&cx.engine, &cx.scope)?;
    let level = edits::parse(&cx, form.text("level"))?;
    let changes = edits::edits(&cx, &access, &level, &form);
    let back = format!("{PATH}?level={}", edits::text(&level));
    if changes.is_empty() {
        return cx.failed(&back, "Nothing was changed: the boxes are as they were.");
    }
    if form.text("step") != "save" {
        return review(&cx, &access, &level, &form, &changes).await;
    }
    match compliance::edit_access(&cx.engine, &cx.scope, changes).await {
        Ok(()) => cx.done(&back, "Saved. Every device was looked at anew."),
        Err(error) => cx.failed(&back, Wrong::of(error)?.rest(&[])),
    }
}

/// Who would lose or get back what.
async fn review(
    cx: &Cx,
    access: &Arc<AccessConfig>,
    level: &Level,
    form: &FormData,
    changes: &[AccessEdit],
) -> Answer {
    let answer = compliance::what_if(&cx.engine, &cx.scope, &Proposal::Access(changes.to_vec())).await?;
    let note = consequence(&answer);
    let mut hidden = cx.hidden();
    hidden.push(hidden_value("step", "save"));
    hidden.extend(form.pairs().iter().filter(|(k, _)| k != "csrf" && k != "step").cloned());
    let bar = SaveBar {
        text: "Saved restrictions take effect at once, and are written to the journal.".into(),
        buttons: vec![
            Button::link("Back without saving", format!("{PATH}?level={}", edits::text(level))),
            Button::submit("Save"),
        ],
    };
    let mut parts: Vec<Html> = vec![note.into()];
    parts.extend((!answer.outcomes.is_empty()).then(|| concerned(cx, &answer)));
    let matrix = Matrix {
        levels: Vec::new(),
        targets: row::heads(),
        rows: row::rows(cx, access, level, Some(form))?,
        read_only: true,
    };
    parts.push(matrix.into());
    parts.push(bar.into());
    let head = Head::new("Review before saving", "Who would lose what, or get it back, if you save now.")
        .under("Access Restrictions", PATH);
    let form = FormAround { id: "review".into(), action: PATH.into(), hidden, body: parts };
    cx.page(Place::AccessRestrictions, head, vec![form.into()])
}

/// Devices that are drawn; all of them are in REST.
const SHOWN: usize = 100;

/// The devices for which something would be different, and what.
fn concerned(cx: &Cx, answer: &WhatIf) -> Html {
    let mut table = Table::new("Devices concerned", &["Device", "At once", "Later"]).tall();
    for outcome in answer.outcomes.iter().take(SHOWN) {
        let name = cx.org(|org| org.devices.get(outcome.device).map(|d| d.name.clone())).ok().flatten();
        table = table.row([
            cell::open(format!("/dashboard/devices/{}", outcome.device), name.unwrap_or_default()),
            at_once(outcome),
            later(cx, outcome),
        ]);
    }
    let total = answer.outcomes.len();
    let footer = if total > SHOWN { format!("The first {SHOWN} are shown.") } else { String::new() };
    Card::flush("Devices concerned", table)
        .aside(words::count(total, "device", "devices"))
        .footer(footer)
        .into()
}

fn at_once(outcome: &Outcome) -> Html {
    let chip = |targets: TargetSet, word: &str, tone| {
        let names: Vec<&str> = targets.iter().map(|target| target.info().short).collect();
        (!names.is_empty()).then(|| Chip::new(format!("{word} {}", names.join(", ")), tone))
    };
    let loses = chip(outcome.loses, "Loses", Tone::Bad).map(|chip| chip.icon(Icon::ShieldOff));
    let regains = chip(outcome.regains, "Gets back", Tone::Ok);
    match (loses, regains) {
        (None, None) => Html::text("nothing"),
        (loses, regains) => Html::join(loses.into_iter().chain(regains).map(Html::from)),
    }
}

fn later(cx: &Cx, outcome: &Outcome) -> Html {
    let mut parts: Vec<Html> = Vec::new();
    if let Some((at, targets)) = outcome.coming {
        let names: Vec<&str> = targets.iter().map(|target| target.info().short).collect();
        parts.extend([Html::text(format!("Loses {} ", names.join(", "))), cx.ago(at).into()]);
    }
    if let Some(due) = outcome.remediation {
        let label = due.command.entry().label;
        parts.extend([Html::text(format!(" {label} is ordered ")), cx.ago(due.at).into()]);
    }
    Html::join(parts)
}

/// What a set of edits would do, in sentences.
fn consequence(answer: &WhatIf) -> Note {
    let mut sentences = Vec::new();
    for info in TARGETS {
        let (lost, back) = (answer.losing(info.target), answer.regaining(info.target));
        if lost > 0 {
            let loses = words::count(lost, "device loses", "devices lose");
            sentences.push(format!("{loses} {}: {}", info.label, info.help));
        }
        if back > 0 {
            let gets = words::count(back, "device gets", "devices get");
            sentences.push(format!("{gets} {} back.", info.label));
        }
    }
    let later = answer.outcomes.iter().filter(|o| o.coming.is_some()).count();
    if later > 0 {
        let loses = words::count(later, "device is restricted later", "devices are restricted later");
        sentences.push(format!("{loses}, unless it is put in order."));
    }
    let wiped = answer.outcomes.iter().filter(|o| o.remediation.is_some()).count();
    if wiped > 0 {
        let ends = words::count(wiped, "device ends", "devices end");
        sentences.push(format!("{ends} in a command if nothing changes."));
    }
    if sentences.is_empty() {
        return Note::new(
            Tone::Info,
            "No device is touched now",
            "The change counts from the next time a rule is broken.",
        );
    }
    let (tone, title) = if answer.cut_off() > 0 {
        (Tone::Warn, "If you save this, devices lose access")
    } else if later + wiped > 0 {
        (Tone::Warn, "If you save this, devices lose access later")
    } else {
        (Tone::Ok, "If you save this, devices get access back")
    };
    Note::new(tone, title, sentences.join(" "))
}
