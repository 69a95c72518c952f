//! ID tokens: who has just signed in.

use serde_json::Value;

use crate::{Claims, Keys, Refusal, jws};

/// What an ID token must say.
#[derive(Debug, Clone, Copy)]
pub struct ExpectedId<'a> {
    /// The provider's issuer, letter for letter.
    pub issuer: &'a str,
    /// Our client id there.
    pub client_id: &'a str,
    /// What the sign-in was begun with.
    pub nonce: &'a str,
    /// The access token that came with it, if one came.
    pub access_token: Option<&'a str>,
    /// Now, seconds since 1970.
    pub now: i64,
}

/// Verifies and checks an ID token.
///
/// # Errors
/// [`Refusal`], for the first check that fails.
pub fn id_token(token: &str, keys: &Keys, expected: &ExpectedId<'_>) -> Result<Claims, Refusal> {
    let verified = jws::verify(token, keys, &["jwt"])?;
    let claims = Claims(verified.claims);
    // A logout token is signed with the same keys for the same client.
    if claims.get("events").is_some() {
        return Err(Refusal::Kind);
    }
    claims.check_issuer(expected.issuer)?;
    claims.check_audience(expected.client_id)?;
    claims.check_times(expected.now)?;
    if expected.nonce.is_empty() || claims.text("nonce") != Some(expected.nonce) {
        return Err(Refusal::Nonce);
    }
    claims.check_subject()?;
    let hash = expected.access_token.map(|token| verified.algorithm.half_hash(token));
    match (claims.get("at_hash"), hash) {
        (None, _) => {}
        (Some(Value::String(said)), Some(hash)) if *said == hash => {}
        _ => return Err(Refusal::AccessToken),
    }
    Ok(claims)
}
