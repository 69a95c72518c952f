//! What users can do for themselves in the portal. Each can be switched off by an organization.

use serde::{Deserialize, Serialize};

/// Something that users may do. Stored by name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SelfService {
    /// Sign in to the portal at all and see their own devices.
    Portal,
    /// Enrol another device.
    Enrol,
    /// Read the diary of a device.
    Diary,
    /// Give a device another name.
    Rename,
    /// Report a device lost, and found again.
    ReportLost,
    /// Remove the company's data from a device.
    AccountWipe,
    /// Erase a device.
    FullWipe,
    /// Take a device off their list.
    StopManaging,
    /// Change their own password, if it is kept here.
    Password,
}

/// Words for it.
#[derive(Debug)]
pub struct SelfServiceInfo {
    /// What.
    pub what: SelfService,
    /// Stored name.
    pub key: &'static str,
    /// Label of the switch.
    pub label: &'static str,
    /// What it means.
    pub help: &'static str,
}

const fn line(
    what: SelfService,
    key: &'static str,
    label: &'static str,
    help: &'static str,
) -> SelfServiceInfo {
    SelfServiceInfo { what, key, label, help }
}

/// Everything, in the order of the page. All of it is on unless an organization switches it off.
pub static SELF_SERVICE: &[SelfServiceInfo] = &[
    line(
        SelfService::Portal,
        "portal",
        "Self-service portal",
        "Users see their own devices, how they stand, and what to do about it. Off: nobody signs in there.",
    ),
    line(
        SelfService::Enrol,
        "enrol",
        "Enrol another device",
        "Users are shown how, and what the company will see and can do.",
    ),
    line(
        SelfService::Diary,
        "diary",
        "Diary of a device",
        "What administrators and the system did to a device and looked at, from the journal.",
    ),
    line(SelfService::Rename, "rename", "Rename", "Users give their devices names of their own."),
    line(
        SelfService::ReportLost,
        "report_lost",
        "Report lost",
        "The device is blocked at once and administrators are alerted; its user can lift the block again.",
    ),
    line(
        SelfService::AccountWipe,
        "account_wipe",
        "Remove company data",
        "An account-only wipe, after the password was entered again.",
    ),
    line(
        SelfService::FullWipe,
        "full_wipe",
        "Erase",
        "A full wipe, after the password was entered again. It counts for the limit on destructive commands.",
    ),
    line(
        SelfService::StopManaging,
        "stop_managing",
        "Stop managing",
        "Users take a device off their list that was wiped, or was not heard of for 30 days.",
    ),
    line(SelfService::Password, "password", "Change the password", "For users whose password is kept here."),
];

impl SelfService {
    /// The entry.
    pub fn info(self) -> &'static SelfServiceInfo {
        SELF_SERVICE.iter().find(|s| s.what == self).unwrap_or(&SELF_SERVICE[0])
    }
    /// The one with this stored name.
    pub fn from_key(key: &str) -> Option<Self> {
        SELF_SERVICE.iter().find(|s| s.key == key).map(|s| s.what)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_the_stored_names_and_nothing_is_twice() {
        for entry in SELF_SERVICE {
            assert_eq!(serde_json::to_value(entry.what).ok(), Some(entry.key.into()));
            assert_eq!(SelfService::from_key(entry.key), Some(entry.what));
            assert_eq!(SELF_SERVICE.iter().filter(|e| e.what == entry.what).count(), 1);
        }
        assert_eq!(SELF_SERVICE.len(), SelfService::Password as usize + 1, "all of them are listed");
    }
}
