//! The installation's own settings, as one document.

use super::{installation_wide, settings};
use crate::{
    Result, StoreError, Tx,
    repo::{constraint, entity},
};
use domain::{Change, model::InstallationSettings};
use std::sync::Arc;

/// The name of the setting that holds the document.
const NAME: &str = "preferences";

/// What is stored; the defaults before the first write.
pub async fn get(tx: &mut Tx) -> Result<InstallationSettings> {
    installation_wide(tx)?;
    Ok(read(settings::get(tx, NAME).await?.as_deref())?.unwrap_or_default())
}

/// Replaces what is stored, if `rev` is the stored one, and raises it. Conflict:
/// [`constraint::INSTALLATION_CHANGED`].
pub async fn put(tx: &mut Tx, new: &mut InstallationSettings) -> Result<()> {
    installation_wide(tx)?;
    let stored = settings::get(tx, NAME).await?;
    let known = read(stored.as_deref())?.unwrap_or_default();
    let next = InstallationSettings { rev: new.rev + 1, ..new.clone() };
    let text = entity::document(&next)?;
    if known.rev != new.rev || !settings::replace(tx, NAME, stored.as_deref(), text.as_bytes()).await? {
        return Err(StoreError::Conflict { constraint: constraint::INSTALLATION_CHANGED.to_owned() });
    }
    *new = next;
    tx.changed(Change::Installation(Arc::new(new.clone())));
    Ok(())
}

fn read(stored: Option<&[u8]>) -> Result<Option<InstallationSettings>> {
    let corrupt = |error| StoreError::Corrupt(format!("the settings of the installation: {error}"));
    stored.map(serde_json::from_slice).transpose().map_err(corrupt)
}
