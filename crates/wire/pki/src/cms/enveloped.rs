//! EnvelopedData (RFC 5652, 6), with content keys wrapped by RSAES-PKCS1-v1_5.

use zeroize::Zeroizing;

use super::{Cipher, content_info, data, issuer_and_serial, names, wrap};
use crate::der::{Reader, ber_to_der, null, octets, oid, sequence, small, tag, tlv, write_oid};
use crate::{Certificate, Error, PrivateKey};

/// Most recipients that are looked at.
const RECIPIENTS: usize = 16;

/// What was in an envelope.
#[derive(Clone, PartialEq, Eq)]
pub struct Opened {
    /// The content.
    pub content: Zeroizing<Vec<u8>>,
    /// How it was enciphered, for an answer in kind.
    pub cipher: Cipher,
}

impl std::fmt::Debug for Opened {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Opened(…, {:?})", self.cipher)
    }
}

/// Opens an envelope that is addressed to this certificate.
///
/// # Errors
/// [`Error::Malformed`], [`Error::Unsupported`] for what anybody can see without the key; everything else, whether it
/// concerns the recipient, the content key or the padding, is [`Error::Undecipherable`].
pub fn open(message: &[u8], certificate: &Certificate, key: &PrivateKey) -> Result<Opened, Error> {
    let der = ber_to_der(message)?;
    let mut data = content_info(&der, oid::ENVELOPED_DATA)?;
    data.small()?;
    data.optional(tag::C0)?;
    let mut recipients = data.inner(tag::SET)?;
    let mut info = data.sequence()?;
    info.oid()?;
    let (algorithm, mut parameters) = info.algorithm()?;
    let cipher = Cipher::from_oid(algorithm)?;
    let iv = parameters.expect(tag::OCTETS)?.content;
    if iv.len() != cipher.block_length() {
        return Err(Error::Malformed("the initialization vector has a wrong length"));
    }
    let secret = secret(info)?;
    let mut wrapped = None;
    for _ in 0..RECIPIENTS {
        if recipients.is_empty() {
            break;
        }
        let recipient = recipients.any()?;
        if recipient.tag == tag::SEQUENCE && wrapped.is_none() {
            wrapped = transported(recipient.inner(), certificate)?;
        }
    }
    let wrapped = wrapped.ok_or(Error::Undecipherable)?;
    let content_key = key.unwrap_key(wrapped, cipher.key_length()).map_err(|_| Error::Undecipherable)?;
    Ok(Opened { content: cipher.decrypt(&content_key, iv, &secret)?, cipher })
}

/// The enciphered content: `[0]` in one piece, or made of octet strings.
pub(crate) fn secret(mut info: Reader<'_>) -> Result<Vec<u8>, Error> {
    let content = info.any()?;
    info.end()?;
    match content.tag {
        tag::P0 => Ok(content.content.to_vec()),
        tag::C0 => {
            let mut pieces = content.inner();
            let mut out = Vec::with_capacity(content.content.len());
            while !pieces.is_empty() {
                out.extend_from_slice(pieces.expect(tag::OCTETS)?.content);
            }
            Ok(out)
        }
        _ => Err(Error::Malformed("the envelope has no content")),
    }
}

/// The wrapped key of a KeyTransRecipientInfo, if it is for this certificate.
fn transported<'a>(mut info: Reader<'a>, certificate: &Certificate) -> Result<Option<&'a [u8]>, Error> {
    info.small()?;
    let id = info.any()?.raw;
    let (algorithm, _) = info.algorithm()?;
    let wrapped = info.expect(tag::OCTETS)?.content;
    if !names(Reader(id), certificate)? {
        return Ok(None);
    }
    if algorithm != oid::RSA {
        return Err(Error::Unsupported(
            "the content key is wrapped in a way that is not accepted (RSA PKCS#1 is)",
        ));
    }
    Ok(Some(wrapped))
}

/// Puts content into an envelope for the holder of a certificate. `entropy`: random bytes, at least key and block of the
/// cipher, never used before. (The library refuses degenerate keys of triple DES.)
///
/// # Errors
/// [`Error::Key`] when the recipient's key cannot encrypt, or `entropy` is too short.
pub fn envelope(
    content: &[u8],
    recipient: &Certificate,
    cipher: Cipher,
    entropy: &[u8],
) -> Result<Vec<u8>, Error> {
    let public = recipient.public_key()?;
    if !public.is_rsa() {
        return Err(Error::Key("the recipient’s key cannot encrypt"));
    }
    let (key, rest) =
        entropy.split_at_checked(cipher.key_length()).ok_or(Error::Key("too few random bytes"))?;
    let iv = rest.get(..cipher.block_length()).ok_or(Error::Key("too few random bytes"))?;
    let recipient = sequence(&[
        &small(0),
        &issuer_and_serial(recipient),
        &sequence(&[&write_oid(oid::RSA), &null()]),
        &octets(&public.wrap(key)?),
    ]);
    let info = sequence(&[
        &data(),
        &sequence(&[&write_oid(cipher.oid()), &octets(iv)]),
        &tlv(tag::P0, &cipher.encrypt(key, iv, content)?),
    ]);
    let enveloped = sequence(&[&small(0), &tlv(tag::SET, &recipient), &info]);
    Ok(wrap(oid::ENVELOPED_DATA, &enveloped))
}
