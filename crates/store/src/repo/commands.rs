//! Ordered commands: rows of `command` while something can still happen, then of `command_history`.
//!
//! History has no foreign key to the device: what was ordered stays known, and counted, when the device record
//! is gone.

use super::{
    constraint,
    entity::{self, entity},
};
use crate::{Result, Tx, Value};
use domain::{
    Change, Millis,
    model::{CommandId, DeviceId, OrderedCommand},
};
use std::sync::Arc;
use uuid::Uuid;

entity!(OrderedCommand, constraint::COMMAND_CHANGED);

const INSERT_LIVE: &str = "INSERT INTO command \
     (organization_id, rev, doc, id, device_id, destructive, state, ordered_at) \
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
const UPDATE_LIVE: &str = "UPDATE command SET rev = $2, doc = $3, state = $5 \
     WHERE organization_id = $1 AND id = $4 AND rev + 1 = $2";
const DELETE_LIVE: &str = "DELETE FROM command WHERE organization_id = $1 AND id = $2 AND rev = $3";
const INSERT_FINAL: &str = "INSERT INTO command_history \
     (organization_id, rev, doc, id, device_id, destructive, state, ordered_at) \
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
const UPDATE_FINAL: &str = "UPDATE command_history SET rev = $2, doc = $3, state = $5 \
     WHERE organization_id = $1 AND id = $4 AND rev + 1 = $2";

/// The command, live or final.
pub async fn get(tx: &mut Tx, id: CommandId) -> Result<Option<OrderedCommand>> {
    let sql = "SELECT doc FROM command WHERE organization_id = $1 AND id = $2 \
               UNION ALL SELECT doc FROM command_history WHERE organization_id = $1 AND id = $2";
    entity::one(tx.fetch_optional(sql, &[tx.organization().into(), id.into()]).await?)
}

/// The live commands of the organization in the order of their ids (oldest first); the next page begins
/// behind `after`.
pub async fn live(tx: &mut Tx, after: Option<CommandId>, limit: u32) -> Result<Vec<OrderedCommand>> {
    let sql = "SELECT doc FROM command WHERE organization_id = $1 AND id > $2 ORDER BY id LIMIT $3";
    let after = after.map_or(Uuid::nil(), CommandId::uuid);
    entity::all(&tx.fetch(sql, &[tx.organization().into(), after.into(), limit.into()]).await?)
}

/// The commands of a device that are not final, the oldest first, at most 100.
pub async fn live_of_device(tx: &mut Tx, device: DeviceId) -> Result<Vec<OrderedCommand>> {
    let sql = "SELECT doc FROM command WHERE organization_id = $1 AND device_id = $2 ORDER BY id LIMIT 100";
    entity::all(&tx.fetch(sql, &[tx.organization().into(), device.into()]).await?)
}

/// The commands of a device, live and final, the newest first.
pub async fn of_device(tx: &mut Tx, device: DeviceId, limit: u32) -> Result<Vec<OrderedCommand>> {
    let sql = "SELECT doc, ordered_at, id FROM command WHERE organization_id = $1 AND device_id = $2 \
               UNION ALL \
               SELECT doc, ordered_at, id FROM command_history WHERE organization_id = $1 AND device_id = $2 \
               ORDER BY 2 DESC, 3 DESC LIMIT $3";
    entity::all(&tx.fetch(sql, &[tx.organization().into(), device.into(), limit.into()]).await?)
}

/// Removes at most `limit` final commands that were ordered before `before`; answers how many. A wipe of the mail
/// server's that it is still to be told about stays.
pub async fn purge_history(tx: &mut Tx, before: Millis, limit: u32) -> Result<u64> {
    let sql = "DELETE FROM command_history WHERE organization_id = $1 AND id IN \
               (SELECT id FROM command_history WHERE organization_id = $1 AND ordered_at < $2 \
               AND doc NOT LIKE '%\"relay_back\":[%' ORDER BY ordered_at LIMIT $3)";
    tx.execute(sql, &[tx.organization().into(), before.into(), limit.into()]).await
}

/// Inserts or updates; a command that has become final moves to the history and never comes back. Conflicts:
/// [`constraint::FOREIGN_KEY`] (device), [`constraint::COMMAND_CHANGED`].
pub async fn put(tx: &mut Tx, command: &mut OrderedCommand) -> Result<()> {
    let old = entity::begin(tx, command)?;
    let outcome = write(tx, command, old).await;
    entity::finish(command, old, outcome)?;
    tx.changed(Change::Command(Arc::new(command.clone())));
    Ok(())
}

async fn write(tx: &mut Tx, command: &mut OrderedCommand, old: i64) -> Result<()> {
    let organization: Value = tx.organization().into();
    let state: Value = entity::word(&command.state)?.into();
    let insert = entity::parameters(
        tx,
        command,
        &[
            command.id.into(),
            command.device.into(),
            command.kind.is_destructive().into(),
            state.clone(),
            command.ordered_at.into(),
        ],
    )?;
    let update = [&insert[..4], &[state]].concat();
    let rows = match (old, command.state.is_final()) {
        (0, false) => tx.execute(INSERT_LIVE, &insert).await?,
        (0, true) => tx.execute(INSERT_FINAL, &insert).await?,
        (_, false) => tx.execute(UPDATE_LIVE, &update).await?,
        (_, true) => {
            let was_live = tx.execute(DELETE_LIVE, &[organization, command.id.into(), old.into()]).await?;
            // A final command can still change: a wipe of the mail server's is reported back to it afterwards.
            if was_live == 1 {
                tx.execute(INSERT_FINAL, &insert).await?
            } else {
                tx.execute(UPDATE_FINAL, &update).await?
            }
        }
    };
    entity::found::<OrderedCommand>(rows)
}
