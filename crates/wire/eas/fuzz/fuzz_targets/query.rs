//! Query strings: what is read must be written so that it is read again with the same device.
#![no_main]

use libfuzzer_sys::fuzz_target;
use wire_eas::query::{MAX_QUERY, Query};

fuzz_target!(|text: &str| {
    if let Ok(query) = Query::parse(text) {
        let written = query.to_plain_query();
        // Escapes can make it longer than a query may be.
        if written.len() > MAX_QUERY {
            return;
        }
        let again = Query::parse(&written).expect("a query that was written here");
        assert_eq!(again.device_id, query.device_id);
        assert_eq!(again.user, query.user);
        assert_eq!(again.command, query.command);
    }
});
