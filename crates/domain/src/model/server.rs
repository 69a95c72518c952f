//! ActiveSync servers: the mail servers behind the gateway.

use serde::{Deserialize, Serialize};

use super::OrganizationId;
use crate::{Id, IdKind};

/// How the user name is sent to the backend.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LoginForm {
    /// Exactly as the device sent it.
    AsSent,
    /// `user`.
    User,
    /// `user@domain`.
    UserAtDomain,
    /// `DOMAIN\user`.
    DomainUser,
}

/// Which certificates of the backend are accepted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ServerTrust {
    /// Public certificate authorities.
    Public,
    /// Only this chain of roots (PEM).
    Roots(String),
    /// No TLS (`http://`): for a backend on the same host only.
    Plain,
}

/// How a blocked or restricted device is refused from 14.0 on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BlockForm {
    /// HTTP 403 for every version (what other gateways do; clients stop politely).
    Http403,
    /// Status 129 in the command's root element.
    Status129,
}

/// What we tell the backend about our policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WipeAckStatus {
    /// Status 1: applied in full.
    Full,
    /// Status 2: partly.
    Partial,
    /// Status 4: managed by a third party.
    External,
}

/// A mail server that the gateway stands in front of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ActiveSyncServer {
    /// Organization.
    pub organization: OrganizationId,
    /// Its id.
    pub id: ServerId,
    /// Grows with every write.
    pub rev: i64,
    /// Name shown, unique in the organization.
    pub name: String,
    /// `https://mail.example.com/Microsoft-Server-ActiveSync` (any path).
    pub url: String,
    /// Trust.
    pub trust: ServerTrust,
    /// Form of the user name.
    pub login_form: LoginForm,
    /// Domain for [`LoginForm::UserAtDomain`] and [`LoginForm::DomainUser`].
    pub login_domain: String,
    /// Mail domains whose unknown users belong to this server (hands-off enrolment).
    pub mail_domains: Vec<String>,
    /// Learn each user's real server by Autodiscover at enrolment.
    pub use_autodiscover: bool,
    /// Address of Autodiscover; empty derives it from `url`.
    pub autodiscover_url: String,
    /// Hosts that a 451 or 302 may lead to, besides the server's own; exact names or `*.example.com`.
    pub redirect_hosts: Vec<String>,
    /// Accounts are made for users that this server accepts.
    pub hands_off: bool,
    /// A device that is new to us waits in quarantine until somebody releases it.
    pub quarantine: bool,
    /// Lowest and highest version offered, e.g. `12.1` and `16.1`.
    pub versions: (String, String),
    /// How blocked devices are refused.
    pub block_form: BlockForm,
    /// What the backend is told when we take its policy.
    pub acknowledge: WipeAckStatus,
    /// Bearer challenges and tokens are passed through.
    pub bearer: bool,
    /// Largest request body, bytes.
    pub max_body: u64,
    /// Not used for new requests when off; devices get 503.
    pub enabled: bool,
}

/// Id of an ActiveSync server.
pub type ServerId = Id<ActiveSyncServer>;
impl IdKind for ActiveSyncServer {
    const PREFIX: &'static str = "srv";
}
