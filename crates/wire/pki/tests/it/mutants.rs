//! Bent bytes: nothing that was changed passes for what it was, and nothing panics.

use wire_pki::{Content, ber_to_der, open, verify};

use crate::every_message::run;
use crate::fixture::{authority, certificate, decoded, file, key};

/// Each byte of each signature bent in two ways, and each cut.
#[test]
fn no_bent_signature_names_another_signer() {
    let body = file("body.plist");
    let mut refused = 0;
    let mut all = 0;
    for shape in ["apple.ber", "modern.der", "ec.der", "key-id.der"] {
        let honest = file(shape);
        let signer = verify(&honest, Content::Detached(&body)).expect("honest").signer;
        for at in 0..honest.len() {
            for mask in [0x01, 0x80] {
                let mut bent = honest.clone();
                bent[at] ^= mask;
                all += 1;
                match verify(&bent, Content::Detached(&body)) {
                    Err(_) => refused += 1,
                    // A certificate that was changed itself is not the authority's any more.
                    Ok(signed) => assert!(
                        signed.signer == signer || !authority().issued(&signed.signer),
                        "{shape}: byte {at} with {mask}"
                    ),
                }
            }
            assert!(verify(&honest[..at], Content::Detached(&body)).is_err(), "{shape} cut at {at}");
        }
    }
    // Left are version numbers, parameters, and the parts of the certificate that its key does not depend on.
    assert!(refused * 10 > all * 5, "{refused} of {all}");
}

#[test]
fn bent_envelopes_never_panic_and_never_say_more() {
    let (device, secret) = (certificate("device.pem"), key("device.key"));
    let body = file("body.plist");
    for shape in ["aes128.ber", "3des.ber", "aes256.der"] {
        let honest = file(shape);
        for at in 0..honest.len() {
            let mut bent = honest.clone();
            bent[at] ^= 0x21;
            if let Ok(opened) = open(&bent, &device, &secret) {
                // Without integrity the content can be bent; SCEP's signature is what protects it.
                assert!(opened.content.len() <= body.len() + 16);
            }
            assert!(open(&honest[..at], &device, &secret).is_err(), "{shape} cut at {at}");
        }
    }
}

#[test]
fn the_corpus_and_its_cuts_in_every_reader() {
    let names = [
        "apple.ber",
        "modern.der",
        "attached.ber",
        "ec.der",
        "two-signers.der",
        "aes128.ber",
        "des.der",
        "oaep.der",
        "modern.p12",
        "old.p12",
        "rc2.p12",
        "open.p12",
        "device.key",
        "push-encrypted.key",
        "device.pem",
    ];
    let mut corpus: Vec<Vec<u8>> = names.iter().map(|name| file(name)).collect();
    corpus.push(certificate("push.pem").to_der().to_vec());
    corpus.push(decoded("challenge.pem"));
    for bytes in corpus {
        run(&bytes);
        for at in (0..bytes.len()).step_by(37) {
            run(&bytes[..at]);
            let mut bent = bytes.clone();
            bent[at] = bent[at].wrapping_add(0x7f);
            run(&bent);
        }
    }
}

#[test]
fn nesting_and_promises_of_length_cost_nothing() {
    for evil in [
        [0x30_u8, 0x80].repeat(1 << 20),
        [0x24, 0x80].repeat(1 << 20),
        [0xa0, 0x84, 0x00, 0x3f, 0xff, 0xff].repeat(1 << 16),
        [&[0x30_u8, 0x84, 0x7f, 0xff, 0xff, 0xff][..], &[0; 64]].concat(),
        vec![0x30; wire_pki::LARGEST + 1],
        // Honest depth, much content.
        [&[0x30, 0x80].repeat(30)[..], &[5, 0].repeat(1 << 18), &[0, 0].repeat(30)].concat(),
    ] {
        let _ = ber_to_der(&evil);
        let _ = verify(&evil, Content::Attached);
    }
}
