//! What could not be dealt with yet.

use std::io;

use rustls::unbuffered::{EncodeError, EncodeTlsData, InsufficientSizeError};

/// Bytes that wait for a reader or for the socket. Gives its memory back when it is empty.
#[derive(Debug, Default)]
pub(super) struct Backlog {
    bytes: Vec<u8>,
    used: usize,
}

impl Backlog {
    pub(super) fn rest(&self) -> &[u8] {
        &self.bytes[self.used..]
    }

    pub(super) fn is_empty(&self) -> bool {
        self.used == self.bytes.len()
    }

    pub(super) fn push(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
    }

    pub(super) fn advance(&mut self, n: usize) {
        self.used += n;
        if self.is_empty() {
            *self = Self::default();
        }
    }
}

/// Puts a handshake record (or alert) into the backlog.
pub(super) fn encode<Side>(mut data: EncodeTlsData<'_, Side>, outgoing: &mut Backlog) -> io::Result<()> {
    let start = outgoing.bytes.len();
    let mut size = 1024;
    loop {
        outgoing.bytes.resize(start + size, 0);
        match data.encode(&mut outgoing.bytes[start..]) {
            Ok(written) => {
                outgoing.bytes.truncate(start + written);
                return Ok(());
            }
            Err(EncodeError::InsufficientSize(InsufficientSizeError { required_size })) => {
                size = required_size;
            }
            Err(error) => {
                outgoing.bytes.truncate(start);
                return Err(io::Error::other(error));
            }
        }
    }
}
