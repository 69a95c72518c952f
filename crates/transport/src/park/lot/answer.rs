//! Answering a parked request: at once as far as the socket takes it, the rest in a task of its own.

use std::{
    io,
    pin::Pin,
    rc::Rc,
    task::{Context, Poll, Waker},
};

use bytes::{Buf as _, Bytes};
use tokio::io::{AsyncWrite as _, AsyncWriteExt as _};

use super::Lot;
use crate::{
    listener::{connection::Client, worker::Worker},
    park::WakeAnswer,
    stream::Stream,
};

impl Lot {
    /// Writes an answer and goes on with the connection.
    pub(super) fn answer(
        &self,
        worker: &Rc<Worker>,
        client: Client,
        mut stream: Stream,
        kept: Vec<u8>,
        keep_alive: bool,
        answer: &WakeAnswer,
    ) {
        let keep_alive = keep_alive && !client.is_draining();
        let bytes = answer.encode(keep_alive);
        self.metrics.bytes_out.add(bytes.len() as u64);
        let mut rest = bytes;
        match send_now(&mut stream, &mut rest) {
            Ok(true) => self.settle(worker, client, stream, kept.into(), keep_alive),
            Ok(false) => {
                let worker = Rc::clone(worker);
                tokio::task::spawn_local(async move {
                    let limit = client.listener.core().limits.stall_time;
                    let writing = async {
                        stream.write_all(&rest).await?;
                        stream.flush().await
                    };
                    if let Ok(Ok(())) = tokio::time::timeout(limit, writing).await {
                        worker.lot.settle(&worker, client, stream, kept.into(), keep_alive);
                    }
                });
            }
            // The client has just left.
            Err(_) => {}
        }
    }
}

/// Writes what the socket takes at once. True if that was everything; otherwise `bytes` is what is left to be
/// written, and the stream may have something to flush.
fn send_now(stream: &mut Stream, bytes: &mut Bytes) -> io::Result<bool> {
    let mut cx = Context::from_waker(Waker::noop());
    while !bytes.is_empty() {
        match Pin::new(&mut *stream).poll_write(&mut cx, bytes)? {
            Poll::Pending => return Ok(false),
            Poll::Ready(0) => return Err(io::ErrorKind::WriteZero.into()),
            Poll::Ready(written) => bytes.advance(written),
        }
    }
    Ok(Pin::new(stream).poll_flush(&mut cx)?.is_ready())
}
