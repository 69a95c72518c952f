//! What the script of a page sends back, and which page it was.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Deserializer};

use crate::Engine;

/// Bytes of an answer that are read.
const LARGEST: usize = 64 << 10;

/// Bytes in base64url.
#[derive(Debug, Default)]
pub(super) struct Bytes(pub(super) Vec<u8>);

impl<'de> Deserialize<'de> for Bytes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        URL_SAFE_NO_PAD.decode(text).map(Self).map_err(serde::de::Error::custom)
    }
}

/// A passkey was used.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Used {
    pub(super) ticket: String,
    /// The credential, base64url.
    pub(super) id: String,
    pub(super) client_data: Bytes,
    pub(super) authenticator_data: Bytes,
    pub(super) signature: Bytes,
    /// The handle of the account, as the authenticator remembers it.
    #[serde(default)]
    pub(super) user: Bytes,
}

/// A passkey was made.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Made {
    pub(super) ticket: String,
    pub(super) client_data: Bytes,
    pub(super) attestation: Bytes,
}

/// Reads an answer; `None` for what is none.
pub(super) fn read<'t, T: Deserialize<'t>>(text: &'t str) -> Option<T> {
    (text.len() <= LARGEST).then(|| serde_json::from_str(text).ok()).flatten()
}

/// The page that client data are from: its origin and its domain.
pub(super) struct Page {
    pub(super) origin: String,
    pub(super) domain: String,
}

/// The page, if it is one of this server's: by TLS, under one of its names, whatever the port (the console may have a
/// listener of its own). Without any configured name it is `localhost`.
pub(super) fn page(engine: &Engine, client_data: &[u8]) -> Option<Page> {
    #[derive(Deserialize)]
    struct Origin {
        origin: String,
    }
    let Origin { origin } = serde_json::from_slice(client_data).ok()?;
    let authority = origin.strip_prefix("https://")?;
    let domain = authority.split_once(':').map_or(authority, |(host, _)| host).to_owned();
    let port = authority.strip_prefix(domain.as_str())?;
    let port_is_good = port.is_empty() || port[1..].parse::<u16>().is_ok();
    let names = &engine.surroundings.read().names;
    let ours = if names.is_empty() { domain == "localhost" } else { names.contains(&domain) };
    let ours = ours || engine.directory.by_host(&domain).is_some();
    (ours && port_is_good).then_some(Page { origin, domain })
}
