//! Enrolment tokens: one-time codes that say who somebody is who is about to enrol a device.

use catalog::Millis;
use serde::{Deserialize, Serialize};

use super::{OrganizationId, PasswordHash, UserId};
use crate::{Id, IdKind};

/// Wrong PINs after which a token is over.
pub const PIN_ATTEMPTS: u32 = 5;

/// A one-time code of a user. Only its hash is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EnrollmentToken {
    /// Organization.
    pub organization: OrganizationId,
    /// Its id.
    pub id: EnrollmentTokenId,
    /// Grows with every write.
    pub rev: i64,
    /// Whose it is.
    pub user: UserId,
    /// How it came to the user.
    pub origin: TokenOrigin,
    /// SHA-256 of the code in its plain form (upper case, no dashes).
    pub token_hash: Vec<u8>,
    /// PIN that must be entered beside it, if there is one. Argon2id.
    pub pin_hash: Option<PasswordHash>,
    /// PINs that were tried; counted before they are looked at.
    pub attempts: u32,
    /// When it was made.
    pub created_at: Millis,
    /// When it ends by itself.
    pub expires_at: Millis,
    /// How it ended before that, and when.
    pub end: Option<(TokenEnd, Millis)>,
}

/// How a token came to its user.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TokenOrigin {
    /// An administrator made it and handed it over.
    Administrator,
    /// It was sent in a letter. The next letter replaces it.
    Letter,
}

/// How a token ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TokenEnd {
    /// Somebody enrolled with it.
    Redeemed,
    /// An administrator took it back.
    Revoked,
    /// A newer letter took its place.
    Replaced,
    /// Too many wrong PINs.
    Guessed,
}

/// Where a token stands at a moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TokenState {
    /// It can be used.
    Open,
    /// It was not used in time.
    Expired,
    /// Somebody enrolled with it.
    Redeemed,
    /// An administrator took it back.
    Revoked,
    /// A newer letter took its place.
    Replaced,
    /// Too many wrong PINs.
    Guessed,
}

impl EnrollmentToken {
    /// Where it stands at `now`.
    pub fn state(&self, now: Millis) -> TokenState {
        match self.end {
            Some((TokenEnd::Redeemed, _)) => TokenState::Redeemed,
            Some((TokenEnd::Revoked, _)) => TokenState::Revoked,
            Some((TokenEnd::Replaced, _)) => TokenState::Replaced,
            Some((TokenEnd::Guessed, _)) => TokenState::Guessed,
            None if now >= self.expires_at => TokenState::Expired,
            None => TokenState::Open,
        }
    }
}

/// Id of an enrolment token.
pub type EnrollmentTokenId = Id<EnrollmentToken>;
impl IdKind for EnrollmentToken {
    const PREFIX: &'static str = "enr";
}
