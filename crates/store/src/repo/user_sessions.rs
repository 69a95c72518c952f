//! Sessions of users on the enrolment pages and in the portal, keyed by the hash of their token. They are read for each
//! request and kept in no memory, so an end holds at once on every node, and the feed does not know them.

use super::entity;
use crate::{Result, Tx};
use domain::{
    Millis,
    model::{IdentityProviderId, UserId, UserSession},
};

/// Sessions ended by one call of [`expire`].
const EXPIRED_AT_ONCE: u32 = 1000;

/// The sessions of a user, the newest first, at most 200.
pub async fn of_user(tx: &mut Tx, user: UserId) -> Result<Vec<UserSession>> {
    let sql = "SELECT doc FROM user_session WHERE organization_id = $1 AND user_id = $2 \
               ORDER BY created_at DESC, token_hash LIMIT 200";
    entity::all(&tx.fetch(sql, &[tx.organization().into(), user.into()]).await?)
}

/// The sessions that came through an identity provider.
pub async fn of_provider(tx: &mut Tx, provider: IdentityProviderId) -> Result<Vec<UserSession>> {
    let sql = "SELECT doc FROM user_session WHERE organization_id = $1 AND doc LIKE $2";
    let told = format!("%\"{provider}\"%");
    let mut all: Vec<UserSession> =
        entity::all(&tx.fetch(sql, &[tx.organization().into(), told.into()]).await?)?;
    all.retain(|session| session.provider.as_ref().is_some_and(|of| of.provider == provider));
    Ok(all)
}

/// Stores a new session. Conflict: [`super::constraint::FOREIGN_KEY`] (user).
pub async fn open(tx: &mut Tx, session: &UserSession) -> Result<()> {
    entity::own(tx, session.organization)?;
    let sql = "INSERT INTO user_session (organization_id, token_hash, user_id, created_at, expires_at, doc) \
               VALUES ($1, $2, $3, $4, $5, $6)";
    let params = [
        session.organization.into(),
        session.token_hash.as_slice().into(),
        session.user.into(),
        session.created_at.into(),
        session.expires_at.into(),
        entity::document(session)?.into(),
    ];
    tx.execute(sql, &params).await.map(drop)
}

/// Stores what became different in a session, if it still exists; false if it has ended.
pub async fn update(tx: &mut Tx, session: &UserSession) -> Result<bool> {
    entity::own(tx, session.organization)?;
    let sql = "UPDATE user_session SET expires_at = $4, doc = $5 \
               WHERE organization_id = $1 AND token_hash = $2 AND user_id = $3";
    let params = [
        session.organization.into(),
        session.token_hash.as_slice().into(),
        session.user.into(),
        session.expires_at.into(),
        entity::document(session)?.into(),
    ];
    Ok(tx.execute(sql, &params).await? > 0)
}

/// Ends a session of a user; false if the user has none of this hash.
pub async fn end(tx: &mut Tx, user: UserId, token_hash: &[u8]) -> Result<bool> {
    let sql = "DELETE FROM user_session WHERE organization_id = $1 AND token_hash = $2 AND user_id = $3";
    Ok(tx.execute(sql, &[tx.organization().into(), token_hash.into(), user.into()]).await? > 0)
}

/// Ends all sessions of a user but the one of this hash; answers how many.
pub async fn end_others(tx: &mut Tx, user: UserId, kept: &[u8]) -> Result<u64> {
    let sql = "DELETE FROM user_session WHERE organization_id = $1 AND user_id = $2 AND token_hash <> $3";
    tx.execute(sql, &[tx.organization().into(), user.into(), kept.into()]).await
}

/// Ends the sessions of the organization whose time is over; answers how many, at most 1,000 a call.
pub async fn expire(tx: &mut Tx, now: Millis) -> Result<u64> {
    let sql = "DELETE FROM user_session WHERE organization_id = $1 AND token_hash IN \
               (SELECT token_hash FROM user_session WHERE organization_id = $1 AND expires_at <= $2 LIMIT $3)";
    tx.execute(sql, &[tx.organization().into(), now.into(), EXPIRED_AT_ONCE.into()]).await
}
