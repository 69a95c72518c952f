//! API tokens, known by the hash of the token.

use super::{
    constraint,
    entity::{self, Statements, entity},
};
use crate::{Result, Tx};
use domain::{
    Change,
    model::{AdministratorId, ApiToken, ApiTokenId},
};
use std::sync::Arc;

entity!(ApiToken, constraint::TOKEN_CHANGED);

/// Hash and owner of a token never change.
const STATEMENTS: Statements = Statements {
    insert: "INSERT INTO api_token (organization_id, rev, doc, id, administrator_id, token_hash) \
             VALUES ($1, $2, $3, $4, $5, $6)",
    update: "UPDATE api_token SET rev = $2, doc = $3 \
             WHERE organization_id = $1 AND id = $4 AND administrator_id = $5 AND token_hash = $6 \
             AND rev + 1 = $2",
};

/// The token, if there is one of this id in the organization.
pub async fn get(tx: &mut Tx, id: ApiTokenId) -> Result<Option<ApiToken>> {
    let sql = "SELECT doc FROM api_token WHERE organization_id = $1 AND id = $2";
    entity::one(tx.fetch_optional(sql, &[tx.organization().into(), id.into()]).await?)
}

/// Inserts or updates. Conflicts: [`constraint::FOREIGN_KEY`] (administrator), [`constraint::TOKEN_CHANGED`]
/// (also when hash or owner differ from the stored ones).
pub async fn put(tx: &mut Tx, token: &mut ApiToken) -> Result<()> {
    let rest = [token.id.into(), token.administrator.into(), token.token_hash.as_slice().into()];
    entity::put(tx, token, &STATEMENTS, &rest).await?;
    tx.changed(Change::Token(Arc::new(token.clone())));
    Ok(())
}

/// Revokes the token; false if there was none.
pub async fn remove(tx: &mut Tx, id: ApiTokenId) -> Result<bool> {
    let sql = "DELETE FROM api_token WHERE organization_id = $1 AND id = $2";
    let removed = tx.execute(sql, &[tx.organization().into(), id.into()]).await? > 0;
    if removed {
        tx.changed(Change::TokenRemoved(id));
    }
    Ok(removed)
}

/// Revokes all tokens of an administrator; answers how many there were.
pub async fn remove_all(tx: &mut Tx, administrator: AdministratorId) -> Result<usize> {
    let sql = "DELETE FROM api_token WHERE organization_id = $1 AND administrator_id = $2 RETURNING id";
    let rows = tx.fetch(sql, &[tx.organization().into(), administrator.into()]).await?;
    for row in &rows {
        tx.changed(Change::TokenRemoved(row.id(0)?));
    }
    Ok(rows.len())
}
