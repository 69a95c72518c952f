//! The files of `testdata`, which `testdata/make.sh` made with OpenSSL.

use std::path::PathBuf;

use wire_pki::{Authority, Certificate, Name, NewAuthority, PrivateKey, pem};

pub fn file(name: &str) -> Vec<u8> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("testdata").join(name);
    std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

pub fn text(name: &str) -> String {
    String::from_utf8(file(name)).expect("text")
}

pub fn certificate(name: &str) -> Certificate {
    pem::certificates(&text(name)).expect("certificates").remove(0)
}

pub fn key(name: &str) -> PrivateKey {
    pem::private_key(&text(name), "").expect("a key")
}

/// The authority that issued the fixtures' certificates.
pub fn authority() -> Authority {
    Authority::new(certificate("ca.pem"), key("ca.key")).expect("its own key")
}

/// 2026-01-01.
pub const NOW: i64 = 1_767_225_600_000;
pub const YEAR: i64 = 365 * 86_400_000;

/// An authority of ours, with the key of a fixture.
pub fn our_authority(key_file: &str) -> Authority {
    let new = NewAuthority {
        name: &Name::common("Devices of Example"),
        serial: &[7; 16],
        not_before: NOW,
        not_after: NOW + 10 * YEAR,
    };
    Authority::create(&new, key(key_file)).expect("an authority")
}

/// The base64 of a PEM file.
pub fn decoded(name: &str) -> Vec<u8> {
    use base64::Engine as _;
    let text = text(name);
    let body: String = text.lines().filter(|line| !line.starts_with("-----")).collect();
    base64::engine::general_purpose::STANDARD.decode(body).expect("base64")
}
