//! Events: what is written to the journal and, later, what can raise an alert.

use serde::{Deserialize, Serialize};

mod table;
pub use table::{EVENTS, event_by_key};

/// How bad.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Worth knowing.
    Informational,
    /// Somebody should look.
    Warning,
    /// Somebody must act.
    Critical,
}

/// A kind of event. The key is stored in the journal.
#[derive(Debug)]
pub struct Event {
    /// Stored name, `area.what`, e.g. `device.wiped`.
    pub key: &'static str,
    /// Words for the journal page, with `{name}` for the subject, and `{command}`, `{rule}`, `{target}` for what the
    /// entry says of them.
    pub label: &'static str,
    /// Severity.
    pub severity: Severity,
}
