//! What the authority issues.

use wire_pki::{Attribute, Authority, Error, Leaf, Name, NewAuthority, PublicKey};

use crate::fixture::{NOW, YEAR, certificate, key, our_authority};

fn leaf<'a>(subject: &'a Name, key: &'a PublicKey, serial: &'a [u8]) -> Leaf<'a> {
    Leaf { subject, key, serial, not_before: NOW - 60_000, not_after: NOW + YEAR }
}

#[test]
fn a_leaf_says_what_we_say_and_belongs_to_its_authority_alone() {
    let (own, other) = (our_authority("ca.key"), our_authority("twin.key"));
    let subject = Name::common("enrolment 1");
    for file in ["device.key", "ec.key"] {
        let key = key(file);
        let issued = own.issue(&leaf(&subject, key.public(), &[0xff; 20])).expect("a certificate");
        assert_eq!(issued.subject(Attribute::CommonName).as_deref(), Some("enrolment 1"));
        assert_eq!(issued.public_key().as_ref(), Ok(key.public()));
        assert_eq!((issued.not_before(), issued.not_after()), (NOW - 60_000, NOW + YEAR));
        assert_eq!(issued.serial().len(), 20);
        assert!(issued.serial()[0] < 0x80, "positive");
        assert!(own.issued(&issued));
        // Same name, other key.
        assert!(!other.issued(&issued));
        assert!(!issued.is_authority() && !issued.is_self_signed());
    }
    assert!(!own.issued(&certificate("device.pem")));
}

#[test]
fn weak_keys_and_odd_numbers_are_refused() {
    let own = our_authority("ca.key");
    let (subject, key) = (Name::common("x"), key("device.key"));
    for serial in [&[][..], &[1; 7], &[1; 21]] {
        assert!(matches!(own.issue(&leaf(&subject, key.public(), serial)), Err(Error::Malformed(_))));
    }
    // An RSA key of 1,024 bits, made up: only its size counts.
    let modulus = [&[0x02, 0x81, 0x81, 0x00][..], &[0xc5; 128]].concat();
    let inside = [&modulus[..], &[2, 3, 1, 0, 1]].concat();
    let bits =
        [&[0x03, 0x81, inside.len() as u8 + 4, 0, 0x30, 0x81, inside.len() as u8][..], &inside].concat();
    let algorithm = b"\x30\x0d\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01\x05\x00";
    let all = [&algorithm[..], &bits].concat();
    let weak = PublicKey::from_der(&[&[0x30, 0x81, all.len() as u8][..], &all].concat()).expect("a key");
    assert_eq!(weak.size(), 1024);
    assert!(matches!(own.issue(&leaf(&subject, &weak, &[1; 16])), Err(Error::Key(_))));
}

#[test]
fn an_authority_needs_its_own_rsa_key() {
    let ca = certificate("ca.pem");
    assert!(matches!(Authority::new(ca, key("twin.key")), Err(Error::Key(_))));
    let new = NewAuthority { name: &Name::common("x"), serial: &[1; 16], not_before: 0, not_after: YEAR };
    assert!(matches!(Authority::create(&new, key("ec.key")), Err(Error::Key(_))));
}
