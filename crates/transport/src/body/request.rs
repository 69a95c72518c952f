//! The body a client sends, with the two facts the connection needs to know about it: whether somebody waits for
//! more of it (to cut clients that stall), and whether it was read to its end (a request may be parked only then).

use std::{
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
    task::{Context, Poll},
};

use bytes::Bytes;
use http_body::{Body as _, Frame, SizeHint};

/// Shared by a connection and the body of its current request.
#[derive(Debug, Default)]
pub(crate) struct BodyState {
    waiting: AtomicBool,
    ended: AtomicBool,
}

impl BodyState {
    /// Somebody asked for bytes that the client has not sent yet.
    pub(crate) fn is_waiting(&self) -> bool {
        self.waiting.load(Relaxed)
    }

    /// The body was read to its end.
    pub(crate) fn is_ended(&self) -> bool {
        self.ended.load(Relaxed)
    }
}

/// The body of a request from a client. `Expect: 100-continue` is answered when it is read for the first time.
#[derive(Debug)]
pub struct RequestBody {
    inner: hyper::body::Incoming,
    state: Arc<BodyState>,
}

impl RequestBody {
    pub(crate) fn new(inner: hyper::body::Incoming, state: Arc<BodyState>) -> Self {
        state.waiting.store(false, Relaxed);
        state.ended.store(inner.is_end_stream(), Relaxed);
        Self { inner, state }
    }
}

impl http_body::Body for RequestBody {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        let polled = Pin::new(&mut self.inner).poll_frame(cx);
        self.state.waiting.store(polled.is_pending(), Relaxed);
        let ended = match &polled {
            Poll::Ready(None) => true,
            Poll::Ready(Some(Ok(_))) => self.inner.is_end_stream(),
            Poll::Ready(Some(Err(_))) | Poll::Pending => false,
        };
        if ended {
            self.state.ended.store(true, Relaxed);
        }
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}

impl Drop for RequestBody {
    fn drop(&mut self) {
        // Nobody waits for a body that is gone.
        self.state.waiting.store(false, Relaxed);
    }
}
