//! The last ActiveSync exchanges of a device, as one compact document whose form is the writer's business.

use crate::{Result, StoreError, Tx};
use domain::{Millis, model::DeviceId};

/// Largest document, bytes: 200 exchanges with room to spare.
pub const MAX_BYTES: usize = 1 << 20;

/// The document of a device.
pub async fn get(tx: &mut Tx, device: DeviceId) -> Result<Option<Vec<u8>>> {
    let sql = "SELECT doc FROM exchanges WHERE organization_id = $1 AND device_id = $2";
    let row = tx.fetch_optional(sql, &[tx.organization().into(), device.into()]).await?;
    row.map(|row| row.blob(0)).transpose()
}

/// Replaces the document of a device; false if the device is gone. More than [`MAX_BYTES`] is refused.
pub async fn put(tx: &mut Tx, device: DeviceId, document: &[u8]) -> Result<bool> {
    if document.len() > MAX_BYTES {
        return Err(StoreError::Other(format!(
            "{} bytes of exchanges of one device; at most {MAX_BYTES}",
            document.len()
        )));
    }
    let sql = "INSERT INTO exchanges (organization_id, device_id, doc) \
               SELECT organization_id, id, $3 FROM device WHERE organization_id = $1 AND id = $2 \
               ON CONFLICT (organization_id, device_id) DO UPDATE SET doc = excluded.doc";
    Ok(tx.execute(sql, &[tx.organization().into(), device.into(), document.into()]).await? > 0)
}

/// Forgets the documents of at most `limit` devices whose last contact was before `before`; answers how many.
pub async fn purge(tx: &mut Tx, before: Millis, limit: u32) -> Result<u64> {
    let sql = "DELETE FROM exchanges WHERE organization_id = $1 AND device_id IN \
               (SELECT e.device_id FROM exchanges AS e JOIN presence AS p \
               ON p.organization_id = e.organization_id AND p.device_id = e.device_id \
               WHERE e.organization_id = $1 AND p.last_contact_at < $2 ORDER BY e.device_id LIMIT $3)";
    tx.execute(sql, &[tx.organization().into(), before.into(), limit.into()]).await
}
