//! Users: the people whose devices are managed.

use catalog::Millis;
use serde::{Deserialize, Serialize};

use super::{
    CustomValues, DirectoryIdentity, GroupId, Liability, OrganizationId, OrganizationSettings, PasswordHash,
    PolicySuiteId, ScheduleId, ServerId, UserIdentity,
};
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
    /// First name, may be empty.
    #[serde(default)]
    pub first_name: String,
    /// Last name, may be empty.
    #[serde(default)]
    pub last_name: String,
    /// Phone number as entered, may be empty.
    #[serde(default)]
    pub phone: String,
    /// Corporate or individual; `None` takes the organization's default.
    pub liability: Option<Liability>,
    /// ActiveSync server of the user's own; see [`effective_server`](crate::assignment::effective_server).
    pub server: Option<ServerId>,
    /// The user's own address on a server, learnt from Autodiscover or a redirect; read by [`User::learnt_at`].
    pub learnt_url: Option<String>,
    /// The server that `learnt_url` was learnt from; `None` in older records: the user's own.
    #[serde(default)]
    pub learnt_from: Option<ServerId>,
    /// Suite of the user's own.
    pub suite: Option<PolicySuiteId>,
    /// Groups that the user is in, in the order of their ids, none twice.
    #[serde(default)]
    pub groups: Vec<GroupId>,
    /// Connection schedule of the user's own.
    #[serde(default)]
    pub schedule: Option<ScheduleId>,
    /// Local password (stand-in users). Argon2id.
    pub password_hash: Option<PasswordHash>,
    /// Raised by every change of the local password or state.
    pub credential_epoch: i64,
    /// Active or disabled.
    pub state: UserState,
    /// Made by hands-off enrolment.
    pub hands_off: bool,
    /// Not a person but an account for pool and kiosk devices: the limit on devices does not hold.
    #[serde(default)]
    pub shared: bool,
    /// Devices this user may have; `None` takes the organization's limit, 0 is no limit.
    #[serde(default)]
    pub max_devices: Option<u32>,
    /// What a provisioning client calls this user; empty unless one does.
    #[serde(default)]
    pub external_id: String,
    /// The sign-in name that a provisioning client gave this user, often an address; empty unless one did.
    #[serde(default)]
    pub provisioned_as: String,
    /// Language of what is written to the user, a key of [`catalog::LANGUAGES`]; empty takes the organization's.
    #[serde(default)]
    pub language: String,
    /// Values of the organization's own columns.
    #[serde(default)]
    pub custom: CustomValues,
    /// Where the user is in a directory; `None`: in none, made by hand.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub directory: Option<DirectoryIdentity>,
    /// Whom the user is at an identity provider; `None` until the first sign-in through one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub identity: Option<UserIdentity>,
    /// The terms of use that this user accepted, each version once, in the order of acceptance.
    #[serde(default)]
    pub accepted: Vec<super::TermsAccepted>,
    /// When it was made.
    pub created_at: Millis,
}

impl User {
    /// An active user who has nothing of their own yet.
    pub fn new(organization: OrganizationId, id: UserId, username: String, created_at: Millis) -> Self {
        Self {
            organization,
            id,
            rev: 0,
            display_name: username.clone(),
            username,
            domain: String::new(),
            email: String::new(),
            first_name: String::new(),
            last_name: String::new(),
            phone: String::new(),
            liability: None,
            server: None,
            learnt_url: None,
            learnt_from: None,
            suite: None,
            groups: Vec::new(),
            schedule: None,
            password_hash: None,
            credential_epoch: 1,
            state: UserState::Active,
            hands_off: false,
            shared: false,
            max_devices: None,
            external_id: String::new(),
            provisioned_as: String::new(),
            language: String::new(),
            custom: CustomValues::new(),
            directory: None,
            identity: None,
            accepted: Vec::new(),
            created_at,
        }
    }

    /// How many devices this user may have; 0 is no limit.
    pub fn device_limit(&self, settings: &OrganizationSettings) -> u32 {
        if self.shared { 0 } else { self.max_devices.unwrap_or(settings.max_devices_per_user) }
    }

    /// The user's own address on a server, if one was learnt from that server and not from another.
    pub fn learnt_at(&self, server: ServerId) -> Option<&str> {
        let from = self.learnt_from.or(self.server);
        self.learnt_url.as_deref().filter(|_| from == Some(server))
    }
}

/// Id of a user.
pub type UserId = Id<User>;
impl IdKind for User {
    const PREFIX: &'static str = "usr";
}
