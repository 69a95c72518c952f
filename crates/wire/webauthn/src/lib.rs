//! Pure codec of WebAuthn (W3C Web Authentication, Level 3): what a browser answers when a passkey is registered and
//! when it is used, read strictly and verified.
//!
//! This crate reads and verifies; it must not know clocks, randomness, who signs in, or whether a challenge was used
//! before. Attestation is not asked for and not looked at: which make of key somebody has is not our business.
//!
//! ```
//! use wire_webauthn::{Expected, Refusal, assertion};
//!
//! let expected = Expected { challenge: b"sixteen bytes or", origin: "https://mdm.example.com", rp_id: "mdm.example.com",
//!     verified: true };
//! let answer = wire_webauthn::Answer { client_data: b"{}", authenticator_data: &[], signature: &[] };
//! assert_eq!(assertion(&answer, &[], &expected), Err(Refusal::ClientData));
//! ```

mod authenticator_data;
mod cbor;
mod client_data;
mod key;

pub use key::PublicKey;

use authenticator_data::AuthenticatorData;
use client_data::Ceremony;

/// What the server knows of a ceremony that it began.
#[derive(Debug, Clone, Copy)]
pub struct Expected<'a> {
    /// The random bytes that were handed out.
    pub challenge: &'a [u8],
    /// Scheme, host and port of the page, such as `https://mdm.example.com`.
    pub origin: &'a str,
    /// The domain that passkeys belong to: the page's host or a parent of it.
    pub rp_id: &'a str,
    /// The authenticator must have verified who holds it (by PIN, finger or face).
    pub verified: bool,
}

/// Why an answer is not accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// `clientDataJSON` cannot be read.
    #[error("the client data cannot be read")]
    ClientData,
    /// It is the answer to another ceremony.
    #[error("it answers another question")]
    Kind,
    /// It answers another challenge.
    #[error("the challenge is another")]
    Challenge,
    /// It was made on a page that is not ours, or inside one.
    #[error("it was made on another page")]
    Origin,
    /// `attestationObject` cannot be read.
    #[error("the attestation cannot be read")]
    Attestation,
    /// The authenticator's data cannot be read, or contradict themselves.
    #[error("the authenticator's data cannot be read")]
    AuthenticatorData,
    /// They are for another domain.
    #[error("it belongs to another domain")]
    RelyingParty,
    /// Nobody touched the authenticator.
    #[error("nobody was present")]
    Presence,
    /// The authenticator did not verify who holds it.
    #[error("the user was not verified")]
    Verification,
    /// A key of a kind that was not asked for.
    #[error("the key is of a kind that is not accepted")]
    Key,
    /// The signature is not of this key, or not over these data.
    #[error("the signature is wrong")]
    Signature,
}

/// Longest id of a credential (WebAuthn Level 3, 4).
pub const LONGEST_ID: usize = 1023;

/// A passkey that was registered just now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Registered {
    /// Its id, 1 to 1,023 bytes.
    pub id: Vec<u8>,
    /// Its public key, in COSE form; [`PublicKey::parse`] reads it.
    pub key: Vec<u8>,
    /// Signatures made so far; 0 for an authenticator that does not count.
    pub count: u32,
    /// Copies of it are kept elsewhere (a synchronized passkey).
    pub backed_up: bool,
    /// The authenticator verified who holds it.
    pub verified: bool,
}

/// What an authenticator says of a use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Used {
    /// Signatures made so far; 0 for an authenticator that does not count.
    pub count: u32,
    /// Copies of it are kept elsewhere.
    pub backed_up: bool,
    /// The authenticator verified who holds it.
    pub verified: bool,
}

/// A browser's answer when a passkey is used (`AuthenticatorAssertionResponse`).
#[derive(Debug, Clone, Copy)]
pub struct Answer<'a> {
    /// `clientDataJSON`.
    pub client_data: &'a [u8],
    /// `authenticatorData`.
    pub authenticator_data: &'a [u8],
    /// `signature`.
    pub signature: &'a [u8],
}

/// Reads and checks a registration (WebAuthn Level 3, 7.1): `clientDataJSON` and `attestationObject`.
///
/// # Errors
/// [`Refusal`], for the first check that fails.
pub fn registration(
    client_data: &[u8],
    attestation_object: &[u8],
    expected: &Expected<'_>,
) -> Result<Registered, Refusal> {
    client_data::check(client_data, Ceremony::Create, expected)?;
    let bytes = authenticator_data::of_attestation(attestation_object)?;
    let data = AuthenticatorData::parse(bytes)?;
    data.check(expected)?;
    let credential = data.credential.ok_or(Refusal::Attestation)?;
    PublicKey::parse(credential.key)?;
    Ok(Registered {
        id: credential.id.to_vec(),
        key: credential.key.to_vec(),
        count: data.count,
        backed_up: data.backed_up,
        verified: data.verified,
    })
}

/// Reads and checks a use (WebAuthn Level 3, 7.2) of the passkey with this public key (in COSE form).
///
/// # Errors
/// [`Refusal`], for the first check that fails.
pub fn assertion(answer: &Answer<'_>, key: &[u8], expected: &Expected<'_>) -> Result<Used, Refusal> {
    client_data::check(answer.client_data, Ceremony::Get, expected)?;
    let data = AuthenticatorData::parse(answer.authenticator_data)?;
    data.check(expected)?;
    if data.credential.is_some() {
        return Err(Refusal::AuthenticatorData);
    }
    let mut signed = answer.authenticator_data.to_vec();
    signed.extend_from_slice(&client_data::hash(answer.client_data));
    PublicKey::parse(key)?.verify(&signed, answer.signature)?;
    Ok(Used { count: data.count, backed_up: data.backed_up, verified: data.verified })
}
