//! Devices, with their channels.
//!
//! The document holds everything. MAC addresses, GUIDs and channels are also rows of side tables, for
//! uniqueness and look-ups; they change seldom while the document changes at every policy exchange, so a digest
//! of them is kept beside the document and a write that leaves them alone is one statement.

mod side;

use super::{
    constraint,
    entity::{self, entity},
    text,
};
use crate::{Dialect, Result, Row, Tx, Value};
use domain::{
    Change, Millis,
    model::{ChannelKind, Device, DeviceId, UserId},
};
use std::sync::Arc;
use uuid::Uuid;

entity!(Device, constraint::DEVICE_CHANGED);

/// Bytes looked at of a MAC address; a real one has 12.
const MAX_MAC: usize = 64;

const INSERT: &str = "INSERT INTO device \
     (organization_id, rev, doc, id, suite_id, state, side_digest, user_id, number) \
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";

/// Only if the side tables need no change.
const UPDATE_DOCUMENT: &str = "UPDATE device SET rev = $2, doc = $3, suite_id = $5, state = $6 \
     WHERE organization_id = $1 AND id = $4 AND rev + 1 = $2 AND side_digest = $7";

const UPDATE: &str = "UPDATE device SET rev = $2, doc = $3, suite_id = $5, state = $6, side_digest = $7, \
     user_id = $8, number = $9 WHERE organization_id = $1 AND id = $4 AND rev + 1 = $2";

/// The device, if there is one of this id in the organization.
pub async fn get(tx: &mut Tx, id: DeviceId) -> Result<Option<Device>> {
    let sql = "SELECT doc FROM device WHERE organization_id = $1 AND id = $2";
    entity::one(tx.fetch_optional(sql, &[tx.organization().into(), id.into()]).await?)
}

/// What is stored of a device besides its document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    /// The device.
    pub id: DeviceId,
    /// Its revision.
    pub rev: i64,
    /// The last contact that any node has flushed.
    pub last_contact_at: Option<Millis>,
}

/// `$2` is a JSON list of identifiers, 32 hexadecimal digits each.
const STANDING_SQLITE: &str = "SELECT d.id, d.rev, p.last_contact_at FROM json_each($2) AS asked \
     CROSS JOIN device AS d ON d.organization_id = $1 AND d.id = unhex(asked.value) \
     LEFT JOIN presence AS p ON p.organization_id = d.organization_id AND p.device_id = d.id";
const STANDING_POSTGRES: &str = "SELECT d.id, d.rev, p.last_contact_at \
     FROM jsonb_array_elements_text(CAST($2::text AS jsonb)) AS asked (id) \
     JOIN device AS d ON d.organization_id = $1 AND d.id = asked.id::uuid \
     LEFT JOIN presence AS p ON p.organization_id = d.organization_id AND p.device_id = d.id";

/// How these devices stand, in no order; those that are not in the organization are left out.
pub async fn standing(tx: &mut Tx, ids: &[DeviceId]) -> Result<Vec<Standing>> {
    let sql = match tx.dialect() {
        Dialect::Sqlite => STANDING_SQLITE,
        Dialect::Postgres => STANDING_POSTGRES,
    };
    let asked: Vec<_> = ids.iter().map(|id| id.uuid().simple().to_string()).collect();
    let rows = tx.fetch(sql, &[tx.organization().into(), entity::document(&asked)?.into()]).await?;
    let standing =
        |row: &Row| Ok(Standing { id: row.id(0)?, rev: row.int(1)?, last_contact_at: row.opt_int(2)? });
    rows.iter().map(standing).collect()
}

/// The device of this GUID, its own or an alias.
pub async fn by_guid(tx: &mut Tx, guid: Uuid) -> Result<Option<Device>> {
    let sql = "SELECT d.doc FROM device_guid AS g JOIN device AS d \
               ON d.organization_id = g.organization_id AND d.id = g.device_id \
               WHERE g.organization_id = $1 AND g.guid = $2";
    entity::one(tx.fetch_optional(sql, &[tx.organization().into(), guid.into()]).await?)
}

/// The user's device with this id in this protocol (any case).
pub async fn by_channel(
    tx: &mut Tx,
    user: UserId,
    kind: ChannelKind,
    external_id: &str,
) -> Result<Option<Device>> {
    let sql = "SELECT d.doc FROM channel AS c JOIN device AS d \
               ON d.organization_id = c.organization_id AND d.id = c.device_id \
               WHERE c.organization_id = $1 AND c.kind = $2 AND c.user_id = $3 AND c.external_id_lower = $4";
    let params =
        [tx.organization().into(), entity::word(&kind)?.into(), user.into(), text::lower(external_id)];
    entity::one(tx.fetch_optional(sql, &params).await?)
}

/// The devices with this MAC address (several share a dock), by id, at most 100.
pub async fn by_mac(tx: &mut Tx, mac: &str) -> Result<Vec<Device>> {
    let sql = "SELECT d.doc FROM device_mac AS m JOIN device AS d \
               ON d.organization_id = m.organization_id AND d.id = m.device_id \
               WHERE m.organization_id = $1 AND m.mac = $2 ORDER BY d.id LIMIT 100";
    entity::all(&tx.fetch(sql, &[tx.organization().into(), text::bounded(mac, MAX_MAC)]).await?)
}

/// The devices of a user, by id, at most 1,000.
pub async fn of_user(tx: &mut Tx, user: UserId) -> Result<Vec<Device>> {
    let sql = "SELECT doc FROM device WHERE organization_id = $1 AND user_id = $2 ORDER BY id LIMIT 1000";
    entity::all(&tx.fetch(sql, &[tx.organization().into(), user.into()]).await?)
}

/// How many devices are enrolled or in quarantine.
pub async fn count_live(tx: &mut Tx) -> Result<usize> {
    let sql =
        "SELECT COUNT(*) FROM device WHERE organization_id = $1 AND state IN ('enrolled', 'quarantined')";
    let row = tx.fetch_optional(sql, &[tx.organization().into()]).await?;
    let count = row.map(|row| row.int(0)).transpose()?.unwrap_or(0);
    Ok(usize::try_from(count).unwrap_or(0))
}

/// Inserts or updates. Conflicts: [`constraint::DEVICE_NUMBER`] and [`constraint::DEVICE_GUID`] (in the whole
/// installation), [`constraint::CHANNEL_EXTERNAL_ID`], [`constraint::FOREIGN_KEY`] (user, suite),
/// [`constraint::DEVICE_CHANGED`].
pub async fn put(tx: &mut Tx, device: &mut Device) -> Result<()> {
    let old = entity::begin(tx, device)?;
    let outcome = write(tx, device, old == 0).await;
    entity::finish(device, old, outcome)?;
    tx.changed(Change::Device(Arc::new(device.clone())));
    Ok(())
}

async fn write(tx: &mut Tx, device: &mut Device, new: bool) -> Result<()> {
    let digest = side::digest(device)?;
    let rest: [Value; 6] = [
        device.id.into(),
        device.suite.into(),
        entity::word(&device.state)?.into(),
        digest.into(),
        device.user.into(),
        device.number.into(),
    ];
    let params = entity::parameters(tx, device, &rest)?;
    if new {
        tx.execute(INSERT, &params).await?;
        return side::insert(tx, device).await;
    }
    if tx.execute(UPDATE_DOCUMENT, &params[..7]).await? == 1 {
        return Ok(());
    }
    entity::found::<Device>(tx.execute(UPDATE, &params).await?)?;
    side::delete(tx, device.id).await?;
    side::insert(tx, device).await
}

/// Removes the device record with its channels, presence and exchanges; false if there was none. A command
/// that is not final makes this the conflict [`constraint::FOREIGN_KEY`]: a pending wipe must not vanish.
pub async fn remove(tx: &mut Tx, id: DeviceId) -> Result<bool> {
    let sql = "DELETE FROM device WHERE organization_id = $1 AND id = $2";
    let removed = tx.execute(sql, &[tx.organization().into(), id.into()]).await? > 0;
    if removed {
        tx.changed(Change::DeviceRemoved(id));
    }
    Ok(removed)
}
