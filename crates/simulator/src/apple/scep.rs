//! A client of SCEP: its messages, and the answers to them.

use super::cms::{self, Cipher, Form};
use super::der::tlv;
use super::identity::Identity;

const ATTRIBUTES: &str = "2.16.840.1.113733.1.9";

/// What is asked; the number is SCEP's messageType.
#[derive(Clone, Debug)]
pub struct Ask<'a> {
    /// 19 for a first certificate, 17 for a renewal, anything else to see what happens.
    pub message_type: &'a str,
    /// The transaction id.
    pub transaction: &'a str,
    /// 16 bytes.
    pub nonce: [u8; 16],
    /// Cipher of the envelope.
    pub cipher: Cipher,
    /// How all of it is written.
    pub form: Form,
}

/// A message with this content for the authority, signed by `signer`.
pub fn message(ask: &Ask<'_>, content: &[u8], signer: &Identity, authority: &[u8]) -> Vec<u8> {
    let envelope = cms::envelope(content, authority, ask.cipher, ask.form);
    let kind = |number: u8| format!("{ATTRIBUTES}.{number}");
    let extra = [
        (kind(2), tlv(0x13, ask.message_type.as_bytes())),
        (kind(5), tlv(4, &ask.nonce)),
        (kind(7), tlv(0x13, ask.transaction.as_bytes())),
    ];
    let extra: Vec<(&str, Vec<u8>)> =
        extra.iter().map(|(kind, value)| (kind.as_str(), value.clone())).collect();
    cms::sign(&envelope, true, signer, &extra, ask.form)
}

/// What came back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reply {
    /// The certificate, and how it was enciphered.
    Certificate(Vec<u8>, Cipher),
    /// failInfo.
    Failure(String),
    /// Ask again later.
    Pending,
    /// An answer that breaks the standard; how.
    Broken(&'static str),
}

/// Reads an answer as a careful client does.
pub fn reply(answer: &[u8], ask: &Ask<'_>, signer: &Identity, authority: &[u8]) -> Reply {
    let Some(read) = cms::read(answer, authority) else {
        return Reply::Broken("no message signed by the authority");
    };
    let text = |number: u8| {
        let value = read.attribute(&format!("{ATTRIBUTES}.{number}")).unwrap_or_default();
        String::from_utf8_lossy(value).into_owned()
    };
    if text(2) != "3" {
        return Reply::Broken("no CertRep");
    }
    if text(7) != ask.transaction {
        return Reply::Broken("another transaction");
    }
    if read.attribute(&format!("{ATTRIBUTES}.6")) != Some(&ask.nonce) {
        return Reply::Broken("another nonce");
    }
    match (text(3).as_str(), &read.content) {
        ("2", None) => Reply::Failure(text(4)),
        ("3", None) => Reply::Pending,
        ("0", Some(content)) => match issued(content, signer) {
            Some((certificate, cipher)) => Reply::Certificate(certificate, cipher),
            None => Reply::Broken("the certificate cannot be read"),
        },
        _ => Reply::Broken("status and content do not fit"),
    }
}

fn issued(content: &[u8], signer: &Identity) -> Option<(Vec<u8>, Cipher)> {
    let (inner, cipher) = cms::open(content, signer)?;
    let certificates = cms::read(&inner, &[])?.certificates;
    Some((certificates.into_iter().next()?, cipher))
}
