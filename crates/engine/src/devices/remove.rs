//! Removing the record of a device.

use std::sync::Arc;

use catalog::Permission;
use domain::model::{Device, DeviceId, JournalEntry};
use serde_json::json;
use store::repo;

use super::find;
use crate::approvals::{self, Edit, Pass};
use crate::{Engine, Error, Result, Scope};

/// Removes the record of a device. A pending wipe must be over or cancelled first.
///
/// # Errors
/// [`Error::Conflict`] while a wipe is pending.
pub async fn remove(engine: &Engine, scope: &Scope, id: DeviceId) -> Result<()> {
    scope.require(Permission::DevicesForget)?;
    removable(engine, scope, id)?;
    let pass = approvals::ask(engine, scope, Edit::RemoveDevice(id)).await?;
    carry_out(engine, scope, id, pass).await
}

fn removable(engine: &Engine, scope: &Scope, id: DeviceId) -> Result<Arc<Device>> {
    let device = find(engine, scope, id)?;
    if device.eas().is_some_and(|c| c.eas.wipe.is_some()) {
        return Err(Error::conflict("A wipe is still pending for this device. Wait for it, or cancel it."));
    }
    Ok(device)
}

/// Removes the record.
pub(crate) async fn carry_out(engine: &Engine, scope: &Scope, id: DeviceId, pass: Pass) -> Result<()> {
    let device = removable(engine, scope, id)?;
    engine
        .store
        .write(scope.organization(), scope.actor().clone(), async move |tx| {
            pass.take(tx).await?;
            repo::devices::remove(tx, id).await?;
            tx.journal(JournalEntry {
                event: "device.deleted",
                subject: id.to_string(),
                body: json!({ "name": device.name, "guid": device.guid.to_string() }),
            });
            Ok::<_, Error>(())
        })
        .await
}
