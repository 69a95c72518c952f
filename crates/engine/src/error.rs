//! What a use case can answer instead of a result. Each face turns the *kind* into its own dialect in one file.

use std::fmt;

use domain::model::HeldChangeId;
use store::StoreError;

/// Result of a use case.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// A field that was refused, with words for the person who filled it in.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct FieldIssue {
    /// The field's name in the form or the JSON document.
    pub field: String,
    /// What to enter instead.
    pub message: String,
}

/// A change that waits for a second person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeldNotice {
    /// Under which it waits.
    pub id: HeldChangeId,
    /// What would be done, what that would take from how many devices, and that it waits.
    pub words: String,
}

/// Why a use case did not do what was asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Error {
    /// There is no such thing in this organization (also: it belongs to another one).
    NotFound(&'static str),
    /// Nobody is signed in, or the credentials are wrong.
    Unauthenticated,
    /// The password is right, and the account has a second factor: the ticket for the page that asks for it.
    SecondFactor(String),
    /// Signed in, but not allowed; says which permission is missing.
    Denied(String),
    /// Too many wrong passwords; try again in so many seconds.
    Locked(u64),
    /// Input that cannot be accepted.
    Invalid(Vec<FieldIssue>),
    /// The state of things does not allow it (changed meanwhile, in use, name taken).
    Conflict(String),
    /// It was not done yet: a second person must approve it first.
    Held(HeldNotice),
    /// A server behind us failed.
    Upstream(String),
    /// Storage or a limit says "later"; seconds to wait.
    Busy(u64),
    /// Something is wrong inside; logged under this reference.
    Internal(String),
}

/// The kinds a face must know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErrorKind {
    /// 404.
    NotFound,
    /// 401.
    Unauthenticated,
    /// 403.
    Denied,
    /// 429.
    Locked,
    /// 422.
    Invalid,
    /// 409.
    Conflict,
    /// 502.
    Upstream,
    /// 503.
    Busy,
    /// 500.
    Internal,
}

impl Error {
    /// One refused field.
    pub fn invalid(field: impl Into<String>, message: impl Into<String>) -> Self {
        Error::Invalid(vec![FieldIssue { field: field.into(), message: message.into() }])
    }
    /// A conflict in words.
    pub fn conflict(message: impl Into<String>) -> Self {
        Error::Conflict(message.into())
    }
    /// Logs the cause once and keeps only a reference for the user.
    pub fn internal(cause: impl fmt::Display) -> Self {
        let reference = hex::encode(crate::Entropy.bytes::<4>());
        tracing::error!(%reference, %cause, "internal error");
        Error::Internal(reference)
    }
    /// The kind.
    pub fn kind(&self) -> ErrorKind {
        match self {
            Error::NotFound(_) => ErrorKind::NotFound,
            Error::Unauthenticated | Error::SecondFactor(_) => ErrorKind::Unauthenticated,
            Error::Denied(_) => ErrorKind::Denied,
            Error::Locked(_) => ErrorKind::Locked,
            Error::Invalid(_) => ErrorKind::Invalid,
            Error::Conflict(_) | Error::Held(_) => ErrorKind::Conflict,
            Error::Upstream(_) => ErrorKind::Upstream,
            Error::Busy(_) => ErrorKind::Busy,
            Error::Internal(_) => ErrorKind::Internal,
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Error::NotFound(what) => write!(f, "There is no such {what}."),
            Error::Unauthenticated => f.write_str("Sign in first: the name or the password is not right."),
            Error::SecondFactor(_) => f.write_str("Enter the code of your authenticator app as well."),
            Error::Denied(why) => f.write_str(why),
            Error::Locked(seconds) => {
                write!(f, "Too many wrong passwords or codes. Try again in {} minutes.", seconds.div_ceil(60))
            }
            Error::Invalid(issues) => {
                let words: Vec<_> = issues.iter().map(|i| format!("{}: {}", i.field, i.message)).collect();
                f.write_str(&words.join(" "))
            }
            Error::Conflict(why) | Error::Upstream(why) => f.write_str(why),
            Error::Held(notice) => f.write_str(&notice.words),
            Error::Busy(seconds) => write!(f, "The server is busy. Try again in {seconds} seconds."),
            Error::Internal(reference) => {
                write!(
                    f,
                    "Something went wrong on our side. Give this reference to whoever runs the server: {reference}."
                )
            }
        }
    }
}

impl std::error::Error for Error {}

impl From<StoreError> for Error {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Conflict { constraint } => Error::Conflict(conflict_words(&constraint)),
            StoreError::Busy | StoreError::Unavailable(_) => Error::Busy(5),
            other => Error::internal(other),
        }
    }
}

/// Words for the constraints that a user can run into.
fn conflict_words(constraint: &str) -> String {
    let words = [
        ("username", "This name is taken."),
        ("slug", "This short name is taken."),
        ("organization_name", "This domain or host name belongs to an organization already."),
        ("_changed", "Somebody else changed it meanwhile. Load it again and repeat your change."),
        ("_name", "There is one with this name already."),
    ];
    words.iter().find(|(part, _)| constraint.contains(part)).map_or_else(
        || format!("It is still in use elsewhere ({constraint})."),
        |(_, words)| (*words).to_owned(),
    )
}
