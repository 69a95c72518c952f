//! What an organization sends out: by which SMTP server, and about what.

use serde::{Deserialize, Serialize};

use super::{AlertSettings, MailingId, OrganizationId, ReportMailId, Sealed, UserId, Webhook};
use crate::letter::Templates;
use crate::mail::{Line, MailAddress};
use crate::notification::NotificationSettings;
use crate::{Id, IdKind};

/// Everything about messages that leave an organization. There is one of it, also for the installation
/// ([`super::Organization::SYSTEM`]), whose SMTP server serves organizations without one of their own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Messaging {
    /// Organization.
    pub organization: OrganizationId,
    /// Grows with every write; 0 before the first one.
    pub rev: i64,
    /// The SMTP server, if one is set.
    #[serde(default)]
    pub smtp: Option<SmtpServer>,
    /// Addresses that hear what the journal says.
    #[serde(default)]
    pub webhooks: Vec<Webhook>,
    /// What users are told when access goes and comes back.
    #[serde(default)]
    pub notifications: NotificationSettings,
    /// When alerts are raised, and who hears of them.
    #[serde(default)]
    pub alerts: AlertSettings,
    /// Letters to users, and at the installation to administrators.
    #[serde(default)]
    pub letters: LetterSettings,
}

/// Letters in an organization's own words.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct LetterSettings {
    /// Texts of its own.
    pub templates: Templates,
    /// Users are told when their local password is set or changed.
    pub tell_password_changes: bool,
    /// Users who come from a directory get a welcome letter.
    pub welcome_directory_users: bool,
}

impl Messaging {
    /// What is in force before anybody set anything.
    pub fn new(organization: OrganizationId) -> Self {
        Self {
            organization,
            rev: 0,
            smtp: None,
            webhooks: Vec::new(),
            notifications: NotificationSettings::default(),
            alerts: AlertSettings::default(),
            letters: LetterSettings::default(),
        }
    }
}

/// How the connection to an SMTP server is protected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SmtpSecurity {
    /// TLS from the first byte (RFC 8314), usually port 465.
    Tls,
    /// STARTTLS, which must succeed; usually port 587.
    Starttls,
    /// No TLS: for a server on the same host only.
    Plain,
}

/// An SMTP server that takes outgoing mail.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SmtpServer {
    /// Name or address.
    pub host: String,
    /// Port.
    pub port: u16,
    /// Protection.
    pub security: SmtpSecurity,
    /// Roots that its certificate must come from (PEM); empty: the public authorities.
    #[serde(default)]
    pub roots: String,
    /// Name to sign in with; empty: without signing in.
    #[serde(default)]
    pub username: String,
    /// Password, sealed.
    #[serde(default)]
    pub password: Option<Sealed>,
    /// Address that mail comes from.
    pub sender: MailAddress,
    /// Name shown beside it.
    #[serde(default)]
    pub sender_name: Line,
    /// Where answers go; `None`: to the sender.
    #[serde(default)]
    pub reply_to: Option<MailAddress>,
    /// Mails in an hour; 1 to 100,000.
    pub hourly_limit: u32,
}

/// A mail on its way or over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mail {
    /// Organization.
    pub organization: OrganizationId,
    /// Its id; also in its Message-ID, so that one that was sent twice is recognized.
    pub id: MailId,
    /// What it is for: `alert`, `notification`, `report`, `test`, or the key of a [`catalog::LetterKind`].
    pub purpose: String,
    /// To whom.
    pub recipient: MailAddress,
    /// Subject.
    pub subject: Line,
    /// Plain text; gone once it is over.
    pub text: Option<String>,
    /// Body of a letter, instead of the text; gone once it is over.
    pub sealed: Option<Sealed>,
    /// The user it is for, if it is a letter to one.
    pub user: Option<UserId>,
    /// The mailing it is a part of.
    pub mailing: Option<MailingId>,
    /// The report by mail that it carries.
    pub report: Option<ReportMailId>,
    /// The file that goes with it.
    pub file: Option<MailFileId>,
    /// Where it stands.
    pub state: MailState,
    /// Attempts so far.
    pub attempts: u32,
    /// What the last attempt brought: the server's words, or why it failed.
    pub outcome: String,
    /// When it was queued.
    pub created_at: catalog::Millis,
    /// When it is tried next; `None` when it is over.
    pub due_at: Option<catalog::Millis>,
    /// When it was over.
    pub finished_at: Option<catalog::Millis>,
}

/// A file that goes out with one mail or several; it is gone when the last of them is over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MailFile {
    /// Organization.
    pub organization: OrganizationId,
    /// Its id.
    pub id: MailFileId,
    /// Its name, ASCII without what a header could not hold.
    pub name: String,
    /// Media type.
    pub media: String,
    /// The bytes.
    pub sealed: Sealed,
}

/// Id of a file that goes out with mail.
pub type MailFileId = Id<MailFile>;
impl IdKind for MailFile {
    const PREFIX: &'static str = "mfl";
}

/// Where a mail stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MailState {
    /// Waits for an attempt.
    Waiting,
    /// The SMTP server took it.
    Sent,
    /// It was given up; the outcome says why.
    GivenUp,
}

/// Id of a mail.
pub type MailId = Id<Mail>;
impl IdKind for Mail {
    const PREFIX: &'static str = "mail";
}
