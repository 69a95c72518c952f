//! SignedData (RFC 5652, 5), verified.

use subtle::ConstantTimeEq as _;

use super::{content_info, names};
use crate::der::{Reader, ber_to_der, oid, tag};
use crate::key::Digest;
use crate::{Certificate, Error};

/// Most certificates in a message that are looked at.
const CERTIFICATES: usize = 16;
/// Most signed attributes.
const ATTRIBUTES: usize = 64;

/// Signed attributes: type and first value, in encoded form.
type Attributes = Vec<(Vec<u8>, Vec<u8>)>;

/// What a signature must cover.
#[derive(Debug, Clone, Copy)]
pub enum Content<'a> {
    /// These bytes, which came beside the message. What the message itself may contain is not looked at.
    Detached(&'a [u8]),
    /// What is in the message.
    Attached,
}

/// A message whose signature is right: it was made with the key of [`Signed::signer`]. Whose certificate that is, and
/// whether it is good, is the caller's question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signed {
    /// What was signed; empty if it came beside the message.
    pub content: Vec<u8>,
    /// The certificate whose key signed.
    pub signer: Certificate,
    /// All certificates of the message, as far as they can be read.
    pub certificates: Vec<Certificate>,
    /// Signed attributes: type and first value, in encoded form.
    pub(crate) attributes: Attributes,
}

/// Verifies a message with one signature. Tolerated are: BER, no signed attributes, SHA-1, RSA with or without its digest
/// in the name, ECDSA, signers named by certificate or key. The signer's certificate must be in the message.
///
/// # Errors
/// [`Error::Malformed`], [`Error::Unsupported`]; [`Error::Signature`] if it was made by another key or over something
/// else.
pub fn verify(message: &[u8], content: Content<'_>) -> Result<Signed, Error> {
    let der = ber_to_der(message)?;
    let mut data = content_info(&der, oid::SIGNED_DATA)?;
    data.small()?;
    data.expect(tag::SET)?;
    let mut encapsulated = data.sequence()?;
    let content_type = encapsulated.oid()?;
    let signed = match content {
        Content::Detached(body) => body,
        Content::Attached => match encapsulated.optional(tag::C0)? {
            Some(content) => content.inner().expect(tag::OCTETS)?.content,
            // A failure of SCEP has no content, and is signed nevertheless.
            None => &[],
        },
    };
    let certificates = match data.optional(tag::C0)? {
        Some(set) => certificates(set.inner())?,
        None => Vec::new(),
    };
    data.optional(tag::C1)?;
    let mut signers = data.inner(tag::SET)?;
    data.end()?;
    let mut info = signers.sequence()?;
    if !signers.is_empty() {
        return Err(Error::Unsupported("a message with several signatures is not accepted"));
    }
    info.small()?;
    let id = info.any()?.raw;
    let (digest, _) = info.algorithm()?;
    let digest = Digest::from_oid(digest)?;
    let attributes = info.optional(tag::C0)?;
    let (algorithm, _) = info.algorithm()?;
    let signature = info.expect(tag::OCTETS)?.content;
    let (named, rsa) = Digest::of_signature(algorithm)?;
    if named.is_some_and(|named| named != digest) {
        return Err(Error::Malformed("the signature names two digests"));
    }
    let mut list = Vec::new();
    let covered = match attributes {
        None => signed.to_vec(),
        Some(set) => {
            list = read_attributes(set.inner())?;
            check(&list, content_type, digest.of(signed).as_ref())?;
            // What is signed is the set under its own tag, not the implicit one (5.4).
            let mut covered = set.raw.to_vec();
            covered[0] = tag::SET;
            covered
        }
    };
    let mut outcome = Err(Error::Malformed("the signer’s certificate is not in the message"));
    // Two certificates may bear the same name; the one whose key fits is the signer's.
    for certificate in &certificates {
        if !names(Reader(id), certificate)? {
            continue;
        }
        outcome = certificate.public_key().and_then(|key| {
            if key.is_rsa() == rsa { key.verify(digest, &covered, signature) } else { Err(Error::Signature) }
        });
        if outcome.is_ok() {
            let content = if matches!(content, Content::Attached) { signed.to_vec() } else { Vec::new() };
            let signer = certificate.clone();
            return Ok(Signed { content, signer, certificates, attributes: list });
        }
    }
    Err(outcome.err().unwrap_or(Error::Signature))
}

/// The certificates of a set, those that cannot be read left out: a chain may hold kinds that nobody here needs.
fn certificates(mut set: Reader<'_>) -> Result<Vec<Certificate>, Error> {
    let mut out = Vec::new();
    while !set.is_empty() {
        let element = set.any()?;
        if out.len() == CERTIFICATES {
            return Err(Error::Malformed("there are too many certificates"));
        }
        out.extend(Certificate::from_der(element.raw).ok());
    }
    Ok(out)
}

fn read_attributes(mut set: Reader<'_>) -> Result<Attributes, Error> {
    let mut out = Attributes::new();
    while !set.is_empty() {
        let mut attribute = set.sequence()?;
        let kind = attribute.oid()?;
        let mut values = attribute.inner(tag::SET)?;
        let value = values.any()?.raw;
        if out.len() == ATTRIBUTES || out.iter().any(|(known, _)| known == kind) {
            return Err(Error::Malformed("a signed attribute stands twice, or there are too many"));
        }
        out.push((kind.to_vec(), value.to_vec()));
    }
    Ok(out)
}

/// The two attributes that every signature with attributes has (11.1, 11.2).
fn check(attributes: &[(Vec<u8>, Vec<u8>)], content_type: &[u8], digest: &[u8]) -> Result<(), Error> {
    let value = |kind: &[u8]| {
        let found = attributes.iter().find(|(known, _)| known == kind);
        found.map(|(_, value)| value.as_slice()).ok_or(Error::Malformed("a signed attribute is missing"))
    };
    if Reader(value(oid::CONTENT_TYPE)?).oid()? != content_type {
        return Err(Error::Signature);
    }
    let stated = Reader(value(oid::MESSAGE_DIGEST)?).expect(tag::OCTETS)?.content;
    if bool::from(stated.ct_eq(digest)) { Ok(()) } else { Err(Error::Signature) }
}
