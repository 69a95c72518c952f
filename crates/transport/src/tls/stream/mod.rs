//! A TLS connection that owns no buffers while nothing moves.
//!
//! Ciphertext is read into, and encrypted into, buffers of the thread. The connection itself keeps only what could not
//! be dealt with: an incomplete record, plaintext for which the reader had no room, ciphertext that the socket did not
//! take. Each of them is normally empty and then costs no memory.

mod backlog;
mod reads_and_writes;

use std::{
    cell::RefCell,
    future::poll_fn,
    io,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};

use rustls::{
    ServerConfig,
    client::UnbufferedClientConnection,
    server::UnbufferedServerConnection,
    unbuffered::{ConnectionState, UnbufferedStatus},
};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpStream,
};

use super::session::Session;
use crate::upstream::TlsTarget;
use backlog::{Backlog, encode};

/// The most plaintext in one record (RFC 8446 section 5.1).
const RECORD: usize = 16 * 1024;
/// Room for the header, tag and padding of a record.
const OVERHEAD: usize = 512;
/// A handshake that needs more than this at once is refused.
const MAX_KEPT: usize = 128 * 1024;

thread_local! {
    static READ_SCRATCH: RefCell<Vec<u8>> = RefCell::new(vec![0; 2 * RECORD + OVERHEAD]);
    static WRITE_SCRATCH: RefCell<Vec<u8>> = RefCell::new(vec![0; RECORD + OVERHEAD]);
}

/// What we may want to send.
#[derive(Clone, Copy)]
enum Outgoing<'a> {
    Data(&'a [u8]),
    /// That we will send no more.
    Close,
}

/// A TLS connection over a socket; `S` is the side.
pub(crate) struct TlsStream<S> {
    session: S,
    socket: TcpStream,
    /// The beginning of a record whose rest has not arrived.
    incoming: Vec<u8>,
    plaintext: Backlog,
    outgoing: Backlog,
    /// The peer said that it will send no more.
    peer_closed: bool,
    /// We said that we will send no more.
    sent_close: bool,
}

impl TlsStream<UnbufferedServerConnection> {
    /// Makes the handshake on an accepted socket. Without a time limit: the caller has one.
    pub(crate) async fn accept(socket: TcpStream, config: Arc<ServerConfig>) -> io::Result<Self> {
        let session = UnbufferedServerConnection::new(config).map_err(io::Error::other)?;
        Self::handshake(session, socket).await
    }
}

impl TlsStream<UnbufferedClientConnection> {
    /// Makes the handshake on a connected socket. Without a time limit: the caller has one.
    pub(crate) async fn connect(socket: TcpStream, target: &TlsTarget) -> io::Result<Self> {
        let session = UnbufferedClientConnection::new(Arc::clone(&target.config), target.name.clone())
            .map_err(io::Error::other)?;
        Self::handshake(session, socket).await
    }
}

impl<S: Session> TlsStream<S> {
    async fn handshake(session: S, socket: TcpStream) -> io::Result<Self> {
        let mut stream = Self {
            session,
            socket,
            incoming: Vec::new(),
            plaintext: Backlog::default(),
            outgoing: Backlog::default(),
            peer_closed: false,
            sent_close: false,
        };
        // A client speaks first.
        stream.process(&mut [], &mut |_| ())?;
        poll_fn(|cx| stream.poll_handshake(cx)).await?;
        Ok(stream)
    }

    fn poll_handshake(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        loop {
            ready!(self.poll_send_outgoing(cx))?;
            if !self.session.is_handshaking() {
                return Poll::Ready(Ok(()));
            }
            if self.peer_closed {
                return Poll::Ready(Err(io::ErrorKind::UnexpectedEof.into()));
            }
            // Application data may follow the handshake in the same packet: it goes to the backlog.
            ready!(self.poll_ingest(cx, None))?;
        }
    }

    /// Reads ciphertext once and processes it. Plaintext goes to `buf` as far as it fits, the rest to the backlog.
    fn poll_ingest(
        &mut self,
        cx: &mut Context<'_>,
        mut buf: Option<&mut ReadBuf<'_>>,
    ) -> Poll<io::Result<()>> {
        READ_SCRATCH.with_borrow_mut(|scratch| {
            let kept = self.incoming.len();
            if kept > MAX_KEPT {
                return Poll::Ready(Err(io::Error::new(io::ErrorKind::InvalidData, "TLS message too long")));
            }
            if scratch.len() < kept + RECORD {
                scratch.resize(kept + RECORD, 0);
            }
            let mut space = ReadBuf::new(&mut scratch[kept..]);
            ready!(Pin::new(&mut self.socket).poll_read(cx, &mut space))?;
            let read = space.filled().len();
            if read == 0 {
                // An end without close_notify may be an attacker's cut: not a clean end of a body.
                let clean = self.peer_closed || self.session.is_handshaking();
                self.peer_closed = true;
                return Poll::Ready(if clean {
                    Ok(())
                } else {
                    Err(io::ErrorKind::ConnectionAborted.into())
                });
            }
            scratch[..kept].copy_from_slice(&self.incoming);
            self.incoming.clear();
            let mut plaintext = std::mem::take(&mut self.plaintext);
            let outcome = self.process(&mut scratch[..kept + read], &mut |data| {
                let fits = buf.as_ref().map_or(0, |buf| buf.remaining().min(data.len()));
                if let Some(buf) = &mut buf {
                    buf.put_slice(&data[..fits]);
                }
                plaintext.push(&data[fits..]);
            });
            self.plaintext = plaintext;
            match outcome {
                Ok(used) if used == kept + read => self.incoming = Vec::new(),
                Ok(used) => self.incoming.extend_from_slice(&scratch[used..kept + read]),
                Err(error) => {
                    // Tell the peer why, if the socket takes it at once.
                    let _ = self.poll_send_outgoing(cx);
                    return Poll::Ready(Err(error));
                }
            }
            Poll::Ready(Ok(()))
        })
    }

    /// Lets rustls work through `records`; says how many bytes were used up. What has to be sent is put into the
    /// outgoing backlog.
    fn process(&mut self, records: &mut [u8], sink: &mut dyn FnMut(&[u8])) -> io::Result<usize> {
        let mut used = 0;
        loop {
            let UnbufferedStatus { mut discard, state } = self.session.process(&mut records[used..]);
            let mut more = true;
            match state {
                Ok(ConnectionState::ReadTraffic(mut traffic)) => {
                    while let Some(record) = traffic.next_record() {
                        let record = record.map_err(invalid)?;
                        discard += record.discard;
                        sink(record.payload);
                    }
                }
                Ok(ConnectionState::EncodeTlsData(data)) => encode(data, &mut self.outgoing)?,
                Ok(ConnectionState::TransmitTlsData(transmit)) => transmit.done(),
                Ok(ConnectionState::PeerClosed) => self.peer_closed = true,
                Ok(ConnectionState::Closed) => {
                    self.peer_closed = true;
                    more = false;
                }
                Ok(ConnectionState::BlockedHandshake | ConnectionState::WriteTraffic(_)) => more = false,
                // Early data is not enabled; nothing else exists today.
                Ok(_) => return Err(io::Error::new(io::ErrorKind::InvalidData, "unexpected TLS state")),
                Err(error) => {
                    // The alert for the peer is the next thing rustls wants to send.
                    let rest = &mut records[used + discard..];
                    if let Ok(ConnectionState::EncodeTlsData(data)) = self.session.process(rest).state {
                        encode(data, &mut self.outgoing)?;
                    }
                    return Err(invalid(error));
                }
            }
            used += discard;
            if !more {
                return Ok(used);
            }
        }
    }

    /// Encrypts application data or the closing alert.
    fn encrypt(&mut self, what: Outgoing<'_>, out: &mut [u8]) -> io::Result<usize> {
        loop {
            // The incomplete record is shown again, as rustls may have taken a part of it for a handshake message.
            let UnbufferedStatus { discard, state } = self.session.process(&mut self.incoming);
            let written = match state.map_err(invalid)? {
                ConnectionState::WriteTraffic(mut traffic) => {
                    let written = match what {
                        Outgoing::Data(data) => traffic.encrypt(data, out),
                        Outgoing::Close => traffic.queue_close_notify(out),
                    };
                    Some(written.map_err(invalid)?)
                }
                ConnectionState::EncodeTlsData(data) => {
                    encode(data, &mut self.outgoing)?;
                    None
                }
                ConnectionState::TransmitTlsData(transmit) => {
                    transmit.done();
                    None
                }
                ConnectionState::PeerClosed => {
                    self.peer_closed = true;
                    None
                }
                _ => return Err(io::ErrorKind::NotConnected.into()),
            };
            self.incoming.drain(..discard);
            if let Some(written) = written {
                return Ok(written);
            }
        }
    }

    /// Sends what is waiting to be sent.
    fn poll_send_outgoing(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        while !self.outgoing.is_empty() {
            let sent = ready!(Pin::new(&mut self.socket).poll_write(cx, self.outgoing.rest()))?;
            if sent == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
            }
            self.outgoing.advance(sent);
        }
        Poll::Ready(Ok(()))
    }
}

fn invalid(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, error)
}

impl<S> std::fmt::Debug for TlsStream<S> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TlsStream").field("socket", &self.socket).finish_non_exhaustive()
    }
}
