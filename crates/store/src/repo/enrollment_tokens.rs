//! Enrolment tokens, known by the hash of the code. They are in no cache.

use super::{
    constraint,
    entity::{self, Statements, entity},
};
use crate::{Result, Tx};
use domain::{
    Millis,
    model::{EnrollmentToken, EnrollmentTokenId, UserId},
};

entity!(EnrollmentToken, constraint::ENROLLMENT_CHANGED);

/// Hash and user of a token never change.
const STATEMENTS: Statements = Statements {
    insert: "INSERT INTO enrollment_token (organization_id, rev, doc, id, user_id, token_hash, expires_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7)",
    update: "UPDATE enrollment_token SET rev = $2, doc = $3, expires_at = $7 \
             WHERE organization_id = $1 AND id = $4 AND user_id = $5 AND token_hash = $6 AND rev + 1 = $2",
};

/// The token, if there is one of this id in the organization.
pub async fn get(tx: &mut Tx, id: EnrollmentTokenId) -> Result<Option<EnrollmentToken>> {
    let sql = "SELECT doc FROM enrollment_token WHERE organization_id = $1 AND id = $2";
    entity::one(tx.fetch_optional(sql, &[tx.organization().into(), id.into()]).await?)
}

/// Inserts or updates. Conflicts: [`constraint::FOREIGN_KEY`] (user), [`constraint::ENROLLMENT_CHANGED`].
pub async fn put(tx: &mut Tx, token: &mut EnrollmentToken) -> Result<()> {
    let rest =
        [token.id.into(), token.user.into(), token.token_hash.as_slice().into(), token.expires_at.into()];
    entity::put(tx, token, &STATEMENTS, &rest).await
}

/// Tokens of a user, newest first.
pub async fn of_user(tx: &mut Tx, user: UserId, limit: u32) -> Result<Vec<EnrollmentToken>> {
    let sql = "SELECT doc FROM enrollment_token WHERE organization_id = $1 AND user_id = $2 \
               ORDER BY id DESC LIMIT $3";
    entity::all(&tx.fetch(sql, &[tx.organization().into(), user.into(), limit.into()]).await?)
}

/// Forgets tokens that expired before `before`; answers how many.
pub async fn purge(tx: &mut Tx, before: Millis) -> Result<u64> {
    let sql = "DELETE FROM enrollment_token WHERE organization_id = $1 AND expires_at < $2";
    tx.execute(sql, &[tx.organization().into(), before.into()]).await
}
