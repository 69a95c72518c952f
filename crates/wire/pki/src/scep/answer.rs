//! CertRep (RFC 8894, 3.3.2), as Apple's and other clients can read it.

use super::{FailInfo, Message};
use crate::cms::{Cipher, Extra, Signer, degenerate, envelope, sign_with};
use crate::der::{octets, oid, tag, tlv};
use crate::{Authority, Certificate, Error};

/// What is answered. All of them go with HTTP status 200.
#[derive(Debug, Clone, Copy)]
pub enum Answer<'a> {
    /// Success: this certificate, enciphered as the request was.
    Certificate(&'a Certificate, Cipher),
    /// It fails.
    Failure(FailInfo),
    /// Not yet: the client asks again.
    Pending,
}

/// The random bytes of an answer, never used before.
#[derive(Clone)]
pub struct Entropy {
    /// Our nonce.
    pub nonce: [u8; 16],
    /// Content key and initialization vector.
    pub content: [u8; 48],
}

impl Message {
    /// The answer to this message, in DER, signed by the authority.
    ///
    /// # Errors
    /// [`Error::Key`] when nothing can be encrypted to the client's key (then a [`FailInfo::BadAlgorithm`] can).
    pub fn answer(
        &self,
        answer: Answer<'_>,
        authority: &Authority,
        entropy: &Entropy,
    ) -> Result<Vec<u8>, Error> {
        let status = match answer {
            Answer::Certificate(..) => "0",
            Answer::Failure(_) => "2",
            Answer::Pending => "3",
        };
        let mut attributes = vec![
            text(2, "3"),
            text(3, status),
            (scep(5), octets(&entropy.nonce)),
            (scep(6), octets(&self.sender_nonce)),
            (scep(7), self.transaction_der.clone()),
        ];
        let mut content = None;
        match answer {
            Answer::Certificate(certificate, cipher) => {
                let inner = degenerate(&[certificate, authority.certificate()]);
                content = Some(envelope(&inner, &self.signer, cipher, &entropy.content)?);
            }
            Answer::Failure(info) => attributes.push(text(4, &(info as u8).to_string())),
            Answer::Pending => {}
        }
        let signer = Signer { certificate: authority.certificate(), key: authority.key(), chain: &[] };
        sign_with(content.as_deref(), &signer, attributes)
    }
}

fn scep(number: u8) -> Vec<u8> {
    [oid::SCEP, &[number]].concat()
}

fn text(number: u8, value: &str) -> Extra {
    (scep(number), tlv(tag::PRINTABLE, value.as_bytes()))
}
