//! What the browser signed for: `CollectedClientData` (WebAuthn Level 3, 5.8.1).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;
use sha2::{Digest, Sha256};

use crate::{Expected, Refusal};

/// More is nobody's client data.
const LONGEST: usize = 4096;

/// Which question an answer belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ceremony {
    /// A passkey is registered.
    Create,
    /// A passkey is used.
    Get,
}

#[derive(Deserialize)]
struct ClientData {
    #[serde(rename = "type")]
    kind: String,
    challenge: String,
    origin: String,
    #[serde(rename = "crossOrigin", default)]
    cross_origin: bool,
    #[serde(rename = "topOrigin", default)]
    top_origin: Option<String>,
}

/// Checks kind, challenge and origin. Members that we do not know are the browser's business: it must be able to add
/// some.
pub(crate) fn check(bytes: &[u8], ceremony: Ceremony, expected: &Expected<'_>) -> Result<(), Refusal> {
    if bytes.len() > LONGEST {
        return Err(Refusal::ClientData);
    }
    let data: ClientData = serde_json::from_slice(bytes).map_err(|_| Refusal::ClientData)?;
    let kind = match ceremony {
        Ceremony::Create => "webauthn.create",
        Ceremony::Get => "webauthn.get",
    };
    if data.kind != kind {
        return Err(Refusal::Kind);
    }
    let challenge = URL_SAFE_NO_PAD.decode(&data.challenge).map_err(|_| Refusal::Challenge)?;
    if challenge != expected.challenge {
        return Err(Refusal::Challenge);
    }
    if data.origin != expected.origin || data.cross_origin || data.top_origin.is_some() {
        return Err(Refusal::Origin);
    }
    Ok(())
}

/// The hash of them that is part of what is signed.
pub(crate) fn hash(bytes: &[u8]) -> [u8; 32] {
    Sha256::digest(bytes).into()
}
