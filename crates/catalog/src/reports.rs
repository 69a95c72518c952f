//! Reports: what can be asked of an organization's devices and records, each with the filters it takes.

use serde::{Deserialize, Serialize};

use crate::Permission;

/// What a report can be narrowed by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReportFilter {
    /// From a day to a day.
    Period,
    /// A platform.
    Platform,
    /// The members of a group.
    Group,
    /// Days without contact.
    Silence,
}

/// A report.
#[derive(Debug)]
pub struct ReportInfo {
    /// The report.
    pub report: Report,
    /// Key in REST and addresses.
    pub key: &'static str,
    /// Its name.
    pub label: &'static str,
    /// What it answers, one sentence.
    pub about: &'static str,
    /// Who may see it.
    pub needs: Permission,
    /// What it can be narrowed by.
    pub filters: &'static [ReportFilter],
}

macro_rules! reports {
    ($($report:ident, $key:literal, $needs:ident, [$($filter:ident),*], $label:literal, $about:literal;)+) => {
        /// Names the reports.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        #[expect(missing_docs, reason = "the table says what they are")]
        pub enum Report { $($report),+ }

        /// Every report, in the order of its page.
        pub const REPORTS: &[ReportInfo] = &[$(ReportInfo {
            report: Report::$report, key: $key, label: $label, about: $about, needs: Permission::$needs,
            filters: &[$(ReportFilter::$filter),*],
        }),+];
    };
}

reports! {
    UsersAndDevices, "users_and_devices", DevicesView, [Platform, Group],
        "Users and devices", "Every user with the devices that are managed.";
    NotConnected, "not_connected", DevicesView, [Silence, Platform, Group],
        "Not connected since", "Devices that were not heard of for so many days, the longest silent first.";
    PlatformsAndModels, "platforms_and_models", DevicesView, [Platform, Group],
        "Platforms, systems and models", "How many devices there are of each system version and model.";
    ComplianceNow, "compliance_now", DevicesView, [Platform, Group],
        "Compliance now", "How many devices break each rule, and how many lost access by it.";
    ComplianceOverTime, "compliance_over_time", DevicesView, [Period],
        "Compliance over time", "How the devices stood on each day.";
    RestrictedDevices, "restricted_devices", DevicesView, [Platform, Group],
        "Restricted devices", "Devices that lost access to something: to what, why, since when.";
    PolicyState, "policy_state", DevicesView, [Platform, Group],
        "Policy state", "Which devices have the policy of their suite, and which not yet.";
    TermsAccepted, "terms_accepted", DevicesView, [Group],
        "Terms accepted", "Who accepted the terms of use in force, and who has still to.";
    Enrolment, "enrolment", JournalView, [Period],
        "Enrolment and removal", "Devices that came, and devices that went.";
    WipesAndLocks, "wipes_and_locks", JournalView, [Period],
        "Wipes, locks and other commands", "What was ordered for devices, by whom, and what became of it.";
    AdministratorActivity, "administrator_activity", JournalView, [Period],
        "Administrator activity", "What each administrator did.";
    IseCalls, "ise_calls", IseView, [Period],
        "Cisco ISE calls", "The last calls of Cisco ISE, with their answers.";
    StaleAndDuplicate, "stale_and_duplicate", DevicesView, [Silence],
        "Stale and duplicate records",
        "Records that nobody uses any more, and records that seem to be the same device.";
}

impl Report {
    /// What is known of it.
    pub fn info(self) -> &'static ReportInfo {
        &REPORTS[self as usize]
    }

    /// From the key.
    pub fn from_key(key: &str) -> Option<Self> {
        REPORTS.iter().find(|info| info.key == key).map(|info| info.report)
    }
}

impl ReportInfo {
    /// Whether it can be narrowed so.
    pub fn takes(&self, filter: ReportFilter) -> bool {
        self.filters.contains(&filter)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_report_finds_itself_by_its_stored_key() {
        for info in REPORTS {
            assert_eq!(Report::from_key(info.key), Some(info.report));
            assert_eq!(info.report.info().key, info.key);
            assert_eq!(serde_json::to_value(info.report).expect("a word"), info.key);
        }
    }
}
