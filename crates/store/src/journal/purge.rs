//! Retention: erasing bodies, and removing the beginning of chains behind a checkpoint.

use super::{NO_HASH, checkpoint_mac};
use crate::{Result, Store, StoreError, Tx};
use domain::{
    Millis,
    model::{Actor, OrganizationId},
};

/// Rows touched in one unit, so that other writers get their turn.
const STEP: i64 = 2000;

/// Erases the bodies (and salts) of an organization's entries up to the sequence `last` that are older than `before`:
/// what followers have not read yet stays whole. So does the chain. Answers how many were erased.
pub async fn purge_journal_bodies(
    store: &Store,
    organization: OrganizationId,
    actor: Actor,
    before: Millis,
    last: i64,
) -> Result<u64> {
    let mut total = 0;
    loop {
        let erased = store
            .write(organization, actor.clone(), async move |tx: &mut Tx| {
                tx.execute(
                    "UPDATE journal SET body = NULL, body_salt = NULL WHERE organization_id = $1 AND sequence IN \
                     (SELECT sequence FROM journal WHERE organization_id = $1 AND at < $2 \
                     AND sequence <= $4 AND body IS NOT NULL ORDER BY sequence LIMIT $3)",
                    &[tx.organization().into(), before.into(), STEP.into(), last.into()],
                )
                .await
            })
            .await?;
        total += erased;
        if erased < STEP as u64 {
            return Ok(total);
        }
    }
}

/// Removes an organization's entries from the oldest up to the first that is not older than `before` or comes after
/// the sequence `last` (what followers have not read yet), and leaves a checkpoint authenticated with the key file.
/// Answers how many were removed.
pub async fn purge_journal_before(
    store: &Store,
    organization: OrganizationId,
    actor: Actor,
    before: Millis,
    last: i64,
) -> Result<u64> {
    let mut total = 0;
    loop {
        let key = store.options().secret_key.clone();
        let removed: u64 = store
            .write(organization, actor.clone(), async move |tx: &mut Tx| {
                let Some((sequence, hash)) = last_to_remove(tx, before, last).await? else { return Ok(0) };
                let mac = checkpoint_mac(&key, organization, sequence, &hash);
                tx.execute(
                    "INSERT INTO journal_checkpoint (organization_id, sequence, hash, at, mac) \
                     VALUES ($1, $2, $3, $4, $5) ON CONFLICT (organization_id) DO UPDATE \
                     SET sequence = excluded.sequence, hash = excluded.hash, at = excluded.at, mac = excluded.mac",
                    &[organization.into(), sequence.into(), hash.into(), tx.now().into(), mac.into()],
                )
                .await?;
                tx.execute(
                    "DELETE FROM journal WHERE organization_id = $1 AND sequence <= $2",
                    &[organization.into(), sequence.into()],
                )
                .await
            })
            .await?;
        total += removed;
        if removed < STEP as u64 {
            return Ok(total);
        }
    }
}

/// The last entry of the next step: old enough itself, and nothing before it is newer. A chain that does not
/// continue is not purged, for that would remove the evidence.
async fn last_to_remove(tx: &mut Tx, before: Millis, limit: i64) -> Result<Option<(i64, [u8; 32])>> {
    let rows = tx
        .fetch(
            "SELECT sequence, at, hash, previous_hash FROM journal WHERE organization_id = $1 \
             ORDER BY sequence LIMIT $2",
            &[tx.organization().into(), STEP.into()],
        )
        .await?;
    let checkpoint = tx
        .fetch_optional(
            "SELECT sequence, hash FROM journal_checkpoint WHERE organization_id = $1",
            &[tx.organization().into()],
        )
        .await?;
    let begin = match checkpoint {
        Some(row) => (row.int(0)?, row.bytes(1)?),
        None => (0, NO_HASH),
    };
    let mut last = begin;
    for row in &rows {
        if row.int(1)? >= before || row.int(0)? > limit {
            break;
        }
        let sequence = row.int(0)?;
        if sequence != last.0 + 1 || row.bytes(3)? != last.1 {
            return Err(StoreError::Corrupt(format!(
                "the journal is broken before entry {sequence}; run verify-journal, nothing was removed"
            )));
        }
        last = (sequence, row.bytes(2)?);
    }
    Ok((last.0 > begin.0).then_some(last))
}
