//! Requests to an access device.

use crate::attribute::{MESSAGE_AUTHENTICATOR, put};
use crate::proof::{authenticator, message_authenticator};
use crate::{Attribute, HEADER, MOST};

/// What is asked (RFC 5176 section 2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RequestKind {
    /// Disconnect-Request, code 40: the session ends, and the device must sign in to the network anew.
    Disconnect,
    /// CoA-Request, code 43: the session stays, and its authorization is looked at again.
    ChangeOfAuthorization,
}

impl RequestKind {
    /// The packet's code.
    pub fn code(self) -> u8 {
        match self {
            Self::Disconnect => 40,
            Self::ChangeOfAuthorization => 43,
        }
    }
}

/// A request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// What is asked.
    pub kind: RequestKind,
    /// Tells answers apart; the same for every retransmission of the same packet (RFC 5176 section 2.3).
    pub identifier: u8,
    /// Attributes, in order.
    pub attributes: Vec<Attribute>,
}

/// Why a request cannot be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RequestError {
    /// A value is empty or longer than an attribute can hold (253 octets).
    Value,
    /// All attributes together are longer than a packet can be (4096 octets).
    Packet,
}

impl std::fmt::Display for RequestError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Value => "an attribute is empty or longer than 253 octets",
            Self::Packet => "the request is longer than 4096 octets",
        })
    }
}

impl std::error::Error for RequestError {}

/// A request as it is sent, which answers are held against.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sent {
    bytes: Vec<u8>,
}

impl Request {
    /// Writes the request with a Message-Authenticator, first of its attributes as servers ask for since 2024, and
    /// with the authenticator of RFC 5176 section 2.3.
    ///
    /// # Errors
    /// See [`RequestError`].
    pub fn encode(&self, secret: &[u8]) -> Result<Sent, RequestError> {
        let mut bytes = vec![self.kind.code(), self.identifier];
        bytes.resize(HEADER, 0);
        put(&mut bytes, MESSAGE_AUTHENTICATOR, &[0; 16]);
        let written = self.attributes.iter().all(|attribute| attribute.write(&mut bytes));
        if !written {
            return Err(RequestError::Value);
        }
        if bytes.len() > MOST {
            return Err(RequestError::Packet);
        }
        // At most 4096.
        let length = (bytes.len() as u16).to_be_bytes();
        bytes[2..4].copy_from_slice(&length);
        let proof = message_authenticator(&bytes, &[0; 16], secret);
        bytes[HEADER + 2..HEADER + 18].copy_from_slice(&proof);
        let proof = authenticator(&bytes, &[0; 16], secret);
        bytes[4..HEADER].copy_from_slice(&proof);
        Ok(Sent { bytes })
    }
}

impl Sent {
    /// The packet.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Its identifier.
    pub fn identifier(&self) -> u8 {
        self.bytes[1]
    }

    /// The code of the request.
    pub(crate) fn code(&self) -> u8 {
        self.bytes[0]
    }

    /// The request's authenticator, which every proof of an answer contains.
    pub(crate) fn authenticator(&self) -> [u8; 16] {
        let mut found = [0; 16];
        found.copy_from_slice(&self.bytes[4..HEADER]);
        found
    }
}
