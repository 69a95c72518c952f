//! Compliance rules: conditions that a device can break, checked on facts alone.
//!
//! A rule sees the facts, its parameters and the time. It answers with a finding, or nothing. A fact that is
//! unknown is no violation unless the organization says so for the rule.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{Facts, Field, Millis, Severity, Target, Value};

mod auth_failures;
mod blocked_by_hand;
mod device_not_allowed;
mod no_contact;
mod os_below_minimum;
mod policy_out_of_date;
mod policy_refused;
mod table;
mod user_disabled;
mod words;

pub use auth_failures::{AUTH_FAILURES_KEPT, auth_failure_window};
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
    /// The check.
    pub check: fn(&Facts, &Params, Millis) -> Check,
}

impl Rule {
    /// A parameter's value: stored, or the default.
    pub fn param(&self, params: &Params, key: &str) -> Value {
        params.0.get(key).cloned().unwrap_or_else(|| {
            self.fields.iter().find(|f| f.key == key).map_or(Value::Unset, |f| (f.default)())
        })
    }
}
