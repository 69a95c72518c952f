//! The last calls of Cisco ISE, as raw request lines, for the ISE page. Calls of accounts that nobody knows
//! belong to the organization whose address was called, or to the system organization.

use super::text;
use crate::{Result, Row, Tx};
use domain::Millis;

/// Calls kept per organization.
pub const MAX_CALLS: i64 = 1000;
/// Bytes kept of the request line; MAC, UDID and paging fit many times.
pub const MAX_TARGET: usize = 4096;
/// Bytes kept of the other texts.
const MAX_TEXT: usize = 512;

/// A call of the ISE API.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IseCall {
    /// Grows within the organization, from 1; given by [`append`].
    pub sequence: i64,
    /// When.
    pub at: Millis,
    /// Name the caller gave, perhaps not a known one.
    pub account: String,
    /// Address of the caller.
    pub address: String,
    /// Method.
    pub method: String,
    /// Target exactly as in the request line, at most [`MAX_TARGET`] bytes.
    pub target: String,
    /// Status answered.
    pub status: u16,
    /// Microseconds until the answer was complete.
    pub duration_us: i64,
    /// What we thought of it, one sentence, or empty.
    pub note: String,
}

/// Adds calls in the given order and forgets the oldest beyond [`MAX_CALLS`]. The sequence of the argument is
/// not looked at.
pub async fn append(tx: &mut Tx, calls: &[IseCall]) -> Result<()> {
    let calls = &calls[calls.len().saturating_sub(MAX_CALLS as usize)..];
    let count = calls.len() as i64;
    let sql = "INSERT INTO ise_call_head (organization_id, last_sequence) VALUES ($1, $2) \
               ON CONFLICT (organization_id) \
               DO UPDATE SET last_sequence = ise_call_head.last_sequence + excluded.last_sequence \
               RETURNING last_sequence";
    let last = tx.fetch_one(sql, &[tx.organization().into(), count.into()]).await?.int(0)?;
    for (sequence, call) in (last - count + 1..).zip(calls) {
        let sql = "INSERT INTO ise_call \
                   (organization_id, sequence, at, account, address, method, target, status, duration_us, note) \
                   VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
        let params = [
            tx.organization().into(),
            sequence.into(),
            call.at.into(),
            text::bounded(&call.account, MAX_TEXT),
            text::bounded(&call.address, MAX_TEXT),
            text::bounded(&call.method, MAX_TEXT),
            text::bounded(&call.target, MAX_TARGET),
            call.status.into(),
            call.duration_us.into(),
            text::bounded(&call.note, MAX_TEXT),
        ];
        tx.execute(sql, &params).await?;
    }
    let sql = "DELETE FROM ise_call WHERE organization_id = $1 AND sequence <= $2";
    tx.execute(sql, &[tx.organization().into(), (last - MAX_CALLS).into()]).await?;
    Ok(())
}

/// The calls, the newest first; with `before`, those of a smaller sequence.
pub async fn page(tx: &mut Tx, before: Option<i64>, limit: u32) -> Result<Vec<IseCall>> {
    let sql = "SELECT sequence, at, account, address, method, target, status, duration_us, note FROM ise_call \
               WHERE organization_id = $1 AND sequence < $2 ORDER BY sequence DESC LIMIT $3";
    let params = [tx.organization().into(), before.unwrap_or(i64::MAX).into(), limit.into()];
    tx.fetch(sql, &params).await?.iter().map(from_row).collect()
}

fn from_row(row: &Row) -> Result<IseCall> {
    Ok(IseCall {
        sequence: row.int(0)?,
        at: row.int(1)?,
        account: row.text(2)?,
        address: row.text(3)?,
        method: row.text(4)?,
        target: row.text(5)?,
        status: row.u32(6)? as u16,
        duration_us: row.int(7)?,
        note: row.text(8)?,
    })
}
