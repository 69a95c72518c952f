//! The installation's own settings: what belongs to no organization and is set by system administrators.

use serde::{Deserialize, Serialize};

use super::OrganizationId;

/// Settings of the installation; there is one of it. Missing fields of older data take their defaults.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct InstallationSettings {
    /// Grows with every write; 0 before the first one.
    pub rev: i64,
    /// Where a bare user name leads when neither host nor domain says so. `None`: only to an organization that is the
    /// only one.
    pub default_organization: Option<OrganizationId>,
    /// Days after which entries of the installation's own journal are removed; 0 is never.
    pub journal_days: u32,
    /// Days after which the bodies of its entries are erased; 0 is never.
    pub journal_body_days: u32,
}
