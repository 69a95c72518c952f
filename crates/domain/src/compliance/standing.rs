//! What stands in the way of a device besides its verdict: where it is in its life, a wipe, its organization.

use catalog::{Millis, Remedy, Target};

use crate::model::{Device, DeviceState, WipeKind};
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
    let state = |why, next, remedy| Some(Obstacle { why, since: Some(device.state_since), next, remedy });
    match device.state {
        DeviceState::Enrolled => {}
        DeviceState::Quarantined => {
            let next = "It may fetch its policy as soon as somebody releases it.";
            return state("The device is new and waits in quarantine.", next, Remedy::Release);
        }
        DeviceState::Wiped => {
            let next = "It stays out until somebody allows it again.";
            return state("The device confirmed that it was wiped.", next, Remedy::Readmit);
        }
        DeviceState::Retired => {
            let next = "It stays out until somebody allows it again.";
            return state("The device is no longer managed.", next, Remedy::Readmit);
        }
    }
    let refused = device.facts.text("policy_state") == Some(PolicyState::Refused.key());
    if mail && refused {
        return Some(Obstacle {
            why: "The device refused the policy.",
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
