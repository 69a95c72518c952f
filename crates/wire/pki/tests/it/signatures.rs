//! Signatures in every shape, made by OpenSSL; and what must not pass for one.

use wire_pki::{Attribute, Content, Error, verify};

use crate::fixture::{authority, certificate, file, text};

#[test]
fn every_shape_of_a_devices_signature_is_verified_against_the_body() {
    let body = file("body.plist");
    let shapes = [
        ("apple.ber", "device.pem"),
        ("modern.der", "device.pem"),
        ("no-attributes.der", "device.pem"),
        ("key-id.der", "device.pem"),
        ("pkcs7.der", "device.pem"),
        ("ec.der", "ec.pem"),
        // Content inside is not looked at.
        ("attached.ber", "device.pem"),
    ];
    for (shape, signer) in shapes {
        let signed =
            verify(&file(shape), Content::Detached(&body)).unwrap_or_else(|e| panic!("{shape}: {e}"));
        assert_eq!(signed.signer, certificate(signer), "{shape}");
        assert!(authority().issued(&signed.signer), "{shape}");
        assert!(signed.content.is_empty(), "{shape}");
        let changed = text("body.plist").replace("Idle", "idle");
        for other in [changed.as_bytes(), &body[1..], b""] {
            let refused = verify(&file(shape), Content::Detached(other));
            assert_eq!(refused, Err(Error::Signature), "{shape}");
        }
    }
}

#[test]
fn the_shape_of_apples_devices_is_what_it_is_said_to_be() {
    let bytes = file("apple.ber");
    assert_eq!(bytes[..2], [0x30, 0x80], "indefinite");
    assert_eq!(bytes[bytes.len() - 6..], [0; 6], "three levels end there, three more within");
    let sha1 = b"\x2b\x0e\x03\x02\x1a";
    assert!(bytes.windows(sha1.len()).any(|window| window == sha1));
}

#[test]
fn content_in_the_message_counts_only_where_it_is_asked_for() {
    let body = file("body.plist");
    let signed = verify(&file("attached.ber"), Content::Attached).expect("attached");
    assert_eq!(signed.content, body);
    assert_eq!(verify(&file("apple.ber"), Content::Attached).expect("attached").content, body);
    // A detached signature does not sign nothing.
    assert_eq!(verify(&file("modern.der"), Content::Attached), Err(Error::Signature));
}

#[test]
fn swapped_certificates_and_others_shapes_are_refused() {
    let body = file("body.plist");
    let verify = |message: &[u8]| verify(message, Content::Detached(&body)).map(|signed| signed.signer);
    assert!(matches!(verify(&file("no-certificate.der")), Err(Error::Malformed(_))));
    assert!(matches!(verify(&file("two-signers.der")), Err(Error::Unsupported(_))));
    assert!(matches!(verify(&file("aes128.ber")), Err(Error::Malformed(_))));
    // Name and number of the signer, but another key: the certificate in the message is replaced.
    let message = wire_pki::ber_to_der(&file("modern.der")).expect("DER");
    let (mine, twin) = (certificate("device.pem"), certificate("twin.pem"));
    let at = message.windows(mine.to_der().len()).position(|w| w == mine.to_der()).expect("it is there");
    if mine.to_der().len() == twin.to_der().len() {
        let mut swapped = message.clone();
        swapped[at..at + mine.to_der().len()].copy_from_slice(twin.to_der());
        assert_eq!(verify(&swapped), Err(Error::Signature));
    }
    assert_eq!((mine.subject_text(), mine.serial()), (twin.subject_text(), twin.serial()));
    assert_ne!(mine.sha256(), twin.sha256());
}

#[test]
fn certificates_say_what_identity_needs() {
    let push = certificate("push.pem");
    assert_eq!(
        push.subject(Attribute::UserId).as_deref(),
        Some("com.apple.mgmt.External.6ab1a4f5-2f3c-4b4e-9d0a-1c7f8e2d3b4a")
    );
    assert_eq!(push.subject(Attribute::CommonName).as_deref(), Some("APSP:6ab1a4f5"));
    assert_eq!(push.subject(Attribute::Email), None);
    assert_eq!(push.issuer_text(), "CN=Device CA, O=Example");
    assert_eq!(push.serial(), [0x10, 0x03]);
    assert!(push.not_after() - push.not_before() == 36_500 * 86_400_000);
    assert!(!push.is_authority());
    let ca = certificate("ca.pem");
    assert!(ca.is_authority() && ca.is_self_signed() && push.is_issued_by(&ca) && !ca.is_issued_by(&push));
    assert_eq!(
        (ca.public_key().expect("a key").size(), certificate("ec.pem").public_key().expect("a key").size()),
        (2048, 256)
    );
}
