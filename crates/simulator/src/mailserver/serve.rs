//! Listening, and taking requests apart for the rooms that answer them.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use rustls::ServerConfig;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{JoinHandle, JoinSet};
use tokio_rustls::TlsAcceptor;

use super::control::Control;
use super::script::{Failure, Script};
use super::state::{Seen, Shared};
use super::{autodiscover, gate};
use crate::eas::Query;
use crate::http::{Answer, Incoming, Wire, gzip, serve_connection};

/// How the server is started.
#[derive(Clone, Default)]
pub struct Options {
    /// Address to listen on; port 0 picks a free one. The default is a free loopback port.
    pub listen: Option<SocketAddr>,
    /// Certificate and key, for TLS.
    pub tls: Option<Arc<ServerConfig>>,
    /// Initial behaviour.
    pub script: Script,
}

/// A running server; it stops when this is dropped.
pub struct MailServer {
    address: SocketAddr,
    tls: bool,
    control: Control,
    task: JoinHandle<()>,
}

impl MailServer {
    /// Starts listening.
    ///
    /// # Errors
    /// When the address cannot be bound.
    pub async fn start(options: Options) -> io::Result<MailServer> {
        let listen = options.listen.unwrap_or_else(|| SocketAddr::from(([127, 0, 0, 1], 0)));
        let listener = TcpListener::bind(listen).await?;
        let address = listener.local_addr()?;
        let tls = options.tls.is_some();
        let shared = Arc::new(Shared::new(options.script));
        let control = Control { shared: Arc::clone(&shared) };
        let task = tokio::spawn(accept(listener, options.tls.map(TlsAcceptor::from), shared));
        Ok(MailServer { address, tls, control, task })
    }

    /// The handle that steers it.
    pub fn control(&self) -> Control {
        self.control.clone()
    }

    /// The address that it listens on.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// `http[s]://host:port`; with TLS the host is `localhost`, for certificates' sake.
    pub fn url(&self) -> String {
        if self.tls {
            format!("https://localhost:{}", self.address.port())
        } else {
            format!("http://{}", self.address)
        }
    }
}

impl Drop for MailServer {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn accept(listener: TcpListener, tls: Option<TlsAcceptor>, shared: Arc<Shared>) {
    // Connections live in this set, so that they end with the server.
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((tcp, _)) => {
                    connections.spawn(connection(tcp, tls.clone(), Arc::clone(&shared)));
                }
                // Out of descriptors, most likely: give them time to come back.
                Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
            },
            Some(_) = connections.join_next() => {}
        }
    }
}

async fn connection(tcp: TcpStream, tls: Option<TlsAcceptor>, shared: Arc<Shared>) {
    // Failure only costs latency.
    let _ = tcp.set_nodelay(true);
    let wire = match tls {
        None => Wire::new(tcp),
        Some(tls) => match tls.accept(tcp).await {
            Ok(stream) => Wire::new(stream),
            Err(_) => return,
        },
    };
    // A broken connection concerns only the client, which knows.
    let _ = serve_connection(wire, |incoming| answer(Arc::clone(&shared), incoming)).await;
}

async fn answer(shared: Arc<Shared>, incoming: Incoming) -> Answer {
    let packed = incoming.headers.has_word("Accept-Encoding", "gzip");
    let (path, query) = incoming.target.split_once('?').unwrap_or((&incoming.target, ""));
    let query = Query::parse(query);
    let (number, delay, failure) = {
        let state = &mut *shared.state.lock();
        let number = state.remember(seen(&incoming, query.as_ref()));
        let failure = match &mut state.script.failing {
            Some((left, failure)) if *left > 0 => {
                *left -= 1;
                Some(*failure)
            }
            _ => None,
        };
        (number, state.script.delay, failure)
    };
    if !delay.is_zero() {
        tokio::time::sleep(delay).await;
    }
    let mut answer = match failure {
        Some(Failure::Http(503)) => Answer::new(503, Vec::new()).with("Retry-After", "30"),
        Some(Failure::Http(status)) => Answer::new(status, Vec::new()),
        Some(Failure::HangUp) => Answer::new(0, Vec::new()),
        Some(Failure::Garbage) => Answer::new(200, b"this is not WBXML".to_vec())
            .with("Content-Type", "application/vnd.ms-sync.wbxml"),
        None if path.to_ascii_lowercase().starts_with("/autodiscover/") => {
            autodiscover::answer(&shared, &incoming)
        }
        None if path.trim_end_matches('/').eq_ignore_ascii_case("/Microsoft-Server-ActiveSync") => {
            gate::answer(&shared, &incoming, query, number).await
        }
        None => Answer::new(404, Vec::new()),
    };
    let state = &mut *shared.state.lock();
    if state.script.gzip && packed && !answer.body.is_empty() {
        answer.body = gzip(&answer.body);
        answer.headers.add("Content-Encoding", "gzip");
    }
    answer.chunk = state.script.chunk.filter(|_| !answer.body.is_empty());
    state.answered(number, answer.status);
    answer
}

fn seen(incoming: &Incoming, query: Option<&Query>) -> Seen {
    let headers = &incoming.headers;
    let version = query.and_then(|q| q.version);
    let key = query.and_then(|q| q.policy_key);
    Seen {
        method: incoming.method.clone(),
        target: incoming.target.clone(),
        cmd: query.map(|q| q.cmd.clone()).unwrap_or_default(),
        user: None,
        device_id: query.map(|q| q.device_id.clone()).unwrap_or_default(),
        device_type: query.map(|q| q.device_type.clone()).unwrap_or_default(),
        base64: query.is_some_and(|q| q.base64),
        version: version.or_else(|| headers.get("MS-ASProtocolVersion")?.parse().ok()),
        policy_key: key.or_else(|| headers.get("X-MS-PolicyKey")?.trim().parse().ok()),
        headers: headers
            .iter()
            .filter(|(n, _)| !n.eq_ignore_ascii_case("authorization"))
            .map(|(n, v)| (n.to_owned(), v.to_owned()))
            .collect(),
        received: incoming.body.len(),
        http: None,
    }
}
