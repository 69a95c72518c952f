//! One exchange with a web server that somebody else named: by TLS, to a checked address, with bounds on everything and
//! without following redirects.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, Request, StatusCode, header};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper_util::rt::TokioIo;
use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncWrite};

use crate::mail::Address;
use crate::outbound::{OutboundError, Reach};

/// Bytes of header lines that are read.
const HEADERS: usize = 64 << 10;

/// Why an exchange did not come about.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum HttpsError {
    /// The address is none that may be asked.
    #[error("{0}")]
    Address(String),
    /// Nobody was reached, the certificate is not accepted, or the answer did not come.
    #[error("{0}")]
    Away(String),
}

impl From<OutboundError> for HttpsError {
    fn from(error: OutboundError) -> Self {
        match error {
            OutboundError::Internal(..) => Self::Address(error.to_string()),
            OutboundError::Unknown(..) | OutboundError::Unreachable(..) => Self::Away(error.to_string()),
        }
    }
}

/// What is asked.
#[derive(Debug)]
pub struct Question<'a> {
    /// Method.
    pub method: Method,
    /// Where, as [`address`] reads it.
    pub url: &'a str,
    /// Headers besides host and user agent.
    pub headers: HeaderMap,
    /// Body.
    pub body: Bytes,
    /// Largest body of an answer, bytes.
    pub most: usize,
    /// Time for everything.
    pub patience: Duration,
}

/// Reads an address that may be asked: `https://host[:port]/path`, with a query if need be. `http://` is for servers on
/// this host that the operator allowed.
///
/// # Errors
/// [`HttpsError::Address`] in words.
pub fn address(url: &str) -> Result<(Address, String), HttpsError> {
    let wrong = |why: &str| HttpsError::Address(why.to_owned());
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

/// Asks, and reads the whole answer.
///
/// # Errors
/// [`HttpsError`]; also for an answer that is larger than it may be.
pub async fn ask(
    question: Question<'_>,
    reach: &Reach,
    trust: &Arc<ClientConfig>,
) -> Result<(StatusCode, Bytes), HttpsError> {
    let patience = question.patience;
    let late = || Err(HttpsError::Away("The server does not answer in time.".into()));
    tokio::time::timeout(patience, exchange(question, reach, trust)).await.unwrap_or_else(|_| late())
}

async fn exchange(
    question: Question<'_>,
    reach: &Reach,
    trust: &Arc<ClientConfig>,
) -> Result<(StatusCode, Bytes), HttpsError> {
    let (address, target) = address(question.url)?;
    let tcp = reach.connect(&address.host, address.port).await?;
    let usual = if address.tls { 443 } else { 80 };
    let bracketed =
        if address.host.contains(':') { format!("[{}]", address.host) } else { address.host.clone() };
    let authority = if address.port == usual { bracketed } else { format!("{bracketed}:{}", address.port) };
    let mut request = Request::builder()
        .method(question.method)
        .uri(target)
        .header(header::HOST, authority)
        .body(Full::new(question.body))
        .map_err(|error| HttpsError::Address(error.to_string()))?;
    request.headers_mut().insert(header::USER_AGENT, HeaderValue::from_static("NotifyMDM"));
    request.headers_mut().extend(question.headers);
    if !address.tls {
        return talk(tcp, request, question.most).await;
    }
    let name = ServerName::try_from(address.host.clone())
        .map_err(|_| HttpsError::Address(format!("{} cannot be in a certificate.", address.host)))?;
    let tls = tokio_rustls::TlsConnector::from(Arc::clone(trust)).connect(name, tcp).await;
    let tls = tls.map_err(|error| HttpsError::Away(format!("The TLS handshake failed: {error}.")))?;
    talk(tls, request, question.most).await
}

async fn talk<S>(
    stream: S,
    request: Request<Full<Bytes>>,
    most: usize,
) -> Result<(StatusCode, Bytes), HttpsError>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let away = |error: hyper::Error| HttpsError::Away(format!("The connection was lost: {error}."));
    let (mut sender, connection) = hyper::client::conn::http1::Builder::new()
        .max_buf_size(HEADERS)
        .handshake(TokioIo::new(stream))
        .await
        .map_err(away)?;
    let driven = tokio::spawn(connection);
    let answer = async {
        let answer = sender.send_request(request).await.map_err(away)?;
        let status = answer.status();
        let body = Limited::new(answer.into_body(), most).collect().await;
        let body = body.map_err(|error| HttpsError::Away(format!("The answer was not whole: {error}.")))?;
        Ok((status, body.to_bytes()))
    }
    .await;
    driven.abort();
    answer
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_addresses_that_may_be_asked_are_read() {
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
            assert!(matches!(address(bad), Err(HttpsError::Address(_))), "{bad:?}");
        }
        assert_eq!(address("https://h.example.com/a?b=c").expect("good").1, "/a?b=c");
    }
}
