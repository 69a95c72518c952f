//! Keys, throw-away certificates and certificate requests of a device.

use aws_lc_rs::encoding::{AsDer as _, Pkcs8V1Der};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeyPair as RsaKeys, KeySize};
use aws_lc_rs::signature::{KeyPair as _, RSA_PKCS1_SHA256};

use super::der::{descend, elements, number, oid, seq, tlv};

/// `sha256WithRSAEncryption`.
const SHA256_RSA: &str = "1.2.840.113549.1.1.11";

/// A private key, and a certificate for it.
pub struct Identity {
    keys: RsaKeys,
    pkcs8: Vec<u8>,
    /// The certificate in DER.
    pub certificate: Vec<u8>,
}

impl Identity {
    /// A new key of 2,048 bits with a certificate that it signed itself: what a device begins SCEP with.
    ///
    /// # Panics
    /// When no key can be made.
    pub fn throw_away(name: &str) -> Self {
        let keys = RsaKeys::generate(KeySize::Rsa2048).expect("a key");
        let der: Pkcs8V1Der<'_> = keys.as_der().expect("its encoding");
        let pkcs8 = der.as_ref().to_vec();
        let mut own = Self { keys, pkcs8, certificate: Vec::new() };
        own.certificate = own.self_signed(name);
        own
    }

    fn self_signed(&self, name: &str) -> Vec<u8> {
        let subject = common_name(name);
        let tbs = seq(&[
            // quirk: some clients' serial numbers have 32 bytes; the standard allows 20.
            &tlv(0xa0, &number(&[2])),
            &number(&[&[0x2a; 31][..], &[name.len() as u8]].concat()),
            &algorithm(SHA256_RSA),
            &subject,
            &seq(&[&tlv(0x17, b"200101000000Z"), &tlv(0x18, b"20491231000000Z")]),
            &subject,
            &self.public_key(),
        ]);
        seq(&[&tbs, &algorithm(SHA256_RSA), &tlv(3, &[&[0], &self.sign(&tbs)[..]].concat())])
    }

    /// A certificate request with a challenge.
    pub fn request(&self, name: &str, challenge: Option<&str>) -> Vec<u8> {
        let attributes = challenge.map_or_else(Vec::new, |challenge| {
            let value = tlv(0x31, &tlv(0x13, challenge.as_bytes()));
            seq(&[&oid("1.2.840.113549.1.9.7"), &value])
        });
        let info = seq(&[&number(&[0]), &common_name(name), &self.public_key(), &tlv(0xa0, &attributes)]);
        seq(&[&info, &algorithm(SHA256_RSA), &tlv(3, &[&[0], &self.sign(&info)[..]].concat())])
    }

    /// SubjectPublicKeyInfo.
    pub fn public_key(&self) -> Vec<u8> {
        let bits = [&[0], self.keys.public_key().as_ref()].concat();
        seq(&[&algorithm("1.2.840.113549.1.1.1"), &tlv(3, &bits)])
    }

    /// The private key in PKCS#8.
    pub fn pkcs8(&self) -> &[u8] {
        &self.pkcs8
    }

    /// RSA PKCS#1 v1.5 with SHA-256.
    ///
    /// # Panics
    /// When the library refuses.
    pub fn sign(&self, message: &[u8]) -> Vec<u8> {
        let mut out = vec![0; self.keys.public_modulus_len()];
        self.keys.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), message, &mut out).expect("a signature");
        out
    }
}

/// AlgorithmIdentifier with a NULL.
pub fn algorithm(dotted: &str) -> Vec<u8> {
    seq(&[&oid(dotted), &[5, 0]])
}

/// A name with a CN.
pub fn common_name(name: &str) -> Vec<u8> {
    seq(&[&tlv(0x31, &seq(&[&oid("2.5.4.3"), &tlv(0x0c, name.as_bytes())]))])
}

/// What is looked at in a certificate: serial number (as an element), issuer, subject, public key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Looked {
    /// The serial number.
    pub serial: Vec<u8>,
    /// The issuer's name.
    pub issuer: Vec<u8>,
    /// The subject's name.
    pub subject: Vec<u8>,
    /// SubjectPublicKeyInfo.
    pub public_key: Vec<u8>,
}

/// Looks into a certificate.
pub fn look(certificate: &[u8]) -> Option<Looked> {
    let tbs = descend(certificate, &[0])?;
    let fields = elements(tbs.content)?;
    let first = usize::from(fields.first()?.tag == 0xa0);
    let raw = |at: usize| fields.get(first + at).map(|field| field.raw.to_vec());
    Some(Looked { serial: raw(0)?, issuer: raw(2)?, subject: raw(4)?, public_key: raw(5)? })
}
