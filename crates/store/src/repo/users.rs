//! Users.

use super::{
    constraint,
    entity::{self, Statements, entity},
    text,
};
use crate::{Result, Tx};
use domain::{
    Change,
    model::{GroupId, User, UserId},
};
use std::sync::Arc;

entity!(User, constraint::USER_CHANGED);

const STATEMENTS: Statements = Statements {
    insert: "INSERT INTO app_user (organization_id, rev, doc, id, username_lower, server_id, suite_id) \
             VALUES ($1, $2, $3, $4, $5, $6, $7)",
    update: "UPDATE app_user SET rev = $2, doc = $3, username_lower = $5, server_id = $6, suite_id = $7 \
             WHERE organization_id = $1 AND id = $4 AND rev + 1 = $2",
};

/// The user, if there is one of this id in the organization.
pub async fn get(tx: &mut Tx, id: UserId) -> Result<Option<User>> {
    let sql = "SELECT doc FROM app_user WHERE organization_id = $1 AND id = $2";
    entity::one(tx.fetch_optional(sql, &[tx.organization().into(), id.into()]).await?)
}

/// The user of this sign-in name, in any case.
pub async fn by_username(tx: &mut Tx, username: &str) -> Result<Option<User>> {
    let sql = "SELECT doc FROM app_user WHERE organization_id = $1 AND username_lower = $2";
    let params = [tx.organization().into(), text::lower(username)];
    entity::one(tx.fetch_optional(sql, &params).await?)
}

/// Inserts or updates. Conflicts: [`constraint::USER_USERNAME`] (compared in lower case),
/// [`constraint::FOREIGN_KEY`] (server, suite, groups), [`constraint::USER_CHANGED`].
pub async fn put(tx: &mut Tx, user: &mut User) -> Result<()> {
    let is_new = user.rev == 0;
    let rest = [user.id.into(), text::lower(&user.username), user.server.into(), user.suite.into()];
    entity::put(tx, user, &STATEMENTS, &rest).await?;
    put_groups(tx, user, is_new).await?;
    tx.changed(Change::User(Arc::new(user.clone())));
    Ok(())
}

/// Makes the rows of the user's groups say what the user says.
async fn put_groups(tx: &mut Tx, user: &User, is_new: bool) -> Result<()> {
    let before: Vec<GroupId> = if is_new {
        Vec::new()
    } else {
        let sql = "SELECT group_id FROM group_member WHERE organization_id = $1 AND user_id = $2";
        let rows = tx.fetch(sql, &[tx.organization().into(), user.id.into()]).await?;
        rows.iter().map(|row| row.id(0)).collect::<Result<_>>()?
    };
    let left = "DELETE FROM group_member WHERE organization_id = $1 AND group_id = $2 AND user_id = $3";
    for group in before.iter().filter(|id| !user.groups.contains(id)) {
        tx.execute(left, &[tx.organization().into(), (*group).into(), user.id.into()]).await?;
    }
    let joined = "INSERT INTO group_member (organization_id, group_id, user_id) VALUES ($1, $2, $3)";
    for group in user.groups.iter().filter(|id| !before.contains(id)) {
        tx.execute(joined, &[tx.organization().into(), (*group).into(), user.id.into()]).await?;
    }
    Ok(())
}

/// Removes the user; false if there was none. A device of the user makes this the conflict
/// [`constraint::FOREIGN_KEY`].
pub async fn remove(tx: &mut Tx, id: UserId) -> Result<bool> {
    let sql = "DELETE FROM app_user WHERE organization_id = $1 AND id = $2";
    let removed = tx.execute(sql, &[tx.organization().into(), id.into()]).await? > 0;
    if removed {
        tx.changed(Change::UserRemoved(id));
    }
    Ok(removed)
}
