//! Posting to addresses that somebody else named: by TLS, to a checked address, without following redirects.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderName, HeaderValue, Request, StatusCode, header};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper_util::rt::TokioIo;
use rustls::pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncWrite};

use crate::mail::Address;
use crate::outbound::{OutboundError, Reach};
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

impl From<OutboundError> for WebhookError {
    fn from(error: OutboundError) -> Self {
        match error {
            OutboundError::Internal(..) => Self::Address(error.to_string()),
            OutboundError::Unknown(..) | OutboundError::Unreachable(..) => Self::Away(error.to_string()),
        }
    }
}

/// Reads an address that may be posted to: `https://host[:port]/path`, with a query if need be. `http://` is for
/// receivers on this host that the operator allowed.
///
/// # Errors
/// [`WebhookError::Address`] in words.
pub fn address(url: &str) -> Result<(Address, String), WebhookError> {
    let wrong = |why: &str| WebhookError::Address(why.to_owned());
    let (without_query, query) = url.trim().split_once('?').map_or((url.trim(), None), |(u, q)| (u, Some(q)));
    let address = Address::parse(without_query)
        .map_err(|_| wrong("Enter an address such as https://hooks.example.com/notifymdm."))?;
    let target = query.map_or_else(|| address.path.clone(), |query| format!("{}?{query}", address.path));
    if url.len() > 1_000 || target.parse::<http::uri::PathAndQuery>().is_err() {
        return Err(wrong("Use an address of at most 1,000 characters."));
    }
    let loopback = address.host == "localhost"
        || address.host.parse::<std::net::IpAddr>().is_ok_and(|ip| ip.to_canonical().is_loopback());
    if !address.tls && !loopback {
        return Err(wrong("The address must begin with https://: what is sent is nobody else’s business."));
    }
    Ok((address, target))
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
    let late = || Err(WebhookError::Away("The receiver does not answer in time.".into()));
    tokio::time::timeout(patience, exchange(url, reach, headers, body)).await.unwrap_or_else(|_| late())
}

async fn exchange(
    url: &str,
    reach: &Reach,
    headers: &[(&'static str, String)],
    body: Bytes,
) -> Result<StatusCode, WebhookError> {
    let (address, target) = address(url)?;
    let tcp = reach.connect(&address.host, address.port).await?;
    let usual = if address.tls { 443 } else { 80 };
    let bracketed =
        if address.host.contains(':') { format!("[{}]", address.host) } else { address.host.clone() };
    let authority = if address.port == usual { bracketed } else { format!("{bracketed}:{}", address.port) };
    let mut request = Request::post(target)
        .header(header::HOST, authority)
        .header(header::CONTENT_TYPE, "application/json")
        .header(header::USER_AGENT, "NotifyMDM")
        .body(Full::new(body))
        .map_err(|error| WebhookError::Address(error.to_string()))?;
    for (name, value) in headers {
        let value = HeaderValue::from_str(value).map_err(|error| WebhookError::Address(error.to_string()))?;
        request.headers_mut().insert(HeaderName::from_static(name), value);
    }
    if !address.tls {
        return talk(tcp, request).await;
    }
    let away = |why: String| WebhookError::Away(why);
    let config = trust::public().map_err(away)?;
    let name = ServerName::try_from(address.host.clone())
        .map_err(|_| WebhookError::Address(format!("{} cannot be in a certificate.", address.host)))?;
    let tls = tokio_rustls::TlsConnector::from(Arc::clone(&config)).connect(name, tcp).await;
    talk(tls.map_err(|error| away(format!("The TLS handshake failed: {error}.")))?, request).await
}

async fn talk<S>(stream: S, request: Request<Full<Bytes>>) -> Result<StatusCode, WebhookError>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let away = |error: hyper::Error| WebhookError::Away(format!("The connection was lost: {error}."));
    let (mut sender, connection) = hyper::client::conn::http1::Builder::new()
        .max_buf_size(MOST)
        .handshake(TokioIo::new(stream))
        .await
        .map_err(away)?;
    let driven = tokio::spawn(connection);
    let answer = async {
        let answer = sender.send_request(request).await.map_err(away)?;
        let status = answer.status();
        // Read so that an honest receiver is not cut off; a boundless one is.
        let _ = Limited::new(answer.into_body(), MOST).collect().await;
        Ok::<_, WebhookError>(status)
    }
    .await;
    driven.abort();
    match answer? {
        status if status.is_success() => Ok(status),
        status => Err(WebhookError::Status(status.as_u16())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_addresses_that_may_be_posted_to_are_read() {
        for good in [
            "https://hooks.example.com",
            "https://h.example.com:8443/a/b?c=d",
            "http://127.0.0.1:9/x",
            "http://localhost/",
        ] {
            assert!(address(good).is_ok(), "{good}");
        }
        for bad in [
            "",
            "hooks.example.com",
            "http://hooks.example.com/",
            "ftp://h.example.com",
            "https://u:p@h.example.com/",
            "https://h.example.com/a b",
            "https://h.example.com/\r\nX: y",
        ] {
            assert!(matches!(address(bad), Err(WebhookError::Address(_))), "{bad:?}");
        }
        assert_eq!(address("https://h.example.com/a?b=c").expect("good").1, "/a?b=c");
    }
}
