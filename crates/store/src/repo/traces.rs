//! Timed traces of one user's traffic, for the help desk: who asked for it, until when, and the lines (never a
//! body of a message). A user has at most one trace; starting another one forgets the former.

use super::text;
use crate::{Result, Row, Tx};
use domain::{Millis, model::UserId};

/// Lines kept per trace.
pub const MAX_ENTRIES: i64 = 2000;
/// Bytes kept of a line.
pub const MAX_LINE: usize = 4096;

/// A trace of a user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trace {
    /// The user.
    pub user: UserId,
    /// When it began.
    pub started_at: Millis,
    /// When it ends by itself.
    pub until: Millis,
    /// Who asked for it (actor in text form).
    pub started_by: String,
}

/// A line of a trace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TraceEntry {
    /// Grows within the trace, from 1.
    pub sequence: i64,
    /// When.
    pub at: Millis,
    /// The line, in the writer's own form.
    pub line: String,
}

/// Reads columns 0 to 3.
pub(super) fn from_row(row: &Row) -> Result<Trace> {
    Ok(Trace { user: row.id(0)?, started_at: row.int(1)?, until: row.int(2)?, started_by: row.text(3)? })
}

/// Starts a trace. Conflict: [`FOREIGN_KEY`](super::constraint::FOREIGN_KEY) (user).
pub async fn start(tx: &mut Tx, trace: &Trace) -> Result<()> {
    remove(tx, trace.user).await?;
    let sql = "INSERT INTO trace (organization_id, user_id, started_at, until_at, started_by, last_sequence) \
               VALUES ($1, $2, $3, $4, $5, 0)";
    let params = [
        tx.organization().into(),
        trace.user.into(),
        trace.started_at.into(),
        trace.until.into(),
        text::bounded(&trace.started_by, MAX_LINE),
    ];
    tx.execute(sql, &params).await?;
    Ok(())
}

/// The trace of a user, running or over.
pub async fn get(tx: &mut Tx, user: UserId) -> Result<Option<Trace>> {
    let sql = "SELECT user_id, started_at, until_at, started_by FROM trace \
               WHERE organization_id = $1 AND user_id = $2";
    let row = tx.fetch_optional(sql, &[tx.organization().into(), user.into()]).await?;
    row.as_ref().map(from_row).transpose()
}

/// Ends a trace early and keeps its lines; false if there was none running.
pub async fn stop(tx: &mut Tx, user: UserId, now: Millis) -> Result<bool> {
    let sql = "UPDATE trace SET until_at = $3 WHERE organization_id = $1 AND user_id = $2 AND until_at > $3";
    Ok(tx.execute(sql, &[tx.organization().into(), user.into(), now.into()]).await? > 0)
}

/// Removes a trace with its lines; false if there was none.
pub async fn remove(tx: &mut Tx, user: UserId) -> Result<bool> {
    let sql = "DELETE FROM trace WHERE organization_id = $1 AND user_id = $2";
    Ok(tx.execute(sql, &[tx.organization().into(), user.into()]).await? > 0)
}

/// Adds lines and forgets the oldest beyond [`MAX_ENTRIES`]; false if the user has no trace.
pub async fn append(tx: &mut Tx, user: UserId, lines: &[(Millis, String)]) -> Result<bool> {
    let lines = &lines[lines.len().saturating_sub(MAX_ENTRIES as usize)..];
    let sql = "UPDATE trace SET last_sequence = last_sequence + $3 \
               WHERE organization_id = $1 AND user_id = $2 RETURNING last_sequence";
    let count = lines.len() as i64;
    let head = tx.fetch_optional(sql, &[tx.organization().into(), user.into(), count.into()]).await?;
    let Some(head) = head else { return Ok(false) };
    let last = head.int(0)?;
    for (sequence, (at, line)) in (last - count + 1..).zip(lines) {
        let sql = "INSERT INTO trace_entry (organization_id, user_id, sequence, at, line) \
                   VALUES ($1, $2, $3, $4, $5)";
        let params = [
            tx.organization().into(),
            user.into(),
            sequence.into(),
            (*at).into(),
            text::bounded(line, MAX_LINE),
        ];
        tx.execute(sql, &params).await?;
    }
    let sql = "DELETE FROM trace_entry WHERE organization_id = $1 AND user_id = $2 AND sequence <= $3";
    tx.execute(sql, &[tx.organization().into(), user.into(), (last - MAX_ENTRIES).into()]).await?;
    Ok(true)
}

/// The lines behind `after` (0 is from the beginning), the oldest first.
pub async fn entries(tx: &mut Tx, user: UserId, after: i64, limit: u32) -> Result<Vec<TraceEntry>> {
    let sql = "SELECT sequence, at, line FROM trace_entry \
               WHERE organization_id = $1 AND user_id = $2 AND sequence > $3 ORDER BY sequence LIMIT $4";
    let params = [tx.organization().into(), user.into(), after.into(), limit.into()];
    let rows = tx.fetch(sql, &params).await?;
    rows.iter()
        .map(|row| Ok(TraceEntry { sequence: row.int(0)?, at: row.int(1)?, line: row.text(2)? }))
        .collect()
}
