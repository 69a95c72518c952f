//! Cryptographic messages (CMS, RFC 5652): signatures in every shape that devices send them, and envelopes.

mod cipher;
mod enveloped;
mod sign;
mod signed;

pub use cipher::Cipher;
pub use enveloped::{Opened, envelope, open};
pub use sign::{Signer, degenerate, sign};
pub use signed::{Content, Signed, verify};

pub(crate) use enveloped::secret;
pub(crate) use sign::{Extra, sign_with};

use crate::der::{Reader, explicit, oid, sequence, tag, write_oid};
use crate::{Certificate, Error};

/// ContentInfo: what kind of message it is, and the message.
fn content_info<'a>(der: &'a [u8], kind: &[u8]) -> Result<Reader<'a>, Error> {
    let mut whole = Reader(der);
    let mut info = whole.sequence()?;
    whole.end()?;
    if info.oid()? != kind {
        return Err(Error::Malformed("it is a message of another kind"));
    }
    let mut content = info.inner(tag::C0)?;
    info.end()?;
    let message = content.sequence()?;
    content.end()?;
    Ok(message)
}

fn wrap(kind: &[u8], message: &[u8]) -> Vec<u8> {
    sequence(&[&write_oid(kind), &explicit(0, message)])
}

/// Whether a signer or recipient identifier names a certificate: by issuer and serial number, compared as they are
/// written, or by the identifier of the key.
fn names(mut id: Reader<'_>, certificate: &Certificate) -> Result<bool, Error> {
    let element = id.any()?;
    match element.tag {
        tag::SEQUENCE => {
            let mut pair = element.inner();
            let issuer = pair.expect(tag::SEQUENCE)?.raw;
            let serial = pair.expect(tag::INTEGER)?.content;
            pair.end()?;
            Ok(issuer == certificate.issuer_der() && serial == certificate.serial())
        }
        tag::P0 => Ok(certificate.key_id() == Some(element.content)),
        _ => Err(Error::Malformed("a signer or recipient is named in an unknown way")),
    }
}

/// IssuerAndSerialNumber of a certificate.
fn issuer_and_serial(certificate: &Certificate) -> Vec<u8> {
    sequence(&[certificate.issuer_der(), &crate::der::tlv(tag::INTEGER, certificate.serial())])
}

/// The one content type that is signed and enveloped here.
fn data() -> Vec<u8> {
    write_oid(oid::DATA)
}
