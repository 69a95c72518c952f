//! The connection of one certificate, made when it is needed and made anew when it is lost.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use bytes::Bytes;
use h2::client::SendRequest;
use http::{HeaderMap, Method, Request, Version};
use parking_lot::Mutex;
use rustls::RootCertStore;
use rustls::pki_types::ServerName;
use tokio::sync::Semaphore;
use tokio::time::Instant;

use super::answer::{Answer, spread};
use super::{Outcome, Push, PushCertificate};
use crate::mail::Address;
use crate::outbound::{OutboundError, Reach};

/// Pushes of one certificate that are under way at once; Apple allows about a thousand streams.
const UNDER_WAY: usize = 4_000;
/// Time for TLS and the first frames.
const HANDSHAKE: Duration = Duration::from_secs(20);
/// Longest body of an answer that is read, bytes.
const BODY: usize = 4 << 10;
/// First and longest wait after connections that failed.
const WAITS: (Duration, Duration) = (Duration::from_secs(1), Duration::from_mins(5));

/// Why a push got no answer.
#[derive(Debug, thiserror::Error)]
pub(super) enum Lost {
    #[error("the push service does not answer in time")]
    Silent,
    #[error("the connection to the push service was lost: {0}")]
    Connection(String),
    #[error("the push service has no room for another push at the moment")]
    NoRoom,
    #[error("{0}")]
    Certificate(String),
    #[error("{0}")]
    Request(String),
}

impl Lost {
    fn outcome(&self, wait: Duration) -> Outcome {
        match self {
            Self::Certificate(words) => Outcome::Certificate(words.clone()),
            other => Outcome::Later(wait, other.to_string()),
        }
    }
}

/// A connection.
pub(super) struct Connection {
    sender: SendRequest<Bytes>,
    authority: String,
    /// Something was answered on it: it was good once.
    good: AtomicBool,
}

#[derive(Default)]
struct State {
    current: Option<Arc<Connection>>,
    failures: u32,
    not_before: Option<Instant>,
    why: Option<Outcome>,
}

/// What there is for one certificate.
pub(super) struct Line {
    pub permits: Semaphore,
    state: tokio::sync::Mutex<State>,
    used: Mutex<Instant>,
}

impl Line {
    pub fn new(now: Instant) -> Self {
        Self {
            permits: Semaphore::new(UNDER_WAY),
            state: tokio::sync::Mutex::default(),
            used: Mutex::new(now),
        }
    }

    pub fn touch(&self, now: Instant) {
        *self.used.lock() = now;
    }

    pub fn used(&self) -> Instant {
        *self.used.lock()
    }

    /// No push is under way.
    pub fn is_unused(&self) -> bool {
        self.permits.available_permits() == UNDER_WAY
    }

    /// The connection; a new one if there is none, unless the last ones failed a moment ago.
    pub async fn connection(
        &self,
        address: &Address,
        reach: &Reach,
        roots: &Arc<RootCertStore>,
        certificate: &PushCertificate,
    ) -> Result<Arc<Connection>, Outcome> {
        // Whoever comes while a connection is being made waits here for the same one.
        let mut state = self.state.lock().await;
        if let Some(connection) = &state.current {
            return Ok(Arc::clone(connection));
        }
        let now = Instant::now();
        if let Some(not_before) = state.not_before.filter(|at| *at > now) {
            let wait = not_before.duration_since(now);
            return Err(match &state.why {
                Some(Outcome::Certificate(words)) => Outcome::Certificate(words.clone()),
                Some(Outcome::Later(_, words)) => Outcome::Later(wait, words.clone()),
                _ => Outcome::Later(wait, "The connection to the push service was lost.".into()),
            });
        }
        let made =
            tokio::time::timeout(HANDSHAKE, Connection::open(address, reach, roots, certificate)).await;
        match made.unwrap_or(Err(Lost::Silent)) {
            Ok(connection) => {
                let connection = Arc::new(connection);
                state.current = Some(Arc::clone(&connection));
                Ok(connection)
            }
            Err(lost) => {
                let wait = state.failed(&certificate.id());
                let outcome = lost.outcome(wait);
                state.why = Some(outcome.clone());
                Err(outcome)
            }
        }
    }

    /// A push was answered on this connection.
    pub async fn answered(&self, connection: &Connection) {
        if !connection.good.swap(true, Ordering::Relaxed) {
            let mut state = self.state.lock().await;
            (state.failures, state.not_before, state.why) = (0, None, None);
        }
    }

    /// The connection is not used any more. One that never was good counts as one that could not be made.
    pub async fn lost(&self, connection: &Arc<Connection>, why: &Lost) {
        let mut state = self.state.lock().await;
        if state.current.as_ref().is_some_and(|current| Arc::ptr_eq(current, connection)) {
            state.current = None;
            if !connection.good.load(Ordering::Relaxed) {
                let wait = state.failed(connection.authority.as_bytes());
                state.why = Some(why.outcome(wait));
            }
        }
    }
}

impl State {
    /// One more failure; how long nobody tries again.
    fn failed(&mut self, by: &[u8]) -> Duration {
        let wait = spread((WAITS.0 * 2_u32.pow(self.failures.min(10))).min(WAITS.1), by);
        self.failures = self.failures.saturating_add(1);
        self.not_before = Some(Instant::now() + wait);
        self.why = None;
        wait
    }
}

impl Connection {
    async fn open(
        address: &Address,
        reach: &Reach,
        roots: &Arc<RootCertStore>,
        certificate: &PushCertificate,
    ) -> Result<Self, Lost> {
        let tls = certificate.tls(roots).map_err(|error| Lost::Certificate(error.to_string()))?;
        let name =
            ServerName::try_from(address.host.clone()).map_err(|error| Lost::Request(error.to_string()))?;
        let tcp = reach
            .connect(&address.host, address.port)
            .await
            .map_err(|error: OutboundError| Lost::Connection(error.to_string()))?;
        let _ = tcp.set_nodelay(true);
        let stream =
            tokio_rustls::TlsConnector::from(tls).connect(name, tcp).await.map_err(|error| of_io(&error))?;
        let (sender, connection) = h2::client::Builder::new()
            .enable_push(false)
            // Until the service says how many it allows, one: Apple wants to see the certificate at work first.
            .initial_max_send_streams(1)
            .handshake::<_, Bytes>(stream)
            .await
            .map_err(|error| of_h2(&error))?;
        // Ends by itself when the last handle to it is gone.
        tokio::spawn(async move {
            if let Err(error) = connection.await {
                tracing::debug!(%error, "a connection to the push service ended");
            }
        });
        let bracketed =
            if address.host.contains(':') { format!("[{}]", address.host) } else { address.host.clone() };
        let authority = if address.port == 443 { bracketed } else { format!("{bracketed}:{}", address.port) };
        Ok(Self { sender, authority, good: AtomicBool::new(false) })
    }

    /// Sends a push; waits for a free stream, and for the answer.
    pub async fn send(&self, topic: &str, push: &Push) -> Result<Answer, Lost> {
        let wrong = |error: http::Error| Lost::Request(error.to_string());
        let body = serde_json::json!({ "mdm": push.magic }).to_string();
        let request = Request::builder()
            .method(Method::POST)
            .version(Version::HTTP_2)
            .uri(format!("https://{}/3/device/{}", self.authority, hex::encode(&push.token)))
            .header("apns-topic", topic)
            .header("apns-push-type", "mdm")
            .header("apns-priority", "10")
            .header("apns-expiration", push.expires.to_string())
            .header("content-length", body.len().to_string())
            .body(())
            .map_err(wrong)?;
        let lost = |error: h2::Error| of_h2(&error);
        let mut sender = self.sender.clone().ready().await.map_err(lost)?;
        let (answer, mut stream) = sender.send_request(request, false).map_err(lost)?;
        // The body waits in the library until its stream may begin.
        stream.send_data(Bytes::from(body), true).map_err(lost)?;
        let (head, mut content) = answer.await.map_err(lost)?.into_parts();
        let mut body = Vec::new();
        while let Some(part) = content.data().await {
            // The status is what counts; a body that breaks off does not take it back.
            let Ok(part) = part else { break };
            let _ = content.flow_control().release_capacity(part.len());
            body.extend_from_slice(&part[..part.len().min(BODY - body.len())]);
        }
        Ok(Answer {
            status: head.status.as_u16(),
            id: text(&head.headers, "apns-id"),
            retry_after: text(&head.headers, "retry-after").and_then(|seconds| seconds.parse().ok()),
            body,
        })
    }
}

fn text(headers: &HeaderMap, name: &str) -> Option<String> {
    Some(headers.get(name)?.to_str().ok()?.chars().take(64).collect())
}

fn of_h2(error: &h2::Error) -> Lost {
    if error.is_reset() && error.reason() == Some(h2::Reason::REFUSED_STREAM) {
        return Lost::NoRoom;
    }
    match error.get_io() {
        Some(io) => of_io(io),
        None => Lost::Connection(error.to_string()),
    }
}

/// With TLS 1.3 a certificate is refused after the handshake, by an alert (`DecryptError`: its signature does not fit the
/// authority that it names).
fn of_io(error: &std::io::Error) -> Lost {
    let words = error.to_string();
    let alert = words.contains("received fatal alert");
    if alert
        && (words.contains("Certificate")
            || words.contains("UnknownCA")
            || words.contains("AccessDenied")
            || words.contains("DecryptError"))
    {
        Lost::Certificate(format!("the push service does not accept the certificate: {words}"))
    } else {
        Lost::Connection(words)
    }
}
