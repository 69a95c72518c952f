//! Keys, codes and claims.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::{HeaderMap, HeaderValue, Method, header};
use serde::Deserialize;
use wire_jose::Keys;

use super::{Metadata, ProviderError, Way, json_wanted};

/// Fetches the keys of a provider.
///
/// # Errors
/// [`ProviderError`]; also when none of them can be used.
pub async fn keys(metadata: &Metadata, way: &Way) -> Result<Keys, ProviderError> {
    let body = way.get(&metadata.jwks_uri, None).await?;
    let keys = Keys::parse(&body).map_err(|error| ProviderError::Answer(error.to_string()))?;
    if keys.is_empty() {
        return Err(ProviderError::Answer("The provider publishes no key that we accept.".into()));
    }
    Ok(keys)
}

/// What a code is redeemed with.
pub struct Redemption<'a> {
    /// Our client id.
    pub client_id: &'a str,
    /// Our secret; `None` for a public client.
    pub secret: Option<&'a str>,
    /// The code.
    pub code: &'a str,
    /// The verifier of PKCE (RFC 7636).
    pub verifier: &'a str,
    /// The address that the code was sent to.
    pub redirect_uri: &'a str,
}

/// What a code was redeemed for. Not believed yet.
#[derive(Deserialize)]
pub struct Redeemed {
    /// The ID token.
    pub id_token: String,
    /// The access token, if one came.
    #[serde(default)]
    pub access_token: Option<String>,
}

/// Redeems a code.
///
/// # Errors
/// [`ProviderError`].
pub async fn redeem(
    metadata: &Metadata,
    redemption: &Redemption<'_>,
    way: &Way,
) -> Result<Redeemed, ProviderError> {
    let (headers, form) = proven(metadata, redemption)?;
    let body = way.ask(Method::POST, &metadata.token_endpoint, headers, form.into()).await?;
    serde_json::from_slice(&body).map_err(|_| {
        ProviderError::Answer(
            "The provider gave no ID token. Is the scope openid allowed for this client?".into(),
        )
    })
}

/// The question in the form in which this provider lets a client prove itself.
fn proven(metadata: &Metadata, redemption: &Redemption<'_>) -> Result<(HeaderMap, String), ProviderError> {
    let Redemption { client_id, secret, code, verifier, redirect_uri } = *redemption;
    let mut form = form_urlencoded::Serializer::new(String::new());
    form.extend_pairs([
        ("grant_type", "authorization_code"),
        ("code", code),
        ("redirect_uri", redirect_uri),
        ("code_verifier", verifier),
    ]);
    let mut headers = json_wanted();
    let kind = HeaderValue::from_static("application/x-www-form-urlencoded");
    headers.insert(header::CONTENT_TYPE, kind);
    let methods = metadata.token_endpoint_auth_methods_supported.as_deref();
    let by_basic = methods.is_none_or(|all| all.iter().any(|method| method == "client_secret_basic"));
    match secret {
        Some(secret) if by_basic => {
            // RFC 6749, 2.3.1: both halves are form-encoded first.
            let encode = |text: &str| form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
            let pair = STANDARD.encode(format!("{}:{}", encode(client_id), encode(secret)));
            let value = HeaderValue::from_str(&format!("Basic {pair}"));
            let mut value = value.map_err(|error| ProviderError::Answer(error.to_string()))?;
            value.set_sensitive(true);
            headers.insert(header::AUTHORIZATION, value);
        }
        Some(secret) => {
            form.append_pair("client_id", client_id).append_pair("client_secret", secret);
        }
        None => {
            form.append_pair("client_id", client_id);
        }
    }
    Ok((headers, form.finish()))
}

/// What the provider says of whom an access token belongs to. To be believed only if its `sub` is that of the ID token.
///
/// # Errors
/// [`ProviderError`].
pub async fn userinfo(
    url: &str,
    access_token: &str,
    way: &Way,
) -> Result<serde_json::Map<String, serde_json::Value>, ProviderError> {
    let body = way.get(url, Some(access_token)).await?;
    serde_json::from_slice(&body).map_err(|_| {
        ProviderError::Answer("The claims of the user are not JSON: signed ones are not read.".into())
    })
}
