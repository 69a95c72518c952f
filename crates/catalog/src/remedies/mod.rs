//! Remedies: what somebody can do so that a rule holds again. One act may put several rules right.

use serde::{Deserialize, Serialize};

use crate::RuleId;

mod table;

pub use table::REMEDIES;

/// An act that puts something right. Stored nowhere; named in REST.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Remedy {
    /// Synchronize in the mail app.
    Synchronize,
    /// Accept the security settings that the mail app offers.
    AcceptPolicy,
    /// Enter the current password.
    EnterPassword,
    /// Install the update of the operating system.
    UpdateSystem,
    /// Restore the original operating system and enrol again.
    RestoreSystem,
    /// Enrol with the management profile or the device app.
    EnrolManaged,
    /// Set a pass-code.
    SetPassCode,
    /// Switch on encryption.
    Encrypt,
    /// Restart the device and open the device app.
    ProveIntegrity,
    /// Switch off developer options and unknown sources.
    EndDeveloperOptions,
    /// Let the device connect to the management.
    Connect,
    /// Follow the steps of the device policy app.
    FollowPolicyApp,
    /// Remove the apps that are named.
    RemoveApps,
    /// Install or update the apps that are named.
    InstallApps,
    /// Keep to a wireless network until the data plan begins anew.
    SaveData,
    /// Leave roaming.
    EndRoaming,
    /// Put the company SIM back.
    PutSimBack,
    /// Switch location services on.
    ShareLocation,
    /// Take the device back to where it may be.
    ReturnDevice,
    /// Accept the terms of use.
    AcceptTerms,
    /// Free storage.
    FreeStorage,
    /// Set the clock by the network.
    SetClock,
    /// Update the device app.
    UpdateApp,
    /// Have the battery replaced.
    ReplaceBattery,
    /// Allow the device again.
    Allow,
    /// Enable the user again.
    EnableUser,
    /// Release the device from quarantine.
    Release,
    /// Let a wiped or retired device enrol again.
    Readmit,
    /// Take a pending wipe back.
    CancelWipe,
    /// Enable the organization.
    EnableOrganization,
    /// Supervise the device.
    Supervise,
    /// Allow this type, or use another device.
    ReplaceDevice,
    /// Change its liability, or use another device.
    ChangeLiability,
    /// Approve this version of the operating system.
    ApproveVersion,
}

/// Who acts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RemedyBy {
    /// The user, on the device.
    User,
    /// An administrator, here.
    Administrator,
}

/// Words for a remedy.
#[derive(Debug)]
pub struct RemedyInfo {
    /// The remedy.
    pub remedy: Remedy,
    /// What to do, in a sentence.
    pub text: &'static str,
    /// Who.
    pub by: RemedyBy,
    /// The rules that it puts right.
    pub cures: &'static [RuleId],
}

impl Remedy {
    /// The catalogue entry.
    pub fn info(self) -> &'static RemedyInfo {
        REMEDIES.iter().find(|r| r.remedy == self).unwrap_or(&REMEDIES[0])
    }
    /// Those that put a rule right; every rule has one.
    pub fn of(rule: RuleId) -> impl Iterator<Item = Remedy> {
        REMEDIES.iter().filter(move |r| r.cures.contains(&rule)).map(|r| r.remedy)
    }
}
