//! What a change would do to devices, drawn; and the page that asks before it is made.

use axum::response::Response;
use catalog::{Permission, TARGETS, TargetSet};
use door::FormData;
use engine::approvals::Edit;
use engine::compliance::{self, Outcome, WhatIf};

use super::frame::{Cx, FormAround, Oops, hidden_value};
use super::words;
use crate::parts::{Button, Card, Chip, Head, Html, Icon, Note, Place, SaveBar, Table, Tone, cell};

/// A change that somebody is about to make.
pub struct Ask {
    /// Where the page stands.
    pub place: Place,
    /// Its heading.
    pub head: Head,
    /// The change.
    pub edit: Edit,
    /// Where the form goes.
    pub action: String,
    /// The page before.
    pub back: String,
}

/// Asks before a change that touches devices is made; nothing when it was asked already, when no device is touched, or
/// when the reader may not see what is foretold.
///
/// # Errors
/// Of the page itself; a change that cannot be made is refused by who makes it.
pub async fn review(cx: &Cx, ask: Ask, data: &FormData) -> Result<Option<Response>, Oops> {
    if data.text("step") == "save" {
        return Ok(None);
    }
    let drawn = of(cx, &ask.edit).await;
    if drawn.is_empty() {
        return Ok(None);
    }
    let mut hidden = cx.hidden();
    hidden.push(hidden_value("step", "save"));
    hidden.extend(data.pairs().iter().filter(|(key, _)| key != "csrf" && key != "step").cloned());
    let bar = SaveBar {
        text: "It takes effect at once, and is written to the journal.".into(),
        buttons: vec![Button::link("Back without saving", ask.back), Button::submit("Save")],
    };
    let body: Vec<Html> = drawn.into_iter().chain([bar.into()]).collect();
    let form = FormAround { id: "review".into(), action: ask.action, hidden, body };
    cx.page(ask.place, ask.head, vec![form.into()]).map(Some)
}

/// What a change would do; empty when it touches no device, or the reader may not see it.
pub async fn of(cx: &Cx, edit: &Edit) -> Vec<Html> {
    if !cx.can(Permission::ComplianceView) {
        return Vec::new();
    }
    match compliance::what_if(&cx.engine, &cx.scope, edit).await {
        Ok(answer) if !answer.outcomes.is_empty() => parts(cx, &answer),
        _ => Vec::new(),
    }
}

/// The sentence, and the devices if there are any.
pub fn parts(cx: &Cx, answer: &WhatIf) -> Vec<Html> {
    let mut parts: Vec<Html> = vec![consequence(answer).into()];
    parts.extend((!answer.outcomes.is_empty()).then(|| concerned(cx, answer)));
    parts
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
    parts.extend(outcome.risk.map(|risk| Html::text(format!("May lose mail: {} ", risk.words()))));
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
    let may = answer.outcomes.iter().filter(|o| o.risk.is_some()).count();
    if may > 0 {
        let lose = words::count(may, "device may lose its mail", "devices may lose their mail");
        sentences.push(format!("{lose}: nobody can know beforehand."));
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
    } else if later + wiped + may > 0 {
        (Tone::Warn, "If you save this, devices may lose access later")
    } else {
        (Tone::Ok, "If you save this, devices get access back")
    };
    Note::new(tone, title, sentences.join(" "))
}
