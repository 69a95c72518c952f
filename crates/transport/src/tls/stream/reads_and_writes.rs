//! The connection as a stream of plaintext.

use std::{
    io,
    pin::Pin,
    task::{Context, Poll, ready},
};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::{OVERHEAD, Outgoing, RECORD, TlsStream, WRITE_SCRATCH};
use crate::tls::session::Session;

impl<S: Session> AsyncRead for TlsStream<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buf.filled().len();
        loop {
            if !self.plaintext.is_empty() {
                let n = self.plaintext.rest().len().min(buf.remaining());
                buf.put_slice(&self.plaintext.rest()[..n]);
                self.plaintext.advance(n);
                return Poll::Ready(Ok(()));
            }
            if self.peer_closed {
                return Poll::Ready(Ok(()));
            }
            let ingested = self.poll_ingest(cx, Some(buf));
            // A key update is answered at once, as far as the socket takes it; the rest goes with the next write.
            if let Poll::Ready(Err(error)) = self.poll_send_outgoing(cx) {
                return Poll::Ready(Err(error));
            }
            ready!(ingested)?;
            if buf.filled().len() > before {
                return Poll::Ready(Ok(()));
            }
        }
    }
}

impl<S: Session> AsyncWrite for TlsStream<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, data: &[u8]) -> Poll<io::Result<usize>> {
        ready!(self.poll_send_outgoing(cx))?;
        if data.is_empty() {
            return Poll::Ready(Ok(0));
        }
        let data = &data[..data.len().min(RECORD)];
        WRITE_SCRATCH.with_borrow_mut(|scratch| {
            let this = &mut *self;
            let length = this.encrypt(Outgoing::Data(data), scratch)?;
            let mut rest = &scratch[..length];
            // Usually the socket takes the whole record, and nothing has to be copied.
            if this.outgoing.is_empty()
                && let Poll::Ready(sent) = Pin::new(&mut this.socket).poll_write(cx, rest)?
            {
                rest = &rest[sent..];
            }
            this.outgoing.push(rest);
            Poll::Ready(Ok(data.len()))
        })
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.poll_send_outgoing(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if !self.sent_close {
            self.sent_close = true;
            let mut alert = [0; OVERHEAD];
            let length = self.encrypt(Outgoing::Close, &mut alert)?;
            self.outgoing.push(&alert[..length]);
        }
        ready!(self.poll_send_outgoing(cx))?;
        Pin::new(&mut self.socket).poll_shutdown(cx)
    }
}
