//! What must hold for any bytes as an answer; shared with the fuzzer.

use wire_ldap::{Answer, Dn, Filter, Response, message_length, range_of};

/// Reads the bytes in every way.
pub fn run(bytes: &[u8]) {
    if let Ok(Some(length)) = message_length(bytes) {
        assert!(length >= 2);
    }
    if let Ok(Response { answer: Answer::Entry(entry), .. }) = Response::decode(bytes) {
        if let Ok(dn) = Dn::parse(&entry.dn) {
            assert_eq!(
                Dn::parse(&dn.to_string()).as_ref(),
                Ok(&dn),
                "a name in its own form is the same name"
            );
        }
        for attribute in &entry.attributes {
            let _ = range_of(&attribute.name);
        }
    }
    if let Ok(text) = std::str::from_utf8(bytes) {
        let _ = (Dn::parse(text), Filter::parse(text), range_of(text));
    }
}
