//! Getting started: the steps in which an organization is made ready, in the order of the product's guide.

use serde::{Deserialize, Serialize};

use crate::Permission;

/// A step.
#[derive(Debug)]
pub struct StepInfo {
    /// The step.
    pub step: Step,
    /// Key in REST; the same as stored.
    pub key: &'static str,
    /// What is to be done.
    pub label: &'static str,
    /// What it is good for.
    pub about: &'static str,
    /// Where it is done; empty: in the manual, or nowhere yet.
    pub page: &'static str,
    /// Who can do it.
    pub needs: Permission,
    /// Nothing stands still without it.
    pub optional: bool,
}

macro_rules! steps {
    ($($step:ident, $key:literal, $needs:ident, $optional:literal, $page:literal, $label:literal, $about:literal;)+) => {
        /// Names the steps.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        #[expect(missing_docs, reason = "the table says what they are")]
        pub enum Step { $($step),+ }

        /// Every step, in order.
        pub const STEPS: &[StepInfo] = &[$(StepInfo {
            step: Step::$step, key: $key, label: $label, about: $about, page: $page,
            needs: Permission::$needs, optional: $optional,
        }),+];
    };
}

steps! {
    Configuration, "configuration", OrganizationView, false, "",
        "Review the configuration",
        "Read in the manual how organization, policy suites and connection schedules belong together.";
    Organization, "organization", OrganizationEdit, false, "/dashboard/organization",
        "Verify the organization",
        "Contact, time zone, defaults for new users, and how long records are kept.";
    Apns, "apns", OrganizationEdit, true, "",
        "Apple Push Notification Service certificate",
        "Apple devices are managed beyond their mail account with it.";
    GoogleEmm, "google_emm", OrganizationEdit, true, "",
        "Google EMM account",
        "Android devices get a work profile or are fully managed with it.";
    PolicySuites, "policy_suites", PolicyEdit, false, "/dashboard/policy-suites",
        "Customize the policy suite",
        "What devices must and must not do: password, encryption, camera.";
    ConnectionSchedules, "connection_schedules", SchedulesEdit, false, "/dashboard/connection-schedules",
        "Customize the connection schedule",
        "When devices report, by day and hour.";
    ComplianceManager, "compliance_manager", ComplianceEdit, false, "/dashboard/access-restrictions",
        "Configure the compliance manager",
        "What counts as in order, and what a device that is not may no longer reach.";
    Administrators, "administrators", AdministratorsEdit, true, "/dashboard/administrators",
        "Define administrators",
        "A second one approves what destroys much at once.";
    Devices, "devices", UsersEdit, false, "/dashboard/devices",
        "Deploy smart devices and users",
        "Add users; their phones appear the first time they sign in.";
}

impl Step {
    /// What is known of it.
    pub fn info(self) -> &'static StepInfo {
        &STEPS[self as usize]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_step_finds_itself_by_its_stored_key() {
        for info in STEPS {
            assert_eq!(info.step.info().key, info.key);
            assert_eq!(serde_json::to_value(info.step).expect("a word"), info.key);
        }
    }
}
