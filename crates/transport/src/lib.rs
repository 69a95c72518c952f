//! How bytes come in and go out: listener, TLS, parked requests, the upstream half.
//!
//! This crate knows HTTP/1.1, TLS and sockets. It knows nothing of ActiveSync, of the engine or of SQL.
//!
//! * [`listener`]: worker threads, sockets, limits; calls a [`Handler`] for each request.
//! * [`park`]: a request that waits for minutes is taken out of the HTTP library. What stays is the socket, the
//!   TLS state and a small record.
//! * [`upstream`]: the client half towards mail servers, with a pool, streaming bodies and peeking.
//! * [`tls`]: certificates by server name with hot reload, and a TLS stream that owns no buffers while idle.
//! * [`metrics`] counts all of it.
//!
//! A handler that answers at once, and one that parks:
//!
//! ```no_run
//! use std::time::Duration;
//! use transport::{Body, Handler, Park, Reply, RequestBody, Ticket, WakeAnswer};
//! use http::{Request, Response, StatusCode};
//!
//! struct Hello;
//!
//! impl Handler for Hello {
//!     async fn handle(&self, request: Request<RequestBody>) -> Reply {
//!         let path = request.uri().path().to_owned();
//!         // The body has to be read to its end before the request may be parked.
//!         let body = transport::read_all(request.into_body(), 64 * 1024).await;
//!         if path != "/wait" || body.is_err() {
//!             return Response::new(Body::full("hello")).into();
//!         }
//!         let (ticket, waker) = Ticket::new();
//!         // Any thread may call `waker.answer(..)` from now on; keep it in a registry.
//!         drop(waker);
//!         Park::wait(ticket, Duration::from_secs(900), || WakeAnswer::new(StatusCode::OK)).into()
//!     }
//!
//!     fn on_panic(&self) -> Response<Body> {
//!         let mut answer = Response::new(Body::empty());
//!         *answer.status_mut() = StatusCode::SERVICE_UNAVAILABLE;
//!         answer
//!     }
//!
//!     fn on_drain(&self) -> WakeAnswer {
//!         WakeAnswer::new(StatusCode::SERVICE_UNAVAILABLE)
//!     }
//! }
//!
//! # async fn run() -> std::io::Result<()> {
//! let workers = transport::Workers::start(transport::WorkersConfig::default())?;
//! let running = workers.serve(transport::ListenerConfig::plain(([127, 0, 0, 1], 0).into()), Hello)?;
//! println!("listening on {}", running.local_addr());
//! running.shutdown(Duration::from_secs(20)).await;
//! # Ok(())
//! # }
//! ```

#![cfg_attr(test, expect(clippy::unwrap_used, reason = "a test that cannot go on should say where"))]

pub mod body;
mod http1;
pub mod listener;
pub mod metrics;
pub mod park;
mod slab;
mod stream;
pub mod tls;
pub mod upstream;

pub use body::{Body, BodyError, RequestBody, read_all};
pub use listener::{
    Handler, Limits, ListenerConfig, Peer, Reply, Running, Secure, Workers, WorkersConfig, call_service,
};
pub use metrics::Metrics;
pub use park::{Park, ParkWaker, Ticket, WakeAnswer};
pub use upstream::{
    Origin, Pending, Reach, Resolver, UpstreamBody, UpstreamConfig, UpstreamError, UpstreamResponse,
    Upstreams,
};
