//! Edits of rules, ticks and exceptions, line by line.

use catalog::{Rule, TargetSet};
use domain::Millis;
use domain::compliance::rule_config;
use domain::model::{AccessConfig, Exception, ExceptionKind, Level, Restrictions, RuleConfig};

use super::Line;
use super::fields::NOTHING;
use crate::OrgIndex;
use crate::compliance::AccessEdit;

/// What some edits make different, each on top of those before it.
pub(super) fn lines(org: &OrgIndex, edits: &[AccessEdit]) -> Vec<Line> {
    let mut config = AccessConfig::clone(&org.access);
    let mut lines = Vec::new();
    for edit in edits {
        let new = crate::compliance::with_edits(&config, std::slice::from_ref(edit));
        match edit {
            AccessEdit::Rule { rule, .. } => {
                let rule = rule.entry();
                of_rule(rule, &rule_config(&config, rule), &rule_config(&new, rule), &mut lines);
            }
            AccessEdit::Level { level, .. } => {
                of_level(org, level, ticks(&config, level), ticks(&new, level), &mut lines);
            }
            AccessEdit::Exception { level, .. } => {
                of_exception(org, level, exception(&config, level), exception(&new, level), &mut lines);
            }
        }
        config = new;
    }
    lines
}

fn of_rule(rule: &'static Rule, before: &RuleConfig, after: &RuleConfig, lines: &mut Vec<Line>) {
    let mut add = |what: &str, before: String, after: String| {
        if before != after {
            lines.push(Line::new(format!("{} ▸ {what}", rule.label), before, after));
        }
    };
    let yes = |on: bool| if on { "yes" } else { "no" }.to_owned();
    add("on", yes(before.on), yes(after.on));
    for field in rule.fields {
        let words = |config: &RuleConfig| field.kind.words(&rule.param(&config.params, field.key));
        add(field.label, words(before), words(after));
    }
    let minutes = |minutes: u32| if minutes == 0 { NOTHING.to_owned() } else { format!("{minutes} minutes") };
    add("Grace", minutes(before.grace_minutes), minutes(after.grace_minutes));
    add("Unknown counts as broken", yes(before.unknown_is_violation), yes(after.unknown_is_violation));
    let last = |config: &RuleConfig| {
        config.remediation.map_or_else(
            || "nothing more".to_owned(),
            |end| format!("{} after {} minutes", end.command.entry().label, end.after_minutes),
        )
    };
    add("When it lasts", last(before), last(after));
}

fn ticks(config: &AccessConfig, level: &Level) -> Restrictions {
    let own = config.levels.iter().find(|(known, _)| known == level);
    own.map(|(_, ticks)| ticks.clone()).unwrap_or_default()
}

fn exception<'a>(config: &'a AccessConfig, level: &Level) -> Option<&'a Exception> {
    config.exceptions.iter().find(|(known, _)| known == level).map(|(_, exception)| exception)
}

fn of_level(org: &OrgIndex, level: &Level, before: Restrictions, after: Restrictions, lines: &mut Vec<Line>) {
    let rules: std::collections::BTreeSet<_> = before.0.keys().chain(after.0.keys()).copied().collect();
    for rule in rules {
        let closes = |ticks: &Restrictions| {
            ticks.0.get(&rule).map_or("as the level above".to_owned(), |targets| closed(*targets))
        };
        let (old, new) = (closes(&before), closes(&after));
        if old != new {
            let label = format!("{} ▸ {}", whose(org, level), rule.entry().label);
            lines.push(Line::new(label, old, new));
        }
    }
}

fn closed(targets: TargetSet) -> String {
    let names: Vec<&str> = targets.iter().map(|target| target.info().short).collect();
    if names.is_empty() { "closes nothing".to_owned() } else { format!("closes {}", names.join(", ")) }
}

fn of_exception(
    org: &OrgIndex,
    level: &Level,
    before: Option<&Exception>,
    after: Option<&Exception>,
    lines: &mut Vec<Line>,
) {
    let words = |exception: Option<&Exception>| exception.map_or(NOTHING.to_owned(), said);
    lines.push(Line::new(format!("{} ▸ Exception", whose(org, level)), words(before), words(after)));
}

fn said(exception: &Exception) -> String {
    let kind = match exception.kind {
        ExceptionKind::Never => "never restricted",
        ExceptionKind::Extra => "ticks of its own on top",
        ExceptionKind::Custom => "ticks of its own only",
    };
    let until = exception.expires_at.map_or(String::new(), |at| format!(", until {}", day(at)));
    let note = if exception.note.is_empty() { String::new() } else { format!(": {}", exception.note) };
    format!("{kind}{until}{note}")
}

/// The moment in universal time: a held change is read in any time zone.
fn day(at: Millis) -> String {
    jiff::Timestamp::from_millisecond(at)
        .map_or_else(|_| String::new(), |at| at.strftime("%Y-%m-%d %H:%M UTC").to_string())
}

/// A level by its name.
fn whose(org: &OrgIndex, level: &Level) -> String {
    match level {
        Level::Group(id) => {
            format!("Group {}", org.group(*id).map_or("that is gone", |group| group.name.as_str()))
        }
        Level::User(id) => {
            format!("User {}", org.user(*id).map_or("who is gone", |user| user.display_name.as_str()))
        }
        Level::Device(id) => {
            format!("Device {}", org.devices.get(*id).map_or("that is gone", |device| device.name.as_str()))
        }
        Level::Organization => "Organization".to_owned(),
        Level::Platform(platform) => format!("Platform {}", platform.label()),
    }
}
