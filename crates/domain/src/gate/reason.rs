//! Why a device is sent to Provision or refused, in types and in words.

use catalog::{Millis, RuleId};

use crate::model::Level;

/// Why a device must provision: a refusal that a Provision really mends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ProvisionReason {
    /// It never did, or sent no key (142).
    NotProvisioned,
    /// Its policy is no longer the one in force, or a refresh is due (143).
    PolicyRefresh,
    /// Its key is not the one we gave it (144).
    InvalidKey,
}

/// Why a request is refused: nothing that the device does by itself will mend it at once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RefusalReason {
    /// The credentials are wrong.
    Unauthenticated,
    /// The organization is disabled.
    OrganizationDisabled,
    /// The user is disabled.
    UserDisabled,
    /// An administrator has blocked the device.
    Blocked {
        /// Since when.
        since: Millis,
        /// As entered; may be empty.
        reason: String,
    },
    /// The device waits for an administrator.
    Quarantined,
    /// The record is closed.
    Retired,
    /// The device was wiped and nobody re-admitted it.
    Wiped,
    /// An account-only wipe is pending and the device's version cannot do it; it is never made a full wipe.
    WipeUnsupported,
    /// Compliance rules have closed ActiveSync.
    Restricted {
        /// The rules, most severe first.
        rules: Vec<RuleId>,
        /// The level that decided.
        level: Level,
        /// Since when.
        since: Millis,
    },
    /// The device refused the policy in force.
    PolicyRefused,
    /// The device never provisions, whatever it is told.
    LegacyDevice,
    /// It provisioned too often in a short time; `retry_after` seconds of rest.
    Looping {
        /// Seconds for the header Retry-After.
        retry_after: u32,
    },
    /// New devices of this user are not taken in by themselves.
    NotEnrolled,
    /// The user has as many devices as allowed.
    TooManyDevices,
    /// The organization takes no more devices: it has as many as granted, or its time is over.
    NoMoreDevices,
}

impl RefusalReason {
    /// Stable name for logs, exchanges and REST.
    pub fn key(&self) -> &'static str {
        match self {
            Self::Unauthenticated => "unauthenticated",
            Self::OrganizationDisabled => "organization_disabled",
            Self::UserDisabled => "user_disabled",
            Self::Blocked { .. } => "blocked",
            Self::Quarantined => "quarantined",
            Self::Retired => "retired",
            Self::Wiped => "wiped",
            Self::WipeUnsupported => "wipe_unsupported",
            Self::Restricted { .. } => "restricted",
            Self::PolicyRefused => "policy_refused",
            Self::LegacyDevice => "legacy_device",
            Self::Looping { .. } => "looping",
            Self::NotEnrolled => "not_enrolled",
            Self::TooManyDevices => "too_many_devices",
            Self::NoMoreDevices => "no_more_devices",
        }
    }

    /// One sentence for the help desk.
    pub fn words(&self) -> String {
        match self {
            Self::Unauthenticated => "The user name or password is wrong.".into(),
            Self::OrganizationDisabled => "The organization is disabled.".into(),
            Self::UserDisabled => "The user is disabled.".into(),
            Self::Blocked { reason, .. } if reason.is_empty() => "An administrator has blocked the device.".into(),
            Self::Blocked { reason, .. } => format!("An administrator has blocked the device: {reason}"),
            Self::Quarantined => "The device is new and waits for an administrator.".into(),
            Self::Retired => "The device is retired.".into(),
            Self::Wiped => "The device was wiped; an administrator must allow it again.".into(),
            Self::WipeUnsupported => {
                "An account-only wipe is ordered, which the device's mail client cannot do; it is blocked instead.".into()
            }
            Self::Restricted { rules, level, .. } => {
                let labels: Vec<_> = rules.iter().map(|rule| rule.entry().label).collect();
                format!("Restricted by the setting of {}: {}.", level.words(), labels.join(", "))
            }
            Self::PolicyRefused => "The device refused the policy.".into(),
            Self::LegacyDevice => "The device does not support policies.".into(),
            Self::Looping { .. } => "The device fetched its policy too often in a short time and was slowed down.".into(),
            Self::NotEnrolled => "New devices are not enrolled by themselves here.".into(),
            Self::TooManyDevices => "The user has as many devices as allowed.".into(),
            Self::NoMoreDevices => "The organization may have no more devices. Its administrators know.".into(),
        }
    }
}
