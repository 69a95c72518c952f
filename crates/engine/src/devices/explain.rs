//! What a device may reach, and why: one verdict and what else stands in the way, told in words.

use catalog::{Remedy, RuleId, Target};
use domain::Millis;
use domain::compliance::{Cure, Obstacle, explain as explain_target, obstacle, smallest_cure};
use domain::model::{Device, DeviceState, Evidence, Level, WipeKind, evidence};

use crate::OrgIndex;

/// Everything the device page says about access.
#[derive(Debug, Clone, Default, serde::Serialize)]
pub struct Explanation {
    /// One sentence under the title: the state of the device, why, since when, what next.
    pub headline: String,
    /// One line per target.
    pub targets: Vec<TargetLine>,
}

/// Access to one target.
#[derive(Debug, Clone, serde::Serialize)]
pub struct TargetLine {
    /// The target.
    pub target: Target,
    /// Whether it is open.
    pub allowed: bool,
    /// The level whose ticks closed it, while rules close it.
    pub decided_by: Option<Level>,
    /// The rules that close it, most severe first.
    pub rules: Vec<RuleId>,
    /// The facts that their findings lean on, rule by rule.
    pub evidence: Vec<(RuleId, Evidence)>,
    /// Why.
    pub why: String,
    /// Since when, milliseconds since 1970.
    pub since: Option<Millis>,
    /// What happens next.
    pub next: String,
    /// When that is due.
    pub next_at: Option<Millis>,
    /// What would fix it, in words.
    pub fix: String,
    /// The fewest acts that would open it; empty while it is open.
    pub remedies: Vec<Act>,
}

/// An act that opens a target, alone or with others.
#[derive(Debug, Clone, serde::Serialize)]
pub struct Act {
    /// What to do.
    pub remedy: Remedy,
    /// The rules that it puts right; empty for one that takes another obstacle away.
    pub cures: Vec<RuleId>,
}

/// Explains a device.
pub fn explain(org: &OrgIndex, device: &Device) -> Explanation {
    let targets = catalog::TARGETS.iter().map(|info| line(org, device, info.target)).collect();
    Explanation { headline: headline(org, device), targets }
}

fn line(org: &OrgIndex, device: &Device, target: Target) -> TargetLine {
    let words = explain_target(&device.verdict, target);
    let closed = device.verdict.closed(target);
    let rules = closed.map(|closed| closed.rules.clone()).unwrap_or_default();
    let stop = obstacle(device, org.organization.enabled, target);
    let mut line = TargetLine {
        target,
        allowed: closed.is_none() && stop.is_none(),
        decided_by: closed.map(|closed| closed.level.clone()),
        evidence: facts(device, &rules),
        why: words.why,
        since: words.since,
        next: words.next,
        next_at: words.next_at,
        fix: words.fix,
        remedies: acts(&rules, stop.map(|stop| stop.remedy)),
        rules,
    };
    if let Some(stop) = stop {
        line.put_before(&stop);
    }
    line
}

/// The fewest acts: one that must be done anyway comes first, and what it puts right needs no other.
fn acts(rules: &[RuleId], first: Option<Remedy>) -> Vec<Act> {
    let (done, left): (Vec<RuleId>, Vec<RuleId>) =
        rules.iter().partition(|rule| first.is_some_and(|remedy| remedy.info().cures.contains(rule)));
    let first = first.map(|remedy| Act { remedy, cures: done });
    first.into_iter().chain(smallest_cure(&left).into_iter().map(Act::from)).collect()
}

fn facts(device: &Device, rules: &[RuleId]) -> Vec<(RuleId, Evidence)> {
    let findings = rules.iter().filter_map(|rule| device.verdict.finding(*rule));
    findings
        .flat_map(|found| evidence(found, &device.facts).into_iter().map(|fact| (found.rule, fact)))
        .collect()
}

impl From<Cure> for Act {
    fn from(cure: Cure) -> Self {
        Act { remedy: cure.remedy, cures: cure.cures }
    }
}

impl TargetLine {
    /// An obstacle is told before what rules say; theirs is left out where they say nothing bad.
    fn put_before(&mut self, stop: &Obstacle) {
        let fix = stop.remedy.info().text;
        if self.rules.is_empty() {
            (self.why, self.fix, self.next_at) = (stop.why.to_owned(), fix.to_owned(), None);
        } else {
            self.why = format!("{} {}", stop.why, self.why);
            self.fix = format!("{fix} {}", self.fix);
        }
        self.since = stop.since.or(self.since);
        stop.next.clone_into(&mut self.next);
    }
}

fn headline(org: &OrgIndex, device: &Device) -> String {
    if let Some(wipe) = device.eas().and_then(|c| c.eas.wipe.as_ref()) {
        let what = match wipe.kind {
            WipeKind::Device => "A full wipe",
            WipeKind::Account => "An account-only wipe",
        };
        return match wipe.sent_at {
            None => format!("{what} waits for the device; it is delivered at its next contact."),
            Some(_) => format!("{what} was sent; the device has not confirmed it yet."),
        };
    }
    match device.state {
        DeviceState::Wiped => {
            "The device confirmed that it was wiped. It stays out until somebody allows it again.".into()
        }
        DeviceState::Retired => "The device is no longer managed.".into(),
        DeviceState::Quarantined => {
            "The device is new and waits in quarantine. Release it, and it may fetch its policy.".into()
        }
        DeviceState::Enrolled => match &device.block {
            Some(block) if block.reason.is_empty() => "The device is blocked by hand.".into(),
            Some(block) => format!("The device is blocked by hand: {}", block.reason),
            None => enrolled(org, device),
        },
    }
}

fn enrolled(org: &OrgIndex, device: &Device) -> String {
    let closed: Vec<_> = device.verdict.closed_targets().carried().iter().collect();
    if let Some(first) = closed.first() {
        let words = explain_target(&device.verdict, *first);
        return format!("{} {}", words.why, words.fix);
    }
    match crate::policy::state_of(org, device) {
        crate::policy::PolicyState::Current => "In order: the policy is current and nothing is restricted.".into(),
        crate::policy::PolicyState::Outdated => {
            "The policy has changed. The device fetches the new one at its next contact, usually within a minute.".into()
        }
        crate::policy::PolicyState::Missing if device.eas().is_none() => "Entered by hand; it has not been heard of yet.".into(),
        crate::policy::PolicyState::Missing => "The device has not taken its policy yet; mail starts as soon as it does.".into(),
        crate::policy::PolicyState::Refused => "The device refused the policy, so it gets no mail.".into(),
    }
}
