//! What stands in the way of a device besides its verdict: where it is in its life, a wipe, its organization.

use catalog::{Millis, Remedy, RuleId, Target, TargetSet};

use crate::model::{Device, DeviceState, Verdict, VerdictRecord, WipeKind};
use crate::policy::PolicyState;

/// Something that closes a target whatever the rules say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Obstacle {
    /// What it is, in a sentence.
    pub why: &'static str,
    /// Since when, if that is known.
    pub since: Option<Millis>,
    /// What happens next, in a sentence.
    pub next: &'static str,
    /// What takes it away.
    pub remedy: Remedy,
    /// The rule that says the same with its evidence, where it is broken too.
    pub rule: Option<RuleId>,
}

const POLICY_REFUSED: &str = "The device refused the policy.";

/// Why a device that is not enrolled gets nothing, what happens next, and what mends it.
fn by_state(state: DeviceState) -> Option<(&'static str, &'static str, Remedy)> {
    const READMIT: &str = "It stays out until somebody allows it again.";
    match state {
        DeviceState::Enrolled => None,
        DeviceState::Quarantined => Some((
            "The device is new and waits in quarantine.",
            "It may fetch its policy as soon as somebody releases it.",
            Remedy::Release,
        )),
        DeviceState::Wiped => Some(("The device confirmed that it was wiped.", READMIT, Remedy::Readmit)),
        DeviceState::Retired => Some(("The device is no longer managed.", READMIT, Remedy::Readmit)),
    }
}

/// The same for a former verdict, as far as it is kept with it: where the device was in its life, and a refused policy.
pub fn former_obstacle(record: &VerdictRecord, target: Target) -> Option<&'static str> {
    let refused = record.policy.as_deref() == Some(PolicyState::Refused.key());
    let mail = target == Target::ActivesyncConnections;
    by_state(record.state).map(|(why, ..)| why).or((mail && refused).then_some(POLICY_REFUSED))
}

/// What closes a target for a device besides rules, the gravest first; nothing leaves it to the verdict.
///
/// The gateway and Cisco ISE ask the same: a device that is not enrolled gets neither mail nor network; a wipe on its
/// way, a block by hand, a refused policy, and an organization that is disabled stop the mail.
pub fn obstacles(device: &Device, organization_enabled: bool, target: Target) -> Vec<Obstacle> {
    let mail = target == Target::ActivesyncConnections;
    let gone = matches!(device.state, DeviceState::Wiped | DeviceState::Retired);
    let all = [
        wipe(device).filter(|_| mail),
        by_state(device.state).map(|(why, next, remedy)| Obstacle {
            why,
            since: Some(device.state_since),
            next,
            remedy,
            rule: None,
        }),
        // Whoever is let in again begins anew, without a block and without a policy.
        block(device).filter(|_| mail && !gone),
        refusal(device).filter(|_| mail && !gone),
        (mail && !organization_enabled).then_some(DISABLED),
    ];
    all.into_iter().flatten().collect()
}

/// The targets that a device does not get: those that the verdict closes, and those with an obstacle.
pub fn stopped(device: &Device, verdict: &Verdict, organization_enabled: bool) -> TargetSet {
    let is_obstructed = |target| !obstacles(device, organization_enabled, target).is_empty();
    let mut stopped = verdict.closed_targets();
    // Whatever stops the network stops everything; some things stop the mail alone.
    if is_obstructed(Target::NetworkAccess) {
        stopped = catalog::TARGETS.iter().map(|info| info.target).collect();
    } else if is_obstructed(Target::ActivesyncConnections) {
        stopped.insert(Target::ActivesyncConnections);
    }
    stopped
}

const DISABLED: Obstacle = Obstacle {
    why: "The organization is disabled.",
    since: None,
    next: "Everything returns as soon as it is enabled.",
    remedy: Remedy::EnableOrganization,
    rule: None,
};

fn wipe(device: &Device) -> Option<Obstacle> {
    let wipe = device.eas()?.eas.wipe.as_ref()?;
    let why = match wipe.kind {
        WipeKind::Device => "A full wipe is on its way to the device.",
        WipeKind::Account => "An account-only wipe is on its way to the device.",
    };
    let next = match wipe.sent_at {
        None => "It is delivered at the next contact.",
        Some(_) => "It was sent; the device has not confirmed it yet.",
    };
    Some(Obstacle { why, since: wipe.sent_at, next, remedy: Remedy::CancelWipe, rule: None })
}

fn block(device: &Device) -> Option<Obstacle> {
    device.block.as_ref().map(|block| Obstacle {
        why: "An administrator has blocked the device.",
        since: Some(block.since),
        next: "It stays out until somebody allows it again.",
        remedy: Remedy::Allow,
        rule: Some(RuleId::BlockedByHand),
    })
}

fn refusal(device: &Device) -> Option<Obstacle> {
    let refused = device.facts.text("policy_state") == Some(PolicyState::Refused.key());
    refused.then(|| Obstacle {
        why: POLICY_REFUSED,
        since: device.facts.int("policy_since"),
        next: "It is asked again when it provisions.",
        remedy: Remedy::AcceptPolicy,
        rule: Some(RuleId::PolicyRefused),
    })
}
