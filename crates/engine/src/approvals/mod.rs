//! Approvals: what is held because it would destroy or withdraw much at once, until a second person says yes.
//!
//! Two kinds are held: destructive commands above the hourly limit (each device one), and changes that would newly
//! withdraw mail or network from more devices than the limit, or loosen the limit itself. A second person is another
//! administrator with the permission, with a second factor shown at that moment, and not made or given power by
//! somebody else within a day; or the sealed recovery code of an organization that has only one administrator.

mod approve;
mod carry_out;
mod detail;
mod edit;
mod hold;
mod limits;
mod outside;
mod recall;
mod recovery_code;
mod words;

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use catalog::Permission;
use domain::Millis;
use domain::command::Person;
use domain::model::{
    Actor, AdministratorId, CommandId, CommandState, DeviceId, HeldChange, HeldChangeId, OrderedCommand,
    RoleRef,
};

pub use approve::{Witness, approve};
pub use detail::{Detail, Losing, detail};
pub use edit::Edit;
pub(crate) use hold::{Pass, ask, ask_in, expire, would_wait};
pub use limits::{Limits, edit_limits, limits};
pub use outside::{Outside, name_outside};
pub use recall::recall;
pub use recovery_code::make as make_recovery_code;
pub use words::Line;

use crate::{Engine, Error, OrgIndex, OrgLock, Result, Scope};

/// Something that is held.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum HeldId {
    /// A command.
    Command(CommandId),
    /// A change.
    Change(HeldChangeId),
}

impl fmt::Display for HeldId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Command(id) => id.fmt(f),
            Self::Change(id) => id.fmt(f),
        }
    }
}

impl FromStr for HeldId {
    type Err = Error;
    fn from_str(text: &str) -> Result<Self> {
        let change = text.parse().map(Self::Change);
        change.or_else(|_| text.parse().map(Self::Command)).map_err(|_| Error::NotFound("held order"))
    }
}

/// What is held, for a list.
#[derive(Debug, Clone)]
pub struct Held {
    /// Its id.
    pub id: HeldId,
    /// What would happen, in words.
    pub what: String,
    /// The device of a command.
    pub device: Option<DeviceId>,
    /// How many devices a change would withdraw something from.
    pub withdraws: Option<u32>,
    /// The first of them, at most a hundred.
    pub devices: Vec<DeviceId>,
    /// Why it was ordered, as entered.
    pub note: String,
    /// Who ordered it.
    pub ordered_by: String,
    /// When.
    pub since: Millis,
    /// When it expires unapproved.
    pub expires_at: Option<Millis>,
    /// Why the reader cannot approve it; `None`: he can, with his second factor.
    pub refusal: Option<String>,
}

fn organization(engine: &Engine, scope: &Scope) -> Result<Arc<OrgLock>> {
    engine.directory.organization(scope.organization()).ok_or(Error::NotFound("organization"))
}

fn waiting_commands(org: &OrgIndex) -> Vec<Arc<OrderedCommand>> {
    let mut all = org.live_commands();
    all.retain(|c| c.state == CommandState::AwaitingApproval);
    all
}

/// How much is held, for the counter beside the page's name; 0 for who may not see it.
pub fn count(engine: &Engine, scope: &Scope) -> usize {
    let org = scope
        .has(Permission::DevicesView)
        .then(|| engine.directory.organization(scope.organization()))
        .flatten();
    org.map_or(0, |org| {
        let org = org.read();
        org.held_commands() + org.governor.held.len()
    })
}

/// What is held, changes first, then commands, the oldest first; at most `most`, and how many there are.
///
/// # Errors
/// [`Error::Denied`].
pub fn list(engine: &Engine, scope: &Scope, most: usize) -> Result<(Vec<Held>, usize)> {
    scope.require(Permission::DevicesView)?;
    let org = organization(engine, scope)?;
    let (changes, commands) = {
        let org = org.read();
        (org.governor.held.clone(), waiting_commands(&org))
    };
    let total = changes.len() + commands.len();
    let changes = changes.iter().map(|change| held_change(engine, scope, change));
    let commands = commands.iter().map(|command| held_command(engine, scope, command));
    Ok((changes.chain(commands).take(most).collect(), total))
}

fn held_change(engine: &Engine, scope: &Scope, change: &HeldChange) -> Held {
    Held {
        id: HeldId::Change(change.id),
        what: change.summary.clone(),
        device: None,
        withdraws: Some(change.withdraws),
        devices: change.devices.clone(),
        note: String::new(),
        ordered_by: change.ordered_by.to_string(),
        since: change.held_at,
        expires_at: Some(change.expires_at),
        refusal: may_approve(engine, scope, &change.ordered_by).err().map(|why| why.to_string()),
    }
}

fn held_command(engine: &Engine, scope: &Scope, command: &OrderedCommand) -> Held {
    Held {
        id: HeldId::Command(command.id),
        what: command.kind.entry().label.to_owned(),
        device: Some(command.device),
        withdraws: None,
        devices: Vec::new(),
        note: command.note.clone(),
        ordered_by: command.ordered_by.to_string(),
        since: command.ordered_at,
        expires_at: command.next_at,
        refusal: may_approve(engine, scope, &command.ordered_by).err().map(|why| why.to_string()),
    }
}

/// The two-person rule, but for the second factor.
fn may_approve(engine: &Engine, scope: &Scope, ordered_by: &Actor) -> Result<()> {
    let admin = scope.administrator().ok_or(Error::Unauthenticated)?;
    let approver = person(engine, admin.id)?;
    outside::check(engine, &organization(engine, scope)?.read(), admin)?;
    // An account that is gone cannot be the approver's other self any more than a machine can.
    let by = administrator_behind(engine, ordered_by).and_then(|id| person(engine, id).ok());
    domain::command::approve(by, approver, scope.powers(), engine.moment())
        .map_err(|refused| Error::Denied(refused.to_string()))
}

/// From the account and its role as they are now: the scope may be older than the latest change.
fn person(engine: &Engine, id: AdministratorId) -> Result<Person> {
    let admin = engine.directory.administrator(id).ok_or(Error::Unauthenticated)?;
    let role = match &admin.role {
        Some(RoleRef::Custom(role)) => {
            engine.directory.organization(admin.organization).and_then(|org| org.read().role(*role).cloned())
        }
        _ => None,
    };
    Ok(Person { id, independent_since: domain::command::independent_since(&admin, role.as_deref()) })
}

/// The administrator behind an order, for the rule that somebody else must approve it.
fn administrator_behind(engine: &Engine, ordered_by: &Actor) -> Option<AdministratorId> {
    match ordered_by {
        Actor::Administrator(id, _) | Actor::Ise(id, _) => Some(*id),
        Actor::Token(_, owner) => engine.directory.administrator_by_name(owner).map(|a| a.id),
        _ => None,
    }
}
