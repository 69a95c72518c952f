//! Posting to addresses that somebody else named: by TLS, to a checked address, without following redirects.

use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};

use crate::https::{self, HttpsError, Question};
use crate::outbound::Reach;
use crate::trust;

/// Time for one whole exchange, unless told otherwise.
pub const PATIENCE: Duration = Duration::from_secs(20);

/// Bytes of an answer that are read; what it says does not matter.
const MOST: usize = 64 << 10;

/// Why a delivery failed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WebhookError {
    /// The address is none that may be posted to.
    #[error("{0}")]
    Address(String),
    /// Nobody was reached, the certificate is not accepted, or the answer did not come.
    #[error("{0}")]
    Away(String),
    /// An answer that is not 2xx. Redirects are not followed.
    #[error("the receiver answers {0}")]
    Status(u16),
}

impl From<HttpsError> for WebhookError {
    fn from(error: HttpsError) -> Self {
        match error {
            HttpsError::Address(why) => Self::Address(why),
            HttpsError::Away(why) => Self::Away(why),
        }
    }
}

/// Whether an address may be posted to, as [`https::address`] reads it.
///
/// # Errors
/// [`WebhookError::Address`] in words.
pub fn check_address(url: &str) -> Result<(), WebhookError> {
    Ok(https::address(url).map(drop)?)
}

/// Posts JSON; done when the answer is 2xx. Answers the status.
///
/// # Errors
/// [`WebhookError`].
pub async fn post(
    url: &str,
    reach: &Reach,
    headers: &[(&'static str, String)],
    body: Bytes,
    patience: Duration,
) -> Result<StatusCode, WebhookError> {
    let mut sent =
        HeaderMap::from_iter([(header::CONTENT_TYPE, HeaderValue::from_static("application/json"))]);
    for (name, value) in headers {
        let value = HeaderValue::from_str(value).map_err(|error| WebhookError::Address(error.to_string()))?;
        sent.insert(HeaderName::from_static(name), value);
    }
    let trust = trust::public().map_err(WebhookError::Away)?;
    let question = Question { method: Method::POST, url, headers: sent, body, most: MOST, patience };
    match https::ask(question, reach, &trust).await? {
        (status, _) if status.is_success() => Ok(status),
        (status, _) => Err(WebhookError::Status(status.as_u16())),
    }
}
