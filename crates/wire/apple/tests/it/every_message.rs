//! Any bytes in every reader; shared with the fuzz target.

use wire_apple::ddm::{Endpoint, StatusReport};
use wire_apple::{Incoming, MachineInfo, plist};

/// Reads the bytes as everything; must never panic. What was read is written so that it is read again.
pub fn run(bytes: &[u8]) {
    if let Ok(value) = plist::read(bytes) {
        let written = value.to_xml();
        let again = plist::read(&written);
        // Escapes and base64 can make it longer than a list may be.
        if written.len() <= plist::LARGEST {
            assert_eq!(again.expect("what was written here").to_xml(), written);
        }
        let _ = value.to_json();
    }
    let _ = (Incoming::read(bytes), MachineInfo::read(bytes), StatusReport::read(bytes));
    let _ = Endpoint::read(&String::from_utf8_lossy(bytes));
}
