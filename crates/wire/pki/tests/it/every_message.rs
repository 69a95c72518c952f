//! Any bytes in every reader; shared with the fuzz target.

use std::sync::OnceLock;

use wire_pki::{
    Certificate, Content, PrivateKey, PublicKey, SigningRequest, ber_to_der, open, pem, read_pkcs12, scep,
    verify,
};

static DEVICE: OnceLock<(Certificate, PrivateKey)> = OnceLock::new();

/// Reads the bytes as everything; must never panic. What is normalized stays as it is when it is normalized again.
pub fn run(bytes: &[u8]) {
    if let Ok(der) = ber_to_der(bytes) {
        assert_eq!(ber_to_der(&der).as_ref(), Ok(&der));
    }
    let _ = (verify(bytes, Content::Detached(b"body")), verify(bytes, Content::Attached));
    let _ = (scep::Message::read(bytes), SigningRequest::from_der(bytes), PublicKey::from_der(bytes));
    let _ = (PrivateKey::from_der(bytes), read_pkcs12(bytes, "geheim"));
    if let Ok(certificate) = Certificate::from_der(bytes) {
        assert_eq!(certificate.to_der(), bytes);
        let _ = (certificate.subject_text(), certificate.public_key(), certificate.is_self_signed());
    }
    let (device, key) = DEVICE.get_or_init(|| {
        let mut certificates = pem::certificates(include_str!("../../testdata/device.pem")).expect("one");
        let key = pem::private_key(include_str!("../../testdata/device.key"), "").expect("a key");
        (certificates.remove(0), key)
    });
    let _ = open(bytes, device, key);
    let text = String::from_utf8_lossy(bytes);
    let _ = (pem::certificates(&text), pem::private_key(&text, ""), scep::from_query(&text));
}
