//! Access restrictions: which broken rule takes what away, at which level.

use std::collections::BTreeMap;

use catalog::{CommandKind, Millis, Params, Platform, RuleId, TargetSet};
use serde::{Deserialize, Serialize};

use super::{DeviceId, GroupId, OrganizationId, UserId};

/// A level at which restrictions are set; the more specific one wins as a whole, per rule.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "level", content = "subject")]
pub enum Level {
    /// The organization.
    Organization,
    /// All devices of a platform.
    Platform(Platform),
    /// All devices of a group's members; of several groups of a user by their priority.
    Group(GroupId),
    /// All devices of a user.
    User(UserId),
    /// One device.
    Device(DeviceId),
}

/// One rule as an organization has set it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct RuleConfig {
    /// Checked at all.
    pub on: bool,
    /// Parameters; missing ones take their defaults.
    #[serde(default)]
    pub params: Params,
    /// Unknown facts count as a violation.
    #[serde(default)]
    pub unknown_is_violation: bool,
    /// Minutes between the violation and the restriction.
    #[serde(default)]
    pub grace_minutes: u32,
    /// What is ordered when the violation lasts even longer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remediation: Option<Remediation>,
}

/// The last step of a rule's ladder: a command that is ordered when a violation lasts for long.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Remediation {
    /// One of [`REMEDIATIONS`].
    pub command: CommandKind,
    /// Minutes between the violation and the order; at least one, not before the restriction, at most
    /// [`LADDER_MINUTES`].
    pub after_minutes: u32,
}

/// The commands that a ladder may end with, the mildest first.
pub const REMEDIATIONS: [CommandKind; 3] =
    [CommandKind::ForgetPartnership, CommandKind::AccountWipe, CommandKind::FullWipe];

/// The longest time on a ladder, minutes: one year.
pub const LADDER_MINUTES: u32 = 366 * 24 * 60;

/// The ticks of one level: rule → targets. A rule that is absent is inherited from the level above.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Restrictions(pub BTreeMap<RuleId, TargetSet>);

/// How an exception changes the outcome.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ExceptionKind {
    /// Never restricted, whatever is found.
    Never,
    /// The level's ticks come on top of what the levels above take away.
    Extra,
    /// The level's own matrix.
    Custom,
}

/// The exception of a group, user or device.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Exception {
    /// The kind.
    pub kind: ExceptionKind,
    /// When it ends by itself.
    pub expires_at: Option<Millis>,
    /// Why it was made.
    pub note: String,
    /// Who made it, in words; empty if that was not kept.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub by: String,
}

/// All access settings of an organization: small, read as a whole, kept as one document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccessConfig {
    /// Organization.
    pub organization: OrganizationId,
    /// Grows with every write.
    pub rev: i64,
    /// The rules; a rule that is absent has its catalogue defaults.
    pub rules: BTreeMap<RuleId, RuleConfig>,
    /// Ticks by level, as a list since JSON keys are text.
    pub levels: Vec<(Level, Restrictions)>,
    /// Exceptions by level (group, user and device levels only).
    pub exceptions: Vec<(Level, Exception)>,
}

impl AccessConfig {
    /// The settings of an organization that never touched them.
    pub fn new(organization: OrganizationId) -> Self {
        Self { organization, rev: 0, rules: BTreeMap::new(), levels: Vec::new(), exceptions: Vec::new() }
    }
    /// The ticks of a level.
    pub fn level(&self, level: &Level) -> Option<&Restrictions> {
        self.levels.iter().find(|(l, _)| l == level).map(|(_, r)| r)
    }
    /// The exception of a level.
    pub fn exception(&self, level: &Level) -> Option<&Exception> {
        self.exceptions.iter().find(|(l, _)| l == level).map(|(_, e)| e)
    }
}
