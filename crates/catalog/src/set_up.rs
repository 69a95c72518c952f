//! The set-up of an organization: the seven steps of the wizard, in its order.

use serde::{Deserialize, Serialize};

use crate::Permission;

/// A step of the wizard.
#[derive(Debug)]
pub struct SetUpInfo {
    /// The step.
    pub step: SetUpStep,
    /// Key in REST; the same as stored.
    pub key: &'static str,
    /// What is set up.
    pub label: &'static str,
    /// What it is good for, and how it is tried out.
    pub about: &'static str,
    /// The page on which it is done.
    pub page: &'static str,
    /// Who can do it.
    pub needs: Permission,
}

macro_rules! steps {
    ($($step:ident, $key:literal, $needs:ident, $page:literal, $label:literal, $about:literal;)+) => {
        /// Names the steps.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        #[expect(missing_docs, reason = "the table says what they are")]
        pub enum SetUpStep { $($step),+ }

        /// Every step, in order.
        pub const SET_UP: &[SetUpInfo] = &[$(SetUpInfo {
            step: SetUpStep::$step, key: $key, label: $label, about: $about, page: $page, needs: Permission::$needs,
        }),+];
    };
}

steps! {
    Parameters, "parameters", OrganizationEdit, "/dashboard/organization",
        "Information and parameters",
        "Whom people ask, the time zone, and what new users and devices get.";
    ActiveSyncServer, "active_sync_server", ServersEdit, "/dashboard/activesync-servers",
        "ActiveSync server",
        "The mail server behind the gateway. Its page tries it out with a mailbox. Without one the stand-in serves.";
    LdapServer, "ldap_server", OrganizationEdit, "/dashboard/ldap-servers",
        "LDAP server",
        "Where users and groups come from. Its page says what works of connection, certificate, sign-in and search.";
    SmtpServer, "smtp_server", OrganizationEdit, "/dashboard/smtp-server",
        "SMTP server",
        "What sends mail to users and administrators. Its page sends a trial mail.";
    AdministratorSignIn, "administrator_sign_in", AdministratorsEdit, "/dashboard/administrators",
        "Administrator sign-in",
        "A second administrator, and a second factor for each: who destroys much is approved by somebody else.";
    DefaultSuite, "default_suite", PolicyEdit, "/dashboard/policy-suites",
        "Default policy suite",
        "What every device must and must not do that has no suite of its own.";
    DefaultSchedule, "default_schedule", SchedulesEdit, "/dashboard/connection-schedules",
        "Default connection schedule",
        "When devices report that have no schedule of their own.";
}

impl SetUpStep {
    /// What is known of it.
    pub fn info(self) -> &'static SetUpInfo {
        &SET_UP[self as usize]
    }

    /// From the key.
    pub fn from_key(key: &str) -> Option<Self> {
        SET_UP.iter().find(|info| info.key == key).map(|info| info.step)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_step_finds_itself_by_its_stored_key() {
        for info in SET_UP {
            assert_eq!(SetUpStep::from_key(info.key).map(|step| step.info().key), Some(info.key));
            assert_eq!(serde_json::to_value(info.step).expect("a word"), info.key);
        }
    }
}
