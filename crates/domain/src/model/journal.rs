//! The journal's entries and who acted.

use catalog::{Millis, RuleId};
use serde::{Deserialize, Serialize};
use std::fmt;

use super::{AdministratorId, ApiTokenId, DeviceId, OrganizationId, UserId};

/// Who did something.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind", content = "id")]
pub enum Actor {
    /// The server by itself (a job, a rule, time).
    System,
    /// The command line on the server's own host.
    CommandLine,
    /// An administrator in the console: id and name.
    Administrator(AdministratorId, String),
    /// REST with a token: token, owner's name.
    Token(ApiTokenId, String),
    /// Cisco ISE with an ISE Admin account: account and name.
    Ise(AdministratorId, String),
    /// A user (enrolment).
    User(UserId, String),
    /// A device.
    Device(DeviceId),
    /// The compliance manager, for a rule that was broken too long.
    Rule(RuleId),
    /// The mail server behind the gateway.
    Backend(String),
    /// Somebody who is not known: the source address.
    Stranger(String),
}

impl Actor {
    /// The name alone, for readers who know what kind of actor it must be.
    pub fn name(&self) -> String {
        match self {
            Actor::Administrator(_, name)
            | Actor::Token(_, name)
            | Actor::Ise(_, name)
            | Actor::User(_, name)
            | Actor::Backend(name) => name.clone(),
            other => other.to_string(),
        }
    }
}

impl fmt::Display for Actor {
    /// The stable text form kept in the journal.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Actor::System => f.write_str("system"),
            Actor::CommandLine => f.write_str("command line"),
            Actor::Administrator(id, name) => write!(f, "administrator {name} ({id})"),
            Actor::Token(id, name) => write!(f, "token of {name} ({id})"),
            Actor::Ise(id, name) => write!(f, "ISE as {name} ({id})"),
            Actor::User(id, name) => write!(f, "user {name} ({id})"),
            Actor::Device(id) => write!(f, "device {id}"),
            Actor::Rule(rule) => write!(f, "compliance manager, rule {}", rule.key()),
            Actor::Backend(name) => write!(f, "mail server {name}"),
            Actor::Stranger(address) => write!(f, "stranger {address}"),
        }
    }
}

/// What a write unit wants in the journal.
#[derive(Debug, Clone, PartialEq)]
pub struct JournalEntry {
    /// Key of a [`catalog::Event`].
    pub event: &'static str,
    /// What it is about: an id in text form, or empty.
    pub subject: String,
    /// Details: names, before and after, reason. Can be erased by retention.
    pub body: serde_json::Value,
}

/// A row of the journal.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct JournalRow {
    /// Organization.
    pub organization: OrganizationId,
    /// Gap-free within the organization.
    pub sequence: i64,
    /// When.
    pub at: Millis,
    /// Who, in text form.
    pub actor: String,
    /// Event key.
    pub event: String,
    /// Subject.
    pub subject: String,
    /// Body, unless erased.
    pub body: Option<serde_json::Value>,
    /// Hash in hexadecimal.
    pub hash: String,
}
