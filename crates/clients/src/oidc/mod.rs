//! Identity providers by OpenID Connect: discovery, keys, redeeming a code, the claims of a user.
//!
//! Everything goes through the guarded client ([`crate::https`]); nothing that a provider says here is believed before
//! `wire-jose` has verified the tokens. What is fetched is bounded in size and time.

mod exchange;
mod metadata;

pub use exchange::{Redeemed, Redemption, keys, redeem, userinfo};
pub use metadata::{Metadata, discover};

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use rustls::ClientConfig;

use crate::https::{self, HttpsError, Question};
use crate::outbound::Reach;

/// Time for one exchange with a provider.
const PATIENCE: Duration = Duration::from_secs(10);
/// Largest answer that is read, bytes.
const MOST: usize = 256 << 10;

/// What goes wrong with a provider, in words for whoever set it up.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ProviderError {
    /// It could not be asked.
    #[error("{0}")]
    Https(#[from] HttpsError),
    /// It answers, but not with what it should.
    #[error("{0}")]
    Answer(String),
    /// It refuses; the error code it gave.
    #[error("the provider refuses: {0}")]
    Refused(String),
}

/// How providers are reached and whose certificates are believed.
#[derive(Debug, Clone)]
pub struct Way {
    /// Which addresses may be connected to.
    pub reach: Reach,
    /// Certificates.
    pub trust: Arc<ClientConfig>,
}

impl Way {
    async fn get(&self, url: &str, bearer: Option<&str>) -> Result<Bytes, ProviderError> {
        let mut headers = json_wanted();
        if let Some(token) = bearer {
            let value = format!("Bearer {token}").parse::<HeaderValue>();
            let mut value =
                value.map_err(|_| ProviderError::Answer("The access token cannot be sent.".into()))?;
            value.set_sensitive(true);
            headers.insert(header::AUTHORIZATION, value);
        }
        self.ask(Method::GET, url, headers, Bytes::new()).await
    }

    async fn ask(
        &self,
        method: Method,
        url: &str,
        headers: HeaderMap,
        body: Bytes,
    ) -> Result<Bytes, ProviderError> {
        let question = Question { method, url, headers, body, most: MOST, patience: PATIENCE };
        let (status, body) = https::ask(question, &self.reach, &self.trust).await?;
        if status == StatusCode::OK {
            return Ok(body);
        }
        match error_code(&body) {
            Some(code) => Err(ProviderError::Refused(code)),
            None => Err(ProviderError::Answer(format!("{url} answers {status}."))),
        }
    }
}

fn json_wanted() -> HeaderMap {
    HeaderMap::from_iter([(header::ACCEPT, HeaderValue::from_static("application/json"))])
}

/// The `error` of a refusal, if it is one of the short codes that the specifications have.
fn error_code(body: &[u8]) -> Option<String> {
    let body: serde_json::Value = serde_json::from_slice(body).ok()?;
    let code = body.get("error")?.as_str()?;
    let short = code.len() <= 64 && code.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-');
    short.then(|| code.to_owned())
}
