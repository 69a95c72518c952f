//! Leases: who does what only one node may do at a time (running schedules, sending, purging).
//!
//! Leases need no journal and belong to the installation, not to an organization.

use crate::{Result, Tx};
use domain::Millis;

/// Takes or extends the lease `name` for `duration` milliseconds. `false` if somebody else holds it.
pub async fn acquire(tx: &mut Tx, name: &str, holder: &str, duration: Millis) -> Result<bool> {
    let now = tx.now();
    let rows = tx
        .execute(
            "INSERT INTO lease (name, holder, held_until) VALUES ($1, $2, $3) \
             ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, held_until = excluded.held_until \
             WHERE lease.holder = excluded.holder OR lease.held_until <= $4",
            &[name.into(), holder.into(), (now + duration).into(), now.into()],
        )
        .await?;
    Ok(rows == 1)
}

/// Gives a lease back. One that somebody else holds meanwhile stays.
pub async fn release(tx: &mut Tx, name: &str, holder: &str) -> Result<()> {
    tx.execute("DELETE FROM lease WHERE name = $1 AND holder = $2", &[name.into(), holder.into()])
        .await
        .map(drop)
}

/// Who holds the lease now.
pub async fn holder(tx: &mut Tx, name: &str) -> Result<Option<String>> {
    let now = tx.now();
    tx.fetch_optional(
        "SELECT holder FROM lease WHERE name = $1 AND held_until > $2",
        &[name.into(), now.into()],
    )
    .await?
    .map(|row| row.text(0))
    .transpose()
}
