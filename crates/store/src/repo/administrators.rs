//! Administrators, of an organization or (in a unit of the system organization) of the installation.

use super::{
    constraint,
    entity::{self, Statements, entity},
    sessions, text, tokens, views,
};
use crate::{Result, Tx, Value};
use domain::{
    Change,
    model::{Administrator, AdministratorId, RoleRef},
};
use std::sync::Arc;

entity!(Administrator, constraint::ADMINISTRATOR_CHANGED);

const STATEMENTS: Statements = Statements {
    insert: "INSERT INTO administrator (organization_id, rev, doc, id, username, role_id) \
             VALUES ($1, $2, $3, $4, $5, $6)",
    update: "UPDATE administrator SET rev = $2, doc = $3, username = $5, role_id = $6 \
             WHERE organization_id = $1 AND id = $4 AND rev + 1 = $2",
};

/// The administrator, if there is one of this id in the organization.
pub async fn get(tx: &mut Tx, id: AdministratorId) -> Result<Option<Administrator>> {
    let sql = "SELECT doc FROM administrator WHERE organization_id = $1 AND id = $2";
    entity::one(tx.fetch_optional(sql, &[tx.organization().into(), id.into()]).await?)
}

/// Inserts or updates. Conflicts: [`constraint::ADMINISTRATOR_USERNAME`] (in the whole installation),
/// [`constraint::FOREIGN_KEY`] (role), [`constraint::ADMINISTRATOR_CHANGED`].
pub async fn put(tx: &mut Tx, administrator: &mut Administrator) -> Result<()> {
    let role = match &administrator.role {
        Some(RoleRef::Custom(id)) => (*id).into(),
        Some(RoleRef::Predefined(_)) | None => Value::Null,
    };
    let rest = [administrator.id.into(), text::lower(&administrator.username), role];
    entity::put(tx, administrator, &STATEMENTS, &rest).await?;
    tx.changed(Change::Administrator(Arc::new(administrator.clone())));
    Ok(())
}

/// Removes the administrator with all sessions, API tokens and views; false if there was none.
pub async fn remove(tx: &mut Tx, id: AdministratorId) -> Result<bool> {
    sessions::end_all(tx, id).await?;
    tokens::remove_all(tx, id).await?;
    views::remove_all(tx, id).await?;
    let sql = "DELETE FROM administrator WHERE organization_id = $1 AND id = $2";
    let removed = tx.execute(sql, &[tx.organization().into(), id.into()]).await? > 0;
    if removed {
        tx.changed(Change::AdministratorRemoved(id));
    }
    Ok(removed)
}
