//! Requests that wait for minutes: ActiveSync Ping and Sync, a waiting device app.
//!
//! A handler that has read the request to its end returns a [`Park`]. The HTTP library is then taken off the
//! connection; the socket, its TLS state and a record of a few hundred bytes go into the worker's [`lot`]. There is no
//! task and no timer per parked request. One of these ends the wait, the first one wins:
//!
//! * somebody calls [`ParkWaker::answer`], from any thread;
//! * the deadline passes: the answer comes from the closure given to [`Park::wait`] or [`Park::relay`];
//! * the upstream server answers ([`Park::relay`]): the continuation makes the device's answer of it;
//! * the device leaves, or sends more than 8 KiB while it waits: [`Park::on_gone`] is called, an upstream request is
//!   cancelled by closing its connection;
//! * the server shuts down: [`Handler::on_drain`](crate::Handler::on_drain) answers.
//!
//! After the answer the connection serves its next request. Requests that arrived meanwhile (pipelining) are kept.

mod answer;
pub(crate) mod lot;
mod record;
mod relay;
mod ticket;
mod timers;

use std::{
    future::Future,
    time::{Duration, Instant},
};

use futures_util::future::LocalBoxFuture;
use http::Response;

pub use answer::WakeAnswer;
pub use ticket::{ParkWaker, Ticket};

use crate::{
    Body,
    upstream::{Pending, UpstreamError, UpstreamResponse},
};

type OnDeadline = Box<dyn FnOnce() -> WakeAnswer>;
type OnGone = Box<dyn FnOnce()>;
type Continuation =
    Box<dyn FnOnce(Result<UpstreamResponse, UpstreamError>) -> LocalBoxFuture<'static, Response<Body>>>;

/// What a handler returns for a request that waits. It stays on the worker thread, so that closures need not be
/// `Send`.
///
/// The request's body must have been read to its end before; otherwise the connection is closed after the answer.
/// Drop the request's head as well: every byte kept in the closures is kept for each parked device.
pub struct Park {
    pub(crate) ticket: Ticket,
    pub(crate) deadline: Instant,
    pub(crate) on_deadline: OnDeadline,
    pub(crate) on_gone: Option<OnGone>,
    pub(crate) relay: Option<Box<Relay>>,
}

/// The upstream half of a relayed park.
pub(crate) struct Relay {
    pub(crate) pending: Pending,
    pub(crate) then: Continuation,
}

impl Park {
    /// Waits for the ticket's waker, at most `limit`; then `on_deadline` makes the answer. The deadline is met with a
    /// delay of at most 50 ms.
    pub fn wait(ticket: Ticket, limit: Duration, on_deadline: impl FnOnce() -> WakeAnswer + 'static) -> Self {
        Self {
            ticket,
            deadline: Instant::now() + limit,
            on_deadline: Box::new(on_deadline),
            on_gone: None,
            relay: None,
        }
    }

    /// Waits for the answer of an upstream server as well. When its first byte (or its end) arrives, `then` gets the
    /// answer and makes the device's answer of it, which may stream the upstream's body.
    ///
    /// From that moment on [`ParkWaker::answer`] returns false. On the deadline, the waker's answer, and when the
    /// device leaves, the upstream connection is closed.
    pub fn relay<F, Fut>(
        ticket: Ticket,
        pending: Pending,
        limit: Duration,
        on_deadline: impl FnOnce() -> WakeAnswer + 'static,
        then: F,
    ) -> Self
    where
        F: FnOnce(Result<UpstreamResponse, UpstreamError>) -> Fut + 'static,
        Fut: Future<Output = Response<Body>> + 'static,
    {
        let mut park = Self::wait(ticket, limit, on_deadline);
        park.relay = Some(Box::new(Relay { pending, then: Box::new(move |answer| Box::pin(then(answer))) }));
        park
    }

    /// Called once if the device closes its connection while it waits. Not called when the request was answered.
    #[must_use]
    pub fn on_gone(mut self, on_gone: impl FnOnce() + 'static) -> Self {
        self.on_gone = Some(Box::new(on_gone));
        self
    }
}

impl std::fmt::Debug for Park {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Park")
            .field("deadline", &self.deadline)
            .field("relay", &self.relay.is_some())
            .finish_non_exhaustive()
    }
}
