//! Any bytes in every reader: `cargo fuzz run messages ../testdata`.
#![no_main]

#[path = "../../tests/it/every_message.rs"]
mod every_message;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| every_message::run(bytes));
