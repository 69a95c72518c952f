//! When users whose device is restricted are told again.

use crate::{Result, Tx};
use domain::{Millis, model::DeviceId};

/// The user of a device is told again at this time.
pub async fn put(tx: &mut Tx, device: DeviceId, at: Millis) -> Result<()> {
    let sql = "INSERT INTO restriction_notice (organization_id, device_id, due_at) VALUES ($1, $2, $3) \
               ON CONFLICT (organization_id, device_id) DO UPDATE SET due_at = excluded.due_at";
    tx.execute(sql, &[tx.organization().into(), device.into(), at.into()]).await.map(drop)
}

/// The user of a device is not told again.
pub async fn remove(tx: &mut Tx, device: DeviceId) -> Result<()> {
    let sql = "DELETE FROM restriction_notice WHERE organization_id = $1 AND device_id = $2";
    tx.execute(sql, &[tx.organization().into(), device.into()]).await.map(drop)
}

/// Devices of the unit's organization whose users are to be told again now.
pub async fn due(tx: &mut Tx, limit: u32) -> Result<Vec<DeviceId>> {
    let now = tx.now();
    let sql = "SELECT device_id FROM restriction_notice WHERE organization_id = $1 AND due_at <= $2 \
               ORDER BY due_at, device_id LIMIT $3";
    tx.fetch(sql, &[tx.organization().into(), now.into(), limit.into()])
        .await?
        .iter()
        .map(|row| row.id(0))
        .collect()
}

/// Whether the user of a device is still to be told again now.
pub async fn is_due(tx: &mut Tx, device: DeviceId) -> Result<bool> {
    let now = tx.now();
    let sql =
        "SELECT 1 FROM restriction_notice WHERE organization_id = $1 AND device_id = $2 AND due_at <= $3";
    Ok(tx.fetch_optional(sql, &[tx.organization().into(), device.into(), now.into()]).await?.is_some())
}
