//! The 22 broken documents: refused with the right reason, or read without harm.

use std::path::Path;

use wire_eas::wbxml::{Element, ErrorKind, Limits};

use crate::corpus;

fn unhex(text: &str) -> Vec<u8> {
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).expect("hex")).collect()
}

/// What is wrong with each; `None` for those that a careful reader may accept.
fn expected(name: &str) -> Option<ErrorKind> {
    Some(match name {
        "version-1.1-header" | "unknown-token-page13" => return None,
        "empty" | "header-only" | "truncated-in-string" | "no-end-tags" => ErrorKind::Truncated,
        "opaque-length-beyond-input" => ErrorKind::Truncated,
        "stray-end" => ErrorKind::StrayEnd,
        "unknown-page-26" => ErrorKind::UnknownPage(26),
        "attribute-bit-set" => ErrorKind::Attributes,
        "opaque-length-overflow" | "mb-u-int32-six-bytes" => ErrorKind::Integer,
        "string-table-declared" => ErrorKind::StringTable,
        "str-t-without-table" => ErrorKind::Token(0x83),
        "entity-token" => ErrorKind::Token(0x02),
        "literal-token" => ErrorKind::Token(0x04),
        "pi-token" => ErrorKind::Token(0x43),
        "invalid-utf8-str-i" => ErrorKind::Utf8,
        "second-root" => ErrorKind::Trailing,
        "charset-latin1" => ErrorKind::Charset,
        "publicid-zero-with-index" => ErrorKind::PublicId,
        "deep-nesting-10000" => ErrorKind::TooDeep,
        other => panic!("a new sample: {other}"),
    })
}

#[test]
fn every_broken_document_is_refused_for_its_own_reason() {
    let file = Path::new("testdata/synthetic/malformed.json");
    let samples: Vec<serde_json::Value> = serde_json::from_slice(&corpus::read(file)).expect("JSON");
    assert_eq!(samples.len(), 22);
    for sample in samples {
        let name = sample["name"].as_str().expect("a name");
        let bytes = match name {
            "deep-nesting-10000" => [&unhex("03016a000000")[..], &[0x5C; 10_000]].concat(),
            _ => unhex(sample["hex"].as_str().expect("hex")),
        };
        assert_eq!(bytes.len() as u64, sample["len"], "{name}");
        let result = Element::parse(&bytes, Limits::default());
        assert_eq!(result.err().map(|error| error.kind), expected(name), "{name}");
    }
}

#[test]
fn documents_beyond_the_limits_are_refused_before_they_cost_anything() {
    let header = [0x03, 0x01, 0x6A, 0x00];
    let document = |body: &[u8]| [&header[..], body].concat();
    let small = Limits { depth: 4, document: 100, string: 8, opaque: 8, elements: 5 };
    let cases: [(Vec<u8>, ErrorKind); 6] = [
        (document(&[0x45; 97]), ErrorKind::TooLarge),
        (document(&[0x45; 5]), ErrorKind::TooDeep),
        (document(&[0x45, 0x06, 0x06, 0x06, 0x06, 0x06, 0x01]), ErrorKind::TooManyElements),
        (document(b"\x45\x03123456789\x00\x01"), ErrorKind::StringTooLong),
        (document(b"\x45\xC3\x09123456789\x01"), ErrorKind::OpaqueTooLong),
        (document(b"\x45\x03text\x00\x05\x01"), ErrorKind::Mixed),
    ];
    for (bytes, kind) in cases {
        assert_eq!(Element::parse(&bytes, small).map_err(|error| error.kind), Err(kind));
    }
    let fits = document(b"\x45\x0312345678\x00\x01");
    assert_eq!(Element::parse(&fits, small).expect("within the limits").text(), Some("12345678"));
}
