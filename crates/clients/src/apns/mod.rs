//! Apple's push service: telling devices to come for their commands (HTTP/2, with the organization's push certificate).
//!
//! One connection serves all pushes of a certificate, as many at once as the service allows at the moment; it is closed
//! when nobody needs it. A push says nothing but the device's own magic word, and Apple keeps only the newest one, so one
//! that is sent twice does no harm: what a lost connection may or may not have delivered is sent again.

mod answer;
mod certificate;
mod line;

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use rustls::RootCertStore;
use tokio::time::Instant;

pub use certificate::{CertificateError, PushCertificate};

use crate::mail::Address;
use crate::outbound::Reach;
use line::{Line, Lost};

/// Where Apple's push service is.
pub const APPLE: &str = "https://api.push.apple.com";

/// Time for one push, its connection not counted.
const PATIENCE: Duration = Duration::from_secs(30);
/// How often a push is tried again on a new connection.
const ATTEMPTS: usize = 4;
/// Wait when the service allows fewer pushes at once than it did.
const BREATH: Duration = Duration::from_millis(50);
/// The usual time after which an idle connection is closed; see [`Apns::close_idle`].
pub const IDLE: Duration = Duration::from_mins(15);

/// A push to one channel of an enrolment.
#[derive(Clone, PartialEq, Eq)]
pub struct Push {
    /// The token of its last TokenUpdate.
    pub token: Vec<u8>,
    /// The magic word of its last TokenUpdate.
    pub magic: String,
    /// Until when Apple keeps it for a device that cannot be reached, seconds since 1970; 0: not at all.
    pub expires: u64,
}

impl std::fmt::Debug for Push {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Push(…)")
    }
}

/// What became of a push.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// Apple took it; its `apns-id`.
    Sent(Option<String>),
    /// The device has not been reachable under this token since then (milliseconds since 1970): unless it sent a token
    /// later, it is gone.
    Unregistered(i64),
    /// Token or topic do not fit; nothing helps but a new TokenUpdate. Apple's reason.
    Unusable(String),
    /// Apple does not accept the certificate: no push of the organization works. Why.
    Certificate(String),
    /// Not now; try again after this time. Why.
    Later(Duration, String),
    /// Apple refuses it for another reason: a mistake of ours.
    Refused(String),
}

/// How the service is reached.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Scheme, host and port; [`APPLE`] but for tests.
    pub base: String,
    /// Which addresses may be connected to.
    pub reach: Reach,
    /// Whose certificates the service may have; `None`: the public authorities.
    pub roots: Option<RootCertStore>,
    /// Most connections that are open at once; the longest unused ones go first. At least 1.
    pub connections: usize,
}

/// The service.
pub struct Apns {
    address: Address,
    reach: Reach,
    roots: Arc<RootCertStore>,
    connections: usize,
    lines: Mutex<HashMap<[u8; 32], Arc<Line>>>,
}

impl Apns {
    /// The service under its settings; connects to nobody yet.
    ///
    /// # Errors
    /// What is wrong with the address.
    pub fn new(settings: Settings) -> Result<Self, String> {
        let address = Address::parse(&settings.base).map_err(|error| error.to_string())?;
        if !address.tls {
            return Err("The address of the push service must begin with https://.".into());
        }
        let public = || RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
        Ok(Self {
            address,
            reach: settings.reach,
            roots: Arc::new(settings.roots.unwrap_or_else(public)),
            connections: settings.connections.max(1),
            lines: Mutex::new(HashMap::new()),
        })
    }

    /// Sends a push. Any number may be under way at once; more than a few thousand of one certificate wait here.
    pub async fn push(&self, certificate: &PushCertificate, push: &Push) -> Outcome {
        let line = self.line(certificate);
        let Ok(_permit) = line.permits.acquire().await else {
            return Outcome::Later(Duration::from_secs(1), "The push service is being closed.".into());
        };
        let mut why = String::new();
        for _ in 0..ATTEMPTS {
            let connection = match line.connection(&self.address, &self.reach, &self.roots, certificate).await
            {
                Ok(connection) => connection,
                Err(outcome) => return outcome,
            };
            let sent = tokio::time::timeout(PATIENCE, connection.send(certificate.topic(), push)).await;
            match sent.unwrap_or(Err(Lost::Silent)) {
                Ok(answer) => {
                    line.answered(&connection).await;
                    return answer.outcome(&push.token);
                }
                Err(Lost::Request(words)) => return Outcome::Refused(words),
                Err(Lost::NoRoom) => {
                    why = Lost::NoRoom.to_string();
                    tokio::time::sleep(BREATH).await;
                }
                Err(lost) => {
                    line.lost(&connection, &lost).await;
                    why = lost.to_string();
                    match lost {
                        Lost::Certificate(words) => return Outcome::Certificate(words),
                        Lost::Silent => break,
                        _ => {}
                    }
                }
            }
        }
        Outcome::Later(Duration::from_secs(5), why)
    }

    fn line(&self, certificate: &PushCertificate) -> Arc<Line> {
        let now = Instant::now();
        let mut lines = self.lines.lock();
        if let Some(line) = lines.get(&certificate.id()) {
            line.touch(now);
            return Arc::clone(line);
        }
        while lines.len() >= self.connections {
            // Whoever has pushes under way is not disturbed, even if there are too many of them.
            let unused = lines.iter().filter(|(_, line)| line.is_unused());
            let Some(oldest) = unused.min_by_key(|(_, line)| line.used()).map(|(id, _)| *id) else { break };
            lines.remove(&oldest);
        }
        let line = Arc::new(Line::new(now));
        lines.insert(certificate.id(), Arc::clone(&line));
        line
    }

    /// Closes connections that nobody has needed for longer than this; to be called every minute or so.
    pub fn close_idle(&self, longer_than: Duration) {
        let now = Instant::now();
        self.lines
            .lock()
            .retain(|_, line| !line.is_unused() || now.duration_since(line.used()) <= longer_than);
    }

    /// How many connections are kept.
    pub fn kept(&self) -> usize {
        self.lines.lock().len()
    }
}
