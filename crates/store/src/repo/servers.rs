//! ActiveSync servers.

use super::{
    constraint,
    entity::{self, Statements, entity},
    text,
};
use crate::{Result, Tx};
use domain::{
    Change,
    model::{ActiveSyncServer, ServerId},
};
use std::sync::Arc;

entity!(ActiveSyncServer, constraint::SERVER_CHANGED);

const STATEMENTS: Statements = Statements {
    insert: "INSERT INTO activesync_server (organization_id, rev, doc, id, name_lower) \
             VALUES ($1, $2, $3, $4, $5)",
    update: "UPDATE activesync_server SET rev = $2, doc = $3, name_lower = $5 \
             WHERE organization_id = $1 AND id = $4 AND rev + 1 = $2",
};

/// The server, if there is one of this id in the organization.
pub async fn get(tx: &mut Tx, id: ServerId) -> Result<Option<ActiveSyncServer>> {
    let sql = "SELECT doc FROM activesync_server WHERE organization_id = $1 AND id = $2";
    entity::one(tx.fetch_optional(sql, &[tx.organization().into(), id.into()]).await?)
}

/// Inserts or updates. Conflicts: [`constraint::SERVER_NAME`] (compared in lower case),
/// [`constraint::SERVER_CHANGED`].
pub async fn put(tx: &mut Tx, server: &mut ActiveSyncServer) -> Result<()> {
    let rest = [server.id.into(), text::lower(&server.name)];
    entity::put(tx, server, &STATEMENTS, &rest).await?;
    tx.changed(Change::Server(Arc::new(server.clone())));
    Ok(())
}

/// Removes the server; false if there was none. A user who has it makes this the conflict
/// [`constraint::FOREIGN_KEY`].
pub async fn remove(tx: &mut Tx, id: ServerId) -> Result<bool> {
    let sql = "DELETE FROM activesync_server WHERE organization_id = $1 AND id = $2";
    let removed = tx.execute(sql, &[tx.organization().into(), id.into()]).await? > 0;
    if removed {
        tx.changed(Change::ServerRemoved(id));
    }
    Ok(removed)
}
