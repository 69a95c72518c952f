//! The queue of work to be done later, at least once.
//!
//! A worker claims due jobs for a while, does them, and finishes them or reports failure; a claim that ran out
//! (the worker died) is claimed again. Failed jobs come back later and later and are put aside after the last
//! attempt, where they stay visible. The organization of a job is that of the unit that enqueued it; workers claim
//! for all organizations, in a unit of the system organization.

use crate::{Dialect, Result, Row, StoreError, Tx};
use domain::{Id, Millis, model::OrganizationId};

/// Marks the ids of jobs.
#[derive(Debug, Clone, Copy)]
pub enum JobKind {}

impl domain::IdKind for JobKind {
    const PREFIX: &'static str = "job";
}

/// Id of a job.
pub type JobId = Id<JobKind>;

/// Attempts before a job is put aside.
pub const ATTEMPTS: u32 = 12;

/// The wait after the first failure; it doubles up to [`LONGEST_WAIT`]. Milliseconds.
pub const FIRST_WAIT: Millis = 5_000;

/// The longest wait between attempts. Milliseconds.
pub const LONGEST_WAIT: Millis = 3_600_000;

/// A job that a worker has claimed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claimed {
    /// Whose job.
    pub organization: OrganizationId,
    /// Which.
    pub id: JobId,
    /// What kind of work.
    pub kind: String,
    /// Its parameters, as JSON text.
    pub payload: String,
    /// Which attempt this is, from 1.
    pub attempt: u32,
}

/// A job that was put aside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failed {
    /// Which.
    pub id: JobId,
    /// What kind of work.
    pub kind: String,
    /// The last error.
    pub error: String,
    /// When it was put aside.
    pub at: Millis,
}

/// Adds a job. If one with the same kind and `dedup_key` waits (or runs) already nothing is added and the answer is
/// `false`.
pub async fn enqueue(
    tx: &mut Tx,
    id: JobId,
    kind: &str,
    dedup_key: Option<&str>,
    payload: &serde_json::Value,
    run_at: Millis,
) -> Result<bool> {
    let rows = tx
        .execute(
            "INSERT INTO job (organization_id, id, kind, dedup_key, payload, run_at, attempts, created_at) \
             VALUES ($1, $2, $3, $4, $5, $6, 0, $7) \
             ON CONFLICT (organization_id, kind, dedup_key) WHERE dedup_key IS NOT NULL AND failed_at IS NULL \
             DO NOTHING",
            &[
                tx.organization().into(),
                id.into(),
                kind.into(),
                dedup_key.into(),
                payload.into(),
                run_at.into(),
                tx.now().into(),
            ],
        )
        .await?;
    Ok(rows == 1)
}

/// Claims up to `limit` due jobs of all organizations for `duration` milliseconds, those due longest first.
/// Several workers never get the same job, and on PostgreSQL do not wait for each other.
pub async fn claim(tx: &mut Tx, worker: &str, limit: u32, duration: Millis) -> Result<Vec<Claimed>> {
    const SQLITE: &str = "UPDATE job SET claimed_by = $1, claimed_until = $2, attempts = attempts + 1 \
        WHERE (organization_id, id) IN (SELECT organization_id, id FROM job \
        WHERE failed_at IS NULL AND run_at <= $3 AND (claimed_until IS NULL OR claimed_until <= $3) \
        ORDER BY run_at LIMIT $4) \
        RETURNING organization_id, id, kind, payload, attempts, run_at";
    const POSTGRES: &str = "UPDATE job SET claimed_by = $1, claimed_until = $2, attempts = attempts + 1 \
        WHERE (organization_id, id) IN (SELECT organization_id, id FROM job \
        WHERE failed_at IS NULL AND run_at <= $3 AND (claimed_until IS NULL OR claimed_until <= $3) \
        ORDER BY run_at LIMIT $4 FOR UPDATE SKIP LOCKED) \
        RETURNING organization_id, id, kind, payload, attempts, run_at";
    let sql = if tx.dialect() == Dialect::Sqlite { SQLITE } else { POSTGRES };
    let now = tx.now();
    let mut rows = tx.fetch(sql, &[worker.into(), (now + duration).into(), now.into(), limit.into()]).await?;
    // RETURNING has no order of its own.
    rows.sort_by_cached_key(|row| (row.int(5).unwrap_or(i64::MAX), row.uuid(1).ok()));
    rows.iter().map(claimed).collect()
}

fn claimed(row: &Row) -> Result<Claimed> {
    Ok(Claimed {
        organization: row.id(0)?,
        id: row.id(1)?,
        kind: row.text(2)?,
        payload: row.text(3)?,
        attempt: row.u32(4)?,
    })
}

/// The job is done. `false` if the claim had run out and somebody else took it.
pub async fn finish(tx: &mut Tx, job: &Claimed, worker: &str) -> Result<bool> {
    let rows = tx
        .execute(
            "DELETE FROM job WHERE organization_id = $1 AND id = $2 AND claimed_by = $3 AND attempts = $4",
            &[job.organization.into(), job.id.into(), worker.into(), job.attempt.into()],
        )
        .await?;
    Ok(rows == 1)
}

/// The job failed: it comes back later, or is put aside after the last attempt. `false` if the claim had run out and
/// somebody else took it.
pub async fn fail(tx: &mut Tx, job: &Claimed, worker: &str, error: &str) -> Result<bool> {
    let now = tx.now();
    let given_up = (job.attempt >= ATTEMPTS).then_some(now);
    let rows = tx
        .execute(
            "UPDATE job SET claimed_by = NULL, claimed_until = NULL, run_at = $5, last_error = $6, \
             failed_at = $7 WHERE organization_id = $1 AND id = $2 AND claimed_by = $3 AND attempts = $4",
            &[
                job.organization.into(),
                job.id.into(),
                worker.into(),
                job.attempt.into(),
                (now + wait_after(job.attempt)).into(),
                error.into(),
                given_up.into(),
            ],
        )
        .await?;
    Ok(rows == 1)
}

/// How long a job waits after its nth attempt. Milliseconds.
pub fn wait_after(attempt: u32) -> Millis {
    FIRST_WAIT.checked_shl(attempt.saturating_sub(1).min(32)).unwrap_or(LONGEST_WAIT).min(LONGEST_WAIT)
}

/// When the next job of any organization is due (claimed ones when their claim ends).
pub async fn next_due(tx: &mut Tx) -> Result<Option<Millis>> {
    tx.fetch_one(
        "SELECT min(CASE WHEN claimed_until > run_at THEN claimed_until ELSE run_at END) FROM job \
         WHERE failed_at IS NULL",
        &[],
    )
    .await?
    .opt_int(0)
}

/// Jobs of this organization that were put aside, newest first.
pub async fn failed(tx: &mut Tx, limit: u32) -> Result<Vec<Failed>> {
    let rows = tx
        .fetch(
            "SELECT id, kind, last_error, failed_at FROM job WHERE organization_id = $1 \
             AND failed_at IS NOT NULL ORDER BY failed_at DESC, id LIMIT $2",
            &[tx.organization().into(), limit.into()],
        )
        .await?;
    rows.iter()
        .map(|row| {
            Ok(Failed {
                id: row.id(0)?,
                kind: row.text(1)?,
                error: row.opt_text(2)?.unwrap_or_default(),
                at: row.int(3)?,
            })
        })
        .collect::<Result<_, StoreError>>()
}

/// Removes jobs of all organizations that were put aside before `before`.
pub async fn purge_failed(tx: &mut Tx, before: Millis) -> Result<u64> {
    tx.execute("DELETE FROM job WHERE failed_at < $1", &[before.into()]).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_an_hour() {
        assert_eq!(wait_after(1), 5_000);
        assert_eq!(wait_after(2), 10_000);
        assert_eq!(wait_after(3), 20_000);
        assert_eq!(wait_after(11), LONGEST_WAIT);
        assert_eq!(wait_after(u32::MAX), LONGEST_WAIT);
    }
}
