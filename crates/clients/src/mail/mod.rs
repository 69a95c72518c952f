//! Mail servers behind the ActiveSync gateway: where they are, whom they trust, how they want a user's name, what
//! they answer to a test.
//!
//! The room owns the guard against being sent somewhere it must not go: redirects and Autodiscover answers are
//! followed only to the server's own host and to hosts that an administrator listed.

mod address;
mod certificate;
mod discover;
mod login;
mod place;
mod report;
mod test;

pub use address::Address;
pub use discover::{Discovered, discover};
pub use place::{MailServer, Place};
pub use report::{CertificateReport, Check, Grade, TestReport};
pub use test::{TestCredentials, test};

use transport::UpstreamError;

/// Why a mail server cannot be used, or did not answer.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum MailError {
    /// Not an `http` or `https` address.
    #[error("{0} is not an address such as https://mail.example.com/Microsoft-Server-ActiveSync")]
    Address(String),
    /// The root certificates cannot be read.
    #[error("the root certificates of the server cannot be used: {0}")]
    Roots(String),
    /// The server leads somewhere that is neither itself nor listed.
    #[error("{0} is not a host that this server may lead to; add it to the redirect hosts if it is right")]
    NotAllowed(String),
    /// A listed pattern leads to an address inside our own network.
    #[error("{0} is an address of a private network; list the host by its full name if it is right")]
    Private(String),
    /// No answer.
    #[error(transparent)]
    Upstream(#[from] UpstreamError),
    /// The answer is not what the protocol has.
    #[error("{0}")]
    Answer(String),
    /// Too many redirects.
    #[error("the server redirects in a circle")]
    TooManyRedirects,
    /// The credentials were refused.
    #[error("the server refuses the user name or password")]
    Unauthenticated,
}
