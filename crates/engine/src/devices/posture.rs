//! The one word that a device is shown with everywhere.

use domain::model::{Device, DeviceState};

use crate::OrgIndex;

/// The status vocabulary of the product.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Posture {
    /// In order.
    Compliant,
    /// Something is taken away by a rule.
    Restricted,
    /// The policy in force was not fetched yet.
    OutOfDate,
    /// Waits for an administrator, or a command waits for the device.
    Waiting,
    /// Blocked by hand.
    Blocked,
    /// Erased.
    Wiped,
    /// Not managed any more.
    Retired,
    /// Nothing is known yet.
    Unknown,
}

impl Posture {
    /// All, in the order of the dashboard.
    pub const ALL: [Posture; 8] = [
        Posture::Compliant,
        Posture::OutOfDate,
        Posture::Restricted,
        Posture::Waiting,
        Posture::Blocked,
        Posture::Wiped,
        Posture::Retired,
        Posture::Unknown,
    ];
    /// The word.
    pub fn label(self) -> &'static str {
        match self {
            Posture::Compliant => "Compliant",
            Posture::Restricted => "Restricted",
            Posture::OutOfDate => "Out of date",
            Posture::Waiting => "Waiting",
            Posture::Blocked => "Blocked",
            Posture::Wiped => "Wiped",
            Posture::Retired => "Retired",
            Posture::Unknown => "Unknown",
        }
    }
    /// Stored name and REST value.
    pub fn key(self) -> &'static str {
        match self {
            Posture::Compliant => "compliant",
            Posture::Restricted => "restricted",
            Posture::OutOfDate => "out_of_date",
            Posture::Waiting => "waiting",
            Posture::Blocked => "blocked",
            Posture::Wiped => "wiped",
            Posture::Retired => "retired",
            Posture::Unknown => "unknown",
        }
    }
    /// From the key.
    pub fn from_key(key: &str) -> Option<Posture> {
        Posture::ALL.into_iter().find(|p| p.key() == key)
    }
}

/// The word for a device: what matters most comes first.
pub fn posture(org: &OrgIndex, device: &Device) -> Posture {
    let waiting_wipe = device.eas().is_some_and(|c| c.eas.wipe.is_some());
    match device.state {
        DeviceState::Wiped => Posture::Wiped,
        DeviceState::Retired => Posture::Retired,
        _ if waiting_wipe => Posture::Waiting,
        _ if device.block.is_some() => Posture::Blocked,
        DeviceState::Quarantined => Posture::Waiting,
        DeviceState::Enrolled => {
            if device.verdict.closed_targets().carried().is_empty() {
                match crate::policy::state_of(org, device) {
                    crate::policy::PolicyState::Current => Posture::Compliant,
                    crate::policy::PolicyState::Missing if device.eas().is_none() => Posture::Unknown,
                    _ => Posture::OutOfDate,
                }
            } else {
                Posture::Restricted
            }
        }
    }
}
