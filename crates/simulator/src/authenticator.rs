//! An authenticator that makes passkeys, with the browser around it: what a page's `navigator.credentials` answers.
//!
//! Everything it says can be bent (`client_data`, `authenticator_data` and `sign` are steps of their own), so that a
//! server can be shown what it has to refuse.

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair as _};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};

/// Somebody touched it.
pub const PRESENT: u8 = 0x01;
/// It verified who holds it.
pub const VERIFIED: u8 = 0x04;
/// A credential follows.
pub const ATTESTED: u8 = 0x40;

/// One passkey for one site.
pub struct Authenticator {
    /// Id of the credential.
    pub id: Vec<u8>,
    /// Origin of the page that the browser shows.
    pub origin: String,
    /// Domain that the passkey is for.
    pub rp_id: String,
    /// Signatures made so far; 0 stays 0: it does not count.
    pub count: u32,
    /// Flags of the next answer.
    pub flags: u8,
    key: EcdsaKeyPair,
}

/// What a browser sends when a passkey is used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assertion {
    /// Id of the credential.
    pub id: Vec<u8>,
    /// `clientDataJSON`.
    pub client_data: Vec<u8>,
    /// `authenticatorData`.
    pub authenticator_data: Vec<u8>,
    /// `signature`.
    pub signature: Vec<u8>,
    /// `userHandle`, as far as the authenticator knows one.
    pub user: Vec<u8>,
}

impl Authenticator {
    /// A new passkey for a site, which counts its signatures and verifies its holder. `name` becomes its id.
    ///
    /// # Panics
    /// When no key can be made.
    pub fn new(name: &str, origin: &str, rp_id: &str) -> Self {
        let key = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_ASN1_SIGNING).expect("a key");
        Self {
            id: format!("credential of {name}").into_bytes(),
            origin: origin.to_owned(),
            rp_id: rp_id.to_owned(),
            count: 1,
            flags: PRESENT | VERIFIED,
            key,
        }
    }

    /// `clientDataJSON` of a ceremony (`webauthn.create`, `webauthn.get`).
    pub fn client_data(&self, kind: &str, challenge: &[u8]) -> Vec<u8> {
        let challenge = URL_SAFE_NO_PAD.encode(challenge);
        format!(
            r#"{{"type":"{kind}","challenge":"{challenge}","origin":"{}","crossOrigin":false}}"#,
            self.origin
        )
        .into_bytes()
    }

    /// The public key in COSE form.
    pub fn cose_key(&self) -> Vec<u8> {
        let point = self.key.public_key().as_ref();
        // {1: 2, 3: -7, -1: 1, -2: x, -3: y}
        let mut cose = vec![0xa5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01, 0x21, 0x58, 0x20];
        cose.extend_from_slice(&point[1..33]);
        cose.extend_from_slice(&[0x22, 0x58, 0x20]);
        cose.extend_from_slice(&point[33..65]);
        cose
    }

    /// Hash of the domain, flags, count; with the credential if the flags say so.
    pub fn authenticator_data(&self, flags: u8) -> Vec<u8> {
        let mut data = Sha256::digest(self.rp_id.as_bytes()).to_vec();
        data.push(flags);
        data.extend_from_slice(&self.count.to_be_bytes());
        if flags & ATTESTED != 0 {
            data.extend_from_slice(&[0; 16]);
            data.extend_from_slice(&(self.id.len() as u16).to_be_bytes());
            data.extend_from_slice(&self.id);
            data.extend_from_slice(&self.cose_key());
        }
        data
    }

    /// `attestationObject` without attestation around authenticator data.
    pub fn attestation(data: &[u8]) -> Vec<u8> {
        let mut object = b"\xa3\x63fmt\x64none\x67attStmt\xa0\x68authData".to_vec();
        if let Ok(length) = u8::try_from(data.len()) {
            object.extend_from_slice(&[0x58, length]);
        } else {
            object.push(0x59);
            object.extend_from_slice(&(data.len() as u16).to_be_bytes());
        }
        object.extend_from_slice(data);
        object
    }

    /// The signature over authenticator data and the hash of client data.
    ///
    /// # Panics
    /// When nothing can be signed.
    pub fn sign(&self, data: &[u8], client_data: &[u8]) -> Vec<u8> {
        let message = [data, Sha256::digest(client_data).as_slice()].concat();
        self.key.sign(&SystemRandom::new(), &message).expect("a signature").as_ref().to_vec()
    }

    /// `clientDataJSON` and `attestationObject` of a registration.
    pub fn register(&self, challenge: &[u8]) -> (Vec<u8>, Vec<u8>) {
        let data = self.authenticator_data(self.flags | ATTESTED);
        (self.client_data("webauthn.create", challenge), Self::attestation(&data))
    }

    /// A use of the passkey; `user` is the handle that the site gave at registration.
    pub fn assert(&mut self, challenge: &[u8], user: &[u8]) -> Assertion {
        self.count += u32::from(self.count > 0);
        let client_data = self.client_data("webauthn.get", challenge);
        let authenticator_data = self.authenticator_data(self.flags);
        let signature = self.sign(&authenticator_data, &client_data);
        Assertion { id: self.id.clone(), client_data, authenticator_data, signature, user: user.to_vec() }
    }
}

impl Assertion {
    /// As a page of the console sends it: JSON with base64url values.
    pub fn json(&self) -> String {
        let text = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
        serde_json::json!({
            "id": text(&self.id), "client_data": text(&self.client_data),
            "authenticator_data": text(&self.authenticator_data), "signature": text(&self.signature),
            "user": text(&self.user),
        })
        .to_string()
    }
}
