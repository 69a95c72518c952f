//! Former verdicts of devices: each holds from its time until that of the next one.

use super::entity;
use crate::{Result, Tx, Value};
use domain::{
    Millis,
    model::{DeviceId, VerdictRecord},
};

/// Keeps a verdict; one of the same millisecond is replaced. A device that is not stored yet keeps none.
pub async fn put(tx: &mut Tx, record: &VerdictRecord) -> Result<()> {
    let sql = "INSERT INTO verdict_history (organization_id, device_id, at, doc) \
               SELECT organization_id, id, $3, $4 FROM device WHERE organization_id = $1 AND id = $2 \
               ON CONFLICT (organization_id, device_id, at) DO UPDATE SET doc = excluded.doc";
    let document = entity::document(record)?.into();
    let params = [tx.organization().into(), record.device.into(), record.at.into(), document];
    tx.execute(sql, &params).await?;
    Ok(())
}

/// The verdict that held at a moment; `None` when none that old is kept.
pub async fn at(tx: &mut Tx, device: DeviceId, moment: Millis) -> Result<Option<VerdictRecord>> {
    let sql = "SELECT doc FROM verdict_history WHERE organization_id = $1 AND device_id = $2 AND at <= $3 \
               ORDER BY at DESC LIMIT 1";
    let params: [Value; 3] = [tx.organization().into(), device.into(), moment.into()];
    entity::one(tx.fetch_optional(sql, &params).await?)
}

/// The verdicts of a device that began before a moment, the newest first.
pub async fn before(tx: &mut Tx, device: DeviceId, moment: Millis, limit: u32) -> Result<Vec<VerdictRecord>> {
    let sql = "SELECT doc FROM verdict_history WHERE organization_id = $1 AND device_id = $2 AND at < $3 \
               ORDER BY at DESC LIMIT $4";
    let params = [tx.organization().into(), device.into(), moment.into(), limit.into()];
    entity::all(&tx.fetch(sql, &params).await?)
}

/// When the verdict after a moment began, if there is one.
pub async fn next_after(tx: &mut Tx, device: DeviceId, moment: Millis) -> Result<Option<Millis>> {
    let sql = "SELECT MIN(at) FROM verdict_history \
               WHERE organization_id = $1 AND device_id = $2 AND at > $3";
    tx.fetch_one(sql, &[tx.organization().into(), device.into(), moment.into()]).await?.opt_int(0)
}

/// Forgets the verdicts of a device that begin after a moment, which the clock has not reached yet.
pub async fn forget_after(tx: &mut Tx, device: DeviceId, moment: Millis) -> Result<()> {
    let sql = "DELETE FROM verdict_history WHERE organization_id = $1 AND device_id = $2 AND at > $3";
    tx.execute(sql, &[tx.organization().into(), device.into(), moment.into()]).await?;
    Ok(())
}

/// Forgets at most `limit` verdicts that had ended before `before`; answers how many. The one that still held then
/// stays.
pub async fn purge(tx: &mut Tx, before: Millis, limit: u32) -> Result<u64> {
    let sql = "DELETE FROM verdict_history WHERE organization_id = $1 AND (device_id, at) IN \
               (SELECT h.device_id, h.at FROM verdict_history AS h \
               WHERE h.organization_id = $1 AND h.at < $2 AND EXISTS \
               (SELECT 1 FROM verdict_history AS n WHERE n.organization_id = h.organization_id \
               AND n.device_id = h.device_id AND n.at > h.at AND n.at <= $2) \
               ORDER BY h.device_id, h.at LIMIT $3)";
    tx.execute(sql, &[tx.organization().into(), before.into(), limit.into()]).await
}
