//! A push service: HTTP/2 behind TLS that asks for a client certificate, answering as scripted.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use h2::server::SendResponse;
use h2::{Reason, RecvStream};
use http::{Request, Response};
use parking_lot::Mutex;
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig};
use rustls_pki_types::pem::PemObject as _;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};
use serde_json::json;
use tokio::net::TcpListener;

/// What is answered to a push.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// HTTP status; 0 says nothing at all.
    pub status: u16,
    /// Apple's reason.
    pub reason: &'static str,
    /// Since when (410).
    pub timestamp: Option<i64>,
    /// `retry-after`, seconds.
    pub retry_after: Option<u64>,
}

impl Answer {
    /// 200.
    pub const SENT: Self = Self { status: 200, reason: "", timestamp: None, retry_after: None };

    /// A refusal.
    pub const fn refused(status: u16, reason: &'static str) -> Self {
        Self { status, reason, timestamp: None, retry_after: None }
    }
}

/// A push as it came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Received {
    /// The token, hex.
    pub token: String,
    /// Headers whose name begins with `apns-`.
    pub headers: HashMap<String, String>,
    /// The body.
    pub body: String,
    /// Number of the connection, from 1.
    pub connection: usize,
}

/// How the service behaves, and what it saw; both can be looked at and changed at any time.
#[derive(Debug)]
pub struct Behaviour {
    /// Answers by token (hex); [`Answer::SENT`] for all others.
    pub answers: HashMap<String, Answer>,
    /// Answer to everything, if there is one.
    pub always: Option<Answer>,
    /// Streams that a connection may have at once; counts for connections that begin later.
    pub streams: u32,
    /// A connection is given up (GOAWAY) after as many pushes.
    pub go_away_after: Option<usize>,
    /// As many pushes more are turned away before they are looked at, as after a change of the limit.
    pub turned_away: usize,
    /// Time that each push takes.
    pub takes: Duration,
    /// What came.
    pub received: Vec<Received>,
    /// Connections so far.
    pub connections: usize,
    /// Connections now.
    pub open: usize,
    /// Pushes at work now, and the most there ever were.
    pub at_work: (usize, usize),
}

/// A service that listens.
#[derive(Clone)]
pub struct PushService {
    /// Its port on 127.0.0.1.
    pub port: u16,
    /// How it behaves.
    pub behaviour: Arc<Mutex<Behaviour>>,
}

impl PushService {
    /// Starts one with a certificate (PEM chain and key) that asks for clients' certificates of this authority (PEM).
    ///
    /// # Errors
    /// When no port is free, or the certificates are none.
    pub async fn start(chain: &[u8], key: &[u8], clients: &[u8]) -> anyhow::Result<Self> {
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let mut roots = RootCertStore::empty();
        for root in CertificateDer::pem_slice_iter(clients) {
            roots.add(root?)?;
        }
        let verifier =
            WebPkiClientVerifier::builder_with_provider(Arc::new(roots), Arc::clone(&provider)).build()?;
        let chain = CertificateDer::pem_slice_iter(chain).collect::<Result<Vec<_>, _>>()?;
        let mut config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .with_client_cert_verifier(verifier)
            .with_single_cert(chain, PrivateKeyDer::from_pem_slice(key)?)?;
        config.alpn_protocols = vec![b"h2".to_vec()];
        let acceptor = tokio_rustls::TlsAcceptor::from(Arc::new(config));
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let behaviour = Arc::new(Mutex::new(Behaviour {
            answers: HashMap::new(),
            always: None,
            streams: 1_000,
            go_away_after: None,
            turned_away: 0,
            takes: Duration::ZERO,
            received: Vec::new(),
            connections: 0,
            open: 0,
            at_work: (0, 0),
        }));
        let service = Self { port: listener.local_addr()?.port(), behaviour: Arc::clone(&behaviour) };
        tokio::spawn(async move {
            while let Ok((tcp, _)) = listener.accept().await {
                let (acceptor, behaviour) = (acceptor.clone(), Arc::clone(&behaviour));
                tokio::spawn(async move {
                    if let Ok(tls) = acceptor.accept(tcp).await {
                        behaviour.lock().open += 1;
                        serve(tls, &behaviour).await;
                        behaviour.lock().open -= 1;
                    }
                });
            }
        });
        Ok(service)
    }
}

async fn serve(
    tls: tokio_rustls::server::TlsStream<tokio::net::TcpStream>,
    behaviour: &Arc<Mutex<Behaviour>>,
) {
    let (number, streams, go_away_after) = {
        let mut behaviour = behaviour.lock();
        behaviour.connections += 1;
        (behaviour.connections, behaviour.streams, behaviour.go_away_after)
    };
    let handshake =
        h2::server::Builder::new().max_concurrent_streams(streams).handshake::<_, Bytes>(tls).await;
    let Ok(mut connection) = handshake else { return };
    let mut taken = 0;
    while let Some(Ok((request, respond))) = connection.accept().await {
        tokio::spawn(one(request, respond, Arc::clone(behaviour), number));
        taken += 1;
        if go_away_after == Some(taken) {
            connection.abrupt_shutdown(Reason::NO_ERROR);
        }
    }
}

async fn one(
    request: Request<RecvStream>,
    mut respond: SendResponse<Bytes>,
    behaviour: Arc<Mutex<Behaviour>>,
    connection: usize,
) {
    let turned_away = {
        let mut behaviour = behaviour.lock();
        let left = behaviour.turned_away;
        behaviour.turned_away = left.saturating_sub(1);
        left > 0
    };
    if turned_away {
        respond.send_reset(Reason::REFUSED_STREAM);
        return;
    }
    let (head, mut content) = request.into_parts();
    let mut body = Vec::new();
    while let Some(Ok(part)) = content.data().await {
        let _ = content.flow_control().release_capacity(part.len());
        body.extend_from_slice(&part);
    }
    let token = head.uri.path().strip_prefix("/3/device/").unwrap_or_default().to_owned();
    let headers = head.headers.iter().filter(|(name, _)| name.as_str().starts_with("apns-"));
    let headers = headers
        .map(|(name, value)| (name.to_string(), String::from_utf8_lossy(value.as_bytes()).into_owned()));
    let received = Received {
        token: token.clone(),
        headers: headers.collect(),
        body: String::from_utf8_lossy(&body).into_owned(),
        connection,
    };
    let (takes, answer) = {
        let mut behaviour = behaviour.lock();
        behaviour.at_work.0 += 1;
        behaviour.at_work.1 = behaviour.at_work.1.max(behaviour.at_work.0);
        behaviour.received.push(received);
        let of_token = behaviour.answers.get(&token).cloned();
        (behaviour.takes, behaviour.always.clone().or(of_token).unwrap_or(Answer::SENT))
    };
    tokio::time::sleep(takes).await;
    behaviour.lock().at_work.0 -= 1;
    if answer.status == 0 {
        std::future::pending::<()>().await;
    }
    let mut head = Response::builder().status(answer.status).header("apns-id", format!("id-of-{token}"));
    if let Some(seconds) = answer.retry_after {
        head = head.header("retry-after", seconds.to_string());
    }
    let Ok(response) = head.body(()) else { return };
    let body = match (answer.reason, answer.timestamp) {
        ("", _) => String::new(),
        (reason, Some(at)) => json!({ "reason": reason, "timestamp": at }).to_string(),
        (reason, None) => json!({ "reason": reason }).to_string(),
    };
    if let Ok(mut stream) = respond.send_response(response, body.is_empty())
        && !body.is_empty()
    {
        let _ = stream.send_data(Bytes::from(body), true);
    }
}
