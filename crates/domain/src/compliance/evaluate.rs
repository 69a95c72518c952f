//! The evaluation itself.

use std::cmp::Reverse;

use catalog::{
    Check, CommandKind, Facts, Finding, Liability, Millis, Platform, RULES, Rule, RuleId, TargetSet, fact,
};

use super::levels::{Decision, decide_targets, next_expiry};
use crate::model::{
    AccessConfig, Closed, Device, DeviceId, DueRemediation, FindingRecord, GroupId, Level, RuleConfig,
    UserId, Verdict,
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
        remediation: None,
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
        let record = record(input, rule.id, &config, finding, now);
        next_looks.push(record.restricts_at);
        next_looks.extend(record.finding.until);
        next_looks.extend(record.remediation.map(|due| due.at));
        findings.push(record);
    }
    // Stable: rules of the same severity stay in the order of the catalogue.
    findings.sort_by_key(|f| Reverse(f.rule.entry().severity));
    next_looks.extend(next_expiry(input.config, &input.subject, now));
    let closed = closed(input.previous, &findings, now);
    let next_look = next_looks.into_iter().filter(|at| *at > now).min();
    Verdict { findings, closed, next_look, at: now }
}

/// What follows from a finding: since when it holds, what it closes and when, and how its ladder ends.
fn record(
    input: &Input<'_>,
    rule: RuleId,
    config: &RuleConfig,
    finding: Finding,
    now: Millis,
) -> FindingRecord {
    let before = input.previous.finding(rule);
    // Facts may carry a time ahead of ours, but a violation never starts in the future; and while it lasts,
    // its beginning never moves forward.
    let told = finding.since.filter(|since| *since <= now);
    let since = told.into_iter().chain(before.map(|f| f.since)).min().unwrap_or(now).min(now);
    let after = |minutes: u32| since.saturating_add(i64::from(minutes) * 60_000);
    let Decision { targets: closes, level, .. } = decide_targets(input.config, &input.subject, rule, now);
    // What was ordered for this violation is remembered while nothing is restricted for a time, or it would be ordered
    // again afterwards.
    let ordered_at = before.and_then(|f| f.remediation).and_then(|due| due.ordered_at);
    let remediation = config.remediation.filter(|_| !closes.is_empty() || ordered_at.is_some()).map(|end| {
        DueRemediation { command: milder(end.command, input.facts), at: after(end.after_minutes), ordered_at }
    });
    let restricts_at = after(config.grace_minutes);
    FindingRecord { rule, finding, since, restricts_at, closes, level, remediation }
}

/// A device that is not known to be the company's never loses more than the company's account.
fn milder(command: CommandKind, facts: &Facts) -> CommandKind {
    let ours = facts.text("liability") == Some(Liability::Corporate.key());
    if command == CommandKind::FullWipe && !ours { CommandKind::AccountWipe } else { command }
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

/// What the findings in force close: each target by all of them that have it. The first one names the level.
fn closed(previous: &Verdict, findings: &[FindingRecord], now: Millis) -> Vec<Closed> {
    let in_force: Vec<_> = findings.iter().filter(|f| f.restricts_at <= now).collect();
    let all = in_force.iter().fold(TargetSet::EMPTY, |all, finding| all.union(finding.closes));
    let mut groups: Vec<Closed> = Vec::new();
    for target in all.iter() {
        let closing: Vec<_> = in_force.iter().filter(|f| f.closes.contains(target)).collect();
        let Some(first) = closing.first() else { continue };
        let rules: Vec<RuleId> = closing.iter().map(|f| f.rule).collect();
        let earliest = closing.iter().map(|f| f.restricts_at).min().unwrap_or(now);
        let since = match previous.closed(target) {
            Some(before) => before.since.min(now),
            // It was open when last looked at, so it closed after that, whatever the age of the violation.
            None => earliest.max(previous.at.min(now)),
        };
        let same = groups.iter_mut().find(|g| g.since == since && g.rules == rules && g.level == first.level);
        match same {
            Some(group) => group.targets.insert(target),
            None => groups.push(Closed { targets: target.into(), rules, level: first.level.clone(), since }),
        }
    }
    groups
}
