//! Changes that wait for a second person, as data. What is known of them stands with the governor; this is what is
//! needed to make them, read only then.

use crate::{Result, Tx};
use domain::model::HeldChangeId;

/// Keeps a change.
pub async fn put(tx: &mut Tx, id: HeldChangeId, edit: &str) -> Result<()> {
    let sql = "INSERT INTO held_change (organization_id, id, edit) VALUES ($1, $2, $3)";
    tx.execute(sql, &[tx.organization().into(), id.into(), edit.into()]).await.map(drop)
}

/// A change.
pub async fn get(tx: &mut Tx, id: HeldChangeId) -> Result<Option<String>> {
    let sql = "SELECT edit FROM held_change WHERE organization_id = $1 AND id = $2";
    tx.fetch_optional(sql, &[tx.organization().into(), id.into()]).await?.map(|row| row.text(0)).transpose()
}

/// Forgets a change that was made, recalled, or has expired.
pub async fn remove(tx: &mut Tx, id: HeldChangeId) -> Result<()> {
    let sql = "DELETE FROM held_change WHERE organization_id = $1 AND id = $2";
    tx.execute(sql, &[tx.organization().into(), id.into()]).await.map(drop)
}
