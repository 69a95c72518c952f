//! What can go wrong in the store, told so that the reader knows what to do.

/// The result of everything in this crate.
pub type Result<T, E = StoreError> = std::result::Result<T, E>;

/// Why the store refused or could not answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// A unique or foreign key was violated. The name is the same on both engines: the name of the unique
    /// index, `<table>_pkey`, `<table>_<columns>_key`, the name of a check, or `foreign_key`.
    #[error("this conflicts with what is stored ({constraint})")]
    Conflict {
        /// Name of the violated constraint.
        constraint: String,
    },
    /// Too much is waiting, or another node held a lock too long. Nothing was stored; trying again helps.
    #[error("the database is busy; try again in a moment")]
    Busy,
    /// The database cannot be reached. For a write the outcome may be unknown if the connection broke during
    /// the commit; in every other case nothing was stored.
    #[error("the database cannot be reached ({0}); check that it runs and try again")]
    Unavailable(String),
    /// The unit went on after a statement of it had failed. Return the first error instead of ignoring it.
    #[error("an earlier statement of this write failed ({0}), so nothing of it was stored")]
    Poisoned(String),
    /// Stored data is not what this program wrote.
    #[error("stored data is damaged: {0}")]
    Corrupt(String),
    /// The database cannot be opened as it is; the text says why and what to do.
    #[error("{0}")]
    Refused(String),
    /// A statement was refused or a unit broke the rules; the text is for the log, not for a user.
    #[error("the database refused: {0}")]
    Other(String),
}

impl StoreError {
    /// Is this the violation of the named unique index, key or check?
    pub fn is_conflict(&self, name: &str) -> bool {
        matches!(self, Self::Conflict { constraint } if constraint == name)
    }
}
