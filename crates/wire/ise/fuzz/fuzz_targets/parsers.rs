//! Any bytes through every parser of the crate: `cargo fuzz run parsers ../testdata/samples`.
#![no_main]

#[path = "../../tests/it/every_parser.rs"]
mod every_parser;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| every_parser::run(bytes));
