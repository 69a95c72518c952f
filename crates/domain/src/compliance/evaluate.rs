//! The evaluation itself.

use std::cmp::Reverse;

use catalog::{Check, Facts, Finding, Millis, Platform, RULES, Rule, RuleId, TARGETS, Target, fact};

use super::levels::{decide_targets, next_expiry};
use crate::model::{
    Access, AccessConfig, Device, DeviceId, FindingRecord, GroupId, Level, RuleConfig, TargetAccess, UserId,
    Verdict,
};

/// Whom the verdict is about: what the levels go by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subject {
    /// The device.
    pub device: DeviceId,
    /// Its user.
    pub user: UserId,
    /// The user's local groups, the most important one first.
    pub groups: Vec<GroupId>,
    /// Its platform.
    pub platform: Platform,
}

impl Subject {
    /// The subject of a device; `groups` are its user's, the most important one first.
    pub fn new(device: &Device, groups: Vec<GroupId>) -> Self {
        Subject { device: device.id, user: device.user, groups, platform: device.platform }
    }

    /// The levels that may decide, from the most specific on, without the organization.
    pub fn levels(&self) -> Vec<Level> {
        let mut levels = vec![Level::Device(self.device), Level::User(self.user)];
        levels.extend(self.groups.iter().map(|id| Level::Group(*id)));
        levels.push(Level::Platform(self.platform));
        levels
    }
}

/// Everything the verdict follows from.
#[derive(Debug, Clone)]
pub struct Input<'a> {
    /// The device, its user, groups and platform.
    pub subject: Subject,
    /// All facts, those of the server among them.
    pub facts: &'a Facts,
    /// Rules, ticks and exceptions of the organization.
    pub config: &'a AccessConfig,
    /// The verdict so far: "since" is carried over from it.
    pub previous: &'a Verdict,
}

/// A rule as the organization has set it, or the catalogue's defaults; a fixed rule is always as in the catalogue.
pub fn rule_config(config: &AccessConfig, rule: &Rule) -> RuleConfig {
    config.rules.get(&rule.id).filter(|_| !rule.fixed).cloned().unwrap_or_else(|| RuleConfig {
        on: rule.default_on,
        params: Default::default(),
        unknown_is_violation: false,
        grace_minutes: 0,
    })
}

/// Evaluates all rules for one device.
pub fn evaluate(input: &Input<'_>, now: Millis) -> Verdict {
    let mut next_looks: Vec<Millis> = Vec::new();
    let mut findings: Vec<FindingRecord> = Vec::new();
    for rule in RULES {
        let config = rule_config(input.config, rule);
        if !config.on {
            continue;
        }
        let finding = match rule.check(input.facts, &config.params, now) {
            Check::Good { next_look } => {
                next_looks.extend(next_look);
                continue;
            }
            Check::Unknown { .. } if !config.unknown_is_violation => continue,
            Check::Unknown { missing } => unknown(missing),
            Check::Broken(finding) => finding,
        };
        let before = input.previous.findings.iter().find(|f| f.rule == rule.id);
        // Facts may carry a time ahead of ours, but a violation never starts in the future; and while it lasts,
        // its beginning never moves forward.
        let told = finding.since.filter(|since| *since <= now);
        let since = told.into_iter().chain(before.map(|f| f.since)).min().unwrap_or(now).min(now);
        let restricts_at = since.saturating_add(i64::from(config.grace_minutes) * 60_000);
        next_looks.push(restricts_at);
        next_looks.extend(finding.until);
        findings.push(FindingRecord { rule: rule.id, finding, since, restricts_at });
    }
    // Stable: rules of the same severity stay in the order of the catalogue.
    findings.sort_by_key(|f| Reverse(f.rule.entry().severity));
    next_looks.extend(next_expiry(input.config, &input.subject, now));
    let access = TARGETS
        .iter()
        .map(|info| TargetAccess { target: info.target, access: access(input, &findings, info.target, now) })
        .collect();
    let next_look = next_looks.into_iter().filter(|at| *at > now).min();
    Verdict { findings, access, next_look, at: now }
}

fn unknown(missing: &str) -> Finding {
    let label = fact(missing).map_or(missing, |id| id.entry().label);
    Finding {
        detail: format!("Not known: {label}."),
        evidence: vec![missing.to_owned()],
        since: None,
        until: None,
    }
}

/// Access to one target: closed by every rule in force whose deciding level ticks it.
fn access(input: &Input<'_>, findings: &[FindingRecord], target: Target, now: Millis) -> Access {
    let mut rules: Vec<RuleId> = Vec::new();
    let mut decided: Option<Level> = None;
    let mut earliest = now;
    for finding in findings.iter().filter(|f| f.restricts_at <= now) {
        let decision = decide_targets(input.config, &input.subject, finding.rule, now);
        if decision.targets.contains(&target) {
            rules.push(finding.rule);
            earliest = earliest.min(finding.restricts_at);
            decided.get_or_insert(decision.level);
        }
    }
    let Some(level) = decided else { return Access::Allowed };
    let since = match input.previous.access(target) {
        Access::Restricted { since, .. } => (*since).min(now),
        // It was open when last looked at, so it closed after that, whatever the age of the violation.
        Access::Allowed => earliest.max(input.previous.at.min(now)),
    };
    Access::Restricted { rules, level, since }
}
