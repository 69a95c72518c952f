//! Public and private keys: what they verify, sign and unwrap.

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{
    Pkcs1PrivateDecryptingKey, Pkcs1PublicEncryptingKey, PrivateDecryptingKey, PublicEncryptingKey,
};
use aws_lc_rs::signature::{
    self as sig, EcdsaKeyPair, KeyPair as _, RsaKeyPair, UnparsedPublicKey, VerificationAlgorithm,
};
use aws_lc_rs::{digest, hmac};
use zeroize::Zeroizing;

use crate::Error;
use crate::der::{Reader, bits, null, octets, oid, sequence, small, tag, write_oid};

/// Fewest bits of an RSA key that is given a certificate.
const WEAKEST_RSA: usize = 2048;

/// The digests of signatures. SHA-1 is verified only, because Apple's devices sign their messages with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Digest {
    Sha1,
    Sha256,
    Sha384,
    Sha512,
}

impl Digest {
    pub fn from_oid(algorithm: &[u8]) -> Result<Self, Error> {
        match algorithm {
            oid::SHA1 => Ok(Self::Sha1),
            oid::SHA256 => Ok(Self::Sha256),
            oid::SHA384 => Ok(Self::Sha384),
            oid::SHA512 => Ok(Self::Sha512),
            _ => Err(Error::Unsupported(
                "a digest that is not accepted (SHA-1, SHA-256, SHA-384 and SHA-512 are)",
            )),
        }
    }

    pub fn of(self, bytes: &[u8]) -> digest::Digest {
        let algorithm = match self {
            Self::Sha1 => &digest::SHA1_FOR_LEGACY_USE_ONLY,
            Self::Sha256 => &digest::SHA256,
            Self::Sha384 => &digest::SHA384,
            Self::Sha512 => &digest::SHA512,
        };
        digest::digest(algorithm, bytes)
    }

    pub fn oid(self) -> &'static [u8] {
        match self {
            Self::Sha1 => oid::SHA1,
            Self::Sha256 => oid::SHA256,
            Self::Sha384 => oid::SHA384,
            Self::Sha512 => oid::SHA512,
        }
    }

    /// Digest and kind of key of a signature algorithm; `None` for RSA without a digest.
    pub fn of_signature(algorithm: &[u8]) -> Result<(Option<Self>, bool), Error> {
        Ok(match algorithm {
            oid::RSA => (None, true),
            oid::SHA1_RSA => (Some(Self::Sha1), true),
            oid::SHA256_RSA => (Some(Self::Sha256), true),
            oid::SHA384_RSA => (Some(Self::Sha384), true),
            oid::SHA512_RSA => (Some(Self::Sha512), true),
            oid::EC => (None, false),
            oid::SHA1_ECDSA => (Some(Self::Sha1), false),
            oid::SHA256_ECDSA => (Some(Self::Sha256), false),
            oid::SHA384_ECDSA => (Some(Self::Sha384), false),
            oid::SHA512_ECDSA => (Some(Self::Sha512), false),
            _ => {
                return Err(Error::Unsupported(
                    "a signature algorithm that is not accepted (RSA PKCS#1 and ECDSA are)",
                ));
            }
        })
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Rsa,
    P256,
    P384,
}

/// A public key: RSA, or ECDSA on P-256 or P-384.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicKey {
    spki: Vec<u8>,
    bits: Vec<u8>,
    kind: Kind,
    size: usize,
}

impl PublicKey {
    /// Reads a SubjectPublicKeyInfo (RFC 5280, 4.1.2.7) in DER.
    ///
    /// # Errors
    /// [`Error::Malformed`]; [`Error::Unsupported`] for other kinds of keys.
    pub fn from_der(spki: &[u8]) -> Result<Self, Error> {
        let mut reader = Reader(spki);
        let mut inner = reader.sequence()?;
        reader.end()?;
        let (algorithm, mut parameters) = inner.algorithm()?;
        let bits = inner.bits()?;
        inner.end()?;
        let (kind, size) = match algorithm {
            oid::RSA => {
                let mut key = Reader(bits);
                let mut numbers = key.sequence()?;
                let modulus = numbers.expect(tag::INTEGER)?.content;
                numbers.expect(tag::INTEGER)?;
                let zeros = modulus.iter().take_while(|byte| **byte == 0).count();
                let spare = modulus.get(zeros).map_or(0, |byte| byte.leading_zeros() as usize);
                (Kind::Rsa, ((modulus.len() - zeros) * 8).saturating_sub(spare))
            }
            oid::EC => match parameters.oid()? {
                oid::P256 => (Kind::P256, 256),
                oid::P384 => (Kind::P384, 384),
                _ => return Err(Error::Unsupported("a curve that is not accepted (P-256 and P-384 are)")),
            },
            _ => return Err(Error::Unsupported("a kind of key that is not accepted (RSA and ECDSA are)")),
        };
        Ok(Self { spki: spki.to_vec(), bits: bits.to_vec(), kind, size })
    }

    /// The SubjectPublicKeyInfo.
    pub fn to_der(&self) -> &[u8] {
        &self.spki
    }

    /// Its size: bits of RSA's modulus, or of the curve.
    pub fn size(&self) -> usize {
        self.size
    }

    /// Whether it may be given a certificate: RSA from 2,048 to 8,192 bits, or ECDSA.
    pub fn is_strong(&self) -> bool {
        self.kind != Kind::Rsa || (WEAKEST_RSA..=8192).contains(&self.size)
    }

    pub(crate) fn is_rsa(&self) -> bool {
        self.kind == Kind::Rsa
    }

    /// Its identifier (RFC 5280, 4.2.1.2, method 1).
    pub(crate) fn id(&self) -> Vec<u8> {
        Digest::Sha1.of(&self.bits).as_ref().to_vec()
    }

    pub(crate) fn verify(&self, digest: Digest, message: &[u8], signature: &[u8]) -> Result<(), Error> {
        let algorithm: &'static dyn VerificationAlgorithm = match (self.kind, digest) {
            (Kind::Rsa, Digest::Sha1) => &sig::RSA_PKCS1_1024_8192_SHA1_FOR_LEGACY_USE_ONLY,
            (Kind::Rsa, Digest::Sha256) => &sig::RSA_PKCS1_1024_8192_SHA256_FOR_LEGACY_USE_ONLY,
            (Kind::Rsa, Digest::Sha384) => &sig::RSA_PKCS1_2048_8192_SHA384,
            (Kind::Rsa, Digest::Sha512) => &sig::RSA_PKCS1_1024_8192_SHA512_FOR_LEGACY_USE_ONLY,
            (Kind::P256, Digest::Sha1) => &sig::ECDSA_P256_SHA1_ASN1,
            (Kind::P256, Digest::Sha256) => &sig::ECDSA_P256_SHA256_ASN1,
            (Kind::P256, Digest::Sha384) => &sig::ECDSA_P256_SHA384_ASN1,
            (Kind::P256, Digest::Sha512) => &sig::ECDSA_P256_SHA512_ASN1,
            (Kind::P384, Digest::Sha256) => &sig::ECDSA_P384_SHA256_ASN1,
            (Kind::P384, Digest::Sha384) => &sig::ECDSA_P384_SHA384_ASN1,
            (Kind::P384, Digest::Sha512) => &sig::ECDSA_P384_SHA512_ASN1,
            (Kind::P384, Digest::Sha1) => return Err(Error::Unsupported("SHA-1 with P-384 is not accepted")),
        };
        UnparsedPublicKey::new(algorithm, &self.bits).verify(message, signature).map_err(|_| Error::Signature)
    }

    /// Wraps a content key by RSAES-PKCS1-v1_5.
    pub(crate) fn wrap(&self, key: &[u8]) -> Result<Vec<u8>, Error> {
        const UNFIT: Error = Error::Key("the recipient’s key cannot encrypt");
        let public = PublicEncryptingKey::from_der(&self.spki).map_err(|_| UNFIT)?;
        let public = Pkcs1PublicEncryptingKey::new(public).map_err(|_| UNFIT)?;
        let mut out = vec![0; public.ciphertext_size()];
        let length = public.encrypt(key, &mut out).map_err(|_| UNFIT)?.len();
        out.truncate(length);
        Ok(out)
    }
}

enum Pair {
    Rsa { sign: Box<RsaKeyPair>, decrypt: Box<Pkcs1PrivateDecryptingKey> },
    Ec { sign: EcdsaKeyPair, digest: Digest },
}

/// A private key: RSA (it signs and deciphers), or ECDSA on P-256 or P-384 (it signs).
pub struct PrivateKey {
    pair: Pair,
    public: PublicKey,
    pkcs8: Zeroizing<Vec<u8>>,
    /// Makes the content keys that stand in for those that cannot be unwrapped.
    decoys: hmac::Key,
}

impl std::fmt::Debug for PrivateKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "PrivateKey(…{} bits)", self.public.size)
    }
}

impl PrivateKey {
    /// Reads a key in DER: PKCS#8 (RFC 5958), PKCS#1 (RFC 8017) or SEC 1 (RFC 5915), not encrypted.
    ///
    /// # Errors
    /// [`Error::Malformed`]; [`Error::Key`] for keys that cannot be used.
    pub fn from_der(der: &[u8]) -> Result<Self, Error> {
        let pkcs8 = Zeroizing::new(to_pkcs8(der)?);
        let mut whole = Reader(&pkcs8);
        let mut info = whole.sequence()?;
        info.small()?;
        let (algorithm, mut parameters) = info.algorithm()?;
        let unusable = |_| Error::Key("the private key cannot be used");
        let (pair, public) = match algorithm {
            oid::RSA => {
                let sign = RsaKeyPair::from_pkcs8(&pkcs8).map_err(unusable)?;
                let decrypt = PrivateDecryptingKey::from_pkcs8(&pkcs8).map_err(unusable)?;
                let decrypt = Pkcs1PrivateDecryptingKey::new(decrypt)
                    .map_err(|_| Error::Key("the private key cannot decipher"))?;
                let spki = sequence(&[
                    &sequence(&[&write_oid(oid::RSA), &null()]),
                    &bits(sign.public_key().as_ref()),
                ]);
                (Pair::Rsa { sign: Box::new(sign), decrypt: Box::new(decrypt) }, spki)
            }
            oid::EC => {
                let curve = parameters.oid()?;
                let (algorithm, digest) = match curve {
                    oid::P256 => (&sig::ECDSA_P256_SHA256_ASN1_SIGNING, Digest::Sha256),
                    oid::P384 => (&sig::ECDSA_P384_SHA384_ASN1_SIGNING, Digest::Sha384),
                    _ => {
                        return Err(Error::Unsupported("a curve that is not accepted (P-256 and P-384 are)"));
                    }
                };
                let sign = EcdsaKeyPair::from_pkcs8(algorithm, &pkcs8).map_err(unusable)?;
                let spki = sequence(&[
                    &sequence(&[&write_oid(oid::EC), &write_oid(curve)]),
                    &bits(sign.public_key().as_ref()),
                ]);
                (Pair::Ec { sign, digest }, spki)
            }
            _ => return Err(Error::Unsupported("a kind of key that is not accepted (RSA and ECDSA are)")),
        };
        let decoys = hmac::Key::new(hmac::HMAC_SHA256, Digest::Sha256.of(&pkcs8).as_ref());
        Ok(Self { pair, public: PublicKey::from_der(&public)?, pkcs8, decoys })
    }

    /// Its public half.
    pub fn public(&self) -> &PublicKey {
        &self.public
    }

    /// It in PKCS#8 DER: to be sealed and stored, never shown.
    pub fn to_pkcs8(&self) -> &[u8] {
        &self.pkcs8
    }

    /// Signs by RSA PKCS#1 v1.5 with SHA-256, or by ECDSA with the digest of the curve's size.
    ///
    /// # Errors
    /// [`Error::Key`] when the library refuses.
    pub fn sign(&self, message: &[u8]) -> Result<Vec<u8>, Error> {
        let random = SystemRandom::new();
        let refused = |_| Error::Key("the private key cannot sign");
        match &self.pair {
            Pair::Rsa { sign, .. } => {
                let mut signature = vec![0; sign.public_modulus_len()];
                sign.sign(&sig::RSA_PKCS1_SHA256, &random, message, &mut signature).map_err(refused)?;
                Ok(signature)
            }
            Pair::Ec { sign, .. } => Ok(sign.sign(&random, message).map_err(refused)?.as_ref().to_vec()),
        }
    }

    pub(crate) fn digest(&self) -> Digest {
        match &self.pair {
            Pair::Rsa { .. } => Digest::Sha256,
            Pair::Ec { digest, .. } => *digest,
        }
    }

    /// The AlgorithmIdentifier of what [`PrivateKey::sign`] makes.
    pub(crate) fn signature_algorithm(&self) -> Vec<u8> {
        match &self.pair {
            Pair::Rsa { .. } => sequence(&[&write_oid(oid::SHA256_RSA), &null()]),
            Pair::Ec { digest: Digest::Sha384, .. } => sequence(&[&write_oid(oid::SHA384_ECDSA)]),
            Pair::Ec { .. } => sequence(&[&write_oid(oid::SHA256_ECDSA)]),
        }
    }

    /// Unwraps a content key of `length` (at most 32) bytes by RSAES-PKCS1-v1_5.
    ///
    /// What cannot be unwrapped becomes a key that follows from private key and ciphertext (implicit rejection), so
    /// that deciphering goes on with it and fails as it does with a wrong key: whoever sends bent ciphertexts learns
    /// nothing of their padding (Bleichenbacher; RFC 3218, 2.3.2).
    pub(crate) fn unwrap_key(&self, wrapped: &[u8], length: usize) -> Result<Zeroizing<Vec<u8>>, Error> {
        let Pair::Rsa { decrypt, .. } = &self.pair else {
            return Err(Error::Key("the private key cannot decipher"));
        };
        let decoy = hmac::sign(&self.decoys, wrapped);
        let mut out = Zeroizing::new(vec![0; decrypt.min_output_size()]);
        let unwrapped = decrypt.decrypt(wrapped, &mut out);
        Ok(Zeroizing::new(match unwrapped {
            Ok(key) if key.len() == length => key.to_vec(),
            _ => decoy.as_ref()[..length.min(32)].to_vec(),
        }))
    }
}

/// Wraps PKCS#1 and SEC 1 into PKCS#8.
fn to_pkcs8(der: &[u8]) -> Result<Vec<u8>, Error> {
    const NONE: Error = Error::Key("it is no private key");
    let mut whole = Reader(der);
    let mut key = whole.sequence().map_err(|_| NONE)?;
    whole.end().map_err(|_| NONE)?;
    let version = key.small().map_err(|_| NONE)?;
    let wrap = |algorithm: &[u8]| Ok(sequence(&[&small(0), algorithm, &octets(der)]));
    match key.any().map_err(|_| NONE)?.tag {
        tag::SEQUENCE => Ok(der.to_vec()),
        tag::INTEGER if version == 0 => wrap(&sequence(&[&write_oid(oid::RSA), &null()])),
        tag::OCTETS => {
            let mut curve = key.inner(tag::C0).map_err(|_| NONE)?;
            wrap(&sequence(&[&write_oid(oid::EC), &write_oid(curve.oid().map_err(|_| NONE)?)]))
        }
        _ => Err(NONE),
    }
}
