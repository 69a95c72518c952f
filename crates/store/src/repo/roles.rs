//! Custom roles.

use super::{
    constraint,
    entity::{self, Statements, entity},
    text,
};
use crate::{Result, Tx};
use domain::{
    Change,
    model::{Role, RoleId},
};
use std::sync::Arc;

entity!(Role, constraint::ROLE_CHANGED);

const STATEMENTS: Statements = Statements {
    insert: "INSERT INTO role (organization_id, rev, doc, id, name_lower) VALUES ($1, $2, $3, $4, $5)",
    update: "UPDATE role SET rev = $2, doc = $3, name_lower = $5 \
             WHERE organization_id = $1 AND id = $4 AND rev + 1 = $2",
};

/// The role, if there is one of this id in the organization.
pub async fn get(tx: &mut Tx, id: RoleId) -> Result<Option<Role>> {
    let sql = "SELECT doc FROM role WHERE organization_id = $1 AND id = $2";
    entity::one(tx.fetch_optional(sql, &[tx.organization().into(), id.into()]).await?)
}

/// Inserts or updates. Conflicts: [`constraint::ROLE_NAME`] (compared in lower case),
/// [`constraint::ROLE_CHANGED`].
pub async fn put(tx: &mut Tx, role: &mut Role) -> Result<()> {
    let rest = [role.id.into(), text::lower(&role.name)];
    entity::put(tx, role, &STATEMENTS, &rest).await?;
    tx.changed(Change::Role(Arc::new(role.clone())));
    Ok(())
}

/// Removes the role; false if there was none. An administrator who has it makes this the conflict
/// [`constraint::FOREIGN_KEY`].
pub async fn remove(tx: &mut Tx, id: RoleId) -> Result<bool> {
    let sql = "DELETE FROM role WHERE organization_id = $1 AND id = $2";
    let removed = tx.execute(sql, &[tx.organization().into(), id.into()]).await? > 0;
    if removed {
        tx.changed(Change::RoleRemoved(id));
    }
    Ok(removed)
}
