//! Answers of an access device.

use crate::attribute::{ERROR_CAUSE, REPLY_MESSAGE, split};
use crate::proof::{authenticator, message_authenticator, position, same};
use crate::{ErrorCause, HEADER, MOST, Sent};

/// What became of the request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// CoA-ACK (44) or Disconnect-ACK (41).
    Acknowledged,
    /// CoA-NAK (45) or Disconnect-NAK (42).
    Refused,
}

/// An answer that is proved to come from somebody who knows the secret, and to belong to the request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// What became of it.
    pub outcome: Outcome,
    /// Why not, if it says so (RFC 5176 section 3.5).
    pub error_cause: Option<ErrorCause>,
    /// Reply-Message: text for a person, may be empty.
    pub message: String,
}

/// Why a packet is no answer to the request. RADIUS lets such packets fall silently; the reason helps whoever set up
/// the secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AnswerError {
    /// Shorter than a header or its own length, longer than a packet can be, or with attributes that are cut.
    Malformed,
    /// Of another request.
    Identifier,
    /// Not a code that answers this request.
    Code(u8),
    /// The proof does not fit: most likely the two sides have different secrets.
    Proof,
}

impl std::fmt::Display for AnswerError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Malformed => f.write_str("the answer is not a RADIUS packet"),
            Self::Identifier => f.write_str("the answer belongs to another request"),
            Self::Code(code) => write!(f, "code {code} is no answer to this request"),
            Self::Proof => f.write_str("the answer is not proved with the shared secret"),
        }
    }
}

impl std::error::Error for AnswerError {}

impl Sent {
    /// Reads a packet that came back.
    ///
    /// # Errors
    /// See [`AnswerError`]; such a packet must not end the waiting.
    pub fn read_answer(&self, datagram: &[u8], secret: &[u8]) -> Result<Answer, AnswerError> {
        let packet = whole(datagram).ok_or(AnswerError::Malformed)?;
        if packet[1] != self.identifier() {
            return Err(AnswerError::Identifier);
        }
        // An acknowledgement has the next code after the request, a refusal the one after that.
        let outcome = match packet[0].checked_sub(self.code()) {
            Some(1) => Outcome::Acknowledged,
            Some(2) => Outcome::Refused,
            _ => return Err(AnswerError::Code(packet[0])),
        };
        let attributes = split(&packet[HEADER..]).ok_or(AnswerError::Malformed)?;
        self.check(packet, secret)?;
        let text = |kind| attributes.iter().filter(move |(found, _)| *found == kind).map(|(_, value)| *value);
        let error_cause = text(ERROR_CAUSE).find_map(|value| {
            let code = u32::from_be_bytes(value.try_into().ok()?);
            Some(ErrorCause(code))
        });
        let message = text(REPLY_MESSAGE).map(String::from_utf8_lossy).collect();
        Ok(Answer { outcome, error_cause, message })
    }

    /// Both proofs; Message-Authenticator only if it is there.
    fn check(&self, packet: &[u8], secret: &[u8]) -> Result<(), AnswerError> {
        let ours = self.authenticator();
        if !same(&authenticator(packet, &ours, secret), &packet[4..HEADER]) {
            return Err(AnswerError::Proof);
        }
        match position(packet) {
            Some(at) if !same(&message_authenticator(packet, &ours, secret), &packet[at..at + 16]) => {
                Err(AnswerError::Proof)
            }
            _ => Ok(()),
        }
    }
}

/// The packet in a datagram: what follows its length is padding (RFC 2865 section 3).
fn whole(datagram: &[u8]) -> Option<&[u8]> {
    let length = usize::from(u16::from_be_bytes([*datagram.get(2)?, *datagram.get(3)?]));
    (HEADER..=MOST).contains(&length).then(|| datagram.get(..length)).flatten()
}
