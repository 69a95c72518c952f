//! Files of users on their way in, with their rows in sealed parts.

use super::{
    constraint,
    entity::{self, Statements, entity},
};
use crate::{Result, Tx};
use domain::model::{ImportState, UserImport, UserImportId};

entity!(UserImport, constraint::IMPORT_CHANGED);

const STATEMENTS: Statements = Statements {
    insert: "INSERT INTO user_import (organization_id, rev, doc, id, running) VALUES ($1, $2, $3, $4, $5)",
    update: "UPDATE user_import SET rev = $2, doc = $3, running = $5 \
             WHERE organization_id = $1 AND id = $4 AND rev + 1 = $2",
};

/// The import, if there is one of this id in the organization.
pub async fn get(tx: &mut Tx, id: UserImportId) -> Result<Option<UserImport>> {
    let sql = "SELECT doc FROM user_import WHERE organization_id = $1 AND id = $2";
    entity::one(tx.fetch_optional(sql, &[tx.organization().into(), id.into()]).await?)
}

/// All imports of the unit's organization, newest first.
pub async fn list(tx: &mut Tx) -> Result<Vec<UserImport>> {
    let sql = "SELECT doc FROM user_import WHERE organization_id = $1 ORDER BY id DESC";
    entity::all(&tx.fetch(sql, &[tx.organization().into()]).await?)
}

/// Imports of the unit's organization that are under way, oldest first.
pub async fn running(tx: &mut Tx) -> Result<Vec<UserImport>> {
    let sql = "SELECT doc FROM user_import WHERE organization_id = $1 AND running ORDER BY id";
    entity::all(&tx.fetch(sql, &[tx.organization().into()]).await?)
}

/// Inserts or updates. Conflict: [`constraint::IMPORT_CHANGED`].
pub async fn put(tx: &mut Tx, import: &mut UserImport) -> Result<()> {
    let running = import.state == ImportState::Running;
    entity::put(tx, import, &STATEMENTS, &[import.id.into(), running.into()]).await
}

/// Keeps a part of the rows, sealed.
pub async fn put_part(tx: &mut Tx, id: UserImportId, part: u32, sealed: Vec<u8>) -> Result<()> {
    let sql = "INSERT INTO user_import_part (organization_id, import_id, part, rows) VALUES ($1, $2, $3, $4)";
    tx.execute(sql, &[tx.organization().into(), id.into(), part.into(), sealed.into()]).await.map(drop)
}

/// A part of the rows, sealed.
pub async fn part(tx: &mut Tx, id: UserImportId, part: u32) -> Result<Option<Vec<u8>>> {
    let sql = "SELECT rows FROM user_import_part WHERE organization_id = $1 AND import_id = $2 AND part = $3";
    let row = tx.fetch_optional(sql, &[tx.organization().into(), id.into(), part.into()]).await?;
    row.map(|row| row.blob(0)).transpose()
}

/// Forgets a part that was imported.
pub async fn remove_part(tx: &mut Tx, id: UserImportId, part: u32) -> Result<()> {
    let sql = "DELETE FROM user_import_part WHERE organization_id = $1 AND import_id = $2 AND part = $3";
    tx.execute(sql, &[tx.organization().into(), id.into(), part.into()]).await.map(drop)
}

/// Forgets an import with its rows; false if there was none.
pub async fn remove(tx: &mut Tx, id: UserImportId) -> Result<bool> {
    let sql = "DELETE FROM user_import_part WHERE organization_id = $1 AND import_id = $2";
    tx.execute(sql, &[tx.organization().into(), id.into()]).await?;
    let sql = "DELETE FROM user_import WHERE organization_id = $1 AND id = $2";
    Ok(tx.execute(sql, &[tx.organization().into(), id.into()]).await? > 0)
}
