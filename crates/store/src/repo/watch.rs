//! The connectivity watch list. It is in no cache: pages and the job read it here.

use std::collections::HashMap;

use super::{
    constraint,
    entity::{self, Statements, entity},
};
use crate::{Result, Tx};
use domain::{
    Millis,
    model::{DeviceId, Watched},
};

entity!(Watched, constraint::WATCH_CHANGED);

const STATEMENTS: Statements = Statements {
    insert: "INSERT INTO watch (organization_id, rev, doc, device_id, due_at, silent) \
             VALUES ($1, $2, $3, $4, $5, $6)",
    update: "UPDATE watch SET rev = $2, doc = $3, due_at = $5, silent = $6 \
             WHERE organization_id = $1 AND device_id = $4 AND rev + 1 = $2",
};

/// A device on the list.
pub async fn get(tx: &mut Tx, device: DeviceId) -> Result<Option<Watched>> {
    let sql = "SELECT doc FROM watch WHERE organization_id = $1 AND device_id = $2";
    entity::one(tx.fetch_optional(sql, &[tx.organization().into(), device.into()]).await?)
}

/// Inserts or updates. Conflict: [`constraint::WATCH_CHANGED`].
pub async fn put(tx: &mut Tx, watched: &mut Watched) -> Result<()> {
    let rest = [watched.device.into(), watched.due_at.into(), watched.silent_since.is_some().into()];
    entity::put(tx, watched, &STATEMENTS, &rest).await
}

/// Takes a device off the list.
pub async fn remove(tx: &mut Tx, device: DeviceId) -> Result<()> {
    let sql = "DELETE FROM watch WHERE organization_id = $1 AND device_id = $2";
    tx.execute(sql, &[tx.organization().into(), device.into()]).await.map(drop)
}

/// The list of the unit's organization, those that are silent first.
pub async fn list(tx: &mut Tx, limit: u32) -> Result<Vec<Watched>> {
    let sql = "SELECT doc FROM watch WHERE organization_id = $1 ORDER BY silent DESC, device_id LIMIT $2";
    entity::all(&tx.fetch(sql, &[tx.organization().into(), limit.into()]).await?)
}

/// How many devices the list holds, and how many of them are silent.
pub async fn counts(tx: &mut Tx) -> Result<(i64, i64)> {
    let sql = "SELECT count(*), count(*) FILTER (WHERE silent) FROM watch WHERE organization_id = $1";
    let row = tx.fetch_one(sql, &[tx.organization().into()]).await?;
    Ok((row.int(0)?, row.int(1)?))
}

/// Devices of the unit's organization that are to be looked at now, at most `limit`. A time farther ahead than
/// `farthest` is one of a clock that was set back.
pub async fn due(tx: &mut Tx, farthest: Millis, limit: u32) -> Result<Vec<DeviceId>> {
    let now = tx.now();
    let sql = "SELECT device_id FROM watch WHERE organization_id = $1 AND (due_at <= $2 OR due_at > $3) \
               ORDER BY due_at, device_id LIMIT $4";
    let params = [tx.organization().into(), now.into(), farthest.into(), limit.into()];
    tx.fetch(sql, &params).await?.iter().map(|row| row.id(0)).collect()
}

/// Devices of the unit's organization were heard of: those that were silent are looked at again. Costs one look
/// into an index while nobody is.
pub async fn heard(tx: &mut Tx, seen: &[(DeviceId, Millis)]) -> Result<()> {
    let sql = "SELECT device_id FROM watch WHERE organization_id = $1 AND silent AND due_at IS NULL";
    let silent = tx.fetch(sql, &[tx.organization().into()]).await?;
    if silent.is_empty() {
        return Ok(());
    }
    let seen: HashMap<DeviceId, Millis> = seen.iter().copied().collect();
    for row in silent {
        let device: DeviceId = row.id(0)?;
        if let Some(at) = seen.get(&device) {
            let sql = "UPDATE watch SET due_at = $3 WHERE organization_id = $1 AND device_id = $2 AND silent";
            tx.execute(sql, &[tx.organization().into(), device.into(), (*at).into()]).await?;
        }
    }
    Ok(())
}
