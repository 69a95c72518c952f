//! Any bytes as a token: `cargo fuzz run tokens ../testdata`.
#![no_main]

#[path = "../../tests/it/every_token.rs"]
mod every_token;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| every_token::run(bytes));
