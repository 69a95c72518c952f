//! The certificate authority of an organization's devices: one RSA key that issues, deciphers and signs.

use crate::der::{bits, boolean, explicit, integer, octets, oid, sequence, small, tag, tlv, write_oid};
use crate::{Certificate, Error, Millis, Name, PrivateKey, PublicKey, time};

/// Longest serial number, bytes (RFC 5280, 4.1.2.2).
const SERIAL: usize = 20;

/// What an authority is made of, beside its key.
#[derive(Debug, Clone)]
pub struct NewAuthority<'a> {
    /// Its name.
    pub name: &'a Name,
    /// Random bytes, 8 to 20.
    pub serial: &'a [u8],
    /// From when on it is good.
    pub not_before: Millis,
    /// Until when it is good.
    pub not_after: Millis,
}

/// What a device's certificate says. Nothing of it comes from the device but the key.
#[derive(Debug, Clone)]
pub struct Leaf<'a> {
    /// Whom it names: our words, never the request's.
    pub subject: &'a Name,
    /// The key of the request, whose possession was proved.
    pub key: &'a PublicKey,
    /// Random bytes, 8 to 20.
    pub serial: &'a [u8],
    /// From when on it is good.
    pub not_before: Millis,
    /// Until when it is good.
    pub not_after: Millis,
}

/// An authority with its key.
#[derive(Debug)]
pub struct Authority {
    certificate: Certificate,
    key: PrivateKey,
}

impl Authority {
    /// An authority from what was stored.
    ///
    /// # Errors
    /// [`Error::Key`] when the key is not the certificate's, or not RSA (SCEP wants to encrypt to it).
    pub fn new(certificate: Certificate, key: PrivateKey) -> Result<Self, Error> {
        if certificate.public_key()? != *key.public() {
            return Err(Error::Key("the private key does not belong to the certificate"));
        }
        if !key.public().is_rsa() || !key.public().is_strong() {
            return Err(Error::Key("the authority needs an RSA key of 2,048 to 8,192 bits"));
        }
        Ok(Self { certificate, key })
    }

    /// A new authority, signed with its own key. It may issue and sign, and messages may be encrypted to it, so that
    /// it is also what SCEP calls the registration authority.
    ///
    /// # Errors
    /// [`Error::Key`] as in [`Authority::new`]; [`Error::Malformed`] for a serial number out of range.
    pub fn create(new: &NewAuthority<'_>, key: PrivateKey) -> Result<Self, Error> {
        let name = new.name.to_der();
        let id = key.public().id();
        let extensions = [
            extension(oid::BASIC_CONSTRAINTS, true, &sequence(&[&boolean(true), &small(0)])),
            // digitalSignature, keyEncipherment, keyCertSign, cRLSign.
            extension(oid::KEY_USAGE, true, &tlv(tag::BITS, &[1, 0b1010_0110])),
            extension(oid::SUBJECT_KEY_ID, false, &octets(&id)),
        ];
        let certificate = certificate(&Fields {
            serial: new.serial,
            issuer: &name,
            subject: &name,
            not_before: new.not_before,
            not_after: new.not_after,
            key: key.public(),
            extensions: &extensions.concat(),
            signer: &key,
        })?;
        Self::new(certificate, key)
    }

    /// Issues a certificate for TLS clients and signatures.
    ///
    /// # Errors
    /// [`Error::Key`] for a key that is too weak; [`Error::Malformed`] for a serial number out of range.
    pub fn issue(&self, leaf: &Leaf<'_>) -> Result<Certificate, Error> {
        if !leaf.key.is_strong() {
            return Err(Error::Key("RSA keys of fewer than 2,048 bits get no certificate"));
        }
        // digitalSignature; keyEncipherment for the keys that can.
        let usage: &[u8] = if leaf.key.is_rsa() { &[5, 0b1010_0000] } else { &[7, 0b1000_0000] };
        let authority_id = sequence(&[&tlv(tag::P0, &self.key.public().id())]);
        let extensions = [
            extension(oid::BASIC_CONSTRAINTS, true, &sequence(&[])),
            extension(oid::KEY_USAGE, true, &tlv(tag::BITS, usage)),
            extension(oid::EXTENDED_KEY_USAGE, false, &sequence(&[&write_oid(oid::CLIENT_AUTH)])),
            extension(oid::SUBJECT_KEY_ID, false, &octets(&leaf.key.id())),
            extension(oid::AUTHORITY_KEY_ID, false, &authority_id),
        ];
        certificate(&Fields {
            serial: leaf.serial,
            issuer: self.certificate.subject_der(),
            subject: &leaf.subject.to_der(),
            not_before: leaf.not_before,
            not_after: leaf.not_after,
            key: leaf.key,
            extensions: &extensions.concat(),
            signer: &self.key,
        })
    }

    /// Whether this authority issued a certificate. Whether it is still good is the caller's question.
    pub fn issued(&self, certificate: &Certificate) -> bool {
        certificate.is_issued_by(&self.certificate)
    }

    /// Its certificate.
    pub fn certificate(&self) -> &Certificate {
        &self.certificate
    }

    /// Its key.
    pub fn key(&self) -> &PrivateKey {
        &self.key
    }
}

struct Fields<'a> {
    serial: &'a [u8],
    issuer: &'a [u8],
    subject: &'a [u8],
    not_before: Millis,
    not_after: Millis,
    key: &'a PublicKey,
    extensions: &'a [u8],
    signer: &'a PrivateKey,
}

fn certificate(fields: &Fields<'_>) -> Result<Certificate, Error> {
    let mut serial = fields.serial.to_vec();
    if !(8..=SERIAL).contains(&serial.len()) {
        return Err(Error::Malformed("a serial number has 8 to 20 bytes"));
    }
    // Positive, and as long as it was given.
    serial[0] = serial[0] & 0x7f | 0x40;
    let algorithm = fields.signer.signature_algorithm();
    let tbs = sequence(&[
        &explicit(0, &small(2)),
        &integer(&serial),
        &algorithm,
        fields.issuer,
        &sequence(&[&time::write(fields.not_before), &time::write(fields.not_after)]),
        fields.subject,
        fields.key.to_der(),
        &explicit(3, &tlv(tag::SEQUENCE, fields.extensions)),
    ]);
    let signature = fields.signer.sign(&tbs)?;
    Certificate::from_der(&sequence(&[&tbs, &algorithm, &bits(&signature)]))
}

fn extension(id: &[u8], critical: bool, value: &[u8]) -> Vec<u8> {
    let critical = if critical { boolean(true) } else { Vec::new() };
    sequence(&[&write_oid(id), &critical, &octets(value)])
}
