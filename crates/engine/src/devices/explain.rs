//! What a device may reach, and why: one verdict and what else stands in the way, told in words.

use catalog::{Remedy, RuleId, Target};
use domain::Millis;
use domain::compliance::{Cure, Obstacle, explain as explain_target, obstacles, smallest_cure};
use domain::gate::{HANDSHAKE_LIMIT, braked_until};
use domain::model::{Device, DeviceState, Evidence, Level, WipeKind, evidence};

use crate::{Engine, OrgIndex};

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
pub fn explain(engine: &Engine, org: &OrgIndex, device: &Device) -> Explanation {
    let mut targets: Vec<_> = catalog::TARGETS.iter().map(|info| line(org, device, info.target)).collect();
    let mut headline = headline(org, device);
    let mail = targets.iter_mut().find(|line| line.target == Target::ActivesyncConnections && line.allowed);
    if let (Some(line), Some(until)) = (mail, slowed_until(engine, org, device)) {
        line.slowed_down(until);
        headline = format!("{} {}", line.why, line.fix);
    }
    Explanation { headline, targets }
}

/// A device that needs its policy and has fetched it too often just now gets neither policy nor mail for some minutes.
/// This node's count; it is kept in memory only.
fn slowed_until(engine: &Engine, org: &OrgIndex, device: &Device) -> Option<Millis> {
    let needs_policy = crate::policy::state_of(org, device) != crate::policy::PolicyState::Current;
    let now = engine.now();
    needs_policy.then(|| braked_until(&engine.loops.of(device.id, now).handshakes, now)).flatten()
}

fn line(org: &OrgIndex, device: &Device, target: Target) -> TargetLine {
    let words = explain_target(&device.verdict, target);
    let closed = device.verdict.closed(target);
    let rules = closed.map(|closed| closed.rules.clone()).unwrap_or_default();
    let stops = obstacles(device, org.organization.enabled, target);
    let mut line = TargetLine {
        target,
        allowed: closed.is_none() && stops.is_empty(),
        decided_by: closed.map(|closed| closed.level.clone()),
        evidence: facts(device, &rules),
        why: words.why,
        since: words.since,
        next: words.next,
        next_at: words.next_at,
        fix: words.fix,
        remedies: acts(&rules, &stops),
        rules,
    };
    let told: Vec<_> =
        stops.iter().filter(|stop| stop.rule.is_none_or(|r| !line.rules.contains(&r))).collect();
    let mut alone = line.rules.is_empty();
    for stop in told.into_iter().rev() {
        line.put_before(stop, alone);
        alone = false;
    }
    line
}

/// The fewest acts: those that must be done anyway come first, and what they put right needs no other.
fn acts(rules: &[RuleId], stops: &[Obstacle]) -> Vec<Act> {
    let mut left = rules.to_vec();
    let mut acts: Vec<Act> = Vec::new();
    for stop in stops {
        let (cures, others) = left.into_iter().partition(|rule| stop.remedy.info().cures.contains(rule));
        acts.push(Act { remedy: stop.remedy, cures });
        left = others;
    }
    acts.extend(smallest_cure(&left).into_iter().map(Act::from));
    acts
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
    /// Nothing but the loop brake stops the target.
    fn slowed_down(&mut self, until: Millis) {
        self.allowed = false;
        self.why = format!(
            "The device has fetched its policy more than {HANDSHAKE_LIMIT} times in ten minutes and is slowed down."
        );
        "It may fetch the policy again, and then its mail.".clone_into(&mut self.next);
        self.next_at = Some(until);
        "Wait; the device asks again by itself. If that goes on, remove the account from the mail program and add it again."
            .clone_into(&mut self.fix);
    }

    /// An obstacle is told before what rules and lesser obstacles say; `alone`: nothing else stops the target.
    fn put_before(&mut self, stop: &Obstacle, alone: bool) {
        let fix = stop.remedy.info().text;
        if alone {
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
