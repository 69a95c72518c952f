//! Between the HTTP library and the handler: checks, extensions, panics, and the way into the lot.

use std::{
    cell::{Cell, RefCell},
    convert::Infallible,
    net::SocketAddr,
    panic::AssertUnwindSafe,
    pin::Pin,
    rc::Rc,
    sync::Arc,
    task::{Context, Poll},
};

use bytes::Bytes;
use futures_util::{FutureExt as _, future::LocalBoxFuture};
use http::{HeaderMap, HeaderValue, Request, Response, StatusCode, Version, header};
use http_body::{Frame, SizeHint};
use hyper::{body::Incoming, ext::ReasonPhrase};

use super::{
    Handler, Peer, Reply, Secure,
    connection::Listening,
    framing::Scanner,
    watch::{Parking, Phase, Watch},
};
use crate::{Body, RequestBody, body::BodyError, http1::reason};

/// The service of one connection.
pub(crate) struct Requests<H> {
    pub(crate) listening: Arc<Listening<H>>,
    pub(crate) watch: Rc<Watch>,
    pub(crate) scanner: Rc<RefCell<Scanner>>,
    pub(crate) peer: SocketAddr,
    /// How many requests there were.
    pub(crate) count: Cell<u64>,
}

impl<H: Handler> hyper::service::Service<Request<Incoming>> for Requests<H> {
    type Response = Response<Outgoing>;
    type Error = Infallible;
    type Future = LocalBoxFuture<'static, Result<Response<Outgoing>, Infallible>>;

    fn call(&self, request: Request<Incoming>) -> Self::Future {
        self.count.set(self.count.get() + 1);
        self.watch.enter(Phase::Busy);
        let outgoing = |mut response: Response<Body>, watch: Rc<Watch>, scanner: Rc<RefCell<Scanner>>| {
            if response.status().canonical_reason().is_none() {
                let words = reason(response.status()).as_bytes();
                response.extensions_mut().insert(ReasonPhrase::from_static(words));
            }
            Ok(response.map(|body| Outgoing { body, watch, scanner }))
        };
        let (watch, scanner) = (Rc::clone(&self.watch), Rc::clone(&self.scanner));
        if !self.scanner.borrow().is_sound(self.count.get()) || !names_one_host(&request) {
            self.listening.core.metrics.bad_requests.up();
            return Box::pin(std::future::ready(outgoing(bad_request(), watch, scanner)));
        }
        self.listening.core.metrics.requests.up();
        let (is_1_0, keep_alive) = (request.version() == Version::HTTP_10, keeps_alive(&request));
        let mut request = request.map(|body| RequestBody::new(body, Arc::clone(&watch.body)));
        request.extensions_mut().insert(Peer(self.peer));
        request.extensions_mut().insert(Secure(self.listening.is_tls()));
        let listening = Arc::clone(&self.listening);
        Box::pin(async move {
            let reply = AssertUnwindSafe(listening.handler.handle(request)).catch_unwind().await;
            let response = match reply {
                Ok(Reply::Answer(response)) => response,
                Ok(Reply::Park(park)) => {
                    let keep_alive = keep_alive && watch.body.is_ended();
                    *watch.park.borrow_mut() = Some(Parking { park, keep_alive, is_1_0 });
                    // The connection's task finds it right after this poll, and drops this future.
                    std::future::pending().await
                }
                Err(_) => {
                    listening.core.metrics.panics.up();
                    tracing::error!("a request handler panicked");
                    listening.handler.on_panic()
                }
            };
            outgoing(response, watch, scanner)
        })
    }
}

fn bad_request() -> Response<Body> {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::BAD_REQUEST;
    response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
    response
}

/// A request names the host that it is for, once; only HTTP/1.0 may leave it out (RFC 9112 section 3.2).
fn names_one_host<B>(request: &Request<B>) -> bool {
    let hosts = request.headers().get_all(header::HOST).iter().count();
    hosts == 1 || (hosts == 0 && request.version() == Version::HTTP_10)
}

/// Whether the client wants to use the connection again (RFC 9112 section 9.3).
fn keeps_alive<B>(request: &Request<B>) -> bool {
    let has = |headers: &HeaderMap, wanted: &str| {
        headers
            .get_all(header::CONNECTION)
            .iter()
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split(','))
            .any(|option| option.trim().eq_ignore_ascii_case(wanted))
    };
    let headers = request.headers();
    !has(headers, "close") && (request.version() != Version::HTTP_10 || has(headers, "keep-alive"))
}

/// A body on its way out. Its end is the end of the request.
pub(crate) struct Outgoing {
    body: Body,
    watch: Rc<Watch>,
    scanner: Rc<RefCell<Scanner>>,
}

impl http_body::Body for Outgoing {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        Pin::new(&mut self.body).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

impl Drop for Outgoing {
    fn drop(&mut self) {
        let is_in_head = self.scanner.borrow().is_in_head();
        self.watch.enter(if is_in_head { Phase::Head } else { Phase::Idle });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keep_alive_follows_version_and_options() {
        let request = |version, connection: &str| {
            let builder = Request::builder().version(version);
            let builder =
                if connection.is_empty() { builder } else { builder.header("Connection", connection) };
            keeps_alive(&builder.body(()).unwrap())
        };
        assert!(request(Version::HTTP_11, ""));
        assert!(!request(Version::HTTP_11, "te, Close"));
        assert!(!request(Version::HTTP_10, ""));
        assert!(request(Version::HTTP_10, "Keep-Alive"));
    }
}
