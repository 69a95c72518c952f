//! Signed and enveloped messages, as clients write them and read them.

use aws_lc_rs::cipher::{
    AES_128, Algorithm, DecryptionContext, EncryptionContext, PaddedBlockDecryptingKey,
    PaddedBlockEncryptingKey, UnboundCipherKey,
};
use aws_lc_rs::digest;
use aws_lc_rs::iv::FixedLength;
use aws_lc_rs::rand;
use aws_lc_rs::rsa::{
    Pkcs1PrivateDecryptingKey, Pkcs1PublicEncryptingKey, PrivateDecryptingKey, PublicEncryptingKey,
};
use aws_lc_rs::signature::{RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey};

use super::der::{descend, element, elements, endless, number, oid, seq, tlv};
use super::identity::{Identity, algorithm, look};

const DATA: &str = "1.2.840.113549.1.7.1";
const SIGNED: &str = "1.2.840.113549.1.7.2";
const ENVELOPED: &str = "1.2.840.113549.1.7.3";
const RSA: &str = "1.2.840.113549.1.1.1";
const SHA256: &str = "2.16.840.1.101.3.4.2.1";

/// How the content of an envelope is enciphered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cipher {
    /// AES-128-CBC.
    Aes,
    /// Triple DES.
    TripleDes,
}

impl Cipher {
    fn oid(self) -> &'static str {
        match self {
            Self::Aes => "2.16.840.1.101.3.4.1.2",
            Self::TripleDes => "1.2.840.113549.3.7",
        }
    }

    fn sizes(self) -> (usize, usize) {
        if self == Self::Aes { (16, 16) } else { (24, 8) }
    }

    fn algorithm(self) -> &'static Algorithm {
        #[expect(deprecated, reason = "clients without AES are simulated, too")]
        match self {
            Self::Aes => &AES_128,
            Self::TripleDes => &aws_lc_rs::cipher::DES_EDE3_FOR_LEGACY_USE_ONLY,
        }
    }
}

/// How a message is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// Definite lengths.
    Der,
    /// Indefinite lengths and strings in pieces, as Apple's devices write.
    Ber,
}

impl Form {
    fn wrap(self, tag: u8, content: &[u8]) -> Vec<u8> {
        if self == Self::Ber { endless(tag, content) } else { tlv(tag, content) }
    }

    fn octets(self, content: &[u8]) -> Vec<u8> {
        if self == Self::Der {
            return tlv(4, content);
        }
        let pieces: Vec<u8> = content.chunks(1_000).flat_map(|piece| tlv(4, piece)).collect();
        endless(0x24, &pieces)
    }
}

/// SHA-256.
pub fn sha256(bytes: &[u8]) -> Vec<u8> {
    digest::digest(&digest::SHA256, bytes).as_ref().to_vec()
}

/// Signs with attributes: the usual two and these (type, encoded value). Without `content` it stands beside the message.
pub fn sign(covered: &[u8], inside: bool, by: &Identity, extra: &[(&str, Vec<u8>)], form: Form) -> Vec<u8> {
    let attribute = |kind: &str, value: &[u8]| seq(&[&oid(kind), &tlv(0x31, value)]);
    let mut attributes: Vec<Vec<u8>> = extra.iter().map(|(kind, value)| attribute(kind, value)).collect();
    attributes.push(attribute("1.2.840.113549.1.9.3", &oid(DATA)));
    attributes.push(attribute("1.2.840.113549.1.9.4", &tlv(4, &sha256(covered))));
    attributes.sort();
    let attributes = attributes.concat();
    let signature = by.sign(&tlv(0x31, &attributes));
    let content = if inside { form.wrap(0xa0, &form.octets(covered)) } else { Vec::new() };
    signed_data(&content, by, SHA256, &tlv(0xa0, &attributes), RSA, &signature, form)
}

/// The frame around a signature.
pub fn signed_data(
    content: &[u8],
    by: &Identity,
    digest: &str,
    attributes: &[u8],
    signature_algorithm: &str,
    signature: &[u8],
    form: Form,
) -> Vec<u8> {
    let (issuer, serial) = named(&by.certificate);
    let info = seq(&[
        &number(&[1]),
        &seq(&[&issuer, &serial]),
        &algorithm(digest),
        attributes,
        &algorithm(signature_algorithm),
        &tlv(4, signature),
    ]);
    let data = [
        number(&[1]),
        tlv(0x31, &algorithm(digest)),
        form.wrap(0x30, &[&oid(DATA), content].concat()),
        form.wrap(0xa0, &by.certificate),
        form.wrap(0x31, &info),
    ]
    .concat();
    form.wrap(0x30, &[oid(SIGNED), form.wrap(0xa0, &form.wrap(0x30, &data))].concat())
}

fn named(certificate: &[u8]) -> (Vec<u8>, Vec<u8>) {
    look(certificate).map(|looked| (looked.issuer, looked.serial)).unwrap_or_default()
}

/// Puts content into an envelope for the holder of a certificate.
///
/// # Panics
/// When the certificate is none of an RSA key: it is what the server handed out.
pub fn envelope(content: &[u8], recipient: &[u8], cipher: Cipher, form: Form) -> Vec<u8> {
    let (key_length, block) = cipher.sizes();
    let (mut key, mut iv) = (vec![0; key_length], vec![0; block]);
    rand::fill(&mut key).expect("random bytes");
    rand::fill(&mut iv).expect("random bytes");
    let public = look(recipient).expect("a certificate").public_key;
    let public = Pkcs1PublicEncryptingKey::new(PublicEncryptingKey::from_der(&public).expect("an RSA key"));
    let public = public.expect("an RSA key");
    let mut wrapped = vec![0; public.ciphertext_size()];
    public.encrypt(&key, &mut wrapped).expect("a wrapped key");
    let unbound = UnboundCipherKey::new(cipher.algorithm(), &key).expect("a key");
    let context = match cipher {
        Cipher::Aes => EncryptionContext::Iv128(FixedLength::try_from(iv.as_slice()).expect("16 bytes")),
        Cipher::TripleDes => EncryptionContext::Iv64(FixedLength::try_from(iv.as_slice()).expect("8 bytes")),
    };
    let mut secret = content.to_vec();
    let encrypting = PaddedBlockEncryptingKey::cbc_pkcs7(unbound).expect("a cipher");
    encrypting.less_safe_encrypt(&mut secret, context).expect("a ciphertext");
    let (issuer, serial) = named(recipient);
    let to = seq(&[&number(&[0]), &seq(&[&issuer, &serial]), &algorithm(RSA), &tlv(4, &wrapped)]);
    let secret = match form {
        Form::Der => tlv(0x80, &secret),
        Form::Ber => endless(0xa0, &secret.chunks(512).flat_map(|piece| tlv(4, piece)).collect::<Vec<_>>()),
    };
    let info = [oid(DATA), seq(&[&oid(cipher.oid()), &tlv(4, &iv)]), secret].concat();
    let data = [number(&[0]), tlv(0x31, &to), form.wrap(0x30, &info)].concat();
    form.wrap(0x30, &[oid(ENVELOPED), form.wrap(0xa0, &form.wrap(0x30, &data))].concat())
}

/// Opens an envelope that is in DER.
pub fn open(message: &[u8], by: &Identity) -> Option<(Vec<u8>, Cipher)> {
    let data = descend(message, &[1, 0])?;
    let parts = elements(data.content)?;
    let recipient = elements(element(parts.get(1)?.content)?.content)?;
    let info = elements(parts.get(2)?.content)?;
    let method = elements(info.get(1)?.content)?;
    let cipher = [Cipher::Aes, Cipher::TripleDes].into_iter().find(|c| oid(c.oid()) == method[0].raw)?;
    let private = PrivateDecryptingKey::from_pkcs8(by.pkcs8()).ok()?;
    let private = Pkcs1PrivateDecryptingKey::new(private).ok()?;
    let mut key = vec![0; private.min_output_size()];
    let key = private.decrypt(recipient.get(3)?.content, &mut key).ok()?;
    let iv = method.get(1)?.content;
    let context = match cipher {
        Cipher::Aes => DecryptionContext::Iv128(FixedLength::try_from(iv).ok()?),
        Cipher::TripleDes => DecryptionContext::Iv64(FixedLength::try_from(iv).ok()?),
    };
    let unbound = UnboundCipherKey::new(cipher.algorithm(), key).ok()?;
    let mut secret = info.get(2)?.content.to_vec();
    let plain =
        PaddedBlockDecryptingKey::cbc_pkcs7(unbound).ok()?.decrypt(&mut secret, context).ok()?.to_vec();
    Some((plain, cipher))
}

/// A message that the server signed, in DER, verified with the key of the certificate that it must have been signed with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Read {
    /// The content, if there is one.
    pub content: Option<Vec<u8>>,
    /// The certificates in it.
    pub certificates: Vec<Vec<u8>>,
    /// Signed attributes: type as an element, value as an element.
    pub attributes: Vec<(Vec<u8>, Vec<u8>)>,
}

impl Read {
    /// The content of an attribute's value.
    pub fn attribute(&self, kind: &str) -> Option<&[u8]> {
        let kind = oid(kind);
        let (_, value) = self.attributes.iter().find(|(known, _)| *known == kind)?;
        element(value).map(|value| value.content)
    }
}

/// Reads and verifies a message; a degenerate one has no signature, and nothing to verify.
pub fn read(message: &[u8], signer: &[u8]) -> Option<Read> {
    let data = descend(message, &[1, 0])?;
    let parts = elements(data.content)?;
    let inside = elements(parts.get(2)?.content)?;
    let content = inside.get(1).and_then(|outer| element(outer.content)).map(|inner| inner.content.to_vec());
    let mut certificates = Vec::new();
    let mut attributes = Vec::new();
    for part in parts.get(3..)? {
        match part.tag {
            0xa0 => certificates = elements(part.content)?.iter().map(|c| c.raw.to_vec()).collect(),
            0x31 if !part.content.is_empty() => {
                attributes = verified(part.content, content.as_deref().unwrap_or_default(), signer)?;
            }
            _ => {}
        }
    }
    Some(Read { content, certificates, attributes })
}

type Attributes = Vec<(Vec<u8>, Vec<u8>)>;

fn verified(info: &[u8], content: &[u8], signer: &[u8]) -> Option<Attributes> {
    let fields = elements(element(info)?.content)?;
    let set = fields.get(3).filter(|set| set.tag == 0xa0)?;
    let public = look(signer)?.public_key;
    let bits = descend(&public, &[1])?.content.get(1..)?;
    let covered = tlv(0x31, set.content);
    let key = UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, bits);
    key.verify(&covered, fields.get(5)?.content).ok()?;
    let mut out = Attributes::new();
    for attribute in elements(set.content)? {
        let parts = elements(attribute.content)?;
        out.push((parts.first()?.raw.to_vec(), parts.get(1)?.content.to_vec()));
    }
    let sorted = out.is_sorted_by_key(|(kind, value)| seq(&[kind, &tlv(0x31, value)]));
    let digest = out.iter().find(|(kind, _)| *kind == oid("1.2.840.113549.1.9.4"))?;
    // A device once crashed on attributes out of order.
    (sorted && element(&digest.1)?.content == sha256(content)).then_some(out)
}

/// How a device signs its messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// As Apple's devices do: BER, SHA-1, no attributes.
    Apple,
    /// DER, SHA-256, with attributes.
    Modern,
    /// As some test clients do: with the body in the message, too.
    Attached,
}

/// The value of the header `Mdm-Signature` for a body.
///
/// # Panics
/// When the identity's key is no RSA key: it was made here.
pub fn mdm_signature(body: &[u8], by: &Identity, shape: Shape) -> String {
    use base64::Engine as _;
    let message = match shape {
        Shape::Modern => sign(body, false, by, &[], Form::Der),
        Shape::Attached => sign(body, true, by, &[], Form::Der),
        Shape::Apple => {
            let signature = super::big::sign_sha1(by.pkcs8(), body).expect("an RSA key");
            let sha1 = "1.3.14.3.2.26";
            signed_data(&[], by, sha1, &[], "1.2.840.113549.1.1.5", &signature, Form::Ber)
        }
    };
    base64::engine::general_purpose::STANDARD.encode(message)
}

/// The content of a signed message, not verified.
pub fn content(message: &[u8]) -> Option<Vec<u8>> {
    let inside = descend(message, &[1, 0, 2, 1, 0])?;
    (inside.tag == 4).then(|| inside.content.to_vec())
}
