//! Key sets (RFC 7517) and the algorithms that are accepted with them.

use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P384_SHA384_FIXED, ED25519, ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256,
    RSA_PKCS1_2048_8192_SHA384, RSA_PKCS1_2048_8192_SHA512, RSA_PSS_2048_8192_SHA256, RsaPublicKeyComponents,
};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value};
use sha2::{Digest, Sha256, Sha384, Sha512};

use crate::json;

/// Keys of a set that are read; providers have a handful.
const MOST: usize = 100;

/// A set that cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this is no set of keys (JSON with a list \u{201c}keys\u{201d})")]
pub struct KeysError;

/// How a token may be signed. Symmetric algorithms and `none` are not among them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Algorithm {
    Rs256,
    Rs384,
    Rs512,
    Ps256,
    Es256,
    Es384,
    EdDsa,
}

impl Algorithm {
    pub(crate) fn read(name: &str) -> Option<Self> {
        Some(match name {
            "RS256" => Self::Rs256,
            "RS384" => Self::Rs384,
            "RS512" => Self::Rs512,
            "PS256" => Self::Ps256,
            "ES256" => Self::Es256,
            "ES384" => Self::Es384,
            "EdDSA" => Self::EdDsa,
            _ => return None,
        })
    }

    /// The left half of the hash of an access token, as `at_hash` has it.
    pub(crate) fn half_hash(self, text: &str) -> String {
        let whole = match self {
            Self::Rs256 | Self::Ps256 | Self::Es256 => Sha256::digest(text).to_vec(),
            Self::Rs384 | Self::Es384 => Sha384::digest(text).to_vec(),
            Self::Rs512 | Self::EdDsa => Sha512::digest(text).to_vec(),
        };
        URL_SAFE_NO_PAD.encode(&whole[..whole.len() / 2])
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Material {
    Rsa { n: Vec<u8>, e: Vec<u8> },
    P256(Vec<u8>),
    P384(Vec<u8>),
    Ed25519(Vec<u8>),
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Key {
    id: Option<String>,
    /// The only algorithm it is for, if it says so.
    only: Option<String>,
    material: Material,
}

/// The public keys of a provider that tokens may be signed with.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Keys(Vec<Key>);

impl Keys {
    /// Reads a set. Keys that are not for signatures, or of a kind that is not accepted, are left out.
    ///
    /// # Errors
    /// [`KeysError`] for what is no set.
    pub fn parse(bytes: &[u8]) -> Result<Self, KeysError> {
        let set = json::object(bytes).ok_or(KeysError)?;
        let Some(Value::Array(keys)) = set.get("keys") else { return Err(KeysError) };
        Ok(Self(keys.iter().take(MOST).filter_map(|key| Key::read(key.as_object()?)).collect()))
    }

    /// How many can be used.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether none can be used.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether any key that fits was there, and whether one of them made the signature.
    pub(crate) fn verify(
        &self,
        algorithm: Algorithm,
        name: &str,
        id: Option<&str>,
        message: &[u8],
        signature: &[u8],
    ) -> (bool, bool) {
        let fits =
            |key: &&Key| key.suits(algorithm, name) && id.is_none_or(|id| key.id.as_deref() == Some(id));
        let mut fitting = self.0.iter().filter(fits).peekable();
        (fitting.peek().is_some(), fitting.any(|key| key.verify(algorithm, message, signature)))
    }
}

impl Key {
    fn read(members: &Map<String, Value>) -> Option<Self> {
        let text = |name: &str| members.get(name).and_then(Value::as_str);
        let bytes = |name: &str| URL_SAFE_NO_PAD.decode(text(name)?).ok();
        if text("use").is_some_and(|kind| kind != "sig") {
            return None;
        }
        if let Some(Value::Array(may)) = members.get("key_ops")
            && !may.iter().any(|op| op == "verify")
        {
            return None;
        }
        let point = |size: usize| {
            let (x, y) = (bytes("x")?, bytes("y")?);
            (x.len() == size && y.len() == size).then(|| [&[4], x.as_slice(), y.as_slice()].concat())
        };
        let material = match (text("kty")?, text("crv")) {
            ("RSA", None) => {
                let (n, e) = (bytes("n")?, bytes("e")?);
                let good =
                    (256..=1024).contains(&n.len()) && n[0] != 0 && (1..=8).contains(&e.len()) && e[0] != 0;
                good.then_some(Material::Rsa { n, e })?
            }
            ("EC", Some("P-256")) => Material::P256(point(32)?),
            ("EC", Some("P-384")) => Material::P384(point(48)?),
            ("OKP", Some("Ed25519")) => Material::Ed25519(bytes("x").filter(|x| x.len() == 32)?),
            _ => return None,
        };
        Some(Self { id: text("kid").map(str::to_owned), only: text("alg").map(str::to_owned), material })
    }

    fn suits(&self, algorithm: Algorithm, name: &str) -> bool {
        use Algorithm as A;
        let kind = matches!(
            (&self.material, algorithm),
            (Material::Rsa { .. }, A::Rs256 | A::Rs384 | A::Rs512 | A::Ps256)
                | (Material::P256(_), A::Es256)
                | (Material::P384(_), A::Es384)
                | (Material::Ed25519(_), A::EdDsa)
        );
        kind && self.only.as_deref().is_none_or(|only| only == name)
    }

    fn verify(&self, algorithm: Algorithm, message: &[u8], signature: &[u8]) -> bool {
        match &self.material {
            Material::Rsa { n, e } => {
                let parameters = match algorithm {
                    Algorithm::Rs384 => &RSA_PKCS1_2048_8192_SHA384,
                    Algorithm::Rs512 => &RSA_PKCS1_2048_8192_SHA512,
                    Algorithm::Ps256 => &RSA_PSS_2048_8192_SHA256,
                    _ => &RSA_PKCS1_2048_8192_SHA256,
                };
                RsaPublicKeyComponents { n, e }.verify(parameters, message, signature).is_ok()
            }
            Material::P256(point) => ParsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point)
                .is_ok_and(|key| key.verify_sig(message, signature).is_ok()),
            Material::P384(point) => ParsedPublicKey::new(&ECDSA_P384_SHA384_FIXED, point)
                .is_ok_and(|key| key.verify_sig(message, signature).is_ok()),
            Material::Ed25519(point) => ParsedPublicKey::new(&ED25519, point)
                .is_ok_and(|key| key.verify_sig(message, signature).is_ok()),
        }
    }
}
