//! Query strings: what is read must be written so that it is read again with the same device.
#![no_main]

use libfuzzer_sys::fuzz_target;
use wire_eas::query::Query;

fuzz_target!(|text: &str| {
    if let Ok(query) = Query::parse(text) {
        let again = Query::parse(&query.to_plain_query()).expect("a query that was written here");
        assert_eq!(again.device_id, query.device_id);
        assert_eq!(again.user, query.user);
        assert_eq!(again.command, query.command);
    }
});
