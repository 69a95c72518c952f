//! What a device may reach, and why: one verdict, told in words.

use catalog::Target;
use domain::Millis;
use domain::compliance::explain as explain_target;
use domain::model::{Access, Device, DeviceState, Level, WipeKind};

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
    /// The level whose ticks closed it, while it is closed.
    pub decided_by: Option<Level>,
    /// Why.
    pub why: String,
    /// Since when, milliseconds since 1970.
    pub since: Option<Millis>,
    /// What happens next.
    pub next: String,
    /// When that is due.
    pub next_at: Option<Millis>,
    /// What would fix it.
    pub fix: String,
}

/// Explains a device.
pub fn explain(org: &OrgIndex, device: &Device) -> Explanation {
    let targets = catalog::TARGETS
        .iter()
        .map(|info| {
            let words = explain_target(&device.verdict, info.target);
            TargetLine {
                target: info.target,
                allowed: device.verdict.allows(info.target),
                decided_by: match device.verdict.access(info.target) {
                    Access::Restricted { level, .. } => Some(level.clone()),
                    Access::Allowed => None,
                },
                why: words.why,
                since: words.since,
                next: words.next,
                next_at: words.next_at,
                fix: words.fix,
            }
        })
        .collect();
    Explanation { headline: headline(org, device), targets }
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
    let closed: Vec<_> = catalog::TARGETS.iter().filter(|t| !device.verdict.allows(t.target)).collect();
    if let Some(first) = closed.first() {
        let words = explain_target(&device.verdict, first.target);
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
