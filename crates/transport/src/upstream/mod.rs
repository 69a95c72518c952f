//! The client half: HTTP/1.1 towards mail servers.
//!
//! Our own, because a relayed request has to be parked (see [`park`](crate::park)): what remains of it then is a
//! socket, TLS state and a small record. Requests are framed anew: hop-by-hop headers, `Expect` and
//! `Content-Length` of the caller are dropped. Answers are parsed strictly. A connection goes back to the pool only
//! if its answer was read exactly to its end.
//!
//! ```no_run
//! # async fn run(upstreams: transport::Upstreams) -> Result<(), transport::UpstreamError> {
//! use std::time::Duration;
//! use transport::{Body, Origin};
//!
//! let origin = Origin::plain("mail.example.com", 80);
//! let request = http::Request::post("/Microsoft-Server-ActiveSync?Cmd=Sync").body(Body::full("…"))?;
//! let mut answer = upstreams.exchange(&origin, request, Duration::from_secs(120)).await?;
//! if answer.body.peek(32).await?.starts_with(&[3, 1, 0x6A, 0]) {
//!     // WBXML: look at it, then stream `answer.body` into a `Body`.
//! }
//! # Ok(())
//! # }
//! ```

mod body;
mod connection;
mod error;
mod head;
mod origin;
mod pending;
mod pool;
mod reach;
mod send;

use std::time::Duration;

use http::{HeaderMap, StatusCode};

use crate::Body;

pub use body::UpstreamBody;
pub use error::UpstreamError;
pub use origin::Origin;
pub(crate) use origin::TlsTarget;
pub use pending::Pending;
pub use pool::{UpstreamConfig, Upstreams};
pub use reach::{Lookup, Reach, Resolver, is_public};

/// An answer of an upstream server.
#[derive(Debug)]
pub struct UpstreamResponse {
    /// The status; never 1xx.
    pub status: StatusCode,
    /// The headers, without those of the connection (`Connection`, `Transfer-Encoding` and the like).
    /// `Content-Length` is kept if the server sent one.
    pub headers: HeaderMap,
    /// The body, not read yet.
    pub body: UpstreamBody,
}

impl Upstreams {
    /// Sends a request and waits for the head of its answer.
    ///
    /// `first_byte` is how long the server may take to answer after it got the whole request.
    pub async fn exchange(
        &self,
        origin: &Origin,
        request: http::Request<Body>,
        first_byte: Duration,
    ) -> Result<UpstreamResponse, UpstreamError> {
        self.send(origin, request).await?.response(first_byte).await
    }
}
