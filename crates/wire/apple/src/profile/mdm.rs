//! The payload that puts a device under management (`com.apple.mdm`).

use super::Payload;
use crate::plist::{Dict, Value};

/// All access rights.
pub const ACCESS_ALL: u16 = 8191;

/// The payload. Server, check-in address and topic stay the same for the life of an enrolment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mdm {
    /// `IdentityCertificateUUID`: the payload of the identity, in the same profile.
    pub identity: String,
    /// `Topic`: that of the push certificate, `com.apple.mgmt.…`.
    pub topic: String,
    /// `ServerURL`, `https://…`.
    pub server_url: String,
    /// `CheckInURL`, if it is another one.
    pub check_in_url: Option<String>,
    /// `AccessRights`: a bit mask; see [`Mdm::rights_are_whole`].
    pub access_rights: u16,
    /// `SignMessage`: every message is signed in a header.
    pub sign_messages: bool,
    /// Users of Macs and shared iPads have channels of their own; cannot be changed later.
    pub user_channels: bool,
    /// The device may leave a bootstrap token.
    pub bootstrap_token: bool,
    /// `UseDevelopmentAPNS`.
    pub development: bool,
}

impl Mdm {
    /// Whether each right that needs another has it: 2 needs 1, 128 needs 64, and nothing beyond [`ACCESS_ALL`].
    pub fn rights_are_whole(rights: u16) -> bool {
        let has = |bit: u16| rights & bit != 0;
        rights != 0 && rights <= ACCESS_ALL && (!has(2) || has(1)) && (!has(128) || has(64))
    }

    /// The payload, under these names.
    pub fn payload(&self, identifier: &str, uuid: &str, display_name: &str) -> Payload {
        let mut capabilities = Vec::new();
        if self.user_channels {
            capabilities.push(Value::from("com.apple.mdm.per-user-connections"));
        }
        if self.bootstrap_token {
            capabilities.push(Value::from("com.apple.mdm.bootstraptoken"));
        }
        let mut body = Dict::new()
            .with("IdentityCertificateUUID", self.identity.as_str())
            .with("Topic", self.topic.as_str())
            .with("ServerURL", self.server_url.as_str())
            .with_some("CheckInURL", self.check_in_url.as_deref())
            .with("AccessRights", i64::from(self.access_rights))
            .with("SignMessage", self.sign_messages)
            .with("CheckOutWhenRemoved", true);
        if !capabilities.is_empty() {
            body.set("ServerCapabilities", capabilities);
        }
        if self.development {
            body.set("UseDevelopmentAPNS", true);
        }
        Payload {
            kind: "com.apple.mdm".to_owned(),
            identifier: identifier.to_owned(),
            uuid: uuid.to_owned(),
            display_name: display_name.to_owned(),
            body,
        }
    }
}
