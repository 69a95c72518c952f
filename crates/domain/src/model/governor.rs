//! What an organization's limit has let through, and what it holds.

use catalog::Millis;
use serde::{Deserialize, Serialize};

use super::{Actor, AdministratorId, DeviceId, Moment, OrganizationId, Origin};
use crate::{Id, IdKind};

/// One for each organization, made with the first thing that counts.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Governor {
    /// Organization.
    pub organization: OrganizationId,
    /// Grows with every write.
    pub rev: i64,
    /// The latest running time seen; it never goes back, whichever node counts.
    pub mark: Millis,
    /// Destructive commands that were let through without a second person in the last hour of running time: to which
    /// second (its end), and how many.
    pub spent: Vec<(Millis, u32)>,
    /// The same of devices that lost mail or network by changes that were let through without a second person.
    #[serde(default)]
    pub withdrawn: Vec<(Millis, u32)>,
    /// When the alarm was last raised, running time.
    pub alarmed_at: Option<Millis>,
    /// Keyed hash of the sealed recovery code that stands for an outside approver, and when it was made.
    pub recovery_code: Option<(String, Moment)>,
    /// Who approves from outside the organization; `None`: nobody was ever named.
    #[serde(default)]
    pub outside_approver: Option<OutsideApprover>,
    /// Changes that wait for a second person, oldest first.
    pub held: Vec<HeldChange>,
}

/// The system administrator whom an organization has named as its second person from outside.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OutsideApprover {
    /// Who; `None`: nobody is to approve from outside.
    pub administrator: Option<AdministratorId>,
    /// When that was said; it counts a day later.
    pub named: Moment,
}

impl Governor {
    /// Of an organization that has ordered nothing yet.
    pub fn new(organization: OrganizationId) -> Self {
        Self {
            organization,
            rev: 0,
            mark: 0,
            spent: Vec::new(),
            withdrawn: Vec::new(),
            alarmed_at: None,
            recovery_code: None,
            outside_approver: None,
            held: Vec::new(),
        }
    }
}

impl std::fmt::Debug for Governor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Governor({}, {} spent, {} held)", self.organization, self.spent.len(), self.held.len())
    }
}

/// A change that is not in force yet, because it would withdraw too much at once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HeldChange {
    /// Its id.
    pub id: HeldChangeId,
    /// Hash of the change itself, which is stored beside: the same change twice is held once.
    pub digest: String,
    /// What it does, in words.
    pub summary: String,
    /// How many devices it would newly withdraw something from, as counted last.
    pub withdraws: u32,
    /// The first hundred of them.
    pub devices: Vec<DeviceId>,
    /// Hash of the settings that it was counted against.
    pub base: String,
    /// When it was held.
    pub held_at: Millis,
    /// When it expires unapproved.
    pub expires_at: Millis,
    /// Who made it.
    pub ordered_by: Actor,
    /// Where.
    pub origin: Origin,
}

/// Id of a held change.
pub type HeldChangeId = Id<HeldChange>;
impl IdKind for HeldChange {
    const PREFIX: &'static str = "hld";
}
