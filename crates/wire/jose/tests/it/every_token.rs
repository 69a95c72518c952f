//! Any text as a token and as a key set; shared with the fuzz target.

use wire_jose::{ExpectedId, Keys, id_token, logout_token};

const KEYS: &[u8] = include_bytes!("../../testdata/keys.json");

/// Reads the bytes as everything that a provider sends; must never panic.
pub fn run(bytes: &[u8]) {
    let own = Keys::parse(KEYS).expect("a set");
    assert_eq!(own.len(), 2);
    let text = String::from_utf8_lossy(bytes);
    for keys in [Some(own), Keys::parse(bytes).ok()].into_iter().flatten() {
        let expected =
            ExpectedId { issuer: "https://a", client_id: "c", nonce: "n", access_token: Some("t"), now: 1 };
        let _ = id_token(&text, &keys, &expected);
        let _ = logout_token(&text, &keys, "https://a", "c", 1);
    }
}

#[test]
fn the_corpus_and_its_cuts() {
    for bytes in [KEYS, include_bytes!("../../testdata/token.txt")] {
        for cut in 0..=bytes.len() {
            run(&bytes[..cut]);
        }
        for at in 0..bytes.len() {
            let mut bent = bytes.to_vec();
            bent[at] ^= 0x15;
            run(&bent);
        }
    }
}
