//! Ordered commands: the command row is the truth about a wipe; channel state only projects it.

use catalog::{CommandKind, Millis};
use serde::{Deserialize, Serialize};

use super::{Actor, DeviceId, OrganizationId, WipeKind};
use crate::{Id, IdKind};

/// Where a command came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// The console.
    Console,
    /// REST.
    Rest,
    /// Cisco ISE.
    Ise,
    /// The user, in the self-service portal.
    Portal,
    /// The mail server behind the gateway.
    Backend,
    /// The compliance manager: a rule was broken too long.
    Compliance,
    /// The server by itself.
    System,
}

/// States of a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CommandState {
    /// Above the hourly limit: waits for a second administrator.
    AwaitingApproval,
    /// Waits for the device.
    Queued,
    /// The device has been told.
    Sent,
    /// The device did it.
    Acknowledged,
    /// The device reported failure; destructive ones are sent again at the next contact.
    Failed,
    /// Nobody came in time.
    Expired,
    /// Taken back before it was sent.
    Cancelled,
}

impl CommandState {
    /// Whether nothing more will happen.
    pub fn is_final(self) -> bool {
        matches!(self, Self::Acknowledged | Self::Expired | Self::Cancelled)
    }
}

/// A command as ordered for one device.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderedCommand {
    /// Organization.
    pub organization: OrganizationId,
    /// Its id.
    pub id: CommandId,
    /// Grows with every write.
    pub rev: i64,
    /// The device.
    pub device: DeviceId,
    /// What.
    pub kind: CommandKind,
    /// State.
    pub state: CommandState,
    /// Why it is in this state, one sentence.
    pub reason: String,
    /// What happens next, one sentence; empty in a final state.
    pub next: String,
    /// When the next thing is due, if a time is known.
    pub next_at: Option<Millis>,
    /// Who ordered it.
    pub ordered_by: Actor,
    /// Where.
    pub origin: Origin,
    /// Why it was ordered, as entered.
    pub note: String,
    /// When it was ordered.
    pub ordered_at: Millis,
    /// Second administrator who approved it above the limit.
    pub approved_by: Option<Actor>,
    /// When the device was told first.
    pub sent_at: Option<Millis>,
    /// When it became final.
    pub finished_at: Option<Millis>,
    /// A wipe that the backend ordered still has to be acknowledged to the backend: its kind and the status to report.
    pub relay_back: Option<(WipeKind, u8)>,
}

/// Id of a command.
pub type CommandId = Id<OrderedCommand>;
impl IdKind for OrderedCommand {
    const PREFIX: &'static str = "cmd";
}
