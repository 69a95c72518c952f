//! PKCS#12 (RFC 7292): the files in which people keep a certificate with its key.
//!
//! Read are: PBES2 (PBKDF2 with AES or triple DES), the old scheme with SHA-1 and triple DES, and, for certificates alone,
//! that with RC2 of 40 bits, which macOS's Keychain has used for decades. Anything else is refused in words.

use std::num::NonZeroU32;

use aws_lc_rs::{hmac, pbkdf2};
use zeroize::Zeroizing;

use crate::cms::{Cipher, secret};
use crate::der::{Reader, ber_to_der, oid, tag};
use crate::key::Digest;
use crate::{Certificate, Error, PrivateKey, rc2};

/// Most rounds of a key derivation: half a second of work.
const ROUNDS: u32 = 1_000_000;
/// Most parts of a file.
const PARTS: usize = 32;

/// A certificate with its key.
#[derive(Debug)]
pub struct Identity {
    /// The key.
    pub key: PrivateKey,
    /// The certificate of the key, then the others of the file.
    pub certificates: Vec<Certificate>,
}

/// Reads a file with one key.
///
/// # Errors
/// [`Error::Password`] (wrong, or the file was changed), [`Error::Malformed`], [`Error::Unsupported`], [`Error::Key`].
pub fn read(file: &[u8], password: &str) -> Result<Identity, Error> {
    let der = ber_to_der(file)?;
    let mut whole = Reader(&der);
    let mut pfx = whole.sequence()?;
    if pfx.small()? != 3 {
        return Err(Error::Malformed("it is no PKCS#12 file"));
    }
    let mut safe = pfx.sequence()?;
    if safe.oid()? != oid::DATA {
        return Err(Error::Unsupported("a PKCS#12 file that is protected by a key instead of a password"));
    }
    let content = safe.inner(tag::C0)?.expect(tag::OCTETS)?.content;
    if let Some(mac) = pfx.optional(tag::SEQUENCE)? {
        check(mac.inner(), content, password)?;
    }
    let content = ber_to_der(content)?;
    let mut found = Found::default();
    let mut parts = Reader(&content).sequence()?;
    for _ in 0..PARTS {
        if parts.is_empty() {
            break;
        }
        let mut part = parts.sequence()?;
        let kind = part.oid()?;
        let mut inner = part.inner(tag::C0)?;
        match kind {
            oid::DATA => found.bags(inner.expect(tag::OCTETS)?.content, password)?,
            oid::ENCRYPTED_DATA => {
                let mut data = inner.sequence()?;
                data.small()?;
                let mut info = data.sequence()?;
                info.oid()?;
                let algorithm = info.expect(tag::SEQUENCE)?.raw;
                let hidden = secret(info)?;
                found.bags(&decrypt_certificates(algorithm, &hidden, password)?, password)?;
            }
            _ => return Err(Error::Unsupported("a PKCS#12 file that is encrypted to a certificate")),
        }
    }
    found.identity()
}

#[derive(Default)]
struct Found {
    key: Option<PrivateKey>,
    certificates: Vec<Certificate>,
}

impl Found {
    fn bags(&mut self, content: &[u8], password: &str) -> Result<(), Error> {
        let content = Zeroizing::new(ber_to_der(content)?);
        let mut bags = Reader(&content).sequence()?;
        while !bags.is_empty() {
            let mut bag = bags.sequence()?;
            let kind = bag.oid()?;
            let value = bag.inner(tag::C0)?;
            let key = match kind {
                oid::KEY_BAG => PrivateKey::from_der(value.0)?,
                oid::SHROUDED_KEY_BAG => PrivateKey::from_der(&decrypt_key(value.0, password)?)?,
                oid::CERTIFICATE_BAG if self.certificates.len() < PARTS => {
                    let mut pair = { value }.sequence()?;
                    if pair.oid()? == oid::X509_CERTIFICATE {
                        let der = pair.inner(tag::C0)?.expect(tag::OCTETS)?.content;
                        self.certificates.push(Certificate::from_der(der)?);
                    }
                    continue;
                }
                _ => continue,
            };
            if self.key.replace(key).is_some() {
                return Err(Error::Unsupported("the file holds several keys"));
            }
        }
        Ok(())
    }

    fn identity(self) -> Result<Identity, Error> {
        let key = self.key.ok_or(Error::Key("there is no private key in the file"))?;
        let mut certificates = self.certificates;
        let own =
            certificates.iter().position(|c| c.public_key().is_ok_and(|public| public == *key.public()));
        let own = own.ok_or(Error::Key("there is no certificate for the private key in the file"))?;
        certificates[..=own].rotate_right(1);
        Ok(Identity { key, certificates })
    }
}

/// EncryptedPrivateKeyInfo (RFC 5958, 3), deciphered.
pub(crate) fn decrypt_key(der: &[u8], password: &str) -> Result<Zeroizing<Vec<u8>>, Error> {
    let mut info = Reader(der).sequence()?;
    let algorithm = info.expect(tag::SEQUENCE)?.raw;
    decrypt(algorithm, info.expect(tag::OCTETS)?.content, password)
}

/// As [`decrypt`], but of what is no secret.
fn decrypt_certificates(
    algorithm: &[u8],
    secret: &[u8],
    password: &str,
) -> Result<Zeroizing<Vec<u8>>, Error> {
    let (scheme, mut parameters) = Reader(algorithm).algorithm()?;
    if scheme != oid::PBE_RC2_40 {
        return decrypt(algorithm, secret, password);
    }
    let derived = old_scheme(parameters.sequence()?, password)?;
    let plain = rc2::decrypt(&derived(1, rc2::KEY), &derived(2, rc2::BLOCK), secret);
    plain.map(Zeroizing::new).map_err(|_| Error::Password)
}

/// Key derivation of the schemes of PKCS#12 itself: by purpose and length.
fn old_scheme(
    mut parameters: Reader<'_>,
    password: &str,
) -> Result<impl Fn(u8, usize) -> Zeroizing<Vec<u8>>, Error> {
    let salt = parameters.expect(tag::OCTETS)?.content.to_vec();
    let rounds = rounds(parameters.small()?)?;
    let text = bmp(password);
    Ok(move |id, length| derive(Digest::Sha1, id, &text, &salt, rounds, length))
}

fn decrypt(algorithm: &[u8], secret: &[u8], password: &str) -> Result<Zeroizing<Vec<u8>>, Error> {
    let (scheme, mut parameters) = Reader(algorithm).algorithm()?;
    let parameters = parameters.sequence()?;
    let (cipher, key, iv) = match scheme {
        oid::PBES2 => pbes2(parameters, password)?,
        oid::PBE_3DES => {
            let derived = old_scheme(parameters, password)?;
            (Cipher::TripleDes, derived(1, 24), derived(2, 8).to_vec())
        }
        _ => {
            return Err(Error::Unsupported(
                "the file is encrypted in an old way (RC2 of 128 bits, RC4 or DES) that is not accepted; export it anew, or convert it: \
                 openssl pkcs12 -legacy -in old.p12 -nodes | openssl pkcs12 -export -out new.p12",
            ));
        }
    };
    cipher.decrypt(&key, &iv, secret).map_err(|_| Error::Password)
}

type Derived = (Cipher, Zeroizing<Vec<u8>>, Vec<u8>);

/// PBES2 (RFC 8018, 6.2) with PBKDF2.
fn pbes2(mut parameters: Reader<'_>, password: &str) -> Result<Derived, Error> {
    let (derivation, mut kdf) = parameters.algorithm()?;
    if derivation != oid::PBKDF2 {
        return Err(Error::Unsupported("a key derivation that is not accepted (PBKDF2 is)"));
    }
    let mut kdf = kdf.sequence()?;
    let salt = kdf.expect(tag::OCTETS)?.content;
    let rounds = rounds(kdf.small()?)?;
    if kdf.is(tag::INTEGER) {
        kdf.small()?;
    }
    let prf = if kdf.is_empty() { oid::HMAC_SHA1 } else { kdf.algorithm()?.0 };
    let prf = match prf {
        oid::HMAC_SHA1 => pbkdf2::PBKDF2_HMAC_SHA1,
        oid::HMAC_SHA256 => pbkdf2::PBKDF2_HMAC_SHA256,
        oid::HMAC_SHA384 => pbkdf2::PBKDF2_HMAC_SHA384,
        oid::HMAC_SHA512 => pbkdf2::PBKDF2_HMAC_SHA512,
        _ => return Err(Error::Unsupported("a key derivation that is not accepted (PBKDF2 with SHA is)")),
    };
    let (cipher, mut iv) = parameters.algorithm()?;
    let cipher = Cipher::from_oid(cipher)?;
    let iv = iv.expect(tag::OCTETS)?.content.to_vec();
    let mut key = Zeroizing::new(vec![0; cipher.key_length()]);
    pbkdf2::derive(prf, rounds, salt, password.as_bytes(), &mut key);
    Ok((cipher, key, iv))
}

fn rounds(rounds: u32) -> Result<NonZeroU32, Error> {
    const RANGE: Error = Error::Unsupported("a key derivation with no rounds, or with more than a million");
    NonZeroU32::new(rounds).filter(|rounds| rounds.get() <= ROUNDS).ok_or(RANGE)
}

/// The integrity of the whole file (RFC 7292, 4).
fn check(mut mac: Reader<'_>, content: &[u8], password: &str) -> Result<(), Error> {
    let mut stated = mac.sequence()?;
    let (digest, _) = stated.algorithm()?;
    let value = stated.expect(tag::OCTETS)?.content;
    let salt = mac.expect(tag::OCTETS)?.content;
    let rounds = rounds(if mac.is_empty() { 1 } else { mac.small()? })?;
    let digest = Digest::from_oid(digest)?;
    let algorithm = match digest {
        Digest::Sha1 => hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY,
        Digest::Sha256 => hmac::HMAC_SHA256,
        Digest::Sha384 => hmac::HMAC_SHA384,
        Digest::Sha512 => hmac::HMAC_SHA512,
    };
    let length = digest.of(&[]).as_ref().len();
    let key = hmac::Key::new(algorithm, &derive(digest, 3, &bmp(password), salt, rounds, length));
    hmac::verify(&key, content, value).map_err(|_| Error::Password)
}

/// The password as the old derivation wants it: UTF-16, big-endian, ended by a zero.
fn bmp(password: &str) -> Zeroizing<Vec<u8>> {
    Zeroizing::new(password.encode_utf16().chain([0]).flat_map(u16::to_be_bytes).collect())
}

/// The key derivation of PKCS#12 (RFC 7292, B.2).
fn derive(
    digest: Digest,
    id: u8,
    password: &[u8],
    salt: &[u8],
    rounds: NonZeroU32,
    length: usize,
) -> Zeroizing<Vec<u8>> {
    let block = if matches!(digest, Digest::Sha384 | Digest::Sha512) { 128 } else { 64 };
    let fill = |bytes: &[u8]| {
        let size = bytes.len().div_ceil(block) * block;
        bytes.iter().copied().cycle().take(size).collect::<Vec<_>>()
    };
    let mut input = Zeroizing::new([fill(salt), fill(password)].concat());
    let mut out = Zeroizing::new(Vec::with_capacity(length + 64));
    loop {
        let mut hash = digest.of(&[&vec![id; block], input.as_slice()].concat());
        for _ in 1..rounds.get() {
            hash = digest.of(hash.as_ref());
        }
        out.extend_from_slice(hash.as_ref());
        if out.len() >= length {
            out.truncate(length);
            return out;
        }
        let add: Vec<u8> = hash.as_ref().iter().copied().cycle().take(block).collect();
        for part in input.chunks_exact_mut(block) {
            // part = part + add + 1, as big-endian numbers.
            let mut carry = 1_u16;
            for (digit, plus) in part.iter_mut().zip(&add).rev() {
                let sum = u16::from(*digit) + u16::from(*plus) + carry;
                *digit = sum as u8;
                carry = sum >> 8;
            }
        }
    }
}
