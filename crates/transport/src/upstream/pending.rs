//! A request that was sent and not answered yet.

use std::{
    io,
    task::{Context, Poll},
    time::Duration,
};

use bytes::Bytes;
use http::header;

use super::{UpstreamBody, UpstreamError, UpstreamResponse, Upstreams, connection::Connection, head};

/// How many 1xx answers may precede the real one.
const MAX_INTERIM: usize = 8;

/// What is needed to send a request once more.
#[derive(Debug)]
pub(crate) struct Replay {
    pub(crate) head: Bytes,
    pub(crate) body: Bytes,
}

/// A request on its way: sent as a whole (or cut short because the server began to answer), answer outstanding.
/// Dropping it closes the connection, which cancels the request.
#[derive(Debug)]
pub struct Pending {
    pub(crate) connection: Connection,
    pub(crate) upstreams: Upstreams,
    /// Present if the connection came from the pool and the request can be repeated.
    pub(crate) replay: Option<Box<Replay>>,
    /// The request was a HEAD: its answer has no body.
    pub(crate) to_head: bool,
    /// False if the request was not sent to its end.
    pub(crate) reusable: bool,
}

impl Pending {
    /// Waits for the head of the answer. `first_byte` limits the wait for its first byte.
    ///
    /// If the server closed a pooled connection without answering, and the body was in memory, the request is
    /// repeated once on a new connection.
    pub async fn response(mut self, first_byte: Duration) -> Result<UpstreamResponse, UpstreamError> {
        let mut interim = 0;
        loop {
            match head::parse_response(&mut self.connection.buffer, self.to_head)? {
                Some(head) if head.status == http::StatusCode::SWITCHING_PROTOCOLS => {
                    return Err(UpstreamError::Answer("it switches protocols"));
                }
                Some(head) if head.status.is_informational() && interim < MAX_INTERIM => interim += 1,
                Some(head) if head.status.is_informational() => {
                    return Err(UpstreamError::Answer("it has too many interim answers"));
                }
                Some(head) => return Ok(self.finish(head)),
                None if self.is_stale() => self = Box::pin(self.repeat()).await?,
                None => self.read_more(first_byte).await?,
            }
        }
    }

    /// Says that the connection must not be used for another request. Not needed for NTLM and Negotiate, which are
    /// recognized.
    pub fn forbid_reuse(&mut self) {
        self.reusable = false;
    }

    /// Ready when the server sent something or closed.
    pub(crate) fn poll_readable(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        self.connection.poll_readable(cx)
    }

    /// True if the server had closed the pooled connection before it could see the request, which can be repeated.
    pub(crate) fn is_stale(&self) -> bool {
        self.connection.ended.is_some() && self.connection.buffer.is_empty() && self.replay.is_some()
    }

    /// Sends the request once more, on a new connection.
    pub(crate) async fn repeat(mut self) -> Result<Self, UpstreamError> {
        let Some(replay) = self.replay.take() else { return Err(UpstreamError::NoAnswer) };
        let connection = self.upstreams.fresh(&self.connection.origin).await?;
        let mut again = Self { connection, ..self };
        again.reusable &= again.send_all(&[&replay.head, &replay.body]).await?;
        Ok(again)
    }

    /// Gives back memory that is not needed for a long wait.
    pub(crate) fn shrink(&mut self) {
        self.connection.shrink();
    }

    async fn read_more(&mut self, first_byte: Duration) -> Result<(), UpstreamError> {
        let has_begun = !self.connection.buffer.is_empty();
        let limit = if has_begun { self.upstreams.config().between } else { first_byte };
        match self.connection.fill(limit).await {
            Ok(0) if has_begun => Err(UpstreamError::Broken(io::ErrorKind::UnexpectedEof.into())),
            Ok(0) if !self.is_stale() => Err(UpstreamError::NoAnswer),
            Err(UpstreamError::Broken(error)) if !self.is_stale() => Err(UpstreamError::Broken(error)),
            Err(error @ UpstreamError::Silent(_)) => Err(error),
            // Read something, or found the connection stale.
            _ => Ok(()),
        }
    }

    fn finish(self, head: head::Head) -> UpstreamResponse {
        let between = self.upstreams.config().between;
        let is_bound = head::binds_connection(&head.headers, header::WWW_AUTHENTICATE);
        let pool = (self.reusable && head.keep_alive && !is_bound).then_some(self.upstreams);
        UpstreamResponse {
            status: head.status,
            headers: head.headers,
            body: UpstreamBody::new(self.connection, head.framing, pool, between),
        }
    }
}
