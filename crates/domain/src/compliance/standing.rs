//! What stands in the way of a device besides its verdict: where it is in its life, a wipe, its organization.

use catalog::{Millis, Remedy, Target};

use crate::model::{Device, DeviceState, VerdictRecord, WipeKind};
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

/// What closes a target for a device besides rules, the gravest first; `None` leaves it to the verdict.
///
/// The gateway and Cisco ISE ask the same: a device that is not enrolled gets neither mail nor network; a wipe on its
/// way, a refused policy, and an organization that is disabled stop the mail.
pub fn obstacle(device: &Device, organization_enabled: bool, target: Target) -> Option<Obstacle> {
    let mail = target == Target::ActivesyncConnections;
    if let Some(wipe) = device.eas().and_then(|channel| channel.eas.wipe.as_ref()).filter(|_| mail) {
        let why = match wipe.kind {
            WipeKind::Device => "A full wipe is on its way to the device.",
            WipeKind::Account => "An account-only wipe is on its way to the device.",
        };
        let next = match wipe.sent_at {
            None => "It is delivered at the next contact.",
            Some(_) => "It was sent; the device has not confirmed it yet.",
        };
        return Some(Obstacle { why, since: wipe.sent_at, next, remedy: Remedy::CancelWipe });
    }
    if let Some((why, next, remedy)) = by_state(device.state) {
        return Some(Obstacle { why, since: Some(device.state_since), next, remedy });
    }
    let refused = device.facts.text("policy_state") == Some(PolicyState::Refused.key());
    if mail && refused {
        return Some(Obstacle {
            why: POLICY_REFUSED,
            since: device.facts.int("policy_since"),
            next: "It is asked again when it provisions.",
            remedy: Remedy::AcceptPolicy,
        });
    }
    let disabled = "The organization is disabled.";
    (mail && !organization_enabled).then_some(Obstacle {
        why: disabled,
        since: None,
        next: "Everything returns as soon as it is enabled.",
        remedy: Remedy::EnableOrganization,
    })
}
