//! How far each follower of the journal has come, by organization.
//!
//! A follower that runs for the first time begins at the present, marked by a row of the system organization. From
//! then on an organization without a row has been followed from its first entry: it is newer than the mark. What concerns all organizations at once is in
//! [`installation::cursors`](super::installation::cursors).

use super::constraint;
use crate::{Result, StoreError, Tx};

/// How far a follower has come in the unit's organization; 0 if it has not begun there.
pub async fn get(tx: &mut Tx, follower: &str) -> Result<i64> {
    let sql = "SELECT sequence FROM follower_cursor WHERE organization_id = $1 AND follower = $2";
    let row = tx.fetch_optional(sql, &[tx.organization().into(), follower.into()]).await?;
    row.map_or(Ok(0), |row| row.int(0))
}

/// Moves a cursor in the unit's organization from where the follower found it. Conflict
/// ([`constraint::CURSOR_MOVED`]): another node moved it meanwhile, and what this unit did was done there.
pub async fn advance(tx: &mut Tx, follower: &str, from: i64, to: i64) -> Result<()> {
    let organization = tx.organization();
    let sql = "INSERT INTO follower_cursor (organization_id, follower, sequence) VALUES ($1, $2, $3) \
               ON CONFLICT (organization_id, follower) DO UPDATE SET sequence = excluded.sequence \
               WHERE follower_cursor.sequence = $4";
    let params = [organization.into(), follower.into(), to.into(), from.into()];
    if tx.execute(sql, &params).await? == 0 {
        return Err(StoreError::Conflict { constraint: constraint::CURSOR_MOVED.to_owned() });
    }
    Ok(())
}
