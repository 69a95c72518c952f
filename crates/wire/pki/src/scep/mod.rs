//! SCEP (RFC 8894) on the side of the authority: every message with its proof, and the answers.
//!
//! A message is read in two steps. [`Message::read`] verifies the signature, so that something can be answered;
//! [`Message::open`] deciphers and asks for the proof that its type needs:
//!
//! | message | proof here | the caller's part |
//! | --- | --- | --- |
//! | PKCSReq | possession of the new key, the same that signed the message; a challenge | the challenge |
//! | RenewalReq, PKCSReq signed with a certificate of ours | possession of the new key; a certificate of this authority | that it is good, and whose |
//! | CertPoll | possession of the key that signed | that this key asked first |
//! | GetCert, GetCRL | a certificate of this authority | that it is good |
//! | everything else | none is enough | |

mod answer;
mod message;

pub use answer::{Answer, Entropy};
pub use message::{Kind, Message, Request};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// The answer to GetCACaps. Apple's clients want a SHA-2 to be named, and fall back to triple DES without `AES`.
pub const CAPABILITIES: &str = "POSTPKIOperation\nSHA-256\nSHA-512\nAES\nSCEPStandard\nRenewal\n";

/// The media type of messages.
pub const MESSAGE_TYPE: &str = "application/x-pki-message";

/// The media type of the one certificate that GetCACert answers. (With the form for several, Apple's clients look for
/// certificates with particular usages, and fail.)
pub const CERTIFICATE_TYPE: &str = "application/x-x509-ca-cert";

/// Why a request fails (RFC 8894, 3.2.1.4).
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum FailInfo {
    /// An algorithm that is not accepted.
    #[error("badAlg")]
    BadAlgorithm = 0,
    /// The proof is missing or wrong, or it cannot be deciphered.
    #[error("badMessageCheck")]
    BadMessageCheck = 1,
    /// Not allowed, or not understood.
    #[error("badRequest")]
    BadRequest = 2,
    /// The time of signing is off.
    #[error("badTime")]
    BadTime = 3,
    /// No certificate is known by this name.
    #[error("badCertId")]
    BadCertificateId = 4,
}

/// The message of a GET: its `message` parameter, percent-decoded, is base64, in which a `+` may have become a blank.
pub fn from_query(message: &str) -> Option<Vec<u8>> {
    let text: Vec<u8> = message
        .bytes()
        .filter(|byte| !matches!(byte, b'\r' | b'\n'))
        .map(|byte| if byte == b' ' { b'+' } else { byte })
        .collect();
    STANDARD.decode(text).ok()
}
