//! Mail to many, and what became of letters.

use catalog::{LetterKind, Millis};
use serde::{Deserialize, Serialize};

use super::{Actor, AdministratorId, MailId, OrganizationId, UserId};
use crate::{Id, IdKind};

/// Refusals that are kept of a mailing; more are only counted.
pub const MAILING_ISSUES_MAX: usize = 200;

/// One letter to many people.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mailing {
    /// Organization; [`super::Organization::SYSTEM`] for mail of a system administrator.
    pub organization: OrganizationId,
    /// Its id.
    pub id: MailingId,
    /// Grows with every write.
    pub rev: i64,
    /// What is sent.
    pub kind: LetterKind,
    /// Given by who asks, once for each time something is meant to be sent: asked again with the same one, nothing is
    /// sent twice.
    pub ticket: String,
    /// Subject and text of a message, in the markup; empty for a letter that is a template alone.
    pub subject: String,
    /// See `subject`.
    pub body: String,
    /// To whom, in words.
    pub audience: String,
    /// Who sent it.
    pub by: Actor,
    /// People meant.
    pub recipients: u32,
    /// Mails that were queued so far.
    pub queued: u32,
    /// People who cannot be written to, so far.
    pub refused: u32,
    /// Why, for at most [`MAILING_ISSUES_MAX`] of them.
    pub issues: Vec<MailingIssue>,
    /// Parts that are done, of `parts`.
    pub next_part: u32,
    /// Parts that the recipients are kept in.
    pub parts: u32,
    /// When it was ordered.
    pub created_at: Millis,
    /// When everything was queued.
    pub finished_at: Option<Millis>,
}

/// Somebody who was not written to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MailingIssue {
    /// Who.
    pub name: String,
    /// Why not, in words.
    pub why: String,
}

/// Somebody to write to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MailingRecipient {
    /// A user.
    User(UserId),
    /// An administrator.
    Administrator(AdministratorId),
}

/// Id of a mailing.
pub type MailingId = Id<Mailing>;
impl IdKind for Mailing {
    const PREFIX: &'static str = "mlg";
}

/// What became of a user's last welcome letter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserLetter {
    /// The user.
    pub user: UserId,
    /// The mail, if one was queued.
    pub mail: Option<MailId>,
    /// Where it stands.
    pub state: LetterState,
    /// Since when.
    pub at: Millis,
    /// The SMTP server's words, or why it was not sent.
    pub outcome: String,
}

/// Where a letter stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LetterState {
    /// It waits to be handed over.
    Queued,
    /// The SMTP server took it.
    Sent,
    /// It was not sent, or given up; the outcome says why.
    Refused,
}

impl LetterState {
    /// All of them.
    pub const ALL: [LetterState; 3] = [LetterState::Queued, LetterState::Sent, LetterState::Refused];

    /// Its stored word, also in addresses.
    pub fn key(self) -> &'static str {
        match self {
            LetterState::Queued => "queued",
            LetterState::Sent => "sent",
            LetterState::Refused => "refused",
        }
    }
}
