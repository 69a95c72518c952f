//! Compliance rules: conditions that a device can break, checked on facts alone.
//!
//! A rule sees the facts, its parameters and the time. It answers with a finding, or nothing. A fact that is
//! unknown is no violation unless the organization says so for the rule.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{Facts, Field, Millis, Severity, Target, Value};

mod agent_too_old;
mod app_not_allowed;
mod attestation_failed;
mod auth_failures;
mod battery_worn;
mod blocked_by_hand;
mod certificate_expiring;
mod clock_skew;
mod commands_failing;
mod compromised;
mod data_usage;
mod developer_options;
mod device_not_allowed;
mod liability_not_allowed;
mod location_off;
mod managed_by_mail_only;
mod management_removed;
mod no_contact;
mod nonconformance_reported;
mod not_encrypted;
mod not_supervised;
mod os_above_maximum;
mod os_below_minimum;
mod outside_geofence;
mod pass_code_missing;
mod patch_too_old;
mod policy_out_of_date;
mod policy_refused;
mod profile_missing;
mod required_app_missing;
mod roaming;
mod sim_changed;
mod storage_nearly_full;
mod table;
mod terms_not_accepted;
mod unwanted_app;
mod user_disabled;
mod words;

pub use auth_failures::{AUTH_FAILURES_KEPT, auth_failure_window};
pub use outside_geofence::check_fences;
pub use table::{RULES, RuleId};

/// Parameters of a rule as stored; missing ones take the field's default.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Params(pub BTreeMap<String, Value>);

/// What a rule found on a device.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// One sentence with the evidence, e.g. "The phone has iOS 16.1; at least 17.4 is required."
    pub detail: String,
    /// The keys of the facts that decided.
    pub evidence: Vec<String>,
    /// Since when the condition holds, when the facts tell; else the time it was first seen.
    pub since: Option<Millis>,
    /// When time alone could end it, if it could.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Millis>,
}

/// What a rule says of the facts now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Check {
    /// In order.
    Good {
        /// When time alone could change this.
        next_look: Option<Millis>,
    },
    /// Broken.
    Broken(Finding),
    /// A fact that the rule needs is not known.
    Unknown {
        /// Key of the fact.
        missing: &'static str,
    },
}

/// How a rule judges.
#[derive(Debug)]
pub enum Test {
    /// One yes-or-no fact decides.
    Flag {
        /// Key of the fact.
        fact: &'static str,
        /// The value that breaks the rule.
        bad: bool,
        /// The finding in one sentence.
        says: &'static str,
    },
    /// A text fact lists what is wrong; the rule is broken unless it is empty.
    Listed {
        /// Key of the fact.
        fact: &'static str,
        /// The finding's words before the list.
        says: &'static str,
    },
    /// Anything else.
    Code(fn(&Facts, &Params, Millis) -> Check),
}

/// A compliance rule.
#[derive(Debug)]
pub struct Rule {
    /// The id, stored by name.
    pub id: RuleId,
    /// The condition's number in the product guides, e.g. "C02".
    pub number: &'static str,
    /// Label, e.g. "Policy out of date".
    pub label: &'static str,
    /// What breaks it.
    pub help: &'static str,
    /// What the *user* should do, in one or two sentences (sent to ISE as `remediation`).
    pub remedy: &'static str,
    /// Severity.
    pub severity: Severity,
    /// Parameters.
    pub fields: &'static [Field],
    /// Keys of the facts it reads.
    pub needs: &'static [&'static str],
    /// Targets restricted by default when the rule is broken.
    pub default_targets: &'static [Target],
    /// Whether the rule is on in a new organization.
    pub default_on: bool,
    /// Not a matter of choice: always on, at once, for its default targets, whatever levels and exceptions say.
    pub fixed: bool,
    /// How it judges.
    pub test: Test,
}

impl Rule {
    /// What the rule says of these facts at this time.
    pub fn check(&self, facts: &Facts, params: &Params, now: Millis) -> Check {
        match self.test {
            Test::Flag { fact, bad, says } => match facts.bool(fact) {
                None => Check::Unknown { missing: fact },
                Some(value) if value == bad => words::broken(says, &[fact], None),
                Some(_) => words::GOOD,
            },
            Test::Listed { fact, says } => match facts.text(fact).map(str::trim) {
                None => Check::Unknown { missing: fact },
                Some("") => words::GOOD,
                Some(list) => words::broken(format!("{says}: {list}."), &[fact], None),
            },
            Test::Code(check) => check(facts, params, now),
        }
    }

    /// Whether something that is enrolled here can report every fact that the rule needs; otherwise only an
    /// integration or an administrator can tell.
    pub fn is_reported(&self) -> bool {
        self.needs.iter().all(|key| crate::fact(key).is_some_and(|id| id.entry().reported))
    }

    /// A parameter's value: stored, or the default.
    pub fn param(&self, params: &Params, key: &str) -> Value {
        params.0.get(key).cloned().unwrap_or_else(|| {
            self.fields.iter().find(|f| f.key == key).map_or(Value::Unset, |f| (f.default)())
        })
    }
}
