//! Settings of the installation that the server keeps for itself: instance id, data of certificates, the (sealed)
//! ACME account. Bytes under a name; what they mean is the engine's business.

use crate::{Result, StoreError, Tx};

/// Largest value, bytes.
pub const MAX_BYTES: usize = 1 << 20;

/// The value under this name.
pub async fn get(tx: &mut Tx, name: &str) -> Result<Option<Vec<u8>>> {
    let sql = "SELECT value FROM installation_setting WHERE name = $1";
    let row = tx.fetch_optional(sql, &[name.into()]).await?;
    row.map(|row| row.blob(0)).transpose()
}

/// Stores the value, replacing another one. More than [`MAX_BYTES`] is refused.
pub async fn put(tx: &mut Tx, name: &str, value: &[u8]) -> Result<()> {
    bounded(value)?;
    let sql = "INSERT INTO installation_setting (name, value) VALUES ($1, $2) \
               ON CONFLICT (name) DO UPDATE SET value = excluded.value";
    tx.execute(sql, &[name.into(), value.into()]).await?;
    Ok(())
}

/// Stores the value if there is none yet, and answers the one that is in force: nodes that start together agree.
pub async fn put_if_absent(tx: &mut Tx, name: &str, value: &[u8]) -> Result<Vec<u8>> {
    bounded(value)?;
    // The update changes nothing but answers, and locks, the row that another node has just made.
    let sql = "INSERT INTO installation_setting (name, value) VALUES ($1, $2) \
               ON CONFLICT (name) DO UPDATE SET value = installation_setting.value RETURNING value";
    tx.fetch_one(sql, &[name.into(), value.into()]).await?.blob(0)
}

/// Stores the value if `old` is the one in force (`None`: none yet); false if somebody was faster.
pub(super) async fn replace(tx: &mut Tx, name: &str, old: Option<&[u8]>, value: &[u8]) -> Result<bool> {
    bounded(value)?;
    // No value is empty, so an empty old one only lets a first one in.
    let sql = "INSERT INTO installation_setting (name, value) VALUES ($1, $2) \
               ON CONFLICT (name) DO UPDATE SET value = excluded.value WHERE installation_setting.value = $3";
    Ok(tx.execute(sql, &[name.into(), value.into(), old.unwrap_or_default().into()]).await? > 0)
}

/// Removes the value; false if there was none.
pub async fn remove(tx: &mut Tx, name: &str) -> Result<bool> {
    let sql = "DELETE FROM installation_setting WHERE name = $1";
    Ok(tx.execute(sql, &[name.into()]).await? > 0)
}

fn bounded(value: &[u8]) -> Result<()> {
    if value.len() > MAX_BYTES {
        return Err(StoreError::Other(format!("a setting of {} bytes; at most {MAX_BYTES}", value.len())));
    }
    Ok(())
}
