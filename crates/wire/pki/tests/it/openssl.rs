//! What we make, read by OpenSSL.

use std::path::Path;
use std::process::Command;

use wire_pki::scep::{Answer, Entropy, FailInfo, Message};
use wire_pki::{Attribute, Cipher, Leaf, Name, NewRequest, Signer, envelope, pem, sign};

use crate::fixture::{NOW, YEAR, certificate, file, key, our_authority, text};

/// Runs OpenSSL in a folder with these files; what it prints. `None` without OpenSSL, unless it is required.
fn openssl(files: &[(&str, &[u8])], arguments: &str) -> Option<String> {
    let folder = tempfile::tempdir().expect("a folder");
    for (name, bytes) in files {
        std::fs::write(Path::new(folder.path()).join(name), bytes).expect("a file");
    }
    match Command::new("openssl").args(arguments.split(' ')).current_dir(&folder).output() {
        Ok(output) => {
            let errors = String::from_utf8_lossy(&output.stderr).into_owned();
            assert!(output.status.success(), "openssl {arguments}: {errors}");
            Some(String::from_utf8_lossy(&output.stdout).into_owned() + &errors)
        }
        Err(error) => {
            assert!(std::env::var_os("NOTIFYMDM_REQUIRE_ALL").is_none(), "openssl: {error}");
            eprintln!("skipped: openssl is not installed");
            None
        }
    }
}

#[test]
fn it_verifies_what_the_authority_issues() {
    let authority = our_authority("ca.key");
    let subject =
        Name(vec![(Attribute::Organization, "Größe".into()), (Attribute::CommonName, "e-1".into())]);
    let (rsa, ec) = (key("device.key"), key("ec.key"));
    let ca = pem::encode("CERTIFICATE", authority.certificate().to_der());
    for key in [&rsa, &ec] {
        let leaf = Leaf {
            subject: &subject,
            key: key.public(),
            serial: &[0xfe; 20],
            not_before: NOW,
            not_after: NOW + 60 * YEAR,
        };
        let leaf = pem::encode("CERTIFICATE", authority.issue(&leaf).expect("a certificate").to_der());
        let files = [("ca.pem", ca.as_bytes()), ("leaf.pem", leaf.as_bytes())];
        let arguments = "verify -x509_strict -purpose sslclient -attime 1767225700 -CAfile ca.pem leaf.pem";
        let Some(said) = openssl(&files, arguments) else { return };
        assert!(said.contains("OK"));
        let said = openssl(&files, "x509 -in leaf.pem -noout -text").expect("installed");
        for words in ["TLS Web Client Authentication", "CA:FALSE", "Digital Signature", "CN = e-1"] {
            assert!(said.contains(words), "{words} in {said}");
        }
    }
    let said = openssl(&[("ca.pem", ca.as_bytes())], "x509 -in ca.pem -noout -text").expect("installed");
    assert!(said.contains("Digital Signature, Key Encipherment, Certificate Sign, CRL Sign"), "{said}");
}

#[test]
fn it_verifies_what_we_sign_and_opens_what_we_envelop() {
    let content = b"<plist/>\r\n\n";
    for (pem_file, key_file) in [("device.pem", "device.key"), ("ec.pem", "ec.key")] {
        let (certificate, key) = (certificate(pem_file), key(key_file));
        let chain = [certificate_of_ca()];
        let signer = Signer { certificate: &certificate, key: &key, chain: &chain };
        let message = sign(content, &signer, NOW).expect("a message");
        let ca = text("ca.pem");
        let files = [("m.der", message.as_slice()), ("ca.pem", ca.as_bytes())];
        let arguments = "cms -verify -binary -inform DER -in m.der -CAfile ca.pem -purpose any";
        let Some(said) = openssl(&files, arguments) else { return };
        assert!(said.starts_with("<plist/>\r\n\n"), "{said}");
    }
    let entropy: Vec<u8> = (0..48_u8).map(|at| at.wrapping_mul(37)).collect();
    for cipher in [Cipher::Aes128, Cipher::Aes192, Cipher::Aes256, Cipher::TripleDes] {
        let message = envelope(content, &certificate("device.pem"), cipher, &entropy).expect("an envelope");
        let (device, key) = (file("device.pem"), file("device.key"));
        let files = [("m.der", message.as_slice()), ("d.pem", &device), ("d.key", &key)];
        let said = openssl(&files, "cms -decrypt -binary -inform DER -in m.der -recip d.pem -inkey d.key");
        assert_eq!(said.as_deref(), Some("<plist/>\r\n\n"), "{cipher:?}");
    }
}

fn certificate_of_ca() -> wire_pki::Certificate {
    certificate("ca.pem")
}

#[test]
fn it_verifies_our_requests() {
    let name = Name(vec![(Attribute::Country, "DE".into()), (Attribute::CommonName, "push".into())]);
    for key_file in ["push.key", "ec.key"] {
        let der = NewRequest { subject: &name }.make(&key(key_file)).expect("a request");
        let arguments = "req -inform DER -in r.der -verify -noout -subject";
        let Some(said) = openssl(&[("r.der", &der)], arguments) else { return };
        assert!(said.contains("verify OK") && said.contains("CN = push"), "{said}");
    }
}

#[test]
fn it_reads_an_answer_of_scep() {
    use simulator::apple::{cms, identity::Identity, scep};
    let authority = our_authority("ca.key");
    let device = Identity::throw_away("d");
    let ask = scep::Ask {
        message_type: "19",
        transaction: "t",
        nonce: [1; 16],
        cipher: cms::Cipher::Aes,
        form: cms::Form::Ber,
    };
    let ca = authority.certificate().to_der();
    let sent = scep::message(&ask, &device.request("d", Some("c")), &device, ca);
    let read = Message::read(&sent).expect("a message");
    let entropy = Entropy { nonce: [0; 16], content: [0; 48] };
    let answer = read.answer(Answer::Failure(FailInfo::BadTime), &authority, &entropy).expect("an answer");
    let arguments = "cms -cmsout -print -inform DER -in a.der";
    let Some(said) = openssl(&[("a.der", &answer)], arguments) else { return };
    assert!(said.contains("rsaEncryption (1.2.840.113549.1.1.1)"), "{said}");
    assert!(said.contains("2.16.840.1.113733.1.9.4"), "{said}");
    // The client's own message, which no code of the authority made, is honest BER.
    let said = openssl(&[("m.ber", &sent)], "cms -cmsout -print -inform DER -in m.ber").expect("installed");
    assert!(said.contains("2.16.840.1.113733.1.9.7"), "{said}");
}

/// The simulated device's signatures, in Apple's shape among others, are what OpenSSL takes them for, and we too.
#[test]
fn it_verifies_what_the_simulated_device_signs() {
    use base64::Engine as _;
    use simulator::apple::cms::{Shape, mdm_signature};
    use simulator::apple::identity::Identity;
    let (device, body) = (Identity::throw_away("d"), file("body.plist"));
    for shape in [Shape::Apple, Shape::Modern, Shape::Attached] {
        let header = mdm_signature(&body, &device, shape);
        let message = base64::engine::general_purpose::STANDARD.decode(header).expect("base64");
        let signed = wire_pki::verify(&message, wire_pki::Content::Detached(&body)).expect("our own view");
        assert_eq!(signed.signer.to_der(), device.certificate);
        let other = wire_pki::verify(&message, wire_pki::Content::Detached(b"something else"));
        assert_eq!(other, Err(wire_pki::Error::Signature), "{shape:?}");
        if shape == Shape::Apple {
            assert!(message.starts_with(&[0x30, 0x80]) && message.ends_with(&[0; 6]), "indefinite");
        }
        let files = [("m.ber", message.as_slice()), ("body", &body)];
        let detached = if shape == Shape::Attached { "" } else { " -content body" };
        let arguments = format!("cms -verify -binary -noverify -inform DER -in m.ber{detached}");
        let Some(said) = openssl(&files, &arguments) else { return };
        assert!(said.contains("successful"), "{said}");
    }
}
