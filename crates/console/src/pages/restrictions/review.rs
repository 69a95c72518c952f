//! The preview of who loses what, and saving.

use std::sync::Arc;

use catalog::{TARGETS, Target};
use domain::model::{AccessConfig, DeviceId, Level};
use door::{Form, FormData};
use engine::compliance::{self, AccessEdit};

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
        return review(&cx, &access, &level, &form, &changes);
    }
    match compliance::edit_access(&cx.engine, &cx.scope, changes).await {
        Ok(()) => cx.done(&back, "Saved. Every device was looked at anew."),
        Err(error) => cx.failed(&back, Wrong::of(error)?.rest(&[])),
    }
}

/// Who would lose or get back what.
fn review(
    cx: &Cx,
    access: &Arc<AccessConfig>,
    level: &Level,
    form: &FormData,
    changes: &[AccessEdit],
) -> Answer {
    let preview = compliance::preview(&cx.engine, &cx.scope, changes)?;
    let note = consequence(&preview);
    let shown = preview.iter().take(50);
    let mut table = Table::new("Devices concerned", &["Device", "Target", "What changes"]);
    for (device, target, closes) in shown {
        let name = cx.org(|org| org.devices.get(*device).map(|d| d.name.clone())).ok().flatten();
        let chip = if *closes {
            Chip::new("Loses it", Tone::Bad).icon(Icon::ShieldOff)
        } else {
            Chip::new("Gets it back", Tone::Ok)
        };
        table = table.row([
            cell::open(format!("/dashboard/devices/{device}"), name.unwrap_or_default()),
            Html::text(target.info().label),
            chip.into(),
        ]);
    }
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
    if !preview.is_empty() {
        let card = Card::flush("Devices concerned", table)
            .aside(words::count(preview.len(), "change", "changes"))
            .footer(if preview.len() > 50 { "The first 50 are shown." } else { "" });
        parts.push(card.into());
    }
    let matrix = Matrix {
        levels: Vec::new(),
        targets: TARGETS.iter().map(|t| t.label.to_owned()).collect(),
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

/// What a set of edits would do, in a sentence.
pub fn consequence(preview: &[(DeviceId, Target, bool)]) -> Note {
    let count = |target: Target, closes: bool| {
        preview.iter().filter(|(_, t, c)| *t == target && *c == closes).count()
    };
    let mut sentences = Vec::new();
    for info in TARGETS {
        let (lost, back) = (count(info.target, true), count(info.target, false));
        if lost > 0 {
            sentences.push(format!(
                "{} {}: {}.",
                words::count(lost, "device loses", "devices lose"),
                info.label,
                info.help
            ));
        }
        if back > 0 {
            sentences.push(format!(
                "{} {} back.",
                words::count(back, "device gets", "devices get"),
                info.label
            ));
        }
    }
    if sentences.is_empty() {
        return Note::new(
            Tone::Info,
            "No device is touched now",
            "The change counts from the next time a rule is broken.",
        );
    }
    let loses = preview.iter().any(|(_, _, closes)| *closes);
    let tone = if loses { Tone::Warn } else { Tone::Ok };
    let title = if loses {
        "If you save this, devices lose access"
    } else {
        "If you save this, devices get access back"
    };
    Note::new(tone, title, sentences.join(" "))
}
