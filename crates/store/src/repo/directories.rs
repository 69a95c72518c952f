//! LDAP servers that users come from, and how their last refresh went.

use super::{
    constraint,
    entity::{self, Statements, entity},
    text,
};
use crate::{Result, Tx};
use domain::{
    Change,
    model::{DirectoryRun, DirectoryServer, DirectoryServerId},
};
use std::sync::Arc;

entity!(DirectoryServer, constraint::DIRECTORY_CHANGED);

const STATEMENTS: Statements = Statements {
    insert: "INSERT INTO directory_server (organization_id, rev, doc, id, name_lower) VALUES ($1, $2, $3, $4, $5)",
    update: "UPDATE directory_server SET rev = $2, doc = $3, name_lower = $5 \
             WHERE organization_id = $1 AND id = $4 AND rev + 1 = $2",
};

/// The server, if there is one of this id in the organization.
pub async fn get(tx: &mut Tx, id: DirectoryServerId) -> Result<Option<DirectoryServer>> {
    let sql = "SELECT doc FROM directory_server WHERE organization_id = $1 AND id = $2";
    entity::one(tx.fetch_optional(sql, &[tx.organization().into(), id.into()]).await?)
}

/// Inserts or updates. Conflicts: [`constraint::DIRECTORY_NAME`] (compared in lower case),
/// [`constraint::DIRECTORY_CHANGED`].
pub async fn put(tx: &mut Tx, server: &mut DirectoryServer) -> Result<()> {
    let rest = [server.id.into(), text::lower(&server.name)];
    entity::put(tx, server, &STATEMENTS, &rest).await?;
    tx.changed(Change::DirectoryServer(Arc::new(server.clone())));
    Ok(())
}

/// Removes the server with what is known of its last refresh; false if there was none.
pub async fn remove(tx: &mut Tx, id: DirectoryServerId) -> Result<bool> {
    let sql = "DELETE FROM directory_server WHERE organization_id = $1 AND id = $2";
    let removed = tx.execute(sql, &[tx.organization().into(), id.into()]).await? > 0;
    if removed {
        tx.changed(Change::DirectoryServerRemoved(id));
    }
    Ok(removed)
}

/// How the last refresh went; `None` before the first one.
pub async fn run(tx: &mut Tx, id: DirectoryServerId) -> Result<Option<DirectoryRun>> {
    let sql = "SELECT doc FROM directory_run WHERE organization_id = $1 AND server_id = $2";
    entity::one(tx.fetch_optional(sql, &[tx.organization().into(), id.into()]).await?)
}

/// Keeps how a refresh went. A server that is gone meanwhile is the conflict [`constraint::FOREIGN_KEY`].
pub async fn put_run(tx: &mut Tx, id: DirectoryServerId, run: &DirectoryRun) -> Result<()> {
    let sql = "INSERT INTO directory_run (organization_id, server_id, ended_at, doc) VALUES ($1, $2, $3, $4) \
               ON CONFLICT (organization_id, server_id) DO UPDATE SET ended_at = $3, doc = $4";
    let doc = entity::document(run)?;
    tx.execute(sql, &[tx.organization().into(), id.into(), run.ended_at.into(), doc.into()]).await?;
    Ok(())
}
