//! What a provider says of itself (OpenID Connect Discovery 1.0).

use serde::Deserialize;

use super::{ProviderError, Way};
use crate::https;

/// The part of the discovery document that is used.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Metadata {
    /// Its name for itself, which its tokens carry.
    pub issuer: String,
    /// Where browsers are sent.
    pub authorization_endpoint: String,
    /// Where codes are redeemed.
    pub token_endpoint: String,
    /// Where its keys are.
    pub jwks_uri: String,
    /// Where more claims are, if anywhere.
    #[serde(default)]
    pub userinfo_endpoint: Option<String>,
    /// Where a browser ends its session there, if anywhere.
    #[serde(default)]
    pub end_session_endpoint: Option<String>,
    /// How a client may prove itself; nothing said means by HTTP Basic.
    #[serde(default)]
    pub token_endpoint_auth_methods_supported: Option<Vec<String>>,
    /// Whether answers name their issuer (RFC 9207).
    #[serde(default)]
    pub authorization_response_iss_parameter_supported: bool,
}

/// Fetches the document of an issuer.
///
/// # Errors
/// [`ProviderError`]; also when the document is another issuer's.
pub async fn discover(issuer: &str, way: &Way) -> Result<Metadata, ProviderError> {
    let url = format!("{}/.well-known/openid-configuration", issuer.trim_end_matches('/'));
    let body = way.get(&url, None).await?;
    let found: Metadata = serde_json::from_slice(&body)
        .map_err(|error| ProviderError::Answer(format!("{url} is no discovery document: {error}.")))?;
    if found.issuer != issuer {
        return Err(ProviderError::Answer(format!(
            "The document there is of the issuer {}. Enter the issuer exactly as it writes itself.",
            found.issuer.chars().take(300).collect::<String>()
        )));
    }
    let optional = [&found.userinfo_endpoint, &found.end_session_endpoint];
    let needed = [&found.authorization_endpoint, &found.token_endpoint, &found.jwks_uri];
    for endpoint in needed.into_iter().chain(optional.into_iter().flatten()) {
        https::address(endpoint).map_err(|_| {
            ProviderError::Answer("The document names an address that does not begin with https://.".into())
        })?;
    }
    Ok(found)
}
