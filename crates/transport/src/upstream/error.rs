//! What can go wrong towards an upstream server.

use std::{io, net::IpAddr, time::Duration};

/// Why an exchange with an upstream server failed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum UpstreamError {
    /// The request cannot be expressed: no path, a bad URI, a length that does not fit the body.
    #[error("the request is not valid: {0}")]
    Request(String),
    /// Name resolution, connecting or the TLS handshake failed. Nothing was sent.
    #[error("no connection to {origin}: {source}")]
    Connect {
        /// Host and port.
        origin: String,
        /// Why.
        source: io::Error,
    },
    /// The name leads to an address that it must not lead to. Nothing was sent.
    #[error("{origin} leads to {address}, an address of a private network")]
    Forbidden {
        /// Host and port.
        origin: String,
        /// The address.
        address: IpAddr,
    },
    /// Connecting took too long. Nothing was sent.
    #[error("no connection to {origin} within {limit:?}")]
    ConnectTimeout {
        /// Host and port.
        origin: String,
        /// The limit.
        limit: Duration,
    },
    /// The connection broke, or the server closed it in the middle of an answer.
    #[error("the connection to the server broke: {0}")]
    Broken(#[source] io::Error),
    /// The server closed the connection without answering.
    #[error("the server closed the connection without an answer")]
    NoAnswer,
    /// The server was silent for too long.
    #[error("the server was silent for {0:?}")]
    Silent(Duration),
    /// What the server sent is not an HTTP/1.1 answer, or exceeds a limit.
    #[error("the server's answer is not valid: {0}")]
    Answer(&'static str),
    /// The caller's request body failed while it was being sent.
    #[error("the request body could not be read: {0}")]
    RequestBody(#[source] crate::body::BodyError),
    /// The answer's body is longer than the caller wants.
    #[error("the answer is longer than {0} bytes")]
    TooLong(usize),
}

impl UpstreamError {
    /// True if the server cannot have seen the request.
    pub fn nothing_sent(&self) -> bool {
        matches!(
            self,
            Self::Request(_) | Self::Connect { .. } | Self::Forbidden { .. } | Self::ConnectTimeout { .. }
        )
    }
}

impl From<http::Error> for UpstreamError {
    fn from(error: http::Error) -> Self {
        Self::Request(error.to_string())
    }
}
