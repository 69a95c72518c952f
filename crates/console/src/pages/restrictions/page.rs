//! The matrix, its levels, and the preview of who loses what before anything is saved.

use std::collections::BTreeMap;
use std::sync::Arc;

use catalog::{PLATFORMS, Permission, RULES, Severity, TARGETS, Target};
use domain::compliance::rule_config;
use domain::model::{AccessConfig, Level};
use door::{Form, FormData};
use engine::compliance::{self, AccessEdit};

use super::super::frame::{Answer, Cx, FormAround, Oops, Wrong, hidden_value};
use super::super::words;
use super::{edits, exceptions};
use crate::parts::{
    Button, ButtonKind, Card, Chip, Choice, Head, Html, Icon, Level as LevelView, Matrix, MatrixCell,
    MatrixRow, Note, Place, SaveBar, Table, Tone, cell,
};

const PATH: &str = "/dashboard/access-restrictions";

pub async fn show(cx: Cx) -> Answer {
    let access = compliance::access(&cx.engine, &cx.scope)?;
    let level = edits::parse(&cx, cx.asked("level"))?;
    let body = page(&cx, &access, &level, None)?;
    cx.page(Place::AccessRestrictions, head(&cx, &level), body)
}

fn head(cx: &Cx, level: &Level) -> Head {
    let lead: Html = match level {
        Level::Organization => {
            "What a device loses while something is wrong with it. A platform, user or device can decide otherwise."
                .into()
        }
        other => Html::rich(
            "What **{}** loses while something is wrong. Boxes that are left as they are follow the level above.",
            &[&edits::name(cx, other)],
        ),
    };
    let mut head = Head::new("Access Restrictions", lead);
    if cx.can(Permission::ComplianceEdit) {
        head = head.action(Button::link("Add exception", format!("{PATH}/exceptions/add")).icon(Icon::Plus));
    }
    head
}

/// The page; `entered` is a posted matrix that is not saved yet.
fn page(
    cx: &Cx,
    access: &Arc<AccessConfig>,
    level: &Level,
    entered: Option<&FormData>,
) -> Result<Vec<Html>, Oops> {
    let may = cx.can(Permission::ComplianceEdit);
    let broken = broken(cx)?;
    let matrix = Matrix {
        levels: levels(cx, access, level),
        targets: TARGETS.iter().map(|t| t.label.to_owned()).collect(),
        rows: RULES
            .iter()
            .filter(|rule| !rule.fixed)
            .map(|rule| row(cx, access, level, rule, entered, &broken))
            .collect(),
        read_only: !may,
    };
    let mut body: Vec<Html> = Vec::new();
    if may {
        let bar = SaveBar {
            text: "You see who would lose what before anything is saved.".into(),
            buttons: vec![Button {
                label: "Review and save".into(),
                kind: ButtonKind::Primary,
                send: Some(("step".into(), "review".into())),
                ..Button::default()
            }],
        };
        let hidden = [cx.hidden(), vec![hidden_value("level", edits::text(level))]].concat();
        body.push(
            FormAround {
                id: "restrictions".into(),
                action: PATH.into(),
                hidden,
                body: vec![matrix.into(), bar.into()],
            }
            .into(),
        );
    } else {
        body.push(matrix.into());
    }
    body.push(targets());
    body.push(exceptions::card(cx, access));
    Ok(body)
}

fn targets() -> Html {
    let mut table = Table::new("Targets", &["Target", "What restricting it does"]).tall();
    for target in TARGETS {
        table = table.row([Html::text(target.label), cell::prose(target.help)]);
    }
    Card::flush("What can be taken away", table).into()
}

/// How many devices break each rule now.
fn broken(cx: &Cx) -> Result<BTreeMap<catalog::RuleId, usize>, Oops> {
    Ok(cx.org(|org| {
        let mut counts = BTreeMap::new();
        for finding in org.devices.iter().flat_map(|d| &d.verdict.findings) {
            *counts.entry(finding.rule).or_insert(0) += 1;
        }
        counts
    })?)
}

fn levels(cx: &Cx, access: &AccessConfig, current: &Level) -> Vec<LevelView> {
    let view = |level: Level, label: String| LevelView {
        label,
        href: format!("{PATH}?level={}", edits::text(&level)),
        current: level == *current,
    };
    let mut all = vec![view(Level::Organization, "Organization".into())];
    for platform in PLATFORMS {
        let level = Level::Platform(platform.platform);
        let mark = if access.level(&level).is_some() { " (differs)" } else { "" };
        all.push(view(level, format!("{}{mark}", platform.label)));
    }
    let specific = access.levels.iter().map(|(level, _)| level);
    for level in specific.filter(|l| matches!(l, Level::User(_) | Level::Device(_))).take(20) {
        all.push(view(level.clone(), edits::name(cx, level)));
    }
    if !all.iter().any(|l| l.current) {
        all.push(view(current.clone(), edits::name(cx, current)));
    }
    all
}

fn row(
    cx: &Cx,
    access: &AccessConfig,
    level: &Level,
    rule: &'static catalog::Rule,
    entered: Option<&FormData>,
    broken: &BTreeMap<catalog::RuleId, usize>,
) -> MatrixRow {
    let config = rule_config(access, rule);
    let cell_of = |target: Target| {
        let name = edits::box_name(rule.id, target);
        let (stored, from) = edits::decided(cx, access, level, rule.id, target);
        let on = entered.map_or(stored, |form| form.has(&name));
        MatrixCell { on, changed: on != stored, from: if on == stored { from } else { String::new() }, name }
    };
    let grace = entered
        .and_then(|form| form.text(&edits::delay_name(rule.id)).parse().ok())
        .unwrap_or(config.grace_minutes);
    let mut delays: Vec<Choice> = edits::DELAYS
        .iter()
        .map(|(minutes, label)| Choice::new(minutes.to_string(), *label, *minutes == grace))
        .collect();
    if !delays.iter().any(|d| d.on) {
        delays.push(Choice::new(grace.to_string(), format!("after {grace} minutes"), true));
    }
    if *level != Level::Organization {
        delays.retain(|d| d.on);
    }
    let count = broken.get(&rule.id).copied().unwrap_or(0);
    let now = if count == 0 {
        Html::text("none")
    } else {
        cell::link(
            format!("/dashboard/devices?finding={}", rule.id.key()),
            words::count(count, "device", "devices"),
        )
    };
    let mut state = if config.on { String::new() } else { "Off. ".to_owned() };
    if !rule.is_reported() {
        state += "Only an integration reports this today. ";
    }
    MatrixRow {
        condition: rule.label.into(),
        detail: Html::join([
            Html::text(format!("{state}{} ", parameters(rule, &config))),
            cell::link(format!("{PATH}/rules/{}", rule.id.key()), "Settings"),
        ]),
        severity: severity(rule.severity),
        cells: TARGETS.iter().map(|t| cell_of(t.target)).collect(),
        delay_name: edits::delay_name(rule.id),
        delays,
        now,
    }
}

/// The parameters of a rule in words.
fn parameters(rule: &catalog::Rule, config: &domain::model::RuleConfig) -> String {
    let words: Vec<String> = rule
        .fields
        .iter()
        .map(|f| (f, rule.param(&config.params, f.key)))
        .filter(|(f, value)| !matches!(f.kind.words(value).as_str(), "none" | "no limit" | ""))
        .map(|(f, value)| format!("{}: {}.", f.label, f.kind.words(&value)))
        .collect();
    words.join(" ")
}

/// How grave a rule is.
pub fn severity(severity: Severity) -> Chip {
    match severity {
        Severity::Critical => Chip::new("Critical", Tone::Bad),
        Severity::Warning => Chip::new("Warning", Tone::Warn),
        Severity::Informational => Chip::new("Notice", Tone::Idle),
    }
}

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
        rows: {
            let broken = broken(cx)?;
            RULES
                .iter()
                .filter(|rule| !rule.fixed)
                .map(|rule| row(cx, access, level, rule, Some(form), &broken))
                .collect()
        },
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
pub fn consequence(preview: &[(domain::model::DeviceId, Target, bool)]) -> Note {
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
