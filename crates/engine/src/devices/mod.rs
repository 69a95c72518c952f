//! Devices: the grid, one device with everything about it, edits by hand.

pub(crate) mod assign;
mod create;
pub(crate) mod edit;
mod explain;
mod export;
mod grid;
mod join;
mod posture;
mod recovery;
pub(crate) mod remove;
mod search;
mod trace;

pub use crate::export::Format;
pub use assign::{Assign, Chosen, MOST_ASSIGNED, Plan, assign, found, plan as plan_assignment};
pub use create::{NewDevice, create};
pub(crate) use edit::normal_mac;
pub use edit::{DeviceEdit, edit, enter_fact};
pub use explain::{Act, Explanation, TargetLine, explain};
pub use export::export;
pub use grid::{
    Column, FILTERS, Filter, GridPage, GridQuery, GridRow, Sort, columns, columns_in, filters, grid,
    is_filter, state_key,
};
pub use join::join;
pub use posture::{Posture, posture};
pub use recovery::{RecoveryPassword, recovery_password};
pub use remove::remove;
pub use search::{Hit, search};
pub use trace::{set_trace, trace};

use std::sync::Arc;

use catalog::Permission;
use domain::assignment::AssignedFrom;
use domain::model::{
    ActiveSyncServer, Device, DeviceId, Group, JournalRow, Liability, OrderedCommand, PolicySuite, User,
};

use crate::assignment::{liability_of, server_of, suite_of};
use crate::exchanges::Exchange;
use crate::{Engine, Error, Result, Scope};

/// A device with what belongs to it, for the device page.
#[derive(Debug, Clone)]
pub struct DeviceDetail {
    /// The device.
    pub device: Arc<Device>,
    /// Owner.
    pub user: Arc<User>,
    /// The owner's groups, the most important one first.
    pub groups: Vec<Arc<Group>>,
    /// Liability in force.
    pub liability: Liability,
    /// Where the liability comes from.
    pub liability_source: AssignedFrom,
    /// Suite in force.
    pub suite: Option<Arc<PolicySuite>>,
    /// Where the suite comes from.
    pub suite_source: AssignedFrom,
    /// The mail server, `None` for the stand-in.
    pub server: Option<Arc<ActiveSyncServer>>,
    /// Where the mail server comes from.
    pub server_source: Option<AssignedFrom>,
    /// One word for the chip.
    pub posture: Posture,
    /// How it stands to its connection schedule, if check-ins are expected of it.
    pub standing: Option<crate::schedules::Standing>,
    /// Last contact, flushed or not.
    pub last_contact: Option<domain::Millis>,
    /// Commands that are not final, oldest first.
    pub live_commands: Vec<Arc<OrderedCommand>>,
    /// What the device may reach, and why.
    pub explanation: Explanation,
}

/// A device by id.
///
/// # Errors
/// [`Error::NotFound`] also for another organization's.
pub fn get(engine: &Engine, scope: &Scope, id: DeviceId) -> Result<Arc<Device>> {
    scope.require(Permission::DevicesView)?;
    find(engine, scope, id)
}

/// The same for scopes that were authorised otherwise (ISE).
pub(crate) fn find(engine: &Engine, scope: &Scope, id: DeviceId) -> Result<Arc<Device>> {
    let org = engine.directory.organization(scope.organization()).ok_or(Error::NotFound("organization"))?;
    let device = org.read().devices.get(id).cloned();
    device.ok_or(Error::NotFound("device"))
}

/// Everything the device page shows at first.
///
/// # Errors
/// [`Error::NotFound`].
pub fn detail(engine: &Engine, scope: &Scope, id: DeviceId) -> Result<DeviceDetail> {
    let device = get(engine, scope, id)?;
    let org = engine.directory.organization(scope.organization()).ok_or(Error::NotFound("organization"))?;
    let org = org.read();
    let user = org.user(device.user).cloned().ok_or(Error::NotFound("user"))?;
    let (suite, suite_source) = suite_of(&org, &user, Some(&device));
    let liability = liability_of(&org, &user, Some(&device));
    let server = server_of(&org, &user);
    Ok(DeviceDetail {
        liability: liability.value,
        liability_source: liability.from,
        groups: org.groups_of_ranked(&user),
        suite,
        suite_source,
        server_source: server.as_ref().map(|s| s.from),
        server: server.map(|s| s.value),
        posture: posture(&org, &device),
        last_contact: crate::presence::last_contact(engine, &device),
        standing: crate::schedules::standing(engine, &org, &device),
        live_commands: org.commands_of(id),
        explanation: explain(engine, &org, &device),
        user,
        device,
    })
}

/// The device's timeline from the journal, newest first.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn timeline(engine: &Engine, scope: &Scope, id: DeviceId, limit: u32) -> Result<Vec<JournalRow>> {
    get(engine, scope, id)?;
    crate::journal::about(engine, scope, id.to_string(), limit).await
}

/// The last 200 ActiveSync exchanges, newest first.
///
/// # Errors
/// [`Error::Denied`] without the permission to see exchanges.
pub async fn exchanges(engine: &Engine, scope: &Scope, id: DeviceId) -> Result<Vec<Exchange>> {
    scope.require(Permission::DevicesTrace)?;
    find(engine, scope, id)?;
    crate::exchanges::of_device(engine, scope.organization(), id).await
}

/// Live and former commands of a device, newest first.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn commands(engine: &Engine, scope: &Scope, id: DeviceId) -> Result<Vec<OrderedCommand>> {
    get(engine, scope, id)?;
    engine
        .store
        .read(scope.organization(), async move |tx| {
            Ok::<_, Error>(store::repo::commands::of_device(tx, id, 100).await?)
        })
        .await
}
