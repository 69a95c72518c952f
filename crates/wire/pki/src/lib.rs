//! Pure codec of device identity: BER and DER (X.690), X.509 (RFC 5280), PKCS#10 (RFC 2986), PKCS#12 (RFC 7292), CMS
//! (RFC 5652) and SCEP (RFC 8894).
//!
//! Devices send BER and break the profile of certificates in many ways, so reading is tolerant of form
//! ([`ber_to_der`]) and strict about proof: nothing is handed out before the signature that covers it was verified.
//! The cryptography is aws-lc-rs; no type of it, and none of any other crate, is in the interface.
//!
//! This crate must not know clocks, stores, networks or whether a challenge was used before: times, serial numbers,
//! content keys and nonces are arguments. (Blinding and paddings of RSA and ECDSA are drawn within aws-lc.)
//!
//! ```
//! use wire_pki::{Content, Error, verify};
//!
//! assert_eq!(wire_pki::ber_to_der(&[0x24, 0x80, 4, 1, 7, 4, 1, 8, 0, 0]), Ok(vec![4, 2, 7, 8]));
//! assert!(matches!(verify(b"no signature", Content::Detached(b"body")), Err(Error::Malformed(_))));
//! ```

mod authority;
mod certificate;
pub mod cms;
mod der;
mod key;
mod name;
pub mod pem;
mod pkcs12;
mod rc2;
mod request;
pub mod scep;
mod time;

pub use authority::{Authority, Leaf, NewAuthority};
pub use certificate::Certificate;
pub use cms::{Cipher, Content, Signed, Signer, envelope, open, sign, verify};
pub use der::{LARGEST, ber_to_der};
pub use key::{PrivateKey, PublicKey};
pub use name::{Attribute, Name};
pub use pkcs12::{Identity, read as read_pkcs12};
pub use request::{NewRequest, SigningRequest};

/// Why bytes are not accepted, or cannot be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The form is broken; what is wrong, in words.
    #[error("{0}")]
    Malformed(&'static str),
    /// An algorithm or a shape that is not accepted; which, in words.
    #[error("{0}")]
    Unsupported(&'static str),
    /// A signature is wrong, or not over what it should cover.
    #[error("a signature is wrong")]
    Signature,
    /// It cannot be deciphered. There is one form of this failure: which step failed is nobody's business.
    #[error("it cannot be deciphered")]
    Undecipherable,
    /// A private key that cannot be used; why, in words.
    #[error("{0}")]
    Key(&'static str),
    /// The password is wrong, or the file was changed.
    #[error("the password is wrong")]
    Password,
}

/// Times are milliseconds since 1970.
pub type Millis = i64;
