//! Terms of use in their versions.

use super::{
    constraint,
    entity::{self, Statements, entity},
};
use crate::{Result, Tx};
use domain::model::{Terms, TermsId};

entity!(Terms, constraint::TERMS_CHANGED);

const STATEMENTS: Statements = Statements {
    insert: "INSERT INTO terms (organization_id, rev, doc, id, version) VALUES ($1, $2, $3, $4, $5)",
    update: "UPDATE terms SET rev = $2, doc = $3, version = $5 \
             WHERE organization_id = $1 AND id = $4 AND rev + 1 = $2",
};

/// The version, if there is one of this id in the organization.
pub async fn get(tx: &mut Tx, id: TermsId) -> Result<Option<Terms>> {
    let sql = "SELECT doc FROM terms WHERE organization_id = $1 AND id = $2";
    entity::one(tx.fetch_optional(sql, &[tx.organization().into(), id.into()]).await?)
}

/// All versions of the unit's organization, the newest first; a draft comes before them.
pub async fn list(tx: &mut Tx) -> Result<Vec<Terms>> {
    let sql =
        "SELECT doc FROM terms WHERE organization_id = $1 ORDER BY version = 0 DESC, version DESC, id DESC";
    entity::all(&tx.fetch(sql, &[tx.organization().into()]).await?)
}

/// Inserts or updates. Conflicts: [`constraint::TERMS_CHANGED`], [`constraint::TERMS_VERSION`].
pub async fn put(tx: &mut Tx, terms: &mut Terms) -> Result<()> {
    entity::put(tx, terms, &STATEMENTS, &[terms.id.into(), terms.version.into()]).await
}

/// Removes a draft; false if there was none.
pub async fn remove_draft(tx: &mut Tx, id: TermsId) -> Result<bool> {
    let sql = "DELETE FROM terms WHERE organization_id = $1 AND id = $2 AND version = 0";
    Ok(tx.execute(sql, &[tx.organization().into(), id.into()]).await? > 0)
}
