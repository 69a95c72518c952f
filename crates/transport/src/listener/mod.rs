//! Listeners: worker threads, sockets, limits, and the handler that answers.
//!
//! [`Workers`] are threads, each with a single-threaded runtime; a connection stays on its worker for life, so nothing
//! on the way of a request is shared or locked. A listener has one acceptor (on the first worker) that deals sockets
//! out in turn. HTTP/1.1 and 1.0 only.
//!
//! Handlers must not block: a long computation belongs on `tokio::task::spawn_blocking`.

mod accept;
pub(crate) mod connection;
mod framing;
mod linger;
mod running;
mod service;
pub(crate) mod watch;
mod wire;
pub(crate) mod worker;

use std::{convert::Infallible, future::Future, net::SocketAddr, sync::Arc, time::Duration};

use bytes::Bytes;
use http::{Request, Response};

pub(crate) use linger::linger;
pub use running::Running;
pub use worker::{Workers, WorkersConfig};

use crate::{Body, Park, RequestBody, WakeAnswer, body::BodyError};

/// Answers the requests of a listener. One value serves all worker threads; its futures stay on their thread and need
/// not be `Send`.
pub trait Handler: Send + Sync + 'static {
    /// Answers or parks a request. The request carries [`Peer`] and [`Secure`] as extensions.
    ///
    /// The future is dropped when the client leaves.
    fn handle(&self, request: Request<RequestBody>) -> impl Future<Output = Reply>;

    /// The answer when [`handle`](Handler::handle) panicked.
    fn on_panic(&self) -> Response<Body>;

    /// The answer for parked requests when the server shuts down. Called once for each, so that a Retry-After can
    /// differ.
    fn on_drain(&self) -> WakeAnswer;
}

/// What a handler decided.
#[derive(Debug)]
pub enum Reply {
    /// The answer.
    Answer(Response<Body>),
    /// Wait; see [`Park`].
    Park(Park),
}

impl From<Response<Body>> for Reply {
    fn from(response: Response<Body>) -> Self {
        Self::Answer(response)
    }
}

impl From<Park> for Reply {
    fn from(park: Park) -> Self {
        Self::Park(park)
    }
}

/// The address of the other end of the socket. Behind a proxy this is the proxy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Peer(pub SocketAddr);

/// Whether the connection is TLS on our side.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Secure(pub bool);

/// Limits of a listener.
#[derive(Clone, Debug)]
pub struct Limits {
    /// Request line and headers, in bytes (answered with 431).
    pub header_bytes: usize,
    /// Number of headers (answered with 431).
    pub headers: usize,
    /// From the first byte of a request (or the accept) to the end of its head, and for the TLS handshake.
    pub header_time: Duration,
    /// The longest silence of a client while we wait for its body, or for it to take our answer.
    pub stall_time: Duration,
    /// The longest time between two requests of a connection.
    pub keep_alive: Duration,
    /// After this time without a request a connection is taken out of the HTTP library to save memory.
    pub idle_eject: Duration,
    /// Connections open at the same time; more are closed at once.
    pub connections: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            header_bytes: 32 * 1024,
            headers: 100,
            header_time: Duration::from_secs(20),
            stall_time: Duration::from_mins(1),
            keep_alive: Duration::from_mins(10),
            idle_eject: Duration::from_secs(2),
            connections: 100_000,
        }
    }
}

/// One address to listen on.
#[derive(Clone, Debug)]
pub struct ListenerConfig {
    /// Where; port 0 takes any free one.
    pub address: SocketAddr,
    /// The TLS configuration (see [`tls::server_config`](crate::tls::server_config)); none for plain HTTP.
    pub tls: Option<Arc<rustls::ServerConfig>>,
    /// Limits.
    pub limits: Limits,
}

impl ListenerConfig {
    /// A plain listener with the usual limits.
    pub fn plain(address: SocketAddr) -> Self {
        Self { address, tls: None, limits: Limits::default() }
    }

    /// A TLS listener with the usual limits.
    pub fn tls(address: SocketAddr, tls: Arc<rustls::ServerConfig>) -> Self {
        Self { address, tls: Some(tls), limits: Limits::default() }
    }
}

/// Calls a router of another library (an axum `Router`, for example) with a request of ours. The service sees
/// [`Peer`] and [`Secure`] as request extensions.
pub async fn call_service<S, B>(mut service: S, request: Request<RequestBody>) -> Response<Body>
where
    S: tower_service::Service<Request<RequestBody>, Response = Response<B>, Error = Infallible>,
    B: http_body::Body<Data = Bytes> + Send + 'static,
    B::Error: Into<BodyError>,
{
    let ready = std::future::poll_fn(|cx| service.poll_ready(cx)).await;
    let response = match ready {
        Ok(()) => service.call(request).await,
        Err(never) => match never {},
    };
    match response {
        Ok(response) => response.map(Body::stream),
        Err(never) => match never {},
    }
}
