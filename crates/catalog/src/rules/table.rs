//! The list of rules. To add one: a file beside this one with `pub(super) static RULE: Rule`, and a line here.

use serde::{Deserialize, Serialize};

use super::*;

macro_rules! rules {
    ($($module:ident $name:ident $label:literal;)*) => {
        /// The rules by name. Stored as `snake_case` text.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum RuleId {
            $(#[doc = $label] $name,)*
        }
        /// Every rule, in the order of the page.
        pub static RULES: &[&Rule] = &[$(&$module::RULE,)*];
        impl RuleId {
            /// The catalogue entry.
            pub fn entry(self) -> &'static Rule {
                match self {
                    $(RuleId::$name => &$module::RULE,)*
                }
            }
            /// Stored name.
            pub fn key(self) -> &'static str {
                match self {
                    $(RuleId::$name => stringify!($module),)*
                }
            }
        }
    };
}

rules! {
    user_disabled UserDisabled "User disabled.";
    blocked_by_hand BlockedByHand "Blocked by hand.";
    policy_out_of_date PolicyOutOfDate "Policy out of date.";
    policy_refused PolicyRefused "Policy refused or applied in part.";
    no_contact NoContact "No contact for a while.";
    os_below_minimum OsBelowMinimum "Operating system below the minimum.";
    os_above_maximum OsAboveMaximum "Operating system above the maximum.";
    device_not_allowed DeviceNotAllowed "Device type or model not allowed.";
    liability_not_allowed LiabilityNotAllowed "Liability not allowed.";
    managed_by_mail_only ManagedByMailOnly "Known by its mail account alone.";
    auth_failures AuthFailures "Failed sign-ins above the threshold.";
    patch_too_old PatchTooOld "Security patch too old.";
    compromised Compromised "Jailbroken or rooted.";
    pass_code_missing PassCodeMissing "No pass-code.";
    not_encrypted NotEncrypted "Storage not encrypted.";
    attestation_failed AttestationFailed "Integrity not proved.";
    developer_options DeveloperOptions "Developer options or unknown sources.";
    management_removed ManagementRemoved "Management removed.";
    not_supervised NotSupervised "Not supervised or fully managed.";
    profile_missing ProfileMissing "Required profile missing.";
    certificate_expiring CertificateExpiring "Identity certificate missing or expiring.";
    nonconformance_reported NonconformanceReported "The platform reports violations.";
    commands_failing CommandsFailing "Commands keep failing.";
    unwanted_app UnwantedApp "Unwanted app present.";
    app_not_allowed AppNotAllowed "App present that is not allowed.";
    required_app_missing RequiredAppMissing "Required app missing.";
    data_usage DataUsage "Data usage over plan.";
    roaming Roaming "Roaming.";
    sim_changed SimChanged "SIM changed or removed.";
    location_off LocationOff "Location unknown.";
    terms_not_accepted TermsNotAccepted "Terms of use not accepted.";
    storage_nearly_full StorageNearlyFull "Storage nearly full.";
    clock_skew ClockSkew "Clock wrong.";
    agent_too_old AgentTooOld "Device app too old.";
    battery_worn BatteryWorn "Battery worn out.";
    outside_geofence OutsideGeofence "Outside the geofence.";
}

impl RuleId {
    /// From the stored name.
    pub fn from_key(key: &str) -> Option<RuleId> {
        RULES.iter().map(|rule| rule.id).find(|id| id.key() == key)
    }
}
