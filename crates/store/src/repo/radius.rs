//! RADIUS servers, and the requests that wait for them or are over.

use super::{
    constraint,
    entity::{self, Statements, entity},
    text,
};
use crate::{Result, Tx};
use domain::{
    Change, Millis,
    model::{DeviceId, RadiusRequest, RadiusRequestId, RadiusServer, RadiusServerId, RadiusState},
};
use std::sync::Arc;

entity!(RadiusServer, constraint::RADIUS_CHANGED);

const STATEMENTS: Statements = Statements {
    insert: "INSERT INTO radius_server (organization_id, rev, doc, id, name_lower) VALUES ($1, $2, $3, $4, $5)",
    update: "UPDATE radius_server SET rev = $2, doc = $3, name_lower = $5 \
             WHERE organization_id = $1 AND id = $4 AND rev + 1 = $2",
};

/// The server, if there is one of this id in the organization.
pub async fn get(tx: &mut Tx, id: RadiusServerId) -> Result<Option<RadiusServer>> {
    let sql = "SELECT doc FROM radius_server WHERE organization_id = $1 AND id = $2";
    entity::one(tx.fetch_optional(sql, &[tx.organization().into(), id.into()]).await?)
}

/// Inserts or updates. Conflicts: [`constraint::RADIUS_NAME`] (compared in lower case),
/// [`constraint::RADIUS_CHANGED`].
pub async fn put(tx: &mut Tx, server: &mut RadiusServer) -> Result<()> {
    let rest = [server.id.into(), text::lower(&server.name)];
    entity::put(tx, server, &STATEMENTS, &rest).await?;
    tx.changed(Change::RadiusServer(Arc::new(server.clone())));
    Ok(())
}

/// Removes the server with its requests; false if there was none.
pub async fn remove(tx: &mut Tx, id: RadiusServerId) -> Result<bool> {
    let sql = "DELETE FROM radius_server WHERE organization_id = $1 AND id = $2";
    let removed = tx.execute(sql, &[tx.organization().into(), id.into()]).await? > 0;
    if removed {
        tx.changed(Change::RadiusServerRemoved(id));
    }
    Ok(removed)
}

/// Adds a request. One about the same MAC that still waits for the server is replaced: only the last word counts.
pub async fn enqueue(tx: &mut Tx, request: &RadiusRequest) -> Result<()> {
    entity::own(tx, request.organization)?;
    let organization = tx.organization();
    tx.execute(
        "DELETE FROM radius_request WHERE organization_id = $1 AND server_id = $2 AND device_id = $3 AND mac = $4 \
         AND waits",
        &[organization.into(), request.server.into(), request.device.into(), request.mac.as_str().into()],
    )
    .await?;
    let doc = entity::document(request)?;
    tx.execute(
        "INSERT INTO radius_request (organization_id, id, server_id, device_id, mac, sequence, at, waits, doc) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        &[
            organization.into(),
            request.id.into(),
            request.server.into(),
            request.device.into(),
            request.mac.as_str().into(),
            request.sequence.into(),
            request.at.into(),
            (request.state == RadiusState::Waiting).into(),
            doc.into(),
        ],
    )
    .await?;
    Ok(())
}

/// Notes what became of a request; false if it was replaced or removed meanwhile.
pub async fn settle(tx: &mut Tx, request: &RadiusRequest) -> Result<bool> {
    let rows = tx
        .execute(
            "UPDATE radius_request SET waits = $3, doc = $4 WHERE organization_id = $1 AND id = $2",
            &[
                tx.organization().into(),
                request.id.into(),
                (request.state == RadiusState::Waiting).into(),
                entity::document(request)?.into(),
            ],
        )
        .await?;
    Ok(rows == 1)
}

/// Requests that wait for a server, oldest first, after the given one.
pub async fn waiting(
    tx: &mut Tx,
    server: RadiusServerId,
    (sequence, id): (i64, RadiusRequestId),
    limit: u32,
) -> Result<Vec<RadiusRequest>> {
    let sql = "SELECT doc FROM radius_request WHERE organization_id = $1 AND server_id = $2 AND waits \
               AND (sequence, id) > ($3, $4) ORDER BY sequence, id LIMIT $5";
    entity::all(
        &tx.fetch(sql, &[tx.organization().into(), server.into(), sequence.into(), id.into(), limit.into()])
            .await?,
    )
}

/// Forgets what waits for a server that is asked no more.
pub async fn forget_waiting(tx: &mut Tx, server: RadiusServerId) -> Result<()> {
    let sql = "DELETE FROM radius_request WHERE organization_id = $1 AND server_id = $2 AND waits";
    tx.execute(sql, &[tx.organization().into(), server.into()]).await.map(drop)
}

/// The newest requests of the organization, or about one device.
pub async fn latest(tx: &mut Tx, device: Option<DeviceId>, limit: u32) -> Result<Vec<RadiusRequest>> {
    let organization = tx.organization();
    let rows = if let Some(device) = device {
        let sql = "SELECT doc FROM radius_request WHERE organization_id = $1 AND device_id = $2 \
                   ORDER BY sequence DESC LIMIT $3";
        tx.fetch(sql, &[organization.into(), device.into(), limit.into()]).await?
    } else {
        let sql = "SELECT doc FROM radius_request WHERE organization_id = $1 ORDER BY sequence DESC LIMIT $2";
        tx.fetch(sql, &[organization.into(), limit.into()]).await?
    };
    entity::all(&rows)
}

/// Removes requests that are over and older than `before`, at most `limit`. Answers how many.
pub async fn purge(tx: &mut Tx, before: Millis, limit: u32) -> Result<u64> {
    tx.execute(
        "DELETE FROM radius_request WHERE organization_id = $1 AND id IN (SELECT id FROM radius_request \
         WHERE organization_id = $1 AND at < $2 AND NOT waits ORDER BY at LIMIT $3)",
        &[tx.organization().into(), before.into(), limit.into()],
    )
    .await
}
