//! Any bytes as an answer to a fixed request; shared with the fuzz target.

use wire_radius::{Attribute, Request, RequestKind};

/// Reads the bytes as answers to both kinds of request; must never panic.
pub fn run(bytes: &[u8]) {
    for (kind, identifier) in [(RequestKind::ChangeOfAuthorization, 7), (RequestKind::Disconnect, 255)] {
        let attributes = vec![Attribute::CallingStationId("00-26-B4-24-FE-B4".into())];
        let request = Request { kind, identifier, attributes };
        let sent = request.encode(b"xyzzy5461").expect("it fits");
        if let Ok(answer) = sent.read_answer(bytes, b"xyzzy5461") {
            // Only whoever knows the secret comes here.
            assert!(!format!("{answer:?}").is_empty());
        }
    }
}
