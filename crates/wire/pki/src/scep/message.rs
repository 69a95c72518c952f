//! Messages of clients (RFC 8894, 3.2 and 3.3).

use super::FailInfo;
use crate::cms::{Cipher, Content, open, verify};
use crate::der::{Element, Reader, ber_to_der, oid, tag};
use crate::name;
use crate::{Authority, Certificate, Error, SigningRequest};

/// Longest transaction id, bytes.
const TRANSACTION: usize = 256;
/// Longest nonce, bytes; the standard says 16.
const NONCE: usize = 64;

/// What a message says it is (messageType).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// PKCSReq, 19.
    Enroll,
    /// RenewalReq, 17.
    Renew,
    /// CertPoll, 20.
    Poll,
    /// GetCert, 21.
    GetCertificate,
    /// GetCRL, 22.
    GetRevocations,
    /// Anything else: no request that is answered with anything but a failure.
    Other,
}

impl Kind {
    fn read(text: &str) -> Self {
        match text {
            "19" => Self::Enroll,
            "17" => Self::Renew,
            "20" => Self::Poll,
            "21" => Self::GetCertificate,
            "22" => Self::GetRevocations,
            _ => Self::Other,
        }
    }
}

/// A message whose signature is right.
#[derive(Debug, Clone)]
pub struct Message {
    /// What it says it is.
    pub kind: Kind,
    /// The client's name for this transaction.
    pub transaction: String,
    /// The certificate whose key signed it: a throw-away one, or one that we issued.
    pub signer: Certificate,
    /// The transaction id as it was written.
    pub(super) transaction_der: Vec<u8>,
    pub(super) sender_nonce: Vec<u8>,
    envelope: Vec<u8>,
}

/// What is asked for, with its proof.
#[derive(Debug, Clone)]
pub enum Request {
    /// A first certificate: the key's possession is proved, the message was signed with the same key, and there is a
    /// challenge, which remains to be redeemed.
    Enroll(SigningRequest),
    /// Another certificate: [`Message::signer`] was issued by this authority; whether it is good, and for whom, remains
    /// to be asked. The possession of the new key is proved, too.
    Renew(SigningRequest),
    /// Whether the certificate is there by now, asked by the holder of [`Message::signer`]'s key.
    Poll,
    /// The certificate with this serial number (its digits), asked by the holder of one of this authority's.
    GetCertificate(Vec<u8>),
    /// What is revoked, asked by the holder of one of this authority's certificates.
    GetRevocations,
}

impl Message {
    /// Reads a message and verifies its signature. What cannot be read cannot be answered in SCEP either.
    ///
    /// # Errors
    /// [`Error::Malformed`], [`Error::Unsupported`], [`Error::Signature`].
    pub fn read(message: &[u8]) -> Result<Self, Error> {
        let signed = verify(message, Content::Attached)?;
        let attribute = |number: u8| {
            let kind = [oid::SCEP, &[number]].concat();
            let found = signed.attributes.iter().find(|(known, _)| *known == kind);
            let value =
                found.map(|(_, value)| value).ok_or(Error::Malformed("an attribute of SCEP is missing"))?;
            Reader(value).any()
        };
        let text = |element: Element<'_>| {
            name::text(element.tag, element.content)
                .ok_or(Error::Malformed("an attribute of SCEP is no text"))
        };
        let kind = Kind::read(&text(attribute(2)?)?);
        let transaction = attribute(7)?;
        let nonce = attribute(5)?;
        let fits = (1..=TRANSACTION).contains(&transaction.content.len())
            && (1..=NONCE).contains(&nonce.content.len())
            && nonce.tag == tag::OCTETS;
        if !fits {
            return Err(Error::Malformed("an attribute of SCEP has a wrong length"));
        }
        Ok(Self {
            kind,
            transaction: text(transaction)?,
            transaction_der: transaction.raw.to_vec(),
            sender_nonce: nonce.content.to_vec(),
            envelope: signed.content.clone(),
            signer: signed.signer,
        })
    }

    /// Deciphers it and asks for the proof that its type needs. The cipher is for the answer.
    ///
    /// # Errors
    /// The [`FailInfo`] to answer. One form tells nothing of why something could not be deciphered.
    pub fn open(&self, authority: &Authority) -> Result<(Request, Cipher), FailInfo> {
        if self.kind == Kind::Other {
            return Err(FailInfo::BadRequest);
        }
        let opened = open(&self.envelope, authority.certificate(), authority.key());
        let opened = opened.map_err(|error| match error {
            Error::Unsupported(_) => FailInfo::BadAlgorithm,
            _ => FailInfo::BadMessageCheck,
        })?;
        let content = ber_to_der(&opened.content).map_err(|_| FailInfo::BadMessageCheck)?;
        let ours = || authority.issued(&self.signer);
        let request = match self.kind {
            Kind::Enroll | Kind::Renew => self.signing_request(&content, ours())?,
            Kind::Poll => Request::Poll,
            Kind::GetCertificate if ours() => Request::GetCertificate(serial(&content, authority)?),
            Kind::GetRevocations if ours() => Request::GetRevocations,
            Kind::GetCertificate | Kind::GetRevocations | Kind::Other => {
                return Err(FailInfo::BadMessageCheck);
            }
        };
        Ok((request, opened.cipher))
    }

    fn signing_request(&self, content: &[u8], ours: bool) -> Result<Request, FailInfo> {
        // Everything that the content of an envelope can be wrong in looks the same from outside.
        let request = SigningRequest::from_der(content).map_err(|_| FailInfo::BadMessageCheck)?;
        if ours {
            return Ok(Request::Renew(request));
        }
        let same_key = self.signer.public_key().is_ok_and(|key| key == *request.key());
        if self.kind != Kind::Enroll || !same_key || request.challenge().is_none() {
            return Err(FailInfo::BadMessageCheck);
        }
        Ok(Request::Enroll(request))
    }
}

/// The serial number of an IssuerAndSerialNumber, if the issuer is this authority.
fn serial(content: &[u8], authority: &Authority) -> Result<Vec<u8>, FailInfo> {
    let read = || {
        let mut whole = Reader(content);
        let mut pair = whole.sequence()?;
        let issuer = pair.expect(tag::SEQUENCE)?.raw;
        let serial = pair.expect(tag::INTEGER)?.content;
        Ok::<_, Error>((issuer, serial))
    };
    match read() {
        Ok((issuer, serial)) if issuer == authority.certificate().subject_der() => Ok(serial.to_vec()),
        Ok(_) => Err(FailInfo::BadCertificateId),
        Err(_) => Err(FailInfo::BadMessageCheck),
    }
}
