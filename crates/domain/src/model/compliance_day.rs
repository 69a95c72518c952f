//! How an organization stood on a day.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// The last count of a day.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ComplianceDay {
    /// Days from 1 January 1970 in the time zone of the organization.
    pub day: i64,
    /// Devices by condition, by the condition's key; wiped and retired ones are not counted.
    pub by_posture: BTreeMap<String, u64>,
    /// Findings by the key of the rule.
    pub by_rule: BTreeMap<String, u64>,
    /// Devices whose mail was stopped.
    pub mail_stopped: u64,
    /// Devices that Cisco ISE was told are not compliant.
    pub network_stopped: u64,
}
