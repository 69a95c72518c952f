//! X.509 certificates (RFC 5280), read as far as identity needs, however strange the rest may be.

use crate::der::{Reader, oid, tag};
use crate::key::Digest;
use crate::name::{self, Attribute};
use crate::{Error, Millis, PublicKey};

/// Longest certificate that is read, bytes.
const LARGEST: usize = 64 << 10;

/// A certificate. Reading it verifies nothing; [`Certificate::is_issued_by`] does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Certificate {
    der: Vec<u8>,
    tbs: Vec<u8>,
    serial: Vec<u8>,
    issuer: Vec<u8>,
    subject: Vec<u8>,
    not_before: Millis,
    not_after: Millis,
    spki: Vec<u8>,
    key_id: Option<Vec<u8>>,
    authority: bool,
    algorithm: Vec<u8>,
    signature: Vec<u8>,
}

impl Certificate {
    /// Reads a certificate in DER.
    ///
    /// # Errors
    /// [`Error::Malformed`].
    pub fn from_der(der: &[u8]) -> Result<Self, Error> {
        if der.len() > LARGEST {
            return Err(Error::Malformed("the certificate is too long"));
        }
        let mut whole = Reader(der);
        let mut certificate = whole.sequence()?;
        whole.end()?;
        let tbs = certificate.expect(tag::SEQUENCE)?;
        let signed_by = certificate.expect(tag::SEQUENCE)?;
        let signature = certificate.bits()?;
        certificate.end()?;
        let mut fields = tbs.inner();
        fields.optional(tag::C0)?;
        // quirk: throw-away certificates of SCEP clients have serial numbers of 32 bytes, or negative ones.
        let serial = fields.expect(tag::INTEGER)?.content;
        // The outer one is not covered by the signature: were it free, one certificate could be written in two ways.
        if fields.expect(tag::SEQUENCE)?.raw != signed_by.raw {
            return Err(Error::Malformed("the certificate names two signature algorithms"));
        }
        let algorithm = signed_by.inner().oid()?;
        let issuer = fields.expect(tag::SEQUENCE)?.raw;
        let mut validity = fields.sequence()?;
        let (not_before, not_after) = (validity.time()?, validity.time()?);
        let subject = fields.expect(tag::SEQUENCE)?.raw;
        let spki = fields.expect(tag::SEQUENCE)?.raw;
        let mut key_id = None;
        let mut authority = false;
        while !fields.is_empty() {
            let field = fields.any()?;
            if field.tag == tag::C3 {
                extensions(field.inner(), &mut key_id, &mut authority)?;
            }
        }
        Ok(Self {
            der: der.to_vec(),
            tbs: tbs.raw.to_vec(),
            serial: serial.to_vec(),
            issuer: issuer.to_vec(),
            subject: subject.to_vec(),
            not_before,
            not_after,
            spki: spki.to_vec(),
            key_id,
            authority,
            algorithm: algorithm.to_vec(),
            signature: signature.to_vec(),
        })
    }

    /// The certificate in DER.
    pub fn to_der(&self) -> &[u8] {
        &self.der
    }

    /// SHA-256 of the certificate in DER: what it is known by.
    pub fn sha256(&self) -> [u8; 32] {
        let mut out = [0; 32];
        out.copy_from_slice(Digest::Sha256.of(&self.der).as_ref());
        out
    }

    /// The digits of its serial number.
    pub fn serial(&self) -> &[u8] {
        &self.serial
    }

    /// From when on it is good.
    pub fn not_before(&self) -> Millis {
        self.not_before
    }

    /// Until when it is good, inclusive.
    pub fn not_after(&self) -> Millis {
        self.not_after
    }

    /// The first value of an attribute of its subject.
    pub fn subject(&self, attribute: Attribute) -> Option<String> {
        name::find(&self.subject, attribute)
    }

    /// Its subject, for people.
    pub fn subject_text(&self) -> String {
        name::display(&self.subject).unwrap_or_default()
    }

    /// Its issuer, for people.
    pub fn issuer_text(&self) -> String {
        name::display(&self.issuer).unwrap_or_default()
    }

    /// Whether it may issue others.
    pub fn is_authority(&self) -> bool {
        self.authority
    }

    /// Its key.
    ///
    /// # Errors
    /// As [`PublicKey::from_der`].
    pub fn public_key(&self) -> Result<PublicKey, Error> {
        PublicKey::from_der(&self.spki)
    }

    /// Whether this authority's key signed it, in this authority's name.
    pub fn is_issued_by(&self, authority: &Self) -> bool {
        self.issuer == authority.subject && authority.public_key().is_ok_and(|key| self.is_signed_by(&key))
    }

    /// Whether it was signed with its own key.
    pub fn is_self_signed(&self) -> bool {
        self.is_issued_by(self)
    }

    fn is_signed_by(&self, key: &PublicKey) -> bool {
        match Digest::of_signature(&self.algorithm) {
            Ok((Some(digest), rsa)) if rsa == key.is_rsa() => {
                key.verify(digest, &self.tbs, &self.signature).is_ok()
            }
            _ => false,
        }
    }

    pub(crate) fn issuer_der(&self) -> &[u8] {
        &self.issuer
    }

    pub(crate) fn subject_der(&self) -> &[u8] {
        &self.subject
    }

    /// The identifier of its key, if it says one.
    pub(crate) fn key_id(&self) -> Option<&[u8]> {
        self.key_id.as_deref()
    }
}

fn extensions(
    mut field: Reader<'_>,
    key_id: &mut Option<Vec<u8>>,
    authority: &mut bool,
) -> Result<(), Error> {
    let mut list = field.sequence()?;
    field.end()?;
    while !list.is_empty() {
        let mut extension = list.sequence()?;
        let id = extension.oid()?;
        extension.optional(tag::BOOLEAN)?;
        let mut value = Reader(extension.expect(tag::OCTETS)?.content);
        match id {
            oid::SUBJECT_KEY_ID => *key_id = Some(value.expect(tag::OCTETS)?.content.to_vec()),
            oid::BASIC_CONSTRAINTS => {
                let is = value.sequence()?.optional(tag::BOOLEAN)?;
                *authority = is.is_some_and(|is| is.content != [0]);
            }
            _ => {}
        }
    }
    Ok(())
}
