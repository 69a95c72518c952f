//! Documents: what decodes must encode and decode to the same tree. Seeds: `../testdata`.
#![no_main]

use libfuzzer_sys::fuzz_target;
use wire_eas::sniff::sniff;
use wire_eas::wbxml::{Element, Limits};

fuzz_target!(|bytes: &[u8]| {
    let _ = sniff(bytes, false);
    if let Ok(tree) = Element::parse(bytes, Limits::default()) {
        assert_eq!(Element::parse(&tree.to_document(), Limits::default()), Ok(tree));
    }
});
