//! A look at a parked record whose bell rang: what happened to it.

use std::{
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, Waker},
};

use tokio::io::{AsyncRead as _, ReadBuf};

use crate::park::{WakeAnswer, record::Record};

/// The most that a client may send while its request waits.
const MAX_KEPT: usize = 8 * 1024;

/// What a look at a record found.
pub(super) enum Found {
    Nothing,
    Answer(WakeAnswer),
    /// The client left, or sent too much.
    Gone,
    /// The beginning of the next request.
    Request,
    /// The upstream answered or closed.
    Upstream,
}

/// Looks. Nothing is waited for.
pub(super) fn find(record: &mut Record) -> Found {
    record.bell.hear();
    if let Some(parking) = &record.parking
        && let Some(answer) = parking.park.ticket.take()
    {
        return Found::Answer(answer);
    }
    let waker = Waker::from(Arc::clone(&record.bell));
    let mut cx = Context::from_waker(&waker);
    loop {
        let mut space = [0; 2048];
        let mut space = ReadBuf::new(&mut space);
        match Pin::new(&mut record.stream).poll_read(&mut cx, &mut space) {
            Poll::Pending => break,
            Poll::Ready(Err(_)) => return Found::Gone,
            Poll::Ready(Ok(())) if space.filled().is_empty() => return Found::Gone,
            Poll::Ready(Ok(())) => record.kept.extend_from_slice(space.filled()),
        }
        if record.parking.is_none() {
            return Found::Request;
        }
        if record.kept.len() > MAX_KEPT {
            return Found::Gone;
        }
    }
    let relay = record.parking.as_mut().and_then(|parking| parking.park.relay.as_mut());
    match relay.map(|relay| relay.pending.poll_readable(&mut cx)) {
        Some(Poll::Ready(())) => Found::Upstream,
        Some(Poll::Pending) | None => Found::Nothing,
    }
}
