//! One connection to an upstream server: the stream, what was read from it and not used yet, and how it ended.

use std::{
    future::Future as _,
    io,
    net::SocketAddr,
    pin::{Pin, pin},
    task::{Context, Poll},
    time::{Duration, Instant},
};

use bytes::BytesMut;
use tokio::{
    io::{AsyncRead as _, AsyncReadExt as _, AsyncWrite as _, ReadBuf},
    net::TcpStream,
};

use super::{Origin, UpstreamConfig, UpstreamError};
use crate::{
    stream::{Stream, tune},
    tls::TlsStream,
};

/// The size of a read while an answer is streamed.
const READ_SIZE: usize = 16 * 1024;

#[derive(Debug)]
pub(crate) struct Connection {
    stream: Stream,
    /// Read and not used yet.
    pub(crate) buffer: BytesMut,
    pub(crate) origin: Origin,
    /// True if it came from the pool: the server may have closed it meanwhile.
    pub(crate) reused: bool,
    /// When it went to the pool.
    pub(crate) idle_since: Instant,
    /// The server closed its side, or the connection broke.
    pub(crate) ended: Option<io::ErrorKind>,
}

impl Connection {
    /// Connects and, if the origin says so, makes the TLS handshake; all within the configured time.
    pub(crate) async fn open(origin: &Origin, config: &UpstreamConfig) -> Result<Self, UpstreamError> {
        let limit = config.connect;
        let connected = tokio::time::timeout(limit, Self::connect(origin, config)).await;
        let stream =
            connected.map_err(|_| UpstreamError::ConnectTimeout { origin: origin.name(), limit })??;
        Ok(Self {
            stream,
            buffer: BytesMut::new(),
            origin: origin.clone(),
            reused: false,
            idle_since: Instant::now(),
            ended: None,
        })
    }

    async fn connect(origin: &Origin, config: &UpstreamConfig) -> Result<Stream, UpstreamError> {
        let failed = |source| UpstreamError::Connect { origin: origin.name(), source };
        let found = config.resolver.addresses(origin.host(), origin.port()).await.map_err(failed)?;
        if let Some(address) = origin.reach().forbidden(&found) {
            return Err(UpstreamError::Forbidden { origin: origin.name(), address });
        }
        // To what was checked, not to the name.
        Self::connect_to(&found, origin).await.map_err(failed)
    }

    async fn connect_to(addresses: &[SocketAddr], origin: &Origin) -> io::Result<Stream> {
        let socket = TcpStream::connect(addresses).await?;
        tune(&socket)?;
        Ok(match origin.tls_target() {
            None => Stream::Plain(socket),
            Some(target) => Stream::Client(Box::new(TlsStream::connect(socket, target).await?)),
        })
    }

    /// Waits for bytes (or the end) without holding a buffer meanwhile.
    pub(crate) fn poll_readable(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        if !self.buffer.is_empty() || self.ended.is_some() {
            return Poll::Ready(());
        }
        let mut space = [0; 2048];
        let mut space = ReadBuf::new(&mut space);
        match Pin::new(&mut self.stream).poll_read(cx, &mut space) {
            Poll::Pending => Poll::Pending,
            Poll::Ready(outcome) => {
                self.note_read(outcome.map(|()| space.filled().len()));
                self.buffer.extend_from_slice(space.filled());
                Poll::Ready(())
            }
        }
    }

    /// Reads more into the buffer. `Ok(0)` is the end.
    pub(crate) fn poll_fill(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<usize>> {
        if let Some(kind) = self.ended {
            return Poll::Ready(if kind == io::ErrorKind::UnexpectedEof { Ok(0) } else { Err(kind.into()) });
        }
        if self.buffer.capacity() - self.buffer.len() < READ_SIZE / 4 {
            self.buffer.reserve(READ_SIZE);
        }
        let polled = pin!(self.stream.read_buf(&mut self.buffer)).poll(cx);
        if let Poll::Ready(outcome) = &polled {
            self.note_read(outcome.as_ref().map(|read| *read).map_err(io::Error::kind).map_err(Into::into));
        }
        polled
    }

    /// Reads more, at most `limit` long.
    pub(crate) async fn fill(&mut self, limit: Duration) -> Result<usize, UpstreamError> {
        let filled = std::future::poll_fn(|cx| self.poll_fill(cx));
        match tokio::time::timeout(limit, filled).await {
            Err(_) => Err(UpstreamError::Silent(limit)),
            Ok(filled) => filled.map_err(UpstreamError::Broken),
        }
    }

    fn note_read(&mut self, outcome: io::Result<usize>) {
        match outcome {
            Ok(0) => self.ended = Some(io::ErrorKind::UnexpectedEof),
            Ok(_) => {}
            Err(error) => self.ended = Some(error.kind()),
        }
    }

    /// Writes and flushes everything in `bytes`. Ready with false if the server began to answer (or closed) before it
    /// took all of it.
    pub(crate) fn poll_send(&mut self, cx: &mut Context<'_>, bytes: &mut &[u8]) -> Poll<io::Result<bool>> {
        loop {
            let polled = if bytes.is_empty() {
                Pin::new(&mut self.stream).poll_flush(cx).map_ok(|()| 0)
            } else {
                Pin::new(&mut self.stream).poll_write(cx, bytes)
            };
            match polled {
                Poll::Ready(Ok(_)) if bytes.is_empty() => return Poll::Ready(Ok(true)),
                Poll::Ready(Ok(0)) => return Poll::Ready(Err(io::ErrorKind::WriteZero.into())),
                Poll::Ready(Ok(written)) => *bytes = &bytes[written..],
                Poll::Ready(Err(error)) => {
                    // A server that refuses a large upload answers and closes: the answer may be there.
                    return Poll::Ready(if self.poll_readable(cx).is_ready() && !self.buffer.is_empty() {
                        Ok(false)
                    } else {
                        Err(error)
                    });
                }
                Poll::Pending => return self.poll_readable(cx).map(|()| Ok(false)),
            }
        }
    }

    /// True if an idle connection can still be used: nothing arrived on it, not even its end.
    pub(crate) fn is_quiet(&mut self) -> bool {
        let mut cx = Context::from_waker(std::task::Waker::noop());
        self.poll_readable(&mut cx).is_pending()
    }

    /// Gives the read buffer back while the connection waits for long.
    pub(crate) fn shrink(&mut self) {
        if self.buffer.is_empty() {
            self.buffer = BytesMut::new();
        }
    }
}
