//! What must be found before it is known whose it is: at sign-in, and on the way of a request to its
//! organization.

use super::installation_wide;
use crate::{
    Result, Tx,
    repo::{entity, organizations::NameKind, text},
};
use domain::model::{Administrator, ApiToken, EnrollmentToken, Organization, Session, UserSession};
use uuid::Uuid;

/// The administrator of this sign-in name, in any case.
pub async fn administrator_by_username(tx: &mut Tx, username: &str) -> Result<Option<Administrator>> {
    installation_wide(tx)?;
    let sql = "SELECT doc FROM administrator WHERE username = $1";
    entity::one(tx.fetch_optional(sql, &[text::lower(username)]).await?)
}

/// The session of this token hash.
pub async fn session_by_hash(tx: &mut Tx, token_hash: &[u8]) -> Result<Option<Session>> {
    installation_wide(tx)?;
    let sql = "SELECT doc FROM session WHERE token_hash = $1";
    entity::one(tx.fetch_optional(sql, &[token_hash.into()]).await?)
}

/// The session of a user of this token hash.
pub async fn user_session_by_hash(tx: &mut Tx, token_hash: &[u8]) -> Result<Option<UserSession>> {
    installation_wide(tx)?;
    let sql = "SELECT doc FROM user_session WHERE token_hash = $1";
    entity::one(tx.fetch_optional(sql, &[token_hash.into()]).await?)
}

/// The API token of this hash.
pub async fn token_by_hash(tx: &mut Tx, token_hash: &[u8]) -> Result<Option<ApiToken>> {
    installation_wide(tx)?;
    let sql = "SELECT doc FROM api_token WHERE token_hash = $1";
    entity::one(tx.fetch_optional(sql, &[token_hash.into()]).await?)
}

/// The enrolment token of this hash.
pub async fn enrollment_token_by_hash(tx: &mut Tx, token_hash: &[u8]) -> Result<Option<EnrollmentToken>> {
    installation_wide(tx)?;
    let sql = "SELECT doc FROM enrollment_token WHERE token_hash = $1";
    entity::one(tx.fetch_optional(sql, &[token_hash.into()]).await?)
}

/// The organization of this short name.
pub async fn organization_by_slug(tx: &mut Tx, slug: &str) -> Result<Option<Organization>> {
    installation_wide(tx)?;
    let sql = "SELECT doc FROM organization WHERE slug = $1";
    entity::one(tx.fetch_optional(sql, &[text::lower(slug)]).await?)
}

/// The organization of this mail domain, login domain or host name, in any case.
pub async fn organization_by_name(tx: &mut Tx, kind: NameKind, name: &str) -> Result<Option<Organization>> {
    installation_wide(tx)?;
    let sql = "SELECT o.doc FROM organization_name AS n JOIN organization AS o \
               ON o.organization_id = n.organization_id WHERE n.kind = $1 AND n.name = $2";
    entity::one(tx.fetch_optional(sql, &[kind.word().into(), text::lower(name)]).await?)
}

/// Is the GUID that of a device, or an alias of one, in whatever organization?
pub async fn guid_is_taken(tx: &mut Tx, guid: Uuid) -> Result<bool> {
    installation_wide(tx)?;
    Ok(tx.fetch_optional("SELECT 1 FROM device_guid WHERE guid = $1", &[guid.into()]).await?.is_some())
}
