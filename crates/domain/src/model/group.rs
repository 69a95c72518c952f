//! Groups: users who are treated alike, whatever their devices are.

use catalog::Millis;
use serde::{Deserialize, Serialize};

use super::{DirectoryLink, Liability, OrganizationId, PolicySuiteId, ScheduleId, ServerId};
use crate::{Id, IdKind};

/// A group: static, or a group or folder of a directory. Who is in it stands at the users ([`User::groups`](super::User::groups)).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Group {
    /// Organization.
    pub organization: OrganizationId,
    /// Its id.
    pub id: GroupId,
    /// Grows with every write.
    pub rev: i64,
    /// Name, unique in the organization (any letter case).
    pub name: String,
    /// What it is for.
    #[serde(default)]
    pub note: String,
    /// Of a user's groups the one with the smallest number decides. Unique in the organization, from 1; gaps stay.
    pub priority: i64,
    /// What its members get.
    #[serde(default)]
    pub settings: GroupSettings,
    /// Where its members are taken from; `None`: they are chosen by hand.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub directory: Option<DirectoryLink>,
    /// When it was made.
    pub created_at: Millis,
}

/// Id of a group.
pub type GroupId = Id<Group>;
impl IdKind for Group {
    const PREFIX: &'static str = "grp";
}

/// What the members of a group get, unless they or their devices have something of their own. `None`: the group says
/// nothing about it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct GroupSettings {
    /// Policy suite.
    pub suite: Option<PolicySuiteId>,
    /// Connection schedule.
    pub schedule: Option<ScheduleId>,
    /// ActiveSync server.
    pub server: Option<ServerId>,
    /// Corporate or individual.
    pub liability: Option<Liability>,
}
