//! The payload by which a device gets its identity (`com.apple.security.scep`).

use super::Payload;
use crate::plist::{Dict, Value};

/// The payload.
#[derive(Clone, PartialEq, Eq)]
pub struct Scep {
    /// `URL`.
    pub url: String,
    /// `Name`: the authority's, sent back as `message`.
    pub name: String,
    /// `Subject`: parts of the name that the device asks for, such as `("CN", "device")`. The authority ignores it.
    pub subject: Vec<(String, String)>,
    /// `Challenge`: a secret.
    pub challenge: String,
    /// `Keysize`: 2048 or 4096. (Apple's default is 1024.)
    pub key_size: u16,
    /// `CAFingerprint`: SHA-256 (or SHA-1) of the authority's certificate.
    pub fingerprint: Option<Vec<u8>>,
}

impl std::fmt::Debug for Scep {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Scep").field("url", &self.url).field("challenge", &"…").finish_non_exhaustive()
    }
}

impl Scep {
    /// The payload, under these names.
    pub fn payload(&self, identifier: &str, uuid: &str, display_name: &str) -> Payload {
        let part = |(kind, value): &(String, String)| {
            let pair = vec![Value::from(kind.as_str()), Value::from(value.as_str())];
            Value::Array(vec![Value::Array(pair)])
        };
        let subject: Vec<Value> = self.subject.iter().map(part).collect();
        let content = Dict::new()
            .with("URL", self.url.as_str())
            .with("Name", self.name.as_str())
            .with("Subject", subject)
            .with("Challenge", self.challenge.as_str())
            .with("Keysize", i64::from(self.key_size))
            .with("Key Type", "RSA")
            .with("Key Usage", 5)
            .with("Retries", 3)
            .with("RetryDelay", 10)
            .with("KeyIsExtractable", false)
            .with_some("CAFingerprint", self.fingerprint.clone());
        Payload {
            kind: "com.apple.security.scep".to_owned(),
            identifier: identifier.to_owned(),
            uuid: uuid.to_owned(),
            display_name: display_name.to_owned(),
            body: Dict::new().with("PayloadContent", content),
        }
    }
}
