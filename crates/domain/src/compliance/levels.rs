//! Which level decides what a broken rule takes away.
//!
//! From the most specific to the most general: device, user, platform, organization. A level for local groups will
//! stand between user and platform. The first level that says something about the rule decides it as a whole.

use std::collections::BTreeSet;

use catalog::{Millis, RuleId, Target};

use super::Subject;
use crate::model::{AccessConfig, ExceptionKind, Level};

/// What a broken rule takes away, and who said so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// The targets that are closed; empty means that the rule only reports.
    pub targets: BTreeSet<Target>,
    /// The level that decided.
    pub level: Level,
    /// The level has the exception *never restrict*.
    pub never: bool,
}

/// Decides for one rule and one device.
pub fn decide_targets(config: &AccessConfig, subject: &Subject, rule: RuleId, now: Millis) -> Decision {
    let by_default = || rule.entry().default_targets.iter().copied().collect();
    if rule.entry().fixed {
        return Decision { targets: by_default(), level: Level::Organization, never: false };
    }
    let specific =
        [Level::Device(subject.device), Level::User(subject.user), Level::Platform(subject.platform)];
    for level in specific {
        let exception = config.exception(&level);
        let live = exception.filter(|e| e.expires_at.is_none_or(|end| now < end));
        if live.is_some_and(|e| e.kind == ExceptionKind::Never) {
            return Decision { targets: BTreeSet::new(), level, never: true };
        }
        // A custom matrix ends with its exception; ticks without an exception are for good.
        let ended = exception.is_some_and(|e| e.kind == ExceptionKind::Custom) && live.is_none();
        if let Some(targets) = config.level(&level).filter(|_| !ended).and_then(|ticks| ticks.0.get(&rule)) {
            return Decision { targets: targets.clone(), level, never: false };
        }
    }
    let level = Level::Organization;
    let targets =
        config.level(&level).and_then(|ticks| ticks.0.get(&rule).cloned()).unwrap_or_else(by_default);
    Decision { targets, level, never: false }
}

/// When the next exception of this device or its user ends.
pub(super) fn next_expiry(config: &AccessConfig, subject: &Subject, now: Millis) -> Option<Millis> {
    [Level::Device(subject.device), Level::User(subject.user)]
        .iter()
        .filter_map(|level| config.exception(level)?.expires_at)
        .filter(|end| *end > now)
        .min()
}
