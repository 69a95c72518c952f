//! Local groups. Who is in them is written with the users ([`users::put`](super::users::put)).

use super::{
    constraint,
    entity::{self, Statements, entity},
    text,
};
use crate::{Result, Tx};
use domain::{
    Change,
    model::{Group, GroupId, UserId},
};
use std::sync::Arc;

entity!(Group, constraint::GROUP_CHANGED);

const STATEMENTS: Statements = Statements {
    insert: "INSERT INTO user_group \
             (organization_id, rev, doc, id, name_lower, priority, suite_id, server_id) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
    update: "UPDATE user_group SET rev = $2, doc = $3, name_lower = $5, priority = $6, suite_id = $7, \
             server_id = $8 WHERE organization_id = $1 AND id = $4 AND rev + 1 = $2",
};

/// The group, if there is one of this id in the organization.
pub async fn get(tx: &mut Tx, id: GroupId) -> Result<Option<Group>> {
    let sql = "SELECT doc FROM user_group WHERE organization_id = $1 AND id = $2";
    entity::one(tx.fetch_optional(sql, &[tx.organization().into(), id.into()]).await?)
}

/// All groups of the organization by priority, the most important one first.
pub async fn all(tx: &mut Tx) -> Result<Vec<Group>> {
    let sql = "SELECT doc FROM user_group WHERE organization_id = $1 ORDER BY priority";
    entity::all(&tx.fetch(sql, &[tx.organization().into()]).await?)
}

/// The members of a group, at most `limit`, in the order of their ids.
pub async fn members(tx: &mut Tx, id: GroupId, limit: u32) -> Result<Vec<UserId>> {
    let sql = "SELECT user_id FROM group_member WHERE organization_id = $1 AND group_id = $2 \
               ORDER BY user_id LIMIT $3";
    let rows = tx.fetch(sql, &[tx.organization().into(), id.into(), limit.into()]).await?;
    rows.iter().map(|row| row.id(0)).collect()
}

/// Inserts or updates. Conflicts: [`constraint::GROUP_NAME`] (compared in lower case),
/// [`constraint::GROUP_PRIORITY`], [`constraint::FOREIGN_KEY`] (suite, server), [`constraint::GROUP_CHANGED`].
pub async fn put(tx: &mut Tx, group: &mut Group) -> Result<()> {
    let (suite, server) = (group.settings.suite, group.settings.server);
    let rest =
        [group.id.into(), text::lower(&group.name), group.priority.into(), suite.into(), server.into()];
    entity::put(tx, group, &STATEMENTS, &rest).await?;
    tx.changed(Change::Group(Arc::new(group.clone())));
    Ok(())
}

/// Gives up the number of a group that gets another one by [`put`] in the same unit: numbers are unique at every moment,
/// so groups that change places step aside first. Nobody is told; the group itself is what it was.
pub async fn step_aside(tx: &mut Tx, id: GroupId) -> Result<()> {
    let sql = "UPDATE user_group SET priority = -priority WHERE organization_id = $1 AND id = $2";
    tx.execute(sql, &[tx.organization().into(), id.into()]).await?;
    Ok(())
}

/// Removes the group; false if there was none. A member makes this the conflict [`constraint::FOREIGN_KEY`].
pub async fn remove(tx: &mut Tx, id: GroupId) -> Result<bool> {
    let sql = "DELETE FROM user_group WHERE organization_id = $1 AND id = $2";
    let removed = tx.execute(sql, &[tx.organization().into(), id.into()]).await? > 0;
    if removed {
        tx.changed(Change::GroupRemoved(id));
    }
    Ok(removed)
}
