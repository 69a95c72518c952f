//! A row of the matrix: a rule, its ticks at a level, and how many devices break it now.

use std::sync::LazyLock;

use catalog::{RULES, Severity, TARGETS, Target, TargetGroup};
use domain::compliance::rule_config;
use domain::model::{AccessConfig, Level};
use door::FormData;

use super::super::frame::{Cx, Oops};
use super::super::words;
use super::{PATH, edits};
use crate::parts::{Chip, Choice, Html, MatrixCell, MatrixRow, Tone, cell};

/// The rows of all rules that can be set; `entered` is a posted matrix that is not saved yet.
pub fn rows(
    cx: &Cx,
    access: &AccessConfig,
    level: &Level,
    entered: Option<&FormData>,
) -> Result<Vec<MatrixRow>, Oops> {
    let mut set: Vec<_> = RULES.iter().filter(|rule| !rule.fixed).collect();
    set.sort_by_key(|rule| !rule.is_reported());
    let broken: Vec<usize> =
        cx.org(|org| set.iter().map(|rule| org.tally().breaking(rule.id)).collect::<Vec<_>>())?;
    let mut rows: Vec<_> =
        set.iter().zip(broken).map(|(rule, count)| row(cx, access, level, rule, entered, count)).collect();
    if let Some(first) = set.iter().position(|rule| !rule.is_reported()) {
        rows[first].section = UNREPORTED.into();
    }
    Ok(rows)
}

/// Before the rules whose facts no platform tells by itself.
const UNREPORTED: &str =
    "Nothing that is enrolled today reports these by itself: an integration can, by REST, and you by hand";

fn row(
    cx: &Cx,
    access: &AccessConfig,
    level: &Level,
    rule: &'static catalog::Rule,
    entered: Option<&FormData>,
    count: usize,
) -> MatrixRow {
    let config = rule_config(access, rule);
    let decided = edits::decided(cx, access, level, rule.id);
    let cell_of = |target: Target| {
        let (stored, label) = (decided.targets.contains(target), target.info().short.to_owned());
        if decided.fixed.contains(target) {
            // On top of the level above, and nothing less: its ticks are not to be taken away here.
            return MatrixCell { on: true, from: decided.from.to_owned(), label, ..MatrixCell::default() };
        }
        let name = edits::box_name(rule.id, target);
        let on = entered.map_or(stored, |form| form.has(&name));
        let from = if on == stored { decided.from.to_owned() } else { String::new() };
        let from = if decided.fixed.is_empty() { from } else { String::new() };
        MatrixCell { on, changed: on != stored, from, name, label, kinds: Vec::new() }
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
    let now = if count == 0 {
        Html::text("none")
    } else {
        cell::link(
            format!("/dashboard/devices?finding={}", rule.id.key()),
            words::count(count, "device", "devices"),
        )
    };
    let state = if config.on { "" } else { "Off. " };
    MatrixRow {
        section: String::new(),
        condition: rule.label.into(),
        detail: Html::join([
            Html::text(format!("{state}{} ", parameters(rule, &config))),
            cell::link(format!("{PATH}/rules/{}", rule.id.key()), "Settings"),
        ]),
        severity: severity(rule.severity),
        cells: COLUMNS.iter().map(|(_, targets)| column(targets, cell_of)).collect(),
        delay_name: edits::delay_name(rule.id),
        delays,
        now,
    }
}

/// One box for a target of its own; all kinds of a group behind one sum.
fn column(targets: &[Target], cell_of: impl Fn(Target) -> MatrixCell) -> MatrixCell {
    match targets {
        [target] => cell_of(*target),
        kinds => {
            let kinds: Vec<MatrixCell> = kinds.iter().map(|target| cell_of(*target)).collect();
            MatrixCell { changed: kinds.iter().any(|k| k.changed), kinds, ..MatrixCell::default() }
        }
    }
}

/// The columns of the matrix: targets of their own, and the kinds of corporate resources together.
pub static COLUMNS: LazyLock<Vec<(&'static str, Vec<Target>)>> = LazyLock::new(|| {
    let mut columns: Vec<(&str, Vec<Target>)> = Vec::new();
    for info in TARGETS {
        match info.group {
            TargetGroup::Own => columns.push((info.short, vec![info.target])),
            TargetGroup::CorporateResources => {
                let label = "Corporate resources";
                match columns.iter_mut().find(|(known, _)| *known == label) {
                    Some((_, kinds)) => kinds.push(info.target),
                    None => columns.push((label, vec![info.target])),
                }
            }
        }
    }
    columns
});

/// Their heads.
pub fn heads() -> Vec<String> {
    COLUMNS.iter().map(|(label, _)| (*label).to_owned()).collect()
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
