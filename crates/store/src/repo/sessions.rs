//! Sign-in sessions, keyed by the hash of their token, in the home organization of their administrator.
//!
//! Opening and updating are two functions, so that the late note "was seen" of a slow request cannot bring a
//! session back that has been ended meanwhile.

use super::{constraint, entity};
use crate::{Result, StoreError, Tx};
use domain::{
    Change, Millis,
    model::{AdministratorId, Session},
};
use std::sync::Arc;

/// Sessions ended by one call of [`expire`].
const EXPIRED_AT_ONCE: u32 = 1000;

/// The session, if it is one of the organization.
pub async fn get(tx: &mut Tx, token_hash: &[u8]) -> Result<Option<Session>> {
    let sql = "SELECT doc FROM session WHERE organization_id = $1 AND token_hash = $2";
    entity::one(tx.fetch_optional(sql, &[tx.organization().into(), token_hash.into()]).await?)
}

/// The sessions of an administrator, the newest first, at most 1,000.
pub async fn of_administrator(tx: &mut Tx, administrator: AdministratorId) -> Result<Vec<Session>> {
    let sql = "SELECT doc FROM session WHERE organization_id = $1 AND administrator_id = $2 \
               ORDER BY created_at DESC, token_hash LIMIT 1000";
    entity::all(&tx.fetch(sql, &[tx.organization().into(), administrator.into()]).await?)
}

/// Stores a new session. Conflict: [`constraint::FOREIGN_KEY`] (administrator).
pub async fn open(tx: &mut Tx, session: &Session) -> Result<()> {
    entity::own(tx, session.home)?;
    let sql = "INSERT INTO session \
               (organization_id, token_hash, administrator_id, created_at, expires_at, doc) \
               VALUES ($1, $2, $3, $4, $5, $6)";
    let params = [
        session.home.into(),
        session.token_hash.as_slice().into(),
        session.administrator.into(),
        session.created_at.into(),
        session.expires_at.into(),
        entity::document(session)?.into(),
    ];
    tx.execute(sql, &params).await?;
    tx.changed(Change::Session(Arc::new(session.clone())));
    Ok(())
}

/// Stores what became different in a session that still exists: last use, organization acted in, end.
/// Conflict: [`constraint::SESSION_CHANGED`] when it has ended or belongs to somebody else.
pub async fn update(tx: &mut Tx, session: &Session) -> Result<()> {
    entity::own(tx, session.home)?;
    let sql = "UPDATE session SET expires_at = $4, doc = $5 \
               WHERE organization_id = $1 AND token_hash = $2 AND administrator_id = $3";
    let params = [
        session.home.into(),
        session.token_hash.as_slice().into(),
        session.administrator.into(),
        session.expires_at.into(),
        entity::document(session)?.into(),
    ];
    if tx.execute(sql, &params).await? == 0 {
        return Err(StoreError::Conflict { constraint: constraint::SESSION_CHANGED.to_owned() });
    }
    tx.changed(Change::Session(Arc::new(session.clone())));
    Ok(())
}

/// Ends a session; false if there was none.
pub async fn end(tx: &mut Tx, token_hash: &[u8]) -> Result<bool> {
    let sql = "DELETE FROM session WHERE organization_id = $1 AND token_hash = $2";
    let ended = tx.execute(sql, &[tx.organization().into(), token_hash.into()]).await? > 0;
    if ended {
        tx.changed(Change::SessionEnded(token_hash.to_vec()));
    }
    Ok(ended)
}

/// Ends all sessions of an administrator; answers how many there were.
pub async fn end_all(tx: &mut Tx, administrator: AdministratorId) -> Result<usize> {
    let sql = "DELETE FROM session WHERE organization_id = $1 AND administrator_id = $2 RETURNING token_hash";
    let rows = tx.fetch(sql, &[tx.organization().into(), administrator.into()]).await?;
    for row in &rows {
        tx.changed(Change::SessionEnded(row.blob(0)?));
    }
    Ok(rows.len())
}

/// Ends the sessions of the organization whose time is over; answers how many, at most 1,000 a call.
pub async fn expire(tx: &mut Tx, now: Millis) -> Result<usize> {
    let sql = "DELETE FROM session WHERE organization_id = $1 AND token_hash IN \
               (SELECT token_hash FROM session WHERE organization_id = $1 AND expires_at <= $2 LIMIT $3) \
               RETURNING token_hash";
    let rows = tx.fetch(sql, &[tx.organization().into(), now.into(), EXPIRED_AT_ONCE.into()]).await?;
    for row in &rows {
        tx.changed(Change::SessionEnded(row.blob(0)?));
    }
    Ok(rows.len())
}
