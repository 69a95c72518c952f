//! Any bytes as every part of an answer; shared with the fuzz target.

use wire_webauthn::{Answer, Expected, PublicKey, assertion, registration};

/// Reads the bytes as everything that a browser sends; must never panic.
pub fn run(bytes: &[u8]) {
    let expected = Expected {
        challenge: b"0123456789abcdef",
        origin: "https://a.test",
        rp_id: "a.test",
        verified: false,
    };
    let client_data =
        br#"{"type":"webauthn.create","challenge":"MDEyMzQ1Njc4OWFiY2RlZg","origin":"https://a.test"}"#;
    if let Ok(made) = registration(client_data, bytes, &expected) {
        assert!(PublicKey::parse(&made.key).is_ok());
    }
    let _ = registration(bytes, bytes, &expected);
    let answer = Answer { client_data: bytes, authenticator_data: bytes, signature: bytes };
    assert!(assertion(&answer, bytes, &expected).is_err());
}

#[test]
fn the_corpus_and_its_cuts() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata");
    let mut seen = 0;
    for file in std::fs::read_dir(folder).expect("the corpus").flatten() {
        let bytes = std::fs::read(file.path()).expect("a file");
        for cut in 0..=bytes.len() {
            run(&bytes[..cut]);
        }
        for at in 0..bytes.len() {
            for bit in 0..8 {
                let mut bent = bytes.clone();
                bent[at] ^= 1 << bit;
                run(&bent);
            }
        }
        seen += 1;
    }
    assert!(seen > 0);
}
