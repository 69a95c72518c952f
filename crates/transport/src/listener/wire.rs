//! What the HTTP library reads from and writes to: bytes that were read before, then the socket; observed on the way.

use std::{
    io,
    pin::Pin,
    rc::Rc,
    sync::Arc,
    task::{Context, Poll},
};

use bytes::{Buf as _, Bytes};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::{
    framing::Scanner,
    watch::{Phase, Watch},
};
use crate::{metrics::Metrics, stream::Stream};

pub(crate) struct Wire {
    stream: Stream,
    rewound: Bytes,
    scanner: Rc<std::cell::RefCell<Scanner>>,
    watch: Rc<Watch>,
    metrics: Arc<Metrics>,
}

impl Wire {
    /// `rewound` are bytes that were read from the stream already.
    pub(crate) fn new(
        stream: Stream,
        rewound: Bytes,
        scanner: Rc<std::cell::RefCell<Scanner>>,
        watch: Rc<Watch>,
        metrics: Arc<Metrics>,
    ) -> Self {
        Self { stream, rewound, scanner, watch, metrics }
    }

    /// The stream, and bytes that nobody read.
    pub(crate) fn into_parts(self) -> (Stream, Bytes) {
        (self.stream, self.rewound)
    }

    fn note_read(&self, bytes: &[u8]) {
        self.scanner.borrow_mut().feed(bytes);
        self.watch.moved(bytes.len());
        self.metrics.bytes_in.add(bytes.len() as u64);
        if self.watch.phase() == Phase::Idle && !bytes.is_empty() {
            self.watch.enter(Phase::Head);
        }
    }

    fn note_write(&self, polled: Poll<io::Result<usize>>) -> Poll<io::Result<usize>> {
        self.watch.is_write_blocked.set(polled.is_pending());
        if let Poll::Ready(Ok(written)) = &polled {
            self.watch.moved(*written);
            self.metrics.bytes_out.add(*written as u64);
        }
        polled
    }
}

impl AsyncRead for Wire {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buf.filled().len();
        let polled = if self.rewound.is_empty() {
            Pin::new(&mut self.stream).poll_read(cx, buf)
        } else {
            let n = self.rewound.len().min(buf.remaining());
            buf.put_slice(&self.rewound[..n]);
            self.rewound.advance(n);
            Poll::Ready(Ok(()))
        };
        if let Poll::Ready(Ok(())) = &polled {
            self.note_read(&buf.filled()[before..]);
        }
        polled
    }
}

impl AsyncWrite for Wire {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        let polled = Pin::new(&mut self.stream).poll_write(cx, buf);
        self.note_write(polled)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let polled = Pin::new(&mut self.stream).poll_write_vectored(cx, bufs);
        self.note_write(polled)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let polled = Pin::new(&mut self.stream).poll_flush(cx);
        self.watch.is_write_blocked.set(polled.is_pending());
        polled
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
