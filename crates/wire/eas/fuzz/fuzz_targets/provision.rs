//! Provision in both roles, and the other bodies that are read from devices. Seeds: `../testdata`.
#![no_main]

use libfuzzer_sys::fuzz_target;
use wire_eas::provision::{Request, client::ServerAnswer};
use wire_eas::{ping, settings, sync};

fuzz_target!(|bytes: &[u8]| {
    let _ = (Request::parse(bytes), settings::Request::parse(bytes));
    let _ = (sync::Request::parse(bytes), ping::Request::parse(bytes));
    let _ = settings::client::ServerAnswer::parse(bytes);
    let _ = (settings::escrow::without_password(bytes), settings::escrow::with_password_status(bytes, 1));
    if let Ok(answer) = ServerAnswer::parse(bytes)
        && let Some(document) = answer.policy.and_then(|policy| policy.document)
    {
        let _ = document.values();
    }
});
