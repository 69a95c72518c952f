//! When devices are called next: the scheduler's queue, gathered in memory and flushed now and then.

use crate::{Dialect, Result, Tx};
use domain::{Millis, model::DeviceId};
use std::collections::BTreeMap;

/// Devices per statement.
const AT_ONCE: usize = 500;

/// As in [`super::presence`]: `$2` is a JSON list of `["<32 hexadecimal digits>", milliseconds]`, and devices that are
/// gone are skipped. Unlike there a time may go back: a schedule can be made denser.
const FLUSH_SQLITE: &str = "INSERT INTO check_in (organization_id, device_id, due_at) \
     SELECT d.organization_id, d.id, due.value ->> 1 FROM json_each($2) AS due \
     CROSS JOIN device AS d ON d.organization_id = $1 AND d.id = unhex(due.value ->> 0) WHERE true \
     ON CONFLICT (organization_id, device_id) DO UPDATE SET due_at = excluded.due_at";
const FLUSH_POSTGRES: &str = "INSERT INTO check_in (organization_id, device_id, due_at) \
     SELECT d.organization_id, d.id, (due.value ->> 1)::bigint \
     FROM jsonb_array_elements(CAST($2::text AS jsonb)) AS due \
     JOIN device AS d ON d.organization_id = $1 AND d.id = (due.value ->> 0)::uuid \
     ON CONFLICT (organization_id, device_id) DO UPDATE SET due_at = excluded.due_at";

/// Stores when devices of the unit's organization are called next; `None` is never. No change in the feed.
pub async fn flush(tx: &mut Tx, due: &BTreeMap<DeviceId, Option<Millis>>) -> Result<()> {
    let sql = match tx.dialect() {
        Dialect::Sqlite => FLUSH_SQLITE,
        Dialect::Postgres => FLUSH_POSTGRES,
    };
    let text = |device: &DeviceId| device.uuid().simple().to_string();
    let set: Vec<_> = due.iter().filter_map(|(device, at)| Some((text(device), (*at)?))).collect();
    for chunk in set.chunks(AT_ONCE) {
        let list = super::entity::document(&chunk)?;
        tx.execute(sql, &[tx.organization().into(), list.into()]).await?;
    }
    for device in due.iter().filter(|(_, at)| at.is_none()).map(|(device, _)| *device) {
        let sql = "DELETE FROM check_in WHERE organization_id = $1 AND device_id = $2";
        tx.execute(sql, &[tx.organization().into(), device.into()]).await?;
    }
    Ok(())
}

/// When a device is called next, as of the last flush.
pub async fn get(tx: &mut Tx, device: DeviceId) -> Result<Option<Millis>> {
    let sql = "SELECT due_at FROM check_in WHERE organization_id = $1 AND device_id = $2";
    let row = tx.fetch_optional(sql, &[tx.organization().into(), device.into()]).await?;
    row.map(|row| row.int(0)).transpose()
}
