//! Keys and certificates as people bring them: PEM and PKCS#12.

use wire_pki::{Attribute, Error, Name, NewRequest, PrivateKey, SigningRequest, pem, read_pkcs12};

use crate::fixture::{certificate, decoded, file, key, text};

#[test]
fn pkcs12_files_of_new_and_old_programs_are_read() {
    for (name, password, certificates) in
        [("modern.p12", "geheim", 2), ("old.p12", "größe", 1), ("rc2.p12", "geheim", 1), ("open.p12", "", 1)]
    {
        let identity = read_pkcs12(&file(name), password).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(identity.certificates.len(), certificates, "{name}");
        assert_eq!(identity.certificates[0], certificate("push.pem"), "{name}");
        assert_eq!(identity.key.to_pkcs8(), key("push.key").to_pkcs8(), "{name}");
    }
}

#[test]
fn a_wrong_password_and_old_ciphers_are_told_apart() {
    for wrong in ["", "Geheim", "geheim "] {
        assert_eq!(read_pkcs12(&file("modern.p12"), wrong).err(), Some(Error::Password));
        assert_eq!(read_pkcs12(&file("old.p12"), wrong).err(), Some(Error::Password));
        assert_eq!(read_pkcs12(&file("rc2.p12"), wrong).err(), Some(Error::Password));
    }
    let Err(Error::Unsupported(words)) = read_pkcs12(&file("rc2-128.p12"), "geheim") else { panic!("RC2") };
    assert!(words.contains("openssl pkcs12 -legacy"));
    assert!(matches!(read_pkcs12(&file("device.pem"), ""), Err(Error::Malformed(_))));
    let mut bent = file("modern.p12");
    let middle = bent.len() / 2;
    bent[middle] ^= 1;
    assert_eq!(read_pkcs12(&bent, "geheim").err(), Some(Error::Password));
}

#[test]
fn private_keys_are_read_in_every_form() {
    let pkcs8 = key("push.key");
    assert_eq!(key("push-pkcs1.key").to_pkcs8(), pkcs8.to_pkcs8());
    assert_eq!(
        pem::private_key(&text("push-encrypted.key"), "geheim").expect("a key").to_pkcs8(),
        pkcs8.to_pkcs8()
    );
    assert_eq!(pem::private_key(&text("push-encrypted.key"), "").err(), Some(Error::Password));
    assert_eq!(*key("ec-sec1.key").public(), *key("ec.key").public());
    assert_eq!(format!("{pkcs8:?}"), "PrivateKey(…2048 bits)");
    for none in
        ["", "-----BEGIN PRIVATE KEY-----\n", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----"]
    {
        assert!(pem::private_key(none, "").is_err(), "{none:?}");
    }
    assert!(PrivateKey::from_der(&[0x30, 0]).is_err());
    // Certificate and key in one text, whatever the order.
    let both = text("push.key") + &text("push.pem") + &text("ca.pem");
    assert_eq!(pem::certificates(&both).expect("two").len(), 2);
    assert!(pem::private_key(&both, "").is_ok());
    let again = pem::encode("CERTIFICATE", certificate("push.pem").to_der());
    assert_eq!(pem::certificates(&again).expect("one")[0], certificate("push.pem"));
}

#[test]
fn requests_prove_their_key_and_may_carry_a_challenge() {
    let request = SigningRequest::from_der(&decoded("challenge.pem")).expect("a request");
    assert_eq!(request.challenge(), Some("correct horse"));
    assert_eq!(request.wished_name().as_deref(), Some("Whoever"));
    assert_eq!(request.key(), key("device.key").public());
    assert!(!format!("{request:?}").contains("horse"));
    let plain = SigningRequest::from_der(&decoded("ec-request.pem")).expect("a request");
    assert_eq!((plain.challenge(), plain.key().size()), (None, 256));
    let der = decoded("challenge.pem");
    for at in 0..der.len() {
        let mut bent = der.clone();
        bent[at] ^= 1;
        assert!(SigningRequest::from_der(&bent).is_err(), "byte {at}");
        assert!(SigningRequest::from_der(&der[..at]).is_err(), "cut at {at}");
    }
}

#[test]
fn our_requests_are_read_again() {
    let name = Name(vec![
        (Attribute::Country, "DE".into()),
        (Attribute::Organization, "Größe & Co".into()),
        (Attribute::CommonName, "push".into()),
    ]);
    for key in [key("push.key"), key("ec.key")] {
        let der = NewRequest { subject: &name }.make(&key).expect("a request");
        let read = SigningRequest::from_der(&der).expect("our own");
        assert_eq!(
            (read.key(), read.challenge(), read.wished_name().as_deref()),
            (key.public(), None, Some("push"))
        );
    }
}
