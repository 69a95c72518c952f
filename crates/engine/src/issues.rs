//! Collecting everything that is wrong with a form before answering, and noticing that it was filled in too late.

use crate::{Error, FieldIssue, Result};

/// Issues found so far.
#[derive(Debug, Default)]
pub(crate) struct Issues(Vec<FieldIssue>);

impl Issues {
    /// Adds an issue unless `good`.
    pub(crate) fn check(&mut self, good: bool, field: &str, message: impl FnOnce() -> String) {
        if !good {
            self.add(field, message());
        }
    }
    /// Adds an issue.
    pub(crate) fn add(&mut self, field: impl Into<String>, message: impl Into<String>) {
        self.0.push(FieldIssue { field: field.into(), message: message.into() });
    }
    /// All of them, or fine.
    pub(crate) fn done(self) -> Result<()> {
        if self.0.is_empty() { Ok(()) } else { Err(Error::Invalid(self.0)) }
    }
}

/// Refuses an edit of something that is not any more what its author saw.
pub(crate) fn unchanged(seen: Option<i64>, now: i64) -> Result<()> {
    match seen {
        Some(seen) if seen != now => {
            Err(Error::conflict("Somebody else changed it meanwhile. Load it again and repeat your change."))
        }
        _ => Ok(()),
    }
}
