//! The body of an upstream's answer: read as it is wanted, with a prefix that can be looked at first.

use std::{
    future::Future as _,
    io,
    pin::Pin,
    task::{Context, Poll, ready},
    time::Duration,
};

use bytes::{Buf as _, Bytes, BytesMut};
use http_body::{Frame, SizeHint};
use tokio::time::Sleep;

use super::{UpstreamError, Upstreams, connection::Connection, head::Framing};

/// The body of an answer. Dropping it before its end closes the connection to the server; reading it to its end
/// returns the connection to the pool.
pub struct UpstreamBody {
    /// Looked at by [`UpstreamBody::peek`], not handed out yet.
    prefix: BytesMut,
    /// None when everything was read.
    rest: Option<Rest>,
    /// The longest silence.
    between: Duration,
    silence: Option<Pin<Box<Sleep>>>,
}

struct Rest {
    connection: Connection,
    framing: Framing,
    /// The pool to return to, if the connection may be used again.
    pool: Option<Upstreams>,
}

impl UpstreamBody {
    pub(crate) fn new(
        connection: Connection,
        framing: Framing,
        pool: Option<Upstreams>,
        between: Duration,
    ) -> Self {
        let mut body = Self {
            prefix: BytesMut::new(),
            rest: Some(Rest { connection, framing, pool }),
            between,
            silence: None,
        };
        body.take_arrived();
        body
    }

    /// A body that came in one piece with its head is taken at once, so that its connection is free for another
    /// request before this answer has reached anybody.
    fn take_arrived(&mut self) {
        let Some(Rest { connection, framing: Framing::Length(length), .. }) = &mut self.rest else { return };
        if connection.buffer.len() as u64 >= *length {
            self.prefix = connection.buffer.split_to(*length as usize);
            self.finish();
        }
    }

    /// The whole body, if all of it is in memory.
    pub(crate) fn into_arrived(self) -> Result<Bytes, Self> {
        if self.is_complete() { Ok(self.prefix.freeze()) } else { Err(self) }
    }

    /// Reads until `n` bytes (or the whole body) are there and shows all that is there, without consuming it.
    pub async fn peek(&mut self, n: usize) -> Result<&[u8], UpstreamError> {
        while self.prefix.len() < n {
            match std::future::poll_fn(|cx| self.poll_data(cx)).await {
                None => break,
                Some(data) => {
                    let data = data?;
                    if self.prefix.is_empty() {
                        self.prefix =
                            data.try_into_mut().unwrap_or_else(|shared| BytesMut::from(&shared[..]));
                    } else {
                        self.prefix.extend_from_slice(&data);
                    }
                }
            }
        }
        Ok(&self.prefix)
    }

    /// Reads the whole body, at most `limit` bytes.
    pub async fn collect(mut self, limit: usize) -> Result<Bytes, UpstreamError> {
        let all = self.peek(limit.saturating_add(1)).await?.len();
        if all > limit {
            return Err(UpstreamError::TooLong(limit));
        }
        Ok(self.prefix.split().freeze())
    }

    /// True if everything that is left is in memory.
    pub fn is_complete(&self) -> bool {
        self.rest.is_none()
    }

    fn poll_data(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, UpstreamError>>> {
        loop {
            let Some(rest) = &mut self.rest else { return Poll::Ready(None) };
            match rest.take() {
                Err(error) => return self.fail(error),
                Ok(Taken { data, ended }) => {
                    if ended {
                        self.finish();
                    }
                    if !data.is_empty() {
                        self.silence = None;
                        return Poll::Ready(Some(Ok(data)));
                    }
                    if ended {
                        return Poll::Ready(None);
                    }
                }
            }
            match ready!(self.poll_more(cx)) {
                Ok(0) => {
                    let closes =
                        self.rest.as_ref().is_some_and(|rest| matches!(rest.framing, Framing::Close));
                    self.rest = None;
                    return Poll::Ready(
                        (!closes).then(|| Err(UpstreamError::Broken(io::ErrorKind::UnexpectedEof.into()))),
                    );
                }
                Ok(_) => {}
                Err(error) => return self.fail(error),
            }
        }
    }

    fn poll_more(&mut self, cx: &mut Context<'_>) -> Poll<Result<usize, UpstreamError>> {
        let Some(rest) = &mut self.rest else { return Poll::Ready(Ok(0)) };
        if let Poll::Ready(filled) = rest.connection.poll_fill(cx) {
            return Poll::Ready(filled.map_err(UpstreamError::Broken));
        }
        let between = self.between;
        let silence = self.silence.get_or_insert_with(|| Box::pin(tokio::time::sleep(between)));
        silence.as_mut().poll(cx).map(|()| Err(UpstreamError::Silent(between)))
    }

    fn fail(&mut self, error: UpstreamError) -> Poll<Option<Result<Bytes, UpstreamError>>> {
        self.rest = None;
        Poll::Ready(Some(Err(error)))
    }

    /// Everything was read: the connection may serve another request, unless the server sent more than its answer.
    fn finish(&mut self) {
        self.silence = None;
        if let Some(Rest { connection, pool: Some(pool), .. }) = self.rest.take()
            && connection.buffer.is_empty()
        {
            pool.put_back(connection);
        }
    }
}

struct Taken {
    data: Bytes,
    ended: bool,
}

impl Rest {
    /// Takes the next piece of the body off what was read already.
    fn take(&mut self) -> Result<Taken, UpstreamError> {
        let buffer = &mut self.connection.buffer;
        match &mut self.framing {
            Framing::Length(left) => {
                let n = usize::try_from(*left).unwrap_or(usize::MAX).min(buffer.len());
                *left -= n as u64;
                Ok(Taken { data: buffer.split_to(n).freeze(), ended: *left == 0 })
            }
            Framing::Chunked(decoder) => {
                while !buffer.is_empty() && !decoder.is_done() {
                    let step = decoder
                        .step(buffer)
                        .map_err(|_| UpstreamError::Answer("its chunked coding is not valid"))?;
                    buffer.advance(step.skip);
                    if step.data > 0 {
                        return Ok(Taken { data: buffer.split_to(step.data).freeze(), ended: false });
                    }
                }
                Ok(Taken { data: Bytes::new(), ended: decoder.is_done() })
            }
            Framing::Close => Ok(Taken { data: buffer.split().freeze(), ended: false }),
        }
    }
}

impl http_body::Body for UpstreamBody {
    type Data = Bytes;
    type Error = UpstreamError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, UpstreamError>>> {
        if !self.prefix.is_empty() {
            return Poll::Ready(Some(Ok(Frame::data(self.prefix.split().freeze()))));
        }
        self.poll_data(cx).map_ok(Frame::data)
    }

    fn is_end_stream(&self) -> bool {
        self.prefix.is_empty() && self.rest.is_none()
    }

    fn size_hint(&self) -> SizeHint {
        let prefix = self.prefix.len() as u64;
        match self.rest.as_ref().map(|rest| rest.framing) {
            None => SizeHint::with_exact(prefix),
            Some(Framing::Length(left)) => SizeHint::with_exact(prefix + left),
            Some(Framing::Chunked(_) | Framing::Close) => {
                let mut hint = SizeHint::new();
                hint.set_lower(prefix);
                hint
            }
        }
    }
}

impl std::fmt::Debug for UpstreamBody {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("UpstreamBody")
            .field("peeked", &self.prefix.len())
            .field("framing", &self.rest.as_ref().map(|rest| rest.framing))
            .finish_non_exhaustive()
    }
}
