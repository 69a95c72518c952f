//! Edits of the access settings: whether they can be, and what they make of the settings.

use std::cmp::Ordering;

use catalog::{RuleId, Value, compare_versions};
use domain::compliance::rule_config;
use domain::model::{
    AccessConfig, Exception, ExceptionKind, JournalEntry, LADDER_MINUTES, Level, REMEDIATIONS, RuleConfig,
};
use serde_json::json;

use super::AccessEdit;
use crate::{Error, OrgIndex, Result};

/// The same settings with edits applied, without storing anything: what a preview is computed from.
pub fn with_edits(access: &AccessConfig, edits: &[AccessEdit]) -> AccessConfig {
    let mut new = access.clone();
    for edit in edits {
        apply(&mut new, edit, "");
    }
    new
}

/// Places are lines of three numbers.
fn check_places(key: &str, value: &Value) -> Result<()> {
    if key != "fences" {
        return Ok(());
    }
    catalog::check_fences(value.as_list()).map_err(|line| {
        let form =
            "Enter latitude, longitude and a radius of 1 to 20000000 metres, such as 47.3769, 8.5417, 500";
        Error::invalid(key, format!("{form}; this is none: {line}"))
    })
}

/// Restriction and remediation come one after the other, in a time that somebody can mean.
fn check_ladder(config: &RuleConfig) -> Result<()> {
    if config.grace_minutes > LADDER_MINUTES {
        let most = format!("Enter at most {LADDER_MINUTES} minutes, which are 366 days.");
        return Err(Error::invalid("grace_minutes", most));
    }
    let Some(end) = config.remediation else { return Ok(()) };
    if !REMEDIATIONS.contains(&end.command) {
        return Err(Error::invalid(
            "remediation",
            "A ladder ends with forgetting, an account-only or a full wipe.",
        ));
    }
    if !(1..=LADDER_MINUTES).contains(&end.after_minutes) {
        return Err(Error::invalid("remediation_hours", "Enter a time of at most 366 days."));
    }
    if end.after_minutes < config.grace_minutes {
        let text = "It would come before access is restricted. Enter at least as long as the grace.";
        return Err(Error::invalid("remediation_hours", text));
    }
    Ok(())
}

/// Refuses limits that no device could keep: a version that must be above the highest one allowed.
pub(super) fn check_together(config: &AccessConfig, edits: &[AccessEdit]) -> Result<()> {
    let (low, high) = (RuleId::OsBelowMinimum, RuleId::OsAboveMaximum);
    let edited = |rule| edits.iter().any(|e| matches!(e, AccessEdit::Rule { rule: r, .. } if *r == rule));
    if !edited(low) && !edited(high) {
        return Ok(());
    }
    let (lows, highs) = (rule_config(config, low.entry()), rule_config(config, high.entry()));
    if !lows.on || !highs.on {
        return Ok(());
    }
    for field in low.entry().fields {
        let limit = |config: &RuleConfig| config.params.0.get(field.key)?.as_text().map(str::to_owned);
        let (Some(least), Some(most)) = (limit(&lows), limit(&highs)) else { continue };
        // "At most 17" allows every 17.x, so a longer minimum of the same beginning is kept.
        let within = least.strip_prefix(&most).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'));
        if !most.is_empty() && !within && compare_versions(&least, &most) == Some(Ordering::Greater) {
            return Err(Error::invalid(
                field.key,
                format!("At least {least} and at most {most}: no version could be right."),
            ));
        }
    }
    Ok(())
}

pub(super) fn check(org: &OrgIndex, edit: &AccessEdit) -> Result<()> {
    let level_exists = |level: &Level| match level {
        Level::Organization | Level::Platform(_) => true,
        Level::Group(id) => org.group(*id).is_some(),
        Level::User(id) => org.user(*id).is_some(),
        Level::Device(id) => org.devices.get(*id).is_some(),
    };
    let fixed = |rule: &catalog::RuleId| rule.entry().fixed;
    let not_a_choice = |field: &str| Err(Error::invalid(field, "This rule always holds and cannot be set."));
    match edit {
        AccessEdit::Rule { rule, .. } if fixed(rule) => not_a_choice("rule"),
        AccessEdit::Level { restrictions: Some(ticks), .. } if ticks.0.keys().any(fixed) => {
            not_a_choice("restrictions")
        }
        AccessEdit::Rule { rule, config: Some(config) } => {
            check_ladder(config)?;
            for field in rule.entry().fields {
                if let Some(value) = config.params.0.get(field.key) {
                    field.kind.check(value).map_err(|why| Error::invalid(field.key, why.0))?;
                    check_places(field.key, value)?;
                }
            }
            let known = |key: &String| rule.entry().fields.iter().any(|f| f.key == key);
            match config.params.0.keys().find(|key| !known(key)) {
                Some(key) => Err(Error::invalid(key.as_str(), "This rule has no such parameter.")),
                None => Ok(()),
            }
        }
        AccessEdit::Level { level, .. } if !level_exists(level) => Err(Error::NotFound("level")),
        AccessEdit::Exception { level: Level::Organization | Level::Platform(_), .. } => {
            Err(Error::invalid("level", "Only a group, a user or a device can have an exception."))
        }
        AccessEdit::Exception { level, .. } if !level_exists(level) => Err(Error::NotFound("level")),
        _ => Ok(()),
    }
}

/// Applies an edit. `by`: who makes it, as exceptions keep it.
pub(super) fn apply(access: &mut AccessConfig, edit: &AccessEdit, by: &str) -> JournalEntry {
    fn replace<T: Clone>(list: &mut Vec<(Level, T)>, level: &Level, new: Option<&T>) {
        list.retain(|(l, _)| l != level);
        list.extend(new.map(|n| (level.clone(), n.clone())));
    }
    let (event, body) = match edit {
        AccessEdit::Rule { rule, config } => {
            let before = access.rules.get(rule).cloned();
            match config {
                Some(config) => drop(access.rules.insert(*rule, config.clone())),
                None => drop(access.rules.remove(rule)),
            }
            ("restriction.rules_changed", json!({ "rule": rule, "before": before, "after": config }))
        }
        AccessEdit::Level { level, restrictions } => {
            let before = access.level(level).cloned();
            replace(&mut access.levels, level, restrictions.as_ref());
            ("restriction.level_changed", json!({ "level": level, "before": before, "after": restrictions }))
        }
        AccessEdit::Exception { level, exception } => {
            let before = access.exception(level).cloned();
            // Its ticks end with it; left behind, they would be in force for good.
            let ends = exception.is_none() && before.as_ref().is_some_and(|e| e.kind != ExceptionKind::Never);
            if ends {
                access.levels.retain(|(l, _)| l != level);
            }
            let exception = exception.clone().map(|new| Exception { by: by.to_owned(), ..new });
            replace(&mut access.exceptions, level, exception.as_ref());
            let event =
                if exception.is_some() { "restriction.exception_set" } else { "restriction.exception_ended" };
            (event, json!({ "level": level, "before": before, "after": exception }))
        }
    };
    JournalEntry { event, subject: subject(edit), body }
}

/// The group, user or device that an edit is about, so that its timeline shows it.
fn subject(edit: &AccessEdit) -> String {
    match edit {
        AccessEdit::Rule { .. } => String::new(),
        AccessEdit::Level { level, .. } | AccessEdit::Exception { level, .. } => match level {
            Level::Group(id) => id.to_string(),
            Level::User(id) => id.to_string(),
            Level::Device(id) => id.to_string(),
            Level::Organization | Level::Platform(_) => String::new(),
        },
    }
}
