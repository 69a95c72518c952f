//! Administrators and roles.

use catalog::{Millis, Powers};
use serde::{Deserialize, Serialize};

use super::{DirectoryIdentity, LinkedIdentity, Moment, OrganizationId, Sealed};
use crate::{Id, IdKind};

/// Whose administrator it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AdminKind {
    /// Of the installation: all organizations, through an explicit and journaled switch.
    System,
    /// Of one organization.
    Organization,
}

/// Which role an administrator has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RoleRef {
    /// One of [`catalog::PREDEFINED_ROLES`], by key.
    Predefined(String),
    /// A role of the organization's own.
    Custom(RoleId),
}

/// An administrator. Names are unique in the installation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Administrator {
    /// Organization, or [`super::Organization::SYSTEM`] for a system administrator.
    pub organization: OrganizationId,
    /// Its id.
    pub id: AdministratorId,
    /// Grows with every write.
    pub rev: i64,
    /// Sign-in name, stored in lower case.
    pub username: String,
    /// Name shown.
    pub display_name: String,
    /// Address.
    pub email: String,
    /// System or organization.
    pub kind: AdminKind,
    /// Role in the console and REST; `None` for an account that has only the ISE mark.
    pub role: Option<RoleRef>,
    /// The ISE Admin mark: may call the ISE API.
    pub ise_admin: bool,
    /// Whether ISE may order a full wipe through this account. Off by default.
    pub ise_full_wipe: bool,
    /// Networks (CIDR) the account may be used from; empty is everywhere.
    pub allowed_networks: Vec<String>,
    /// Argon2id in PHC form. Never leaves the engine.
    pub password_hash: PasswordHash,
    /// Raised by every change of password, role, mark, networks or state: ends sessions, API tokens and cached proofs.
    pub credential_epoch: i64,
    /// A disabled account can do nothing.
    pub enabled: bool,
    /// The password must be changed at the next sign-in.
    pub must_change_password: bool,
    /// Where the account is in a directory that says its role and knows its password; `None`: it was made here.
    #[serde(default)]
    pub directory: Option<DirectoryIdentity>,
    /// Authenticator app, when one is set up or offered.
    #[serde(default)]
    pub second_factor: Option<SecondFactor>,
    /// Passkeys, in the order in which they were registered; at most 20.
    #[serde(default)]
    pub passkeys: Vec<Passkey>,
    /// Keyed hashes of the recovery codes that are left, hexadecimal. They stand for the app and for a passkey.
    #[serde(default)]
    pub recovery_codes: Vec<String>,
    /// Somebody at an identity provider, as whom the administrator may sign in.
    #[serde(default)]
    pub identity: Option<LinkedIdentity>,
    /// When it was made.
    pub created_at: Millis,
    /// When somebody else last made the account, reset its password, enabled it or gave it another role: whoever did
    /// might use it, so it does not count as a second person for 24 hours. 0: not since it was made.
    #[serde(default)]
    pub entrusted_at: Millis,
    /// The same on the installation's own count of time, see [`Moment`]: a clock that is put forward makes nobody older.
    #[serde(default)]
    pub entrusted_running: Millis,
    /// Last sign-in.
    pub last_sign_in_at: Option<Millis>,
}

impl Administrator {
    /// Notes that somebody else has had a hand in the account.
    pub fn entrust(&mut self, at: Moment) {
        (self.entrusted_at, self.entrusted_running) = (at.clock, at.running);
    }
}

/// A time-based second factor (RFC 6238).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SecondFactor {
    /// The secret that the authenticator app shares, 20 bytes.
    pub secret: Sealed,
    /// Whether a right code has been seen; until then it is an offer and asks nobody for anything.
    pub confirmed: bool,
    /// The step of 30 seconds whose code was used last; codes of it and of earlier ones are refused.
    pub last_step: i64,
}

/// A passkey (WebAuthn): a key pair whose public half is here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Passkey {
    /// Id of the credential, base64url; unique within the account.
    pub id: String,
    /// Name that its owner gave it.
    pub name: String,
    /// Public key in COSE form, base64url.
    pub public_key: String,
    /// Signatures made so far; 0 for an authenticator that does not count.
    pub count: u32,
    /// Copies of it are kept elsewhere.
    pub backed_up: bool,
    /// When it was registered.
    pub created_at: Millis,
    /// When it was used last.
    pub last_used_at: Option<Millis>,
    /// When the newest challenge that it has answered was made; that one and older ones are refused.
    pub last_challenge_at: Millis,
}

/// A slow password hash (PHC string); not shown by `Debug`.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PasswordHash(pub String);

impl std::fmt::Debug for PasswordHash {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PasswordHash(…)")
    }
}

/// Id of an administrator.
pub type AdministratorId = Id<Administrator>;
impl IdKind for Administrator {
    const PREFIX: &'static str = "adm";
}

/// A custom role of an organization.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Role {
    /// Organization.
    pub organization: OrganizationId,
    /// Its id.
    pub id: RoleId,
    /// Grows with every write.
    pub rev: i64,
    /// Name, unique in the organization.
    pub name: String,
    /// What it may do.
    pub powers: Powers,
    /// When the permission to approve commands above the hourly limit was last added to it; 0: never. Whoever holds
    /// it does not count as a second person for 24 hours.
    #[serde(default)]
    pub override_since: Millis,
    /// The same on the installation's own count of time.
    #[serde(default)]
    pub override_running: Millis,
}

/// Id of a role.
pub type RoleId = Id<Role>;
impl IdKind for Role {
    const PREFIX: &'static str = "rol";
}
