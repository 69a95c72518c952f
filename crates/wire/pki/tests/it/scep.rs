//! SCEP: a client with its own code against the authority, and each message with and without its proof.

use simulator::apple::cms::{Cipher as SimCipher, Form};
use simulator::apple::identity::{Identity, look};
use simulator::apple::scep::{Ask, Reply, message, reply};
use wire_pki::scep::{Answer, Entropy, FailInfo, Message, Request, from_query};
use wire_pki::{Authority, Certificate, Cipher, Leaf, Name};

use crate::fixture::{NOW, YEAR, our_authority};

const ENTROPY: Entropy =
    Entropy { nonce: [3; 16], content: *b"forty-eight bytes that nobody ever used before.." };

fn ask(message_type: &str) -> Ask<'_> {
    Ask { message_type, transaction: "4f2c", nonce: [1; 16], cipher: SimCipher::Aes, form: Form::Der }
}

fn issue(authority: &Authority, request: &wire_pki::SigningRequest) -> Certificate {
    let subject = Name::common("ours");
    let leaf = Leaf {
        subject: &subject,
        key: request.key(),
        serial: &[8; 16],
        not_before: NOW,
        not_after: NOW + YEAR,
    };
    authority.issue(&leaf).expect("a certificate")
}

/// A device with a certificate of this authority, got as devices get it.
fn enrolled(authority: &Authority) -> Identity {
    let mut device = Identity::throw_away("device");
    let ask = ask("19");
    let ca = authority.certificate().to_der();
    let sent = message(&ask, &device.request("device", Some("secret")), &device, ca);
    let read = Message::read(&sent).expect("a message");
    let (Request::Enroll(request), cipher) = read.open(authority).expect("a proof") else {
        panic!("enrolment")
    };
    let issued = issue(authority, &request);
    let answer = read.answer(Answer::Certificate(&issued, cipher), authority, &ENTROPY).expect("an answer");
    let Reply::Certificate(certificate, _) = reply(&answer, &ask, &device, ca) else {
        panic!("a certificate")
    };
    device.certificate = certificate;
    device
}

#[test]
fn a_client_gets_its_certificate_in_every_form_and_cipher() {
    let authority = our_authority("ca.key");
    let ca = authority.certificate().to_der();
    let device = Identity::throw_away("a device with a long serial number");
    for (form, cipher) in [
        (Form::Der, SimCipher::Aes),
        (Form::Ber, SimCipher::Aes),
        (Form::Der, SimCipher::TripleDes),
        (Form::Ber, SimCipher::TripleDes),
    ] {
        let ask = Ask { form, cipher, ..ask("19") };
        let sent = message(&ask, &device.request("CN of its own", Some("s3cret")), &device, ca);
        let read = Message::read(&sent).expect("a message");
        assert_eq!(read.transaction, "4f2c");
        let (Request::Enroll(request), answered) = read.open(&authority).expect("a proof") else { panic!() };
        assert_eq!(request.challenge(), Some("s3cret"));
        let expected = if cipher == SimCipher::Aes { Cipher::Aes128 } else { Cipher::TripleDes };
        assert_eq!(answered, expected, "answered in kind");
        let issued = issue(&authority, &request);
        let answer =
            read.answer(Answer::Certificate(&issued, answered), &authority, &ENTROPY).expect("an answer");
        let got = reply(&answer, &ask, &device, ca);
        assert_eq!(got, Reply::Certificate(issued.to_der().to_vec(), cipher));
        assert_eq!(look(issued.to_der()).expect("a certificate").public_key, device.public_key());
    }
}

#[test]
fn failures_and_waiting_are_read_by_the_client() {
    let authority = our_authority("ca.key");
    let ca = authority.certificate().to_der();
    let device = Identity::throw_away("device");
    let ask = ask("19");
    let read =
        Message::read(&message(&ask, &device.request("x", Some("y")), &device, ca)).expect("a message");
    for (info, number) in [
        (FailInfo::BadAlgorithm, "0"),
        (FailInfo::BadMessageCheck, "1"),
        (FailInfo::BadRequest, "2"),
        (FailInfo::BadTime, "3"),
        (FailInfo::BadCertificateId, "4"),
    ] {
        let answer = read.answer(Answer::Failure(info), &authority, &ENTROPY).expect("an answer");
        assert_eq!(reply(&answer, &ask, &device, ca), Reply::Failure(number.into()));
    }
    let answer = read.answer(Answer::Pending, &authority, &ENTROPY).expect("an answer");
    assert_eq!(reply(&answer, &ask, &device, ca), Reply::Pending);
    // The same answer does not satisfy whoever asked something else.
    let other = Ask { transaction: "other", ..ask.clone() };
    assert!(matches!(reply(&answer, &other, &device, ca), Reply::Broken(_)));
}

/// R-16 at the codec: all 256 message types, with no certificate of ours, with one, and with one of another authority.
#[test]
fn every_message_type_needs_its_proof() {
    let (authority, foreign) = (our_authority("ca.key"), our_authority("twin.key"));
    let ca = authority.certificate().to_der();
    let (nobody, ours, theirs) = (Identity::throw_away("nobody"), enrolled(&authority), enrolled(&foreign));
    let new_key = Identity::throw_away("new key");
    let serial = {
        let looked = look(&ours.certificate).expect("a certificate");
        simulator::apple::der::seq(&[&looked.issuer, &looked.serial])
    };
    for number in 0..=255_u16 {
        let kind = number.to_string();
        let asked = |content: &[u8], signer: &Identity| {
            let sent = message(&ask(&kind), content, signer, ca);
            Message::read(&sent).expect("signed").open(&authority).map(|(request, _)| request)
        };
        let own = |signer: &Identity| asked(&signer.request("x", Some("c")), signer);
        match kind.as_str() {
            "19" => {
                assert!(matches!(own(&nobody), Ok(Request::Enroll(_))));
                // Without a challenge, and for a key that signed nothing.
                let refused = [
                    asked(&nobody.request("x", None), &nobody),
                    asked(&new_key.request("x", Some("c")), &nobody),
                    asked(&new_key.request("x", Some("c")), &theirs),
                ];
                for outcome in refused {
                    assert_eq!(outcome.err(), Some(FailInfo::BadMessageCheck));
                }
                assert!(matches!(asked(&new_key.request("x", None), &ours), Ok(Request::Renew(_))));
            }
            "17" => {
                assert!(matches!(asked(&new_key.request("x", None), &ours), Ok(Request::Renew(_))));
                for outcome in [own(&nobody), own(&theirs), asked(&new_key.request("x", Some("c")), &theirs)]
                {
                    assert_eq!(outcome.err(), Some(FailInfo::BadMessageCheck));
                }
            }
            "20" => assert!(matches!(own(&nobody), Ok(Request::Poll))),
            "21" => {
                assert!(matches!(asked(&serial, &ours), Ok(Request::GetCertificate(_))));
                assert_eq!(asked(&serial, &nobody).err(), Some(FailInfo::BadMessageCheck));
                assert_eq!(asked(&serial, &theirs).err(), Some(FailInfo::BadMessageCheck));
                assert_eq!(asked(b"0", &ours).err(), Some(FailInfo::BadMessageCheck));
            }
            "22" => {
                assert!(matches!(asked(&serial, &ours), Ok(Request::GetRevocations)));
                assert_eq!(asked(&serial, &nobody).err(), Some(FailInfo::BadMessageCheck));
                assert_eq!(asked(&serial, &theirs).err(), Some(FailInfo::BadMessageCheck));
            }
            // 3 is CertRep, 18 the UpdateReq that another product issued certificates for without any proof.
            _ if number % 16 == 3 || number == 18 || number < 25 => {
                for signer in [&nobody, &ours, &theirs] {
                    assert_eq!(own(signer).err(), Some(FailInfo::BadRequest), "{number}");
                }
            }
            _ => assert_eq!(own(&ours).err(), Some(FailInfo::BadRequest), "{number}"),
        }
    }
}

#[test]
fn a_message_for_another_authority_is_undecipherable() {
    let (authority, foreign) = (our_authority("ca.key"), our_authority("twin.key"));
    let device = Identity::throw_away("device");
    let sent = message(&ask("19"), &device.request("x", Some("c")), &device, foreign.certificate().to_der());
    let read = Message::read(&sent).expect("signed");
    assert_eq!(read.open(&authority).err(), Some(FailInfo::BadMessageCheck));
}

#[test]
fn messages_of_a_get_survive_what_clients_do_to_them() {
    assert_eq!(from_query("+/8="), Some(vec![0xfb, 0xff]));
    assert_eq!(from_query(" /8="), Some(vec![0xfb, 0xff]), "a plus that became a blank");
    assert_eq!(from_query("+/8\n=\r\n"), Some(vec![0xfb, 0xff]), "lines");
    assert_eq!(from_query("%2B"), None);
}
