//! Webhooks: addresses of an organization that hear what its journal says.

use catalog::Millis;
use serde::{Deserialize, Serialize};

use super::Sealed;
use crate::{Id, IdKind};

/// An address that events are posted to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Webhook {
    /// Its id.
    pub id: WebhookId,
    /// Name shown.
    pub name: String,
    /// `https://…`.
    pub url: String,
    /// Events whose key begins with one of these; empty: every event.
    pub events: Vec<String>,
    /// Keys of the signature, the newest first: one, or two while the receiver changes over.
    pub secrets: Vec<Sealed>,
    /// Delivered to at all.
    pub on: bool,
    /// When it was made.
    pub created_at: Millis,
}

impl Webhook {
    /// Whether it hears of an event.
    pub fn hears(&self, event: &str) -> bool {
        self.events.is_empty() || self.events.iter().any(|prefix| event.starts_with(prefix.as_str()))
    }
}

/// Id of a webhook.
pub type WebhookId = Id<Webhook>;
impl IdKind for Webhook {
    const PREFIX: &'static str = "whk";
}

/// How far a webhook has come.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct WebhookState {
    /// The newest entry of the journal that was delivered, or that it does not hear of.
    pub sequence: i64,
    /// Attempts since the last success.
    pub attempts: u32,
    /// Since when nothing is taken.
    pub failing_since: Option<Millis>,
    /// Not tried before.
    pub due_at: Millis,
    /// Nothing is sent any more until somebody resumes it.
    pub paused_at: Option<Millis>,
}

/// A delivery that was tried.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebhookDelivery {
    /// When.
    pub at: Millis,
    /// The first entry in it; 0 for a test.
    pub first: i64,
    /// The last entry in it.
    pub last: i64,
    /// How many events it held.
    pub events: u32,
    /// Whether the receiver took it.
    pub taken: bool,
    /// The status, or why it failed.
    pub outcome: String,
}
