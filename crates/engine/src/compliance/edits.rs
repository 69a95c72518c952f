//! Edits of the access settings: whether they can be, and what they make of the settings.

use domain::model::{AccessConfig, ExceptionKind, JournalEntry, Level};
use serde_json::json;

use super::AccessEdit;
use crate::{Error, OrgIndex, Result};

/// The same settings with edits applied, without storing anything: what a preview is computed from.
pub fn with_edits(access: &AccessConfig, edits: &[AccessEdit]) -> AccessConfig {
    let mut new = access.clone();
    for edit in edits {
        apply(&mut new, edit);
    }
    new
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
            for field in rule.entry().fields {
                if let Some(value) = config.params.0.get(field.key) {
                    field.kind.check(value).map_err(|why| Error::invalid(field.key, why.0))?;
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

pub(super) fn apply(access: &mut AccessConfig, edit: &AccessEdit) -> JournalEntry {
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
