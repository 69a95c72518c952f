//! Sign-in sessions of administrators and users, and API tokens. All are kept as hashes.

use catalog::{Millis, Powers};
use serde::{Deserialize, Serialize};

use super::{AdministratorId, OrganizationId, UserId};
use crate::{Id, IdKind};

/// A signed-in browser. The key of the row is the SHA-256 of the cookie's token.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Session {
    /// SHA-256 of the token.
    pub token_hash: Vec<u8>,
    /// Whose it is.
    pub administrator: AdministratorId,
    /// Organization of the administrator (SYSTEM for a system administrator).
    pub home: OrganizationId,
    /// Organization a system administrator has switched into.
    pub acting_in: Option<OrganizationId>,
    /// Must equal the administrator's, else the session is over.
    pub credential_epoch: i64,
    /// Token that every form carries.
    pub csrf: String,
    /// When it began.
    pub created_at: Millis,
    /// Last use (written at most once a minute).
    pub seen_at: Millis,
    /// When it ends in any case.
    pub expires_at: Millis,
    /// Address it was opened from.
    pub address: String,
    /// Browser.
    pub user_agent: String,
    /// How its owner proved who he is.
    #[serde(default)]
    pub signed_in_with: SignInMethod,
    /// The identity provider that it came through, if it did.
    #[serde(default)]
    pub provider: Option<super::SessionProvider>,
}

/// How somebody signed in.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SignInMethod {
    /// Password alone.
    #[default]
    Password,
    /// Password, and a code or a passkey.
    PasswordAndFactor,
    /// A passkey that verified its holder.
    Passkey,
    /// An identity provider.
    Provider,
    /// An identity provider that asks for a second factor itself.
    ProviderWithFactor,
}

/// A user's signed-in browser, on the enrolment pages and in the portal. The key of the row is the SHA-256 of the cookie's
/// token.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UserSession {
    /// SHA-256 of the token.
    pub token_hash: Vec<u8>,
    /// Organization of the user.
    pub organization: OrganizationId,
    /// Whose it is.
    pub user: UserId,
    /// Must equal the user's, else the session is over.
    pub credential_epoch: i64,
    /// Token that every form carries.
    pub csrf: String,
    /// When it began.
    pub created_at: Millis,
    /// Last use (written at most once a minute).
    pub seen_at: Millis,
    /// When it ends in any case.
    pub expires_at: Millis,
    /// Address it was opened from.
    pub address: String,
    /// Browser.
    pub user_agent: String,
    /// The identity provider that it came through, if it did.
    #[serde(default)]
    pub provider: Option<super::SessionProvider>,
}

/// A token for REST. The key of the look-up is the SHA-256 of the token.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApiToken {
    /// Organization of its owner (SYSTEM for a system administrator).
    pub organization: OrganizationId,
    /// Organization that a system administrator's token acts in; `None` is the owner's own, or the installation.
    #[serde(default)]
    pub acting_in: Option<OrganizationId>,
    /// Its id.
    pub id: ApiTokenId,
    /// Grows with every write.
    pub rev: i64,
    /// Name given by its maker.
    pub name: String,
    /// SHA-256 of the token.
    pub token_hash: Vec<u8>,
    /// Who made it: the token never has more power than this administrator has now.
    pub administrator: AdministratorId,
    /// Must equal the owner's, else the token is over.
    #[serde(default)]
    pub credential_epoch: i64,
    /// What it was limited to.
    pub powers: Powers,
    /// When it ends.
    pub expires_at: Millis,
    /// When it was made.
    pub created_at: Millis,
    /// Last use (written at most once a minute).
    pub seen_at: Option<Millis>,
}

/// Id of an API token.
pub type ApiTokenId = Id<ApiToken>;
impl IdKind for ApiToken {
    const PREFIX: &'static str = "tok";
}
