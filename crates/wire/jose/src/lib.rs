//! Pure reader of signed JSON Web Tokens (RFC 7515, 7517, 7518, 7519): the key set of an identity provider, and its ID
//! tokens (OpenID Connect Core 1.0, 3.1.3.7) and logout tokens (Back-Channel Logout 1.0, 2.6).
//!
//! Nothing of a token is believed before its signature is verified with a key of the provider's own set, by an
//! algorithm of the list here. This crate must not know clocks, networks, or whether a token was seen before: time and
//! expectations are arguments.
//!
//! ```
//! use wire_jose::{ExpectedId, Keys, Refusal};
//!
//! let keys = Keys::parse(br#"{"keys":[]}"#).expect("an empty set");
//! let expected = ExpectedId { issuer: "https://id.example.com", client_id: "mdm", nonce: "n", access_token: None,
//!     now: 1_764_000_000 };
//! assert_eq!(wire_jose::id_token("e30.e30.", &keys, &expected), Err(Refusal::Algorithm));
//! ```

mod claims;
mod id_token;
mod json;
mod jws;
mod keys;
mod logout_token;

pub use claims::Claims;
pub use id_token::{ExpectedId, id_token};
pub use keys::{Keys, KeysError};
pub use logout_token::{Logout, logout_token};

/// How far the clocks of two servers may differ, seconds.
pub const SKEW: i64 = 60;

/// Longest token that is read, bytes.
pub const LONGEST: usize = 64 << 10;

/// Why a token is not believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// It has not the form of a signed token.
    #[error("it is no signed token")]
    Form,
    /// Its algorithm is none of those that are accepted.
    #[error("its algorithm is not accepted")]
    Algorithm,
    /// It is a token of another kind, or demands something that we do not know.
    #[error("it is a token of another kind")]
    Kind,
    /// No key of the set fits; the set may have to be fetched anew.
    #[error("its key is not among the provider's keys")]
    UnknownKey,
    /// The signature is wrong.
    #[error("its signature is wrong")]
    Signature,
    /// Another issuer.
    #[error("its issuer is another")]
    Issuer,
    /// It was made for another client, or for others as well.
    #[error("it is for another client")]
    Audience,
    /// It is over, not yet good, or has no good times.
    #[error("it is not good at this time")]
    Time,
    /// It answers another sign-in.
    #[error("its nonce is another")]
    Nonce,
    /// It does not say whom it is about.
    #[error("it does not say who signed in")]
    Subject,
    /// It does not belong to the access token that came with it.
    #[error("it does not belong to the access token")]
    AccessToken,
}
