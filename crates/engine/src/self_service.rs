//! What users do for themselves: they see and act on their own devices alone, and only as far as their organization lets
//! them. A user's scope holds no powers; every function here asks for the user, the switch, and the owner.

use std::sync::Arc;

use catalog::{CommandKind, Liability, SelfService};
use domain::Millis;
use domain::model::{Actor, Device, DeviceId, DeviceState, JournalRow};

use crate::approvals::{self, Edit, Pass};
use crate::assignment::liability_of;
use crate::commands::{self, Order};
use crate::devices::{self, DeviceEdit, Explanation, explain};
use crate::sign_in::{self, MailServers};
use crate::{Engine, Error, OrgIndex, Result, Scope};

/// A device that was silent for so long can be taken off the list without having been wiped.
const SILENT: Millis = 30 * 86_400_000;
/// Entries of a diary.
const DIARY: u32 = 200;

/// A device of one's own.
#[derive(Debug, Clone)]
pub struct OwnDevice {
    /// The device.
    pub device: Arc<Device>,
    /// What it may reach, and why.
    pub explanation: Explanation,
    /// Last contact, flushed or not.
    pub last_contact: Option<Millis>,
    /// Whose it is.
    pub liability: Liability,
    /// Its user has reported it lost.
    pub lost: bool,
    /// Whether its user may take it off the list, as it stands.
    pub removable: bool,
}

impl OwnDevice {
    /// Whether it belongs to its user.
    pub fn is_personal(&self) -> bool {
        self.liability == Liability::Individual
    }
    /// Whether something is left to lock out or wipe, and no wipe is on its way.
    pub fn can_be_wiped(&self) -> bool {
        let managed = matches!(self.device.state, DeviceState::Enrolled | DeviceState::Quarantined);
        managed && self.device.eas().is_some_and(|channel| channel.eas.wipe.is_none())
    }
}

/// Whether the organization lets its users do something. Without the portal there is nothing but enrolling.
pub fn allowed(engine: &Engine, scope: &Scope, what: SelfService) -> bool {
    let Some(org) = engine.directory.organization(scope.organization()) else { return false };
    let org = org.read();
    let off = &org.organization.settings.self_service_off;
    !off.contains(&what) && (what == SelfService::Enrol || !off.contains(&SelfService::Portal))
}

fn demand(engine: &Engine, scope: &Scope, what: SelfService) -> Result<()> {
    scope.user()?;
    if allowed(engine, scope, what) {
        return Ok(());
    }
    Err(Error::Denied(format!("Your organization has switched “{}” off.", what.info().label)))
}

/// One's own devices, those that were heard of last first.
///
/// # Errors
/// [`Error::Denied`] where the portal is switched off.
pub fn devices(engine: &Engine, scope: &Scope) -> Result<Vec<OwnDevice>> {
    demand(engine, scope, SelfService::Portal)?;
    let user = scope.user()?.id;
    let org = engine.directory.organization(scope.organization()).ok_or(Error::NotFound("organization"))?;
    let org = org.read();
    let mut own: Vec<_> =
        org.devices.of_user(user).into_iter().map(|device| of(engine, &org, scope, device)).collect();
    own.sort_by_key(|own| (std::cmp::Reverse(own.last_contact), own.device.id));
    Ok(own)
}

/// One of them.
///
/// # Errors
/// [`Error::NotFound`] for every other device, of whomever; [`Error::Denied`] where the portal is switched off.
pub fn device(engine: &Engine, scope: &Scope, id: DeviceId) -> Result<OwnDevice> {
    demand(engine, scope, SelfService::Portal)?;
    let user = scope.user()?.id;
    let org = engine.directory.organization(scope.organization()).ok_or(Error::NotFound("organization"))?;
    let org = org.read();
    let device = org.devices.get(id).filter(|device| device.user == user).ok_or(Error::NotFound("device"))?;
    Ok(of(engine, &org, scope, device))
}

fn of(engine: &Engine, org: &OrgIndex, scope: &Scope, device: &Arc<Device>) -> OwnDevice {
    let last_contact = crate::presence::last_contact(engine, device);
    let silent = last_contact.unwrap_or(device.created_at) < engine.now() - SILENT;
    let over = matches!(device.state, DeviceState::Wiped | DeviceState::Retired);
    let waits = device.eas().is_some_and(|channel| channel.eas.wipe.is_some());
    let liability = org
        .user(device.user)
        .map_or(Liability::Corporate, |user| liability_of(org, user, Some(device)).value);
    OwnDevice {
        explanation: explain(engine, org, device),
        last_contact,
        liability,
        lost: reported_by(device, scope.actor()),
        removable: !waits && (over || silent || device.eas().is_none()),
        device: Arc::clone(device),
    }
}

/// Whether this user has blocked the device: a block by somebody else is not theirs to lift. Names may have changed since.
fn reported_by(device: &Device, actor: &Actor) -> bool {
    let Actor::User(id, _) = actor else { return false };
    device.block.as_ref().is_some_and(|b| b.by.starts_with("user ") && b.by.ends_with(&format!("({id})")))
}

/// Gives a device another name.
///
/// # Errors
/// [`Error::Invalid`] on `name`, [`Error::NotFound`], [`Error::Denied`].
pub async fn rename(engine: &Engine, scope: &Scope, id: DeviceId, name: &str) -> Result<()> {
    demand(engine, scope, SelfService::Rename)?;
    device(engine, scope, id)?;
    let edit = DeviceEdit { name: Some(name.to_owned()), ..DeviceEdit::default() };
    devices::edit::carry_out(engine, scope, id, edit, Pass::PART).await
}

/// Reports a device lost: it is shut out at once, and administrators are told.
///
/// # Errors
/// [`Error::Conflict`] for one that is blocked or gone, [`Error::Held`] when too much is withdrawn in the organization just
/// now, [`Error::NotFound`], [`Error::Denied`].
pub async fn report_lost(engine: &Engine, scope: &Scope, id: DeviceId) -> Result<()> {
    demand(engine, scope, SelfService::ReportLost)?;
    if !device(engine, scope, id)?.can_be_wiped() {
        return Err(Error::conflict("The device is wiped or no longer managed."));
    }
    order(engine, scope, id, CommandKind::Block, "Reported lost by its user.").await
}

/// Takes the report back.
///
/// # Errors
/// [`Error::Conflict`] for a device that its user has not reported, [`Error::NotFound`], [`Error::Denied`].
pub async fn report_found(engine: &Engine, scope: &Scope, id: DeviceId) -> Result<()> {
    demand(engine, scope, SelfService::ReportLost)?;
    let own = device(engine, scope, id)?;
    if !own.lost || matches!(own.device.state, DeviceState::Wiped | DeviceState::Retired) {
        return Err(Error::conflict("This device was not reported lost by you."));
    }
    order(engine, scope, id, CommandKind::Allow, "Found again by its user.").await
}

/// Removes the company's data from a device ([`CommandKind::AccountWipe`]) or erases it ([`CommandKind::FullWipe`]), after
/// the password was entered again. The limit on destructive commands holds for users too.
///
/// # Errors
/// [`Error::Invalid`] on `password`, [`Error::Locked`], [`Error::Upstream`], [`Error::Conflict`], [`Error::NotFound`],
/// [`Error::Denied`].
pub async fn wipe(
    engine: &Engine,
    mail_servers: &dyn MailServers,
    scope: &Scope,
    id: DeviceId,
    kind: CommandKind,
    password: &str,
) -> Result<()> {
    let what = match kind {
        CommandKind::AccountWipe => SelfService::AccountWipe,
        CommandKind::FullWipe => SelfService::FullWipe,
        _ => return Err(Error::Denied("Users order no other commands.".into())),
    };
    demand(engine, scope, what)?;
    device(engine, scope, id)?;
    sign_in::prove_user_again(engine, mail_servers, scope, password).await?;
    order(engine, scope, id, kind, "Ordered by its user.").await
}

async fn order(
    engine: &Engine,
    scope: &Scope,
    device: DeviceId,
    kind: CommandKind,
    note: &str,
) -> Result<()> {
    let order = Order { device, kind, note: note.to_owned() };
    commands::order_by_owner(engine, scope, order).await.map(drop)
}

/// Takes a device off the list that was wiped or retired, or is silent: its record is removed.
///
/// # Errors
/// [`Error::Conflict`] while the device is in use or a wipe waits, [`Error::Held`], [`Error::NotFound`],
/// [`Error::Denied`].
pub async fn stop_managing(engine: &Engine, scope: &Scope, id: DeviceId) -> Result<()> {
    demand(engine, scope, SelfService::StopManaging)?;
    if !device(engine, scope, id)?.removable {
        return Err(Error::conflict("The device is in use. Remove the company's data from it first."));
    }
    let pass = approvals::ask(engine, scope, Edit::RemoveDevice(id)).await?;
    devices::remove::carry_out(engine, scope, id, pass).await
}

/// What happened to a device and who looked at it, newest first, at most 200 entries.
///
/// # Errors
/// [`Error::NotFound`], [`Error::Denied`].
pub async fn diary(engine: &Engine, scope: &Scope, id: DeviceId) -> Result<Vec<JournalRow>> {
    demand(engine, scope, SelfService::Diary)?;
    device(engine, scope, id)?;
    crate::journal::about(engine, scope, id.to_string(), DIARY).await
}

/// Changes one's own password, where it is kept here.
///
/// # Errors
/// As [`sign_in::change_user_password`]; [`Error::Denied`].
pub async fn change_password(
    engine: &Engine,
    mail_servers: &dyn MailServers,
    scope: &Scope,
    old: &str,
    new: &str,
) -> Result<()> {
    demand(engine, scope, SelfService::Password)?;
    sign_in::change_user_password(engine, mail_servers, scope, old, new).await
}
