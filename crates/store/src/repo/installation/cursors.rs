//! The cursors of a follower in all organizations at once, for the node that follows.

use super::installation_wide;
use crate::{Result, Tx};
use domain::model::OrganizationId;

/// All cursors of a follower. `None` if it has never run.
pub async fn load(tx: &mut Tx, follower: &str) -> Result<Option<Vec<(OrganizationId, i64)>>> {
    installation_wide(tx)?;
    let sql = "SELECT organization_id, sequence FROM follower_cursor WHERE follower = $1";
    let rows = tx.fetch(sql, &[follower.into()]).await?;
    let all = rows.iter().map(|row| Ok((row.id(0)?, row.int(1)?))).collect::<Result<Vec<_>>>()?;
    Ok(all.iter().any(|(organization, _)| *organization == tx.organization()).then_some(all))
}

/// Lets a follower that has never run begin at the newest entry of every journal.
pub async fn begin(tx: &mut Tx, follower: &str) -> Result<()> {
    installation_wide(tx)?;
    tx.execute(
        "INSERT INTO follower_cursor (organization_id, follower, sequence) \
         SELECT organization_id, $1, journal_sequence FROM organization_head WHERE true ON CONFLICT DO NOTHING",
        &[follower.into()],
    )
    .await?;
    tx.execute(
        "INSERT INTO follower_cursor (organization_id, follower, sequence) VALUES ($1, $2, 0) \
         ON CONFLICT DO NOTHING",
        &[tx.organization().into(), follower.into()],
    )
    .await
    .map(drop)
}
