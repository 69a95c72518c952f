//! What can go wrong between two ends of a socket.

use std::io;
use std::time::Duration;

/// Why an exchange failed; kept apart as far as a caller would act differently.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The address is not one this crate can use.
    #[error("bad address: {0}")]
    Address(String),
    /// No TCP connection: refused, no route, unknown name.
    #[error("cannot connect: {0}")]
    Connect(io::Error),
    /// The TLS handshake failed, most often because the certificate is not trusted.
    #[error("TLS: {0}")]
    Tls(String),
    /// The connection broke in the middle.
    #[error("connection broken: {0}")]
    Io(#[from] io::Error),
    /// The other side closed the connection before it answered anything.
    #[error("connection closed before an answer")]
    Closed,
    /// Nothing (complete) arrived in time.
    #[error("no answer within {0:?}")]
    Timeout(Duration),
    /// What arrived is not HTTP/1.1.
    #[error("not HTTP: {0}")]
    Protocol(&'static str),
    /// A head or body beyond the limit.
    #[error("larger than {0} bytes")]
    TooLarge(usize),
}
