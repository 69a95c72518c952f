//! An organization's own data, to be taken elsewhere.

use catalog::Permission;
use domain::model::JournalEntry;
use serde_json::json;

use crate::{Engine, Error, Result, Scope};

/// A ZIP file with all records of the organization as JSON lines, without secrets, as of one moment. One archive is
/// written at a time.
///
/// # Errors
/// [`Error::Denied`] but for who may change the organization and export users and devices, [`Error::Busy`] while
/// another one is written, storage errors.
pub async fn archive(engine: &Engine, scope: &Scope) -> Result<Vec<u8>> {
    scope.require(Permission::OrganizationEdit)?;
    scope.require(Permission::DevicesExport)?;
    scope.require(Permission::JournalView)?;
    let id = scope.organization();
    if engine.directory.organization(id).is_none() {
        return Err(Error::NotFound("organization"));
    }
    let Ok(_turn) = engine.archiving.try_lock() else { return Err(Error::Busy(30)) };
    let archive = engine.store.archive(id).await?;
    let lines: u64 = archive.files.iter().map(|(_, lines)| lines).sum();
    let unit = async move |tx: &mut store::Tx| {
        let body = json!({ "records": lines });
        tx.journal(JournalEntry { event: "organization.archived", subject: id.to_string(), body });
        Ok::<_, Error>(())
    };
    engine.store.write(id, scope.actor().clone(), unit).await?;
    Ok(archive.bytes)
}
