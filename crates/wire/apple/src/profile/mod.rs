//! Configuration profiles: envelope and payloads (`application/x-apple-aspen-config`).

mod mdm;
mod scep;

pub use mdm::{ACCESS_ALL, Mdm};
pub use scep::Scep;

use crate::plist::{Dict, Value};

/// The media type of profiles.
pub const TYPE: &str = "application/x-apple-aspen-config";

/// A payload: its own keys, and those that every payload has.
#[derive(Debug, Clone, PartialEq)]
pub struct Payload {
    /// `PayloadType`.
    pub kind: String,
    /// `PayloadIdentifier`: the same one replaces an older payload.
    pub identifier: String,
    /// `PayloadUUID`: by which payloads of a profile name each other.
    pub uuid: String,
    /// `PayloadDisplayName`.
    pub display_name: String,
    /// Its own keys.
    pub body: Dict,
}

impl Payload {
    fn to_dict(&self) -> Dict {
        let mut dict = Dict::new()
            .with("PayloadType", self.kind.as_str())
            .with("PayloadIdentifier", self.identifier.as_str())
            .with("PayloadUUID", self.uuid.as_str())
            .with("PayloadVersion", 1)
            .with("PayloadDisplayName", self.display_name.as_str());
        for (key, value) in self.body.iter() {
            dict.set(key, value.clone());
        }
        dict
    }
}

/// Whom a profile on a Mac is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// The whole Mac.
    System,
    /// One user.
    User,
}

/// A profile.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Profile {
    /// `PayloadIdentifier`: the same one replaces an installed profile.
    pub identifier: String,
    /// `PayloadUUID`: another one makes it an update.
    pub uuid: String,
    /// `PayloadDisplayName`.
    pub display_name: String,
    /// `PayloadDescription`.
    pub description: Option<String>,
    /// `PayloadOrganization`.
    pub organization: Option<String>,
    /// `PayloadRemovalDisallowed`; supervised devices only.
    pub removal_disallowed: bool,
    /// `PayloadScope`.
    pub scope: Option<Scope>,
    /// `ConsentText`: language and text; `default` for all others.
    pub consent: Vec<(String, String)>,
    /// What it is made of, in an order that devices keep: an identity before what uses it.
    pub payloads: Vec<Payload>,
}

impl Profile {
    /// The profile as a property list, not signed.
    pub fn to_xml(&self) -> Vec<u8> {
        let payloads: Vec<Value> =
            self.payloads.iter().map(|payload| Value::Dict(payload.to_dict())).collect();
        let scope = self.scope.map(|scope| if scope == Scope::User { "User" } else { "System" });
        let mut dict = Dict::new()
            .with("PayloadType", "Configuration")
            .with("PayloadVersion", 1)
            .with("PayloadIdentifier", self.identifier.as_str())
            .with("PayloadUUID", self.uuid.as_str())
            .with("PayloadDisplayName", self.display_name.as_str())
            .with_some("PayloadDescription", self.description.as_deref())
            .with_some("PayloadOrganization", self.organization.as_deref())
            .with_some("PayloadScope", scope);
        if self.removal_disallowed {
            dict.set("PayloadRemovalDisallowed", true);
        }
        if !self.consent.is_empty() {
            let texts = self
                .consent
                .iter()
                .fold(Dict::new(), |dict, (language, text)| dict.with(language, text.as_str()));
            dict.set("ConsentText", texts);
        }
        Value::Dict(dict.with("PayloadContent", payloads)).to_xml()
    }
}
