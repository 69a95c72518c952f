//! Handing mail to an SMTP server.
//!
//! TLS from the first byte or STARTTLS, never without unless the server is on this host; the certificate is always
//! checked. The protocol is lettre's, the connection our own: its address is checked before it is used
//! ([`crate::outbound`]), what the server may send is bounded, and so is the time it may take.

mod letter;
mod stream;

use std::sync::Arc;
use std::time::Duration;

use domain::model::SmtpSecurity;
use lettre::transport::smtp::authentication::{Credentials, Mechanism};
use lettre::transport::smtp::client::{AsyncSmtpConnection, Certificate, CertificateStore, TlsParameters};
use lettre::transport::smtp::extension::ClientId;
use rustls::pki_types::ServerName;

use crate::outbound::{OutboundError, Reach};
use crate::trust;
pub use letter::{File, Letter};
use stream::Bounded;

/// Time for one whole exchange, unless a relay says otherwise.
pub const PATIENCE: Duration = Duration::from_mins(1);

/// An SMTP server ready to be asked.
pub struct Relay {
    /// Name or address.
    pub host: String,
    /// Port.
    pub port: u16,
    /// Protection.
    pub security: SmtpSecurity,
    /// Roots in PEM form; empty: the public authorities.
    pub roots: String,
    /// Name and password.
    pub credentials: Option<(String, String)>,
    /// Where it may be.
    pub reach: Reach,
    /// Time for one whole exchange.
    pub patience: Duration,
}

/// Why a mail was not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SmtpError {
    /// The server is not as it was set up: address, certificate, credentials, protection. No mail goes through it.
    #[error("{0}")]
    Setup(String),
    /// The server cannot be reached, hangs or makes no sense. Later it may be better.
    #[error("{0}")]
    Away(String),
    /// It does not take this mail now, in its own words.
    #[error("the server says: {0}")]
    NotNow(String),
    /// It will never take this mail, in its own words.
    #[error("the server refuses it: {0}")]
    Refused(String),
}

impl From<OutboundError> for SmtpError {
    fn from(error: OutboundError) -> Self {
        match error {
            OutboundError::Internal(..) => SmtpError::Setup(error.to_string()),
            OutboundError::Unknown(..) | OutboundError::Unreachable(..) => SmtpError::Away(error.to_string()),
        }
    }
}

/// Hands a mail over; answers the server's words.
///
/// # Errors
/// [`SmtpError`].
pub async fn send(relay: &Relay, letter: &Letter<'_>) -> Result<String, SmtpError> {
    let message = letter.message().map_err(SmtpError::Refused)?;
    within(relay.patience, async {
        let mut connection = open(relay).await?;
        let taken = connection.send(message.envelope(), &message.formatted()).await.map_err(of_mail);
        if taken.is_ok() {
            // The mail is theirs; how the goodbye goes does not matter.
            let _ = connection.quit().await;
        }
        let words: Vec<String> = taken?.message().map(str::to_owned).collect();
        Ok(short(&words.join(" ")))
    })
    .await
}

/// Connects, protects, signs in, and says goodbye.
///
/// # Errors
/// As [`send`].
pub async fn test(relay: &Relay) -> Result<(), SmtpError> {
    within(relay.patience, async {
        let mut connection = open(relay).await?;
        let _ = connection.quit().await;
        Ok(())
    })
    .await
}

async fn within<T>(
    patience: Duration,
    exchange: impl Future<Output = Result<T, SmtpError>>,
) -> Result<T, SmtpError> {
    let late = || Err(SmtpError::Away("The server does not answer in time.".into()));
    tokio::time::timeout(patience, exchange).await.unwrap_or_else(|_| late())
}

async fn open(relay: &Relay) -> Result<AsyncSmtpConnection, SmtpError> {
    let tcp = relay.reach.connect(&relay.host, relay.port).await?;
    let peer = tcp.peer_addr().map_err(|error| SmtpError::Away(error.to_string()))?;
    let hello = ClientId::default();
    let mut connection = match relay.security {
        SmtpSecurity::Plain if !peer.ip().to_canonical().is_loopback() => {
            return Err(SmtpError::Setup(format!(
                "Without TLS mail goes to this host only, and {} is {}.",
                relay.host,
                peer.ip()
            )));
        }
        SmtpSecurity::Plain | SmtpSecurity::Starttls => {
            AsyncSmtpConnection::connect_with_transport(Box::new(Bounded::new(tcp, peer)), &hello).await
        }
        SmtpSecurity::Tls => {
            let tls = handshake(relay, tcp).await?;
            AsyncSmtpConnection::connect_with_transport(Box::new(Bounded::new(tls, peer)), &hello).await
        }
    }
    .map_err(|error| of_connection(relay, &error))?;
    if relay.security == SmtpSecurity::Starttls {
        if !connection.can_starttls() {
            return Err(SmtpError::Setup("The server does not offer STARTTLS.".into()));
        }
        let started = connection.starttls(parameters(relay)?, &hello).await;
        started.map_err(|error| of_connection(relay, &error))?;
    }
    if let Some((name, password)) = &relay.credentials {
        let credentials = Credentials::new(name.clone(), password.clone());
        let mechanisms = [Mechanism::Plain, Mechanism::Login];
        connection.auth(&mechanisms, &credentials).await.map_err(|error| match error.status() {
            Some(code) if error.is_permanent() => {
                SmtpError::Setup(format!("The server refuses the user name or password ({code})."))
            }
            Some(_) => {
                SmtpError::Away(format!("The server cannot check the password now: {}.", said(&error)))
            }
            None if error.is_client() => {
                SmtpError::Setup("The server does not offer to sign in with a password.".into())
            }
            None => of_connection(relay, &error),
        })?;
    }
    Ok(connection)
}

async fn handshake(
    relay: &Relay,
    tcp: tokio::net::TcpStream,
) -> Result<tokio_rustls::client::TlsStream<tokio::net::TcpStream>, SmtpError> {
    let config = if relay.roots.trim().is_empty() { trust::public() } else { trust::pinned(&relay.roots) };
    let config = config.map_err(|why| SmtpError::Setup(format!("The root certificates: {why}.")))?;
    let name = ServerName::try_from(relay.host.clone())
        .map_err(|_| SmtpError::Setup(format!("{} cannot be in a certificate.", relay.host)))?;
    let connected = tokio_rustls::TlsConnector::from(Arc::clone(&config)).connect(name, tcp).await;
    connected.map_err(|error| of_tls(&error.to_string()))
}

fn parameters(relay: &Relay) -> Result<TlsParameters, SmtpError> {
    let builder = TlsParameters::builder(relay.host.clone());
    let builder = if relay.roots.trim().is_empty() {
        builder.certificate_store(CertificateStore::WebpkiRoots)
    } else {
        let roots = Certificate::from_pem(relay.roots.as_bytes());
        let roots = roots.map_err(|error| SmtpError::Setup(format!("The root certificates: {error}.")))?;
        builder.certificate_store(CertificateStore::None).add_root_certificate(roots)
    };
    builder.build_rustls().map_err(|error| SmtpError::Setup(format!("TLS: {error}.")))
}

/// A certificate that is not believed is for an administrator; a broken handshake may pass.
fn of_tls(error: &str) -> SmtpError {
    if error.contains("certificate") {
        return SmtpError::Setup(format!(
            "The certificate is not accepted: {error}. Check its name, its dates and the trusted roots."
        ));
    }
    SmtpError::Away(format!(
        "The TLS handshake failed: {error}. Port 465 begins with TLS, 587 and 25 want STARTTLS."
    ))
}

fn of_connection(relay: &Relay, error: &lettre::transport::smtp::Error) -> SmtpError {
    let said = said(error);
    if said.contains("certificate") || error.is_tls() {
        return of_tls(&said);
    }
    if relay.security == SmtpSecurity::Tls {
        return SmtpError::Away(format!("The server does not speak SMTP behind TLS: {said}."));
    }
    SmtpError::Away(format!("The server does not speak SMTP as it should: {said}."))
}

fn of_mail(error: lettre::transport::smtp::Error) -> SmtpError {
    let said = said(&error);
    match (error.is_permanent(), error.is_transient()) {
        (true, _) => SmtpError::Refused(said),
        (_, true) => SmtpError::NotNow(said),
        _ => SmtpError::Away(format!("The connection was lost: {said}.")),
    }
}

/// An error with what lies beneath it, in one line.
fn said(error: &lettre::transport::smtp::Error) -> String {
    let mut words = error.to_string();
    let mut source = std::error::Error::source(error);
    while let Some(cause) = source {
        let cause_words = cause.to_string();
        if !words.contains(&cause_words) {
            words = format!("{words}: {cause_words}");
        }
        source = cause.source();
    }
    short(&words)
}

/// What a server says is shown to administrators: one line of bounded length.
fn short(words: &str) -> String {
    domain::mail::Line::from(words).as_str().trim_end_matches('.').to_owned()
}
