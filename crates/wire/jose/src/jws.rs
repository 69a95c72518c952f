//! The compact form of a signed token (RFC 7515): verified first, then read.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value};

use crate::keys::Algorithm;
use crate::{Keys, LONGEST, Refusal, json};

/// A token whose signature was right.
pub(crate) struct Verified {
    pub(crate) algorithm: Algorithm,
    pub(crate) claims: Map<String, Value>,
}

/// Verifies. `kinds`: what its header may say under `typ`; it may also say nothing.
pub(crate) fn verify(token: &str, keys: &Keys, kinds: &[&str]) -> Result<Verified, Refusal> {
    if token.len() > LONGEST {
        return Err(Refusal::Form);
    }
    let mut parts = token.split('.');
    let (Some(header), Some(payload), Some(signature), None) =
        (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return Err(Refusal::Form);
    };
    let decode = |part: &str| URL_SAFE_NO_PAD.decode(part).map_err(|_| Refusal::Form);
    let head = json::object(&decode(header)?).ok_or(Refusal::Form)?;
    let name = head.get("alg").and_then(Value::as_str).unwrap_or_default();
    let algorithm = Algorithm::read(name).ok_or(Refusal::Algorithm)?;
    let kind_is_good = match head.get("typ") {
        None => true,
        Some(Value::String(kind)) => {
            let kind = kind.to_ascii_lowercase();
            kinds.contains(&kind.strip_prefix("application/").unwrap_or(&kind))
        }
        Some(_) => false,
    };
    // What is marked as critical must be understood, and there is nothing that we do; nor are there tokens in tokens.
    if !kind_is_good || ["crit", "cty", "b64", "enc", "zip"].iter().any(|name| head.contains_key(*name)) {
        return Err(Refusal::Kind);
    }
    let id = match head.get("kid") {
        None => None,
        Some(Value::String(id)) => Some(id.as_str()),
        Some(_) => return Err(Refusal::Form),
    };
    let signed = &token.as_bytes()[..header.len() + 1 + payload.len()];
    match keys.verify(algorithm, name, id, signed, &decode(signature)?) {
        (false, _) => Err(Refusal::UnknownKey),
        (true, false) => Err(Refusal::Signature),
        (true, true) => {
            let claims = json::object(&decode(payload)?).ok_or(Refusal::Form)?;
            Ok(Verified { algorithm, claims })
        }
    }
}
