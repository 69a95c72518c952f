//! Any bytes as an answer: `cargo fuzz run answers ../testdata`.
#![no_main]

#[path = "../../tests/it/every_answer.rs"]
mod every_answer;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| every_answer::run(bytes));
