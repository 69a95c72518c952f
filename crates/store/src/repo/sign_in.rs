//! How administrators sign in: one document per organization, and one of the installation.

use super::{
    constraint,
    entity::{self, Statements, entity},
};
use crate::{Result, Tx};
use domain::{Change, model::SignInSettings};
use std::sync::Arc;

entity!(SignInSettings, constraint::SIGN_IN_CHANGED);

const STATEMENTS: Statements = Statements {
    insert: "INSERT INTO sign_in_settings (organization_id, rev, doc) VALUES ($1, $2, $3)",
    update: "UPDATE sign_in_settings SET rev = $2, doc = $3 WHERE organization_id = $1 AND rev + 1 = $2",
};

/// What is set in the unit's organization; the defaults while nobody has touched it.
pub async fn get(tx: &mut Tx) -> Result<SignInSettings> {
    let sql = "SELECT doc FROM sign_in_settings WHERE organization_id = $1";
    let found = entity::one(tx.fetch_optional(sql, &[tx.organization().into()]).await?)?;
    Ok(found.unwrap_or_else(|| SignInSettings::new(tx.organization())))
}

/// Inserts or updates. Conflicts: `sign_in_settings_pkey` (somebody else was the first to write),
/// [`constraint::SIGN_IN_CHANGED`].
pub async fn put(tx: &mut Tx, settings: &mut SignInSettings) -> Result<()> {
    entity::put(tx, settings, &STATEMENTS, &[]).await?;
    tx.changed(Change::SignIn(Arc::new(settings.clone())));
    Ok(())
}
