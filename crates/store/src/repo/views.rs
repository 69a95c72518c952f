//! Saved views of administrators. Nobody but their page asks for them, so they are in no cache and no feed.

use super::{
    constraint,
    entity::{self, Statements, entity},
    text,
};
use crate::{Result, Tx};
use domain::model::{AdministratorId, SavedView, SavedViewId};

entity!(SavedView, constraint::VIEW_CHANGED);

/// The owner of a view never changes.
const STATEMENTS: Statements = Statements {
    insert: "INSERT INTO saved_view (organization_id, rev, doc, id, administrator_id, name_lower) \
             VALUES ($1, $2, $3, $4, $5, $6)",
    update: "UPDATE saved_view SET rev = $2, doc = $3, name_lower = $6 \
             WHERE organization_id = $1 AND id = $4 AND administrator_id = $5 AND rev + 1 = $2",
};

/// The view, if this administrator has one of this id in the organization.
pub async fn get(tx: &mut Tx, owner: AdministratorId, id: SavedViewId) -> Result<Option<SavedView>> {
    let sql = "SELECT doc FROM saved_view WHERE organization_id = $1 AND id = $2 AND administrator_id = $3";
    entity::one(tx.fetch_optional(sql, &[tx.organization().into(), id.into(), owner.into()]).await?)
}

/// The views of an administrator in the organization, by name.
pub async fn list(tx: &mut Tx, owner: AdministratorId) -> Result<Vec<SavedView>> {
    let sql = "SELECT doc FROM saved_view WHERE organization_id = $1 AND administrator_id = $2 \
               ORDER BY name_lower";
    entity::all(&tx.fetch(sql, &[tx.organization().into(), owner.into()]).await?)
}

/// Inserts or updates. Conflicts: [`constraint::VIEW_NAME`], [`constraint::VIEW_CHANGED`].
pub async fn put(tx: &mut Tx, view: &mut SavedView) -> Result<()> {
    let rest = [view.id.into(), view.administrator.into(), text::lower(&view.name)];
    entity::put(tx, view, &STATEMENTS, &rest).await
}

/// Removes the view; false if this administrator has none of this id.
pub async fn remove(tx: &mut Tx, owner: AdministratorId, id: SavedViewId) -> Result<bool> {
    let sql = "DELETE FROM saved_view WHERE organization_id = $1 AND id = $2 AND administrator_id = $3";
    Ok(tx.execute(sql, &[tx.organization().into(), id.into(), owner.into()]).await? > 0)
}

/// Removes all views of an administrator in the organization.
pub async fn remove_all(tx: &mut Tx, owner: AdministratorId) -> Result<()> {
    let sql = "DELETE FROM saved_view WHERE organization_id = $1 AND administrator_id = $2";
    tx.execute(sql, &[tx.organization().into(), owner.into()]).await?;
    Ok(())
}
