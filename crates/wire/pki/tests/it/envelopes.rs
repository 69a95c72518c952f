//! Envelopes, made by OpenSSL and by us; and the one form of failure.

use wire_pki::{Cipher, Error, envelope, open};

use crate::fixture::{certificate, file, key};

#[test]
fn every_cipher_of_every_form_is_opened() {
    let (device, secret) = (certificate("device.pem"), key("device.key"));
    let shapes = [
        ("aes128.ber", Cipher::Aes128),
        ("aes192.der", Cipher::Aes192),
        ("aes256.der", Cipher::Aes256),
        ("3des.ber", Cipher::TripleDes),
        ("two-recipients.der", Cipher::Aes128),
    ];
    for (shape, cipher) in shapes {
        let opened = open(&file(shape), &device, &secret).unwrap_or_else(|error| panic!("{shape}: {error}"));
        assert_eq!(
            (opened.content.as_slice(), opened.cipher),
            (file("body.plist").as_slice(), cipher),
            "{shape}"
        );
    }
}

#[test]
fn what_nobody_should_use_is_refused_in_words() {
    let (device, secret) = (certificate("device.pem"), key("device.key"));
    let Err(Error::Unsupported(words)) = open(&file("des.der"), &device, &secret) else {
        panic!("single DES")
    };
    assert!(words.contains("single DES"));
    let Err(Error::Unsupported(words)) = open(&file("oaep.der"), &device, &secret) else { panic!("OAEP") };
    assert!(words.contains("PKCS#1"));
}

#[test]
fn every_failure_behind_the_lock_is_the_same() {
    let (device, secret) = (certificate("device.pem"), key("device.key"));
    // Another recipient; the right recipient with another's key; a kind of recipient that cannot be.
    assert_eq!(
        open(&file("aes256.der"), &certificate("push.pem"), &key("push.key")),
        Err(Error::Undecipherable)
    );
    assert_eq!(open(&file("aes256.der"), &device, &key("twin.key")), Err(Error::Undecipherable));
    assert_eq!(
        open(&file("ec-recipient.der"), &certificate("ec.pem"), &key("ec.key")),
        Err(Error::Undecipherable)
    );
    // Every byte of the wrapped key and of the last blocks.
    let entropy: Vec<u8> = (0..48_u8).map(|at| at.wrapping_mul(37)).collect();
    for cipher in [Cipher::Aes128, Cipher::Aes256, Cipher::TripleDes] {
        let content = b"a content of a few blocks, which is not public";
        let message = envelope(content, &device, cipher, &entropy).expect("an envelope");
        assert_eq!(open(&message, &device, &secret).expect("opened").content.as_slice(), content);
        let mut other = 0;
        for at in message.len() - 2 * cipher.block_length()..message.len() {
            let mut bent = message.clone();
            bent[at] ^= 1;
            match open(&bent, &device, &secret) {
                Err(error) => assert_eq!(error, Error::Undecipherable),
                // A block in the middle that is bent deciphers to something else: envelopes prove nothing.
                Ok(opened) => {
                    assert_ne!(opened.content.as_slice(), content);
                    other += 1;
                }
            }
        }
        assert!(other > 0);
        let wrapped = message.windows(4).position(|w| w == [4, 0x82, 1, 0]).expect("256 bytes") + 4;
        for at in (wrapped..wrapped + 256).step_by(5) {
            let mut bent = message.clone();
            bent[at] ^= 0x40;
            let outcome = open(&bent, &device, &secret);
            // The key that stands in is wrong, always the same, and nearly always betrayed by the padding.
            assert_eq!(outcome, open(&bent, &device, &secret));
            match outcome {
                Err(error) => assert_eq!(error, Error::Undecipherable),
                Ok(opened) => assert_ne!(opened.content.as_slice(), content),
            }
        }
    }
}

#[test]
fn envelopes_need_a_key_that_encrypts_and_enough_randomness() {
    assert!(matches!(envelope(b"x", &certificate("ec.pem"), Cipher::Aes128, &[0; 48]), Err(Error::Key(_))));
    assert!(matches!(
        envelope(b"x", &certificate("device.pem"), Cipher::Aes256, &[0; 47]),
        Err(Error::Key(_))
    ));
}
