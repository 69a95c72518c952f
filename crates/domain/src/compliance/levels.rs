//! Which level decides what a broken rule takes away.
//!
//! From the most specific to the most general: device, user, the user's groups by priority, platform, organization.
//! The first level that says something about the rule decides it as a whole.

use catalog::{Millis, RuleId, TargetSet};

use super::Subject;
use crate::model::{AccessConfig, ExceptionKind, Level};

/// What a broken rule takes away, and who said so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// The targets that are closed; empty means that the rule only reports.
    pub targets: TargetSet,
    /// The level that decided.
    pub level: Level,
    /// The level has the exception *never restrict*.
    pub never: bool,
}

/// Decides for one rule and one device.
pub fn decide_targets(config: &AccessConfig, subject: &Subject, rule: RuleId, now: Millis) -> Decision {
    if rule.entry().fixed {
        return Decision { targets: by_default(rule), level: Level::Organization, never: false };
    }
    decide(config, &subject.levels(), rule, now)
}

/// The same from a level upwards: `levels` from the most specific on, without the organization.
fn decide(config: &AccessConfig, levels: &[Level], rule: RuleId, now: Millis) -> Decision {
    let Some((level, above)) = levels.split_first() else { return of_organization(config, rule) };
    let exception = config.exception(level);
    let live = exception.filter(|e| e.expires_at.is_none_or(|end| now < end)).map(|e| &e.kind);
    // The ticks of an exception end with it; ticks without an exception are for good.
    let ended = exception.is_some_and(|e| matches!(e.kind, ExceptionKind::Custom | ExceptionKind::Extra))
        && live.is_none();
    let ticks = config.level(level).filter(|_| !ended).and_then(|ticks| ticks.0.get(&rule));
    match (live, ticks) {
        (Some(ExceptionKind::Never), _) => {
            Decision { targets: TargetSet::EMPTY, level: level.clone(), never: true }
        }
        (Some(ExceptionKind::Extra), Some(ticks)) => {
            let mut decision = decide(config, above, rule, now);
            if !ticks.minus(decision.targets).is_empty() {
                let targets = decision.targets.union(*ticks);
                decision = Decision { targets, level: level.clone(), never: false };
            }
            decision
        }
        (_, Some(ticks)) => Decision { targets: *ticks, level: level.clone(), never: false },
        (_, None) => decide(config, above, rule, now),
    }
}

fn of_organization(config: &AccessConfig, rule: RuleId) -> Decision {
    let level = Level::Organization;
    let ticks = config.level(&level).and_then(|ticks| ticks.0.get(&rule).copied());
    let targets = ticks.unwrap_or_else(|| by_default(rule));
    Decision { targets, level, never: false }
}

fn by_default(rule: RuleId) -> TargetSet {
    rule.entry().default_targets.iter().copied().collect()
}

/// When the next exception of this device, its user or their groups ends.
pub(super) fn next_expiry(config: &AccessConfig, subject: &Subject, now: Millis) -> Option<Millis> {
    let levels = subject.levels();
    levels.iter().filter_map(|level| config.exception(level)?.expires_at).filter(|end| *end > now).min()
}
