//! Users: the people whose devices are managed.

use catalog::Millis;
use serde::{Deserialize, Serialize};

use super::{Liability, OrganizationId, PasswordHash, PolicySuiteId, ServerId};
use crate::{Id, IdKind};

/// A disabled user keeps records but gets nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UserState {
    /// May enrol and sync.
    Active,
    /// Devices are restricted; a pending wipe is still delivered.
    Disabled,
}

/// A user.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct User {
    /// Organization.
    pub organization: OrganizationId,
    /// Its id.
    pub id: UserId,
    /// Grows with every write.
    pub rev: i64,
    /// Sign-in name without domain, stored as entered; compared in lower case, unique in the organization.
    pub username: String,
    /// Login domain (`DOMAIN\user`), may be empty.
    pub domain: String,
    /// Address; its domain part is one of the organization's mail domains.
    pub email: String,
    /// Name shown.
    pub display_name: String,
    /// Corporate or individual; `None` takes the organization's default.
    pub liability: Option<Liability>,
    /// ActiveSync server; `None` means our stand-in serves this user.
    pub server: Option<ServerId>,
    /// The user's own address on that server, learnt from Autodiscover or a redirect.
    pub learnt_url: Option<String>,
    /// Suite of the user's own.
    pub suite: Option<PolicySuiteId>,
    /// Local password (stand-in users). Argon2id.
    pub password_hash: Option<PasswordHash>,
    /// Raised by every change of the local password or state.
    pub credential_epoch: i64,
    /// Active or disabled.
    pub state: UserState,
    /// Made by hands-off enrolment.
    pub hands_off: bool,
    /// When it was made.
    pub created_at: Millis,
}

/// Id of a user.
pub type UserId = Id<User>;
impl IdKind for User {
    const PREFIX: &'static str = "usr";
}
