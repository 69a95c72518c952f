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
    device_not_allowed DeviceNotAllowed "Device type or model not allowed.";
    auth_failures AuthFailures "Failed sign-ins above the threshold.";
}

impl RuleId {
    /// From the stored name.
    pub fn from_key(key: &str) -> Option<RuleId> {
        RULES.iter().map(|rule| rule.id).find(|id| id.key() == key)
    }
}
