//! The governor of an organization: one document.

use super::{
    constraint,
    entity::{self, Statements, entity},
};
use crate::{Result, Tx};
use domain::{Change, model::Governor};
use std::sync::Arc;

entity!(Governor, constraint::GOVERNOR_CHANGED);

const STATEMENTS: Statements = Statements {
    insert: "INSERT INTO governor (organization_id, rev, doc) VALUES ($1, $2, $3)",
    update: "UPDATE governor SET rev = $2, doc = $3 WHERE organization_id = $1 AND rev + 1 = $2",
};

/// The governor of the unit's organization; `None` while it has had nothing to count.
pub async fn get(tx: &mut Tx) -> Result<Option<Governor>> {
    let sql = "SELECT doc FROM governor WHERE organization_id = $1";
    entity::one(tx.fetch_optional(sql, &[tx.organization().into()]).await?)
}

/// The same, locked until the unit ends and made if there is none: who counts must count alone, on every node.
pub async fn lock(tx: &mut Tx) -> Result<Governor> {
    let new = Governor { rev: 1, ..Governor::new(tx.organization()) };
    // The update changes nothing but locks the row and answers it.
    let sql = "INSERT INTO governor (organization_id, rev, doc) VALUES ($1, 1, $2) \
               ON CONFLICT (organization_id) DO UPDATE SET rev = governor.rev RETURNING doc";
    let row = tx.fetch_one(sql, &[tx.organization().into(), entity::document(&new)?.into()]).await?;
    entity::one(Some(row))?
        .ok_or_else(|| crate::StoreError::Corrupt("a governor without a document".to_owned()))
}

/// Inserts or updates. Conflict: [`constraint::GOVERNOR_CHANGED`].
pub async fn put(tx: &mut Tx, governor: &mut Governor) -> Result<()> {
    entity::put(tx, governor, &STATEMENTS, &[]).await?;
    tx.changed(Change::Governor(Arc::new(governor.clone())));
    Ok(())
}
