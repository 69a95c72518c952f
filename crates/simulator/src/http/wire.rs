//! A connection with what was read ahead of need.

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

use super::error::Error;

/// A byte stream both ways: a TCP or TLS connection.
pub trait Io: AsyncRead + AsyncWrite + Send + Sync + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Sync + Unpin> Io for T {}

/// Longest head (request or status line with header fields) that is accepted.
const MAX_HEAD: usize = 64 * 1024;

/// A connection and the bytes received but not yet used.
pub struct Wire {
    io: Box<dyn Io>,
    ahead: Vec<u8>,
}

impl Wire {
    /// Takes over a connected stream.
    pub fn new(io: impl Io + 'static) -> Wire {
        Wire { io: Box::new(io), ahead: Vec::new() }
    }

    /// Number of bytes received but not yet used.
    pub fn buffered(&self) -> usize {
        self.ahead.len()
    }

    /// Reads once; 0 means that the other side closed. Safe to cancel.
    pub async fn fill(&mut self) -> Result<usize, Error> {
        self.ahead.reserve(8 * 1024);
        Ok(self.io.read_buf(&mut self.ahead).await?)
    }

    /// Sends everything.
    pub async fn send(&mut self, bytes: &[u8]) -> Result<(), Error> {
        self.io.write_all(bytes).await?;
        Ok(self.io.flush().await?)
    }

    /// Closes the sending direction politely.
    pub async fn shutdown(&mut self) {
        // The connection is given up anyhow; a peer that is already gone is no news.
        let _ = self.io.shutdown().await;
    }

    /// The bytes up to and including the empty line. A parked phone waits here for its answer, so the buffer
    /// is not kept larger than it must be.
    pub async fn head(&mut self) -> Result<Vec<u8>, Error> {
        let mut searched: usize = 0;
        loop {
            let from = searched.saturating_sub(3);
            if let Some(at) = self.ahead[from..].windows(4).position(|w| w == b"\r\n\r\n") {
                return Ok(self.take(from + at + 4));
            }
            searched = self.ahead.len();
            if searched > MAX_HEAD {
                return Err(Error::TooLarge(MAX_HEAD));
            }
            self.ahead.reserve_exact(1024);
            if self.io.read_buf(&mut self.ahead).await? == 0 {
                return Err(if searched == 0 {
                    Error::Closed
                } else {
                    Error::Protocol("cut off in the head")
                });
            }
        }
    }

    /// Exactly `n` bytes, appended to `out`.
    pub async fn exactly(&mut self, n: usize, out: &mut Vec<u8>) -> Result<(), Error> {
        let mut missing = n;
        while missing > 0 {
            if self.ahead.is_empty() && self.fill().await? == 0 {
                return Err(Error::Protocol("cut off in the body"));
            }
            let part = self.take(missing.min(self.ahead.len()));
            missing -= part.len();
            out.extend_from_slice(&part);
        }
        Ok(())
    }

    /// A line without its end.
    pub async fn line(&mut self) -> Result<String, Error> {
        loop {
            if let Some(at) = self.ahead.iter().position(|b| *b == b'\n') {
                let line = self.take(at + 1);
                return Ok(String::from_utf8_lossy(&line).trim_end().to_owned());
            }
            if self.ahead.len() > MAX_HEAD {
                return Err(Error::TooLarge(MAX_HEAD));
            }
            if self.fill().await? == 0 {
                return Err(Error::Protocol("cut off in a line"));
            }
        }
    }

    /// Everything until the other side closes.
    pub async fn to_end(&mut self, limit: usize, out: &mut Vec<u8>) -> Result<(), Error> {
        while self.fill().await? > 0 {
            if self.ahead.len() > limit {
                return Err(Error::TooLarge(limit));
            }
        }
        out.append(&mut self.ahead);
        Ok(())
    }

    fn take(&mut self, n: usize) -> Vec<u8> {
        let rest = self.ahead.split_off(n);
        std::mem::replace(&mut self.ahead, rest)
    }
}
