//! Refusals that devices understand: bodies of answers with status 403, JSON.
//!
//! 401 unenrols devices or asks for their accounts, and is answered for nothing else, least of all by accident.

use serde_json::{Value, json};

/// The media type of these bodies.
pub const TYPE: &str = "application/json";

/// The device is not known: it removes its management (iOS 17, macOS 14).
pub fn unrecognized_device() -> Value {
    json!({ "code": "com.apple.unrecognized.device" })
}

/// Account-driven enrolment is refused (iOS 17.5).
pub fn no_enrolment() -> Value {
    json!({ "code": "com.apple.well-known.failed" })
}

/// The device has to be updated before it may enrol; only for devices that can be told
/// ([`crate::MachineInfo::can_update`]).
pub fn update_required(os_version: &str, build: Option<&str>) -> Value {
    let mut details = json!({ "OSVersion": os_version });
    if let Some(build) = build {
        details["BuildVersion"] = build.into();
    }
    json!({ "code": "com.apple.softwareupdate.required", "details": details })
}
