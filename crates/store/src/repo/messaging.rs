//! What an organization sends out: one document per organization, and one of the installation.

use super::{
    constraint,
    entity::{self, Statements, entity},
};
use crate::{Result, Tx};
use domain::{Change, model::Messaging};
use std::sync::Arc;

entity!(Messaging, constraint::MESSAGING_CHANGED);

const STATEMENTS: Statements = Statements {
    insert: "INSERT INTO messaging (organization_id, rev, doc) VALUES ($1, $2, $3)",
    update: "UPDATE messaging SET rev = $2, doc = $3 WHERE organization_id = $1 AND rev + 1 = $2",
};

/// What is set in the unit's organization; `None` while nobody has touched it.
pub async fn get(tx: &mut Tx) -> Result<Option<Messaging>> {
    let sql = "SELECT doc FROM messaging WHERE organization_id = $1";
    entity::one(tx.fetch_optional(sql, &[tx.organization().into()]).await?)
}

/// Inserts or updates. Conflicts: `messaging_pkey` (somebody else was the first to write),
/// [`constraint::MESSAGING_CHANGED`].
pub async fn put(tx: &mut Tx, messaging: &mut Messaging) -> Result<()> {
    entity::put(tx, messaging, &STATEMENTS, &[]).await?;
    tx.changed(Change::Messaging(Arc::new(messaging.clone())));
    Ok(())
}
