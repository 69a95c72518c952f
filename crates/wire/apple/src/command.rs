//! Commands as devices are sent them.

use crate::plist::{Dict, Value};

/// A command. What it means, and who may send it, the catalogue knows; this is its envelope.
#[derive(Debug, Clone, PartialEq)]
pub struct Command {
    /// Its name within the enrolment, opaque to the device.
    pub uuid: String,
    /// `RequestType`.
    pub request_type: String,
    /// What stands beside the request type.
    pub body: Dict,
}

impl Command {
    /// A command with a body.
    pub fn new(uuid: &str, request_type: &str, body: Dict) -> Self {
        Self { uuid: uuid.to_owned(), request_type: request_type.to_owned(), body }
    }

    /// InstallProfile: a profile, signed or not.
    pub fn install_profile(uuid: &str, profile: Vec<u8>) -> Self {
        Self::new(uuid, "InstallProfile", Dict::new().with("Payload", profile))
    }

    /// DeviceInformation: what is asked for.
    pub fn device_information(uuid: &str, queries: &[&str]) -> Self {
        let queries: Vec<Value> = queries.iter().map(|query| Value::from(*query)).collect();
        Self::new(uuid, "DeviceInformation", Dict::new().with("Queries", queries))
    }

    /// DeclarativeManagement: starts it, or says that something changed; with the tokens, which saves the device a
    /// question.
    pub fn declarative_management(uuid: &str, tokens: Vec<u8>) -> Self {
        Self::new(uuid, "DeclarativeManagement", Dict::new().with("Data", tokens))
    }

    /// Settings: its items, each with its `Item`.
    pub fn settings(uuid: &str, items: Vec<Dict>) -> Self {
        let items: Vec<Value> = items.into_iter().map(Value::Dict).collect();
        Self::new(uuid, "Settings", Dict::new().with("Settings", items))
    }

    /// The command as a property list.
    pub fn to_xml(&self) -> Vec<u8> {
        let mut inner = Dict::new().with("RequestType", self.request_type.as_str());
        for (key, value) in self.body.iter().filter(|(key, _)| *key != "RequestType") {
            inner.set(key, value.clone());
        }
        Value::Dict(Dict::new().with("Command", inner).with("CommandUUID", self.uuid.as_str())).to_xml()
    }
}
