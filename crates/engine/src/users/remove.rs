//! Removing users.

use std::sync::Arc;

use catalog::Permission;
use domain::model::{Device, DeviceState, JournalEntry, User, UserId};
use serde_json::json;
use store::repo;

use super::{get, public};
use crate::approvals::{self, Edit, Pass};
use crate::{Engine, Error, Result, Scope};

/// Removes a user. Devices must be gone or retired first, unless `with_devices` removes their records too.
///
/// # Errors
/// [`Error::Conflict`] when managed devices are left, or a wipe is still pending.
pub async fn remove(engine: &Engine, scope: &Scope, id: UserId, with_devices: bool) -> Result<()> {
    scope.require(Permission::UsersEdit)?;
    if with_devices {
        scope.require(Permission::DevicesForget)?;
    }
    get(engine, scope, id)?;
    removable(engine, scope, id, with_devices)?;
    let pass = approvals::ask(engine, scope, Edit::RemoveUser { user: id, with_devices }).await?;
    carry_out(engine, scope, id, with_devices, pass).await
}

/// The user with the devices whose records go too.
fn removable(
    engine: &Engine,
    scope: &Scope,
    id: UserId,
    with_devices: bool,
) -> Result<(Arc<User>, Vec<Arc<Device>>)> {
    let org = engine.directory.organization(scope.organization()).ok_or(Error::NotFound("organization"))?;
    let org = org.read();
    let user = org.user(id).cloned().ok_or(Error::NotFound("user"))?;
    let devices: Vec<_> = org.devices.of_user(id).into_iter().map(Arc::clone).collect();
    if devices.iter().any(|d| d.eas().is_some_and(|c| c.eas.wipe.is_some())) {
        return Err(Error::conflict(
            "A wipe is still pending for a device of this user. Wait for it, or cancel it.",
        ));
    }
    if !with_devices
        && devices.iter().any(|d| matches!(d.state, DeviceState::Enrolled | DeviceState::Quarantined))
    {
        return Err(Error::conflict(format!(
            "{} still has {} devices. Wipe or retire them, or remove their records too.",
            user.display_name,
            devices.len()
        )));
    }
    Ok((user, devices))
}

/// Removes the user and the records.
pub(crate) async fn carry_out(
    engine: &Engine,
    scope: &Scope,
    id: UserId,
    with_devices: bool,
    pass: Pass,
) -> Result<()> {
    let (user, devices) = removable(engine, scope, id, with_devices)?;
    engine
        .store
        .write(scope.organization(), scope.actor().clone(), async move |tx| {
            pass.take(tx).await?;
            for device in &devices {
                repo::devices::remove(tx, device.id).await?;
                tx.journal(JournalEntry {
                    event: "device.deleted",
                    subject: device.id.to_string(),
                    body: json!({ "name": device.name, "guid": device.guid.to_string(), "with": "its user" }),
                });
            }
            repo::users::remove(tx, id).await?;
            tx.journal(JournalEntry {
                event: "user.deleted",
                subject: id.to_string(),
                body: json!({ "before": public(&user) }),
            });
            Ok::<_, Error>(())
        })
        .await
}
