//! Certificate signing requests (PKCS#10, RFC 2986): read with their proof, and made.

use crate::der::{Reader, bits, explicit, null, oid, sequence, small, tag};
use crate::key::Digest;
use crate::name::{self, Attribute};
use crate::{Error, Name, PrivateKey, PublicKey};

/// Longest challenge that is read, characters.
const CHALLENGE: usize = 512;

/// A request whose signature was verified: whoever made it holds the private key.
#[derive(Clone, PartialEq, Eq)]
pub struct SigningRequest {
    subject: Vec<u8>,
    key: PublicKey,
    challenge: Option<String>,
}

impl std::fmt::Debug for SigningRequest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SigningRequest")
            .field("challenge", &self.challenge.as_ref().map(|_| "…"))
            .finish_non_exhaustive()
    }
}

impl SigningRequest {
    /// Reads a request in DER and verifies its signature.
    ///
    /// # Errors
    /// [`Error::Malformed`], [`Error::Unsupported`], [`Error::Signature`].
    pub fn from_der(der: &[u8]) -> Result<Self, Error> {
        let mut whole = Reader(der);
        let mut request = whole.sequence()?;
        whole.end()?;
        let info = request.expect(tag::SEQUENCE)?;
        let (algorithm, parameters) = request.algorithm()?;
        let signature = request.bits()?;
        request.end()?;
        let mut fields = info.inner();
        fields.small()?;
        let subject = fields.expect(tag::SEQUENCE)?.raw;
        let key = PublicKey::from_der(fields.expect(tag::SEQUENCE)?.raw)?;
        let challenge = match fields.optional(tag::C0)? {
            Some(attributes) => challenge(attributes.inner())?,
            None => None,
        };
        fields.end()?;
        let (Some(digest), rsa) = Digest::of_signature(algorithm)? else {
            return Err(Error::Unsupported("the request is signed without a digest"));
        };
        if rsa != key.is_rsa() || !(parameters.is_empty() || parameters.0 == null()) {
            return Err(Error::Signature);
        }
        key.verify(digest, info.raw, signature)?;
        Ok(Self { subject: subject.to_vec(), key, challenge })
    }

    /// The key whose possession was proved.
    pub fn key(&self) -> &PublicKey {
        &self.key
    }

    /// The challengePassword (PKCS#9): a secret.
    pub fn challenge(&self) -> Option<&str> {
        self.challenge.as_deref()
    }

    /// What the client would like to be called; for the journal only.
    pub fn wished_name(&self) -> Option<String> {
        name::find(&self.subject, Attribute::CommonName)
    }
}

fn challenge(mut attributes: Reader<'_>) -> Result<Option<String>, Error> {
    let mut found = None;
    while !attributes.is_empty() {
        let mut attribute = attributes.sequence()?;
        if attribute.oid()? != oid::CHALLENGE_PASSWORD {
            continue;
        }
        let mut values = attribute.inner(tag::SET)?;
        let value = values.any()?;
        values.end()?;
        let text = name::text(value.tag, value.content).filter(|text| text.chars().count() <= CHALLENGE);
        let text = text.ok_or(Error::Malformed("the challenge is no text, or too long"))?;
        if found.replace(text).is_some() {
            return Err(Error::Malformed("the request has two challenges"));
        }
    }
    Ok(found)
}

/// A request that we make, such as the one for a push certificate.
#[derive(Debug, Clone)]
pub struct NewRequest<'a> {
    /// Whom the certificate is to name.
    pub subject: &'a Name,
}

impl NewRequest<'_> {
    /// The request in DER, signed with the key that it is for.
    ///
    /// # Errors
    /// [`Error::Key`].
    pub fn make(&self, key: &PrivateKey) -> Result<Vec<u8>, Error> {
        let info = sequence(&[&small(0), &self.subject.to_der(), key.public().to_der(), &explicit(0, &[])]);
        Ok(sequence(&[&info, &key.signature_algorithm(), &bits(&key.sign(&info)?)]))
    }
}
