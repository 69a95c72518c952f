//! A row of the matrix: a rule, its ticks at a level, and how many devices break it now.

use catalog::{RULES, Severity, TARGETS, Target};
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
    let set = || RULES.iter().filter(|rule| !rule.fixed);
    let broken: Vec<usize> =
        cx.org(|org| set().map(|rule| org.tally().breaking(rule.id)).collect::<Vec<_>>())?;
    Ok(set().zip(broken).map(|(rule, count)| row(cx, access, level, rule, entered, count)).collect())
}

fn row(
    cx: &Cx,
    access: &AccessConfig,
    level: &Level,
    rule: &'static catalog::Rule,
    entered: Option<&FormData>,
    count: usize,
) -> MatrixRow {
    let config = rule_config(access, rule);
    let adds = edits::adds(cx, access, level);
    let cell_of = |target: Target| {
        let (stored, from) = edits::decided(cx, access, level, rule.id, target);
        if adds && stored && !from.is_empty() {
            // On top of the level above, and nothing less: its ticks are not to be taken away here.
            return MatrixCell { on: true, from, ..MatrixCell::default() };
        }
        let name = edits::box_name(rule.id, target);
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
