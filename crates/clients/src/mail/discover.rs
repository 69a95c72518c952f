//! Autodiscover towards a mail server: where a user's mailbox really is (MS-OXDSCLI).

use std::time::Duration;

use http::{HeaderValue, Method, StatusCode, header};
use transport::{Body, Upstreams};
use wire_eas::autodiscover::pox::{Answer, MAX_DOCUMENT, MOBILE_SCHEMA, Request, User};

use super::{MailError, MailServer, Place};

/// Redirects of all kinds that are followed.
const HOPS: usize = 10;
/// For one answer.
const PATIENCE: Duration = Duration::from_secs(20);

/// What the mail server knows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Discovered {
    /// The user's ActiveSync address, already guarded.
    pub url: Option<String>,
    /// Name and address as the server writes them.
    pub user: User,
}

/// Asks the server's Autodiscover, following its redirects as far as they may lead.
///
/// # Errors
/// [`MailError::Unauthenticated`] for 401; everything else as it comes.
pub async fn discover(
    upstreams: &Upstreams,
    mail: &MailServer,
    email: &str,
    authorization: &HeaderValue,
) -> Result<Discovered, MailError> {
    let mut place = mail.guarded(&address(mail)).await?;
    let mut email = email.to_owned();
    for _ in 0..HOPS {
        let answer = ask(upstreams, &place, &email, authorization).await?;
        match answer.status {
            StatusCode::OK => {}
            StatusCode::UNAUTHORIZED => return Err(MailError::Unauthenticated),
            status if status.is_redirection() => {
                let to =
                    answer.headers.get(header::LOCATION).and_then(|v| v.to_str().ok()).unwrap_or_default();
                place = mail.guarded(to).await?;
                continue;
            }
            status => {
                return Err(MailError::Answer(format!("Autodiscover answered HTTP {}", status.as_u16())));
            }
        }
        if answer.headers.get(header::CONTENT_ENCODING).is_some_and(|v| v != "identity") {
            return Err(MailError::Answer("Autodiscover answered in a coding that was not asked for".into()));
        }
        let body = answer.body.collect(MAX_DOCUMENT).await?;
        let parsed = Answer::parse(&body).map_err(|why| MailError::Answer(format!("Autodiscover: {why}")))?;
        match parsed {
            Answer::Redirect { email: other, .. } => email = other,
            Answer::RedirectUrl(url) => place = mail.guarded(&url).await?,
            Answer::Error { message, .. } | Answer::Framework { message, .. } => {
                return Err(MailError::Answer(format!("Autodiscover: {message}")));
            }
            settings @ Answer::Settings { .. } => {
                let url = match settings.activesync_url() {
                    Some(url) => Some(mail.guarded(url).await?.url),
                    None => None,
                };
                let Answer::Settings { user, .. } = settings else { return Err(MailError::TooManyRedirects) };
                return Ok(Discovered { url, user });
            }
        }
    }
    Err(MailError::TooManyRedirects)
}

/// The configured address, or the usual one on the server's host.
pub(super) fn address(mail: &MailServer) -> String {
    let configured = &mail.server().autodiscover_url;
    if !configured.is_empty() {
        return configured.clone();
    }
    let home = mail.address();
    let scheme = if home.tls { "https" } else { "http" };
    let host = if home.host.contains(':') { format!("[{}]", home.host) } else { home.host.clone() };
    format!("{scheme}://{host}:{}/autodiscover/autodiscover.xml", home.port)
}

async fn ask(
    upstreams: &Upstreams,
    place: &Place,
    email: &str,
    authorization: &HeaderValue,
) -> Result<transport::UpstreamResponse, MailError> {
    let question = Request { email: email.to_owned(), schema: MOBILE_SCHEMA.to_owned() };
    let request = http::Request::builder()
        .method(Method::POST)
        .uri(&place.path)
        .header(header::AUTHORIZATION, authorization)
        .header(header::CONTENT_TYPE, "text/xml; charset=utf-8")
        .header(header::ACCEPT_ENCODING, "identity")
        .body(Body::full(question.encode()))
        .map_err(|error| MailError::Answer(error.to_string()))?;
    Ok(upstreams.exchange(&place.origin, request, PATIENCE).await?)
}
