//! Groups: users who are treated alike, whatever their devices are.

use catalog::Millis;
use serde::{Deserialize, Serialize};

use super::{
    DirectoryLink, Liability, MemberRule, OrganizationId, PolicySuiteId, ScheduleId, ServerId, Site,
};
use crate::{Id, IdKind};

/// A group: its members are chosen by hand, by a rule, or by a directory. Who is in it stands at the users ([`User::groups`](super::User::groups)).
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
    /// The folder or group of a directory that its members are taken from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub directory: Option<DirectoryLink>,
    /// How it finds its members, without a directory; `None`: they are chosen by hand.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rule: Option<MemberRule>,
    /// When it was made.
    pub created_at: Millis,
}

impl Group {
    /// Whether an administrator chooses its members; otherwise a directory or a rule does.
    pub fn is_by_hand(&self) -> bool {
        self.directory.is_none() && self.rule.is_none()
    }

    /// The site that it is, if it is one.
    pub fn site(&self) -> Option<&Site> {
        match &self.rule {
            Some(MemberRule::Site(site)) => Some(site),
            _ => None,
        }
    }
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
