//! Logout tokens: a session at the provider is over.

use serde_json::Value;

use crate::{Claims, Keys, Refusal, jws};

const EVENT: &str = "http://schemas.openid.net/event/backchannel-logout";

/// What is over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Logout {
    /// Unique among the tokens of this issuer.
    pub id: String,
    /// Whose sessions; empty when only one is named.
    pub subject: String,
    /// Which session; empty when all of the subject are meant.
    pub session: String,
    /// When it was made, seconds since 1970.
    pub made_at: i64,
}

/// Verifies and checks a logout token; `now` in seconds since 1970. Whether it was seen before is for the caller to
/// know, by its id.
///
/// # Errors
/// [`Refusal`], for the first check that fails.
pub fn logout_token(
    token: &str,
    keys: &Keys,
    issuer: &str,
    client_id: &str,
    now: i64,
) -> Result<Logout, Refusal> {
    let claims = Claims(jws::verify(token, keys, &["jwt", "logout+jwt"])?.claims);
    let event = claims.get("events").and_then(|events| events.get(EVENT)).is_some_and(Value::is_object);
    if !event || claims.get("nonce").is_some() {
        return Err(Refusal::Kind);
    }
    claims.check_issuer(issuer)?;
    claims.check_audience(client_id)?;
    claims.check_times(now)?;
    let optional = |name: &str| match claims.get(name) {
        None => Ok(String::new()),
        Some(Value::String(text)) if (1..=255).contains(&text.len()) => Ok(text.clone()),
        Some(_) => Err(Refusal::Subject),
    };
    let (subject, session) = (optional("sub")?, optional("sid")?);
    if subject.is_empty() && session.is_empty() {
        return Err(Refusal::Subject);
    }
    let id = optional("jti").ok().filter(|id| !id.is_empty()).ok_or(Refusal::Form)?;
    let made_at = claims.get("iat").and_then(Value::as_i64).unwrap_or_default();
    Ok(Logout { id, subject, session, made_at })
}
