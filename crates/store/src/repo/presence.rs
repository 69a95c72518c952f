//! When devices were last in contact. Nodes gather this in memory and flush it now and then; it is the one
//! thing that may be lost (30 seconds of it).

use crate::{Dialect, Result, Tx};
use domain::{Millis, model::DeviceId};
use std::collections::BTreeMap;

/// Devices per statement.
const AT_ONCE: usize = 500;

/// `$2` is a JSON list of `["<32 hexadecimal digits>", milliseconds]`. Devices that are gone are skipped, and a
/// time only grows, since several nodes flush. `CROSS JOIN` keeps SQLite from walking through all devices and
/// reading the list anew for each.
const FLUSH_SQLITE: &str = "INSERT INTO presence (organization_id, device_id, last_contact_at) \
     SELECT d.organization_id, d.id, seen.value ->> 1 FROM json_each($2) AS seen \
     CROSS JOIN device AS d ON d.organization_id = $1 AND d.id = unhex(seen.value ->> 0) WHERE true \
     ON CONFLICT (organization_id, device_id) DO UPDATE SET last_contact_at = excluded.last_contact_at \
     WHERE presence.last_contact_at < excluded.last_contact_at";
const FLUSH_POSTGRES: &str = "INSERT INTO presence (organization_id, device_id, last_contact_at) \
     SELECT d.organization_id, d.id, (seen.value ->> 1)::bigint \
     FROM jsonb_array_elements(CAST($2::text AS jsonb)) AS seen \
     JOIN device AS d ON d.organization_id = $1 AND d.id = (seen.value ->> 0)::uuid \
     ON CONFLICT (organization_id, device_id) DO UPDATE SET last_contact_at = excluded.last_contact_at \
     WHERE presence.last_contact_at < excluded.last_contact_at";

/// Stores the last contacts of devices of the unit's organization. No change in the feed, no revision.
pub async fn flush(tx: &mut Tx, seen: &[(DeviceId, Millis)]) -> Result<()> {
    // A device may be named twice; PostgreSQL refuses to touch one row twice in a statement.
    let mut latest: BTreeMap<DeviceId, Millis> = BTreeMap::new();
    for (device, at) in seen {
        let known = latest.entry(*device).or_insert(*at);
        *known = (*known).max(*at);
    }
    let sql = match tx.dialect() {
        Dialect::Sqlite => FLUSH_SQLITE,
        Dialect::Postgres => FLUSH_POSTGRES,
    };
    let rows: Vec<_> = latest.iter().map(|(device, at)| (device.uuid().simple().to_string(), at)).collect();
    for chunk in rows.chunks(AT_ONCE) {
        let list = super::entity::document(&chunk)?;
        tx.execute(sql, &[tx.organization().into(), list.into()]).await?;
    }
    Ok(())
}

/// The last contact of a device that any node has flushed.
pub async fn get(tx: &mut Tx, device: DeviceId) -> Result<Option<Millis>> {
    let sql = "SELECT last_contact_at FROM presence WHERE organization_id = $1 AND device_id = $2";
    let row = tx.fetch_optional(sql, &[tx.organization().into(), device.into()]).await?;
    row.map(|row| row.int(0)).transpose()
}
