//! Access settings: one document per organization.

use super::{
    constraint,
    entity::{self, Statements, entity},
};
use crate::{Result, Tx};
use domain::{Change, model::AccessConfig};
use std::sync::Arc;

entity!(AccessConfig, constraint::ACCESS_CHANGED);

const STATEMENTS: Statements = Statements {
    insert: "INSERT INTO access_config (organization_id, rev, doc) VALUES ($1, $2, $3)",
    update: "UPDATE access_config SET rev = $2, doc = $3 WHERE organization_id = $1 AND rev + 1 = $2",
};

/// The settings of the unit's organization; `None` while nobody has touched them.
pub async fn get(tx: &mut Tx) -> Result<Option<AccessConfig>> {
    let sql = "SELECT doc FROM access_config WHERE organization_id = $1";
    entity::one(tx.fetch_optional(sql, &[tx.organization().into()]).await?)
}

/// Inserts or updates. Conflicts: `access_config_pkey` (somebody else was the first to write),
/// [`constraint::ACCESS_CHANGED`].
pub async fn put(tx: &mut Tx, access: &mut AccessConfig) -> Result<()> {
    entity::put(tx, access, &STATEMENTS, &[]).await?;
    tx.changed(Change::Access(Arc::new(access.clone())));
    Ok(())
}
