//! How an organization stood on each day: one row a day, the last count of a day stays.

use super::entity;
use crate::{Result, Tx};
use domain::model::ComplianceDay;

/// Keeps the count of a day in place of an earlier one. No change in the feed.
pub async fn put(tx: &mut Tx, count: &ComplianceDay) -> Result<()> {
    let sql = "INSERT INTO compliance_day (organization_id, day, doc) VALUES ($1, $2, $3) \
               ON CONFLICT (organization_id, day) DO UPDATE SET doc = excluded.doc";
    let document = entity::document(count)?;
    tx.execute(sql, &[tx.organization().into(), count.day.into(), document.into()]).await?;
    Ok(())
}

/// The counts of the days from `first` to `last`, in order; days without one are left out.
pub async fn between(tx: &mut Tx, first: i64, last: i64) -> Result<Vec<ComplianceDay>> {
    let sql =
        "SELECT doc FROM compliance_day WHERE organization_id = $1 AND day >= $2 AND day <= $3 ORDER BY day";
    entity::all(&tx.fetch(sql, &[tx.organization().into(), first.into(), last.into()]).await?)
}

/// Forgets the days before `day`; answers how many.
pub async fn purge(tx: &mut Tx, day: i64) -> Result<u64> {
    let sql = "DELETE FROM compliance_day WHERE organization_id = $1 AND day < $2";
    tx.execute(sql, &[tx.organization().into(), day.into()]).await
}
