//! Public keys in COSE form (RFC 9053) and the signatures they verify: ES256, EdDSA and RS256, which are all that is
//! asked for.

use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_ASN1, ED25519, ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents,
};

use crate::Refusal;
use crate::cbor::{self, Item};

/// A public key that signatures are verified with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PublicKey {
    /// ECDSA over P-256 with SHA-256: the uncompressed point.
    Es256(Vec<u8>),
    /// Ed25519.
    EdDsa(Vec<u8>),
    /// RSA (2,048 to 8,192 bits) with PKCS #1 v1.5 and SHA-256.
    Rs256 {
        /// Modulus.
        n: Vec<u8>,
        /// Exponent.
        e: Vec<u8>,
    },
}

impl PublicKey {
    /// The algorithms that are asked for, best first, as COSE numbers.
    pub const ALGORITHMS: [i64; 3] = [-8, -7, -257];

    /// Reads a key in COSE form.
    ///
    /// # Errors
    /// [`Refusal::Key`] for everything but a whole key of one of these kinds.
    pub fn parse(bytes: &[u8]) -> Result<Self, Refusal> {
        Self::read(bytes).filter(Self::is_usable).ok_or(Refusal::Key)
    }

    fn read(bytes: &[u8]) -> Option<Self> {
        let (Item::Map(members), []) = cbor::read(bytes)? else { return None };
        let int = |label| {
            members.iter().find_map(|(key, value)| match (key, value) {
                (Item::Int(n), Item::Int(value)) if *n == label => Some(*value),
                _ => None,
            })
        };
        let bytes = |label| {
            members.iter().find_map(|(key, value)| match (key, value) {
                (Item::Int(n), Item::Bytes(value)) if *n == label => Some(*value),
                _ => None,
            })
        };
        // Kind, algorithm, curve.
        match (int(1)?, int(3)?, int(-1)) {
            (2, -7, Some(1)) => {
                let (x, y) = (bytes(-2)?, bytes(-3)?);
                (x.len() == 32 && y.len() == 32).then(|| Self::Es256([&[4], x, y].concat()))
            }
            (1, -8, Some(6)) => {
                let x = bytes(-2)?;
                (x.len() == 32).then(|| Self::EdDsa(x.to_vec()))
            }
            (3, -257, None) => Some(Self::Rs256 { n: bytes(-1)?.to_vec(), e: bytes(-2)?.to_vec() }),
            _ => None,
        }
    }

    /// Whether it is a point of its curve, or a modulus of an accepted length.
    fn is_usable(&self) -> bool {
        match self {
            Self::Es256(point) => ParsedPublicKey::new(&ECDSA_P256_SHA256_ASN1, point).is_ok(),
            Self::EdDsa(point) => ParsedPublicKey::new(&ED25519, point).is_ok(),
            Self::Rs256 { n, e } => {
                (256..=1024).contains(&n.len()) && n[0] != 0 && (1..=8).contains(&e.len()) && e[0] != 0
            }
        }
    }

    /// Verifies a signature.
    ///
    /// # Errors
    /// [`Refusal::Signature`].
    pub fn verify(&self, message: &[u8], signature: &[u8]) -> Result<(), Refusal> {
        let verified = match self {
            Self::Es256(point) => ParsedPublicKey::new(&ECDSA_P256_SHA256_ASN1, point)
                .is_ok_and(|key| key.verify_sig(message, signature).is_ok()),
            Self::EdDsa(point) => ParsedPublicKey::new(&ED25519, point)
                .is_ok_and(|key| key.verify_sig(message, signature).is_ok()),
            Self::Rs256 { n, e } => RsaPublicKeyComponents { n, e }
                .verify(&RSA_PKCS1_2048_8192_SHA256, message, signature)
                .is_ok(),
        };
        if verified { Ok(()) } else { Err(Refusal::Signature) }
    }
}
