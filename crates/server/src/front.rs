//! The front of the house: which face answers a request, by the listener it came through and by its path.

use std::sync::Arc;

use axum::Router;
use door::TrustedProxies;
use http::{Request, Response, StatusCode, header};
use platform_activesync::ActiveSync;
use transport::{Body, Handler, Peer, Reply, RequestBody, Secure, WakeAnswer};

use crate::operations::Operations;

/// What a listener serves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Audience {
    /// Devices and their users, Cisco ISE, the redirect page.
    Devices,
    /// Console, REST, health and metrics.
    Administrators,
    /// Both (a loopback address).
    Everybody,
}

/// The faces, shared by all listeners.
pub struct Faces {
    pub activesync: ActiveSync,
    pub ise: Arc<api::ise::Ise>,
    pub redirect: Router,
    pub rest: Router,
    pub scim: Router,
    pub console: Router,
    pub portal: Router,
    pub operations: Operations,
    pub proxies: TrustedProxies,
}

/// The handler of one listener.
pub struct Front {
    pub faces: Arc<Faces>,
    pub audience: Audience,
}

impl Front {
    fn devices(&self) -> bool {
        self.audience != Audience::Administrators
    }
    fn administrators(&self) -> bool {
        self.audience != Audience::Devices
    }

    /// The router that a path belongs to, if this listener serves it.
    fn router(&self, path: &str) -> Option<&Router> {
        let below = |prefix: &str| {
            path == prefix || path.strip_prefix(prefix).is_some_and(|rest| rest.starts_with('/'))
        };
        if self.devices() && path.starts_with("/o/") {
            return Some(&self.faces.redirect);
        }
        if self.devices() && (below("/portal") || below("/enroll")) {
            return Some(&self.faces.portal);
        }
        if !self.administrators() {
            return None;
        }
        if below("/api") {
            return Some(&self.faces.rest);
        }
        if below("/scim") {
            return Some(&self.faces.scim);
        }
        below("/dashboard").then_some(&self.faces.console)
    }
}

impl Handler for Front {
    async fn handle(&self, mut request: Request<RequestBody>) -> Reply {
        let peer = request.extensions().get::<Peer>().map_or(([0, 0, 0, 0], 0).into(), |p| p.0);
        let secure = request.extensions().get::<Secure>().is_some_and(|s| s.0);
        if self.devices() {
            if ActiveSync::serves(request.uri().path()) {
                // Mail clients are told apart by their own address, not by the proxy's.
                let client = self.faces.proxies.client(peer.ip(), request.headers());
                let peer = std::net::SocketAddr::new(client, peer.port());
                return self.faces.activesync.handle(request, peer, secure).await;
            }
            if api::ise::Ise::handles(request.uri().path()) {
                let (parts, body) = request.into_parts();
                return Reply::Answer(self.faces.ise.handle(parts, body, peer).await.map(Body::stream));
            }
        }
        if self.administrators() {
            if let Some(answer) = self.faces.operations.answer(request.uri().path()) {
                return Reply::Answer(answer);
            }
            if request.uri().path() == "/" {
                return Reply::Answer(to("/dashboard"));
            }
        }
        request.extensions_mut().insert(door::Peer(peer));
        match self.router(request.uri().path()) {
            Some(router) => {
                let request = request.map(axum::body::Body::new);
                Reply::Answer(call_axum(router.clone(), request).await)
            }
            None => Reply::Answer(plain(StatusCode::NOT_FOUND, "There is nothing at this address.\n")),
        }
    }

    fn on_panic(&self) -> Response<Body> {
        self.faces.activesync.on_panic()
    }

    fn on_drain(&self) -> WakeAnswer {
        self.faces.activesync.on_drain()
    }
}

/// Calls an axum router with the request that the listener read.
async fn call_axum(router: Router, request: Request<axum::body::Body>) -> Response<Body> {
    use tower::ServiceExt;
    match router.oneshot(request).await {
        Ok(response) => response.map(Body::stream),
        Err(never) => match never {},
    }
}

/// A short text.
pub fn plain(status: StatusCode, text: &'static str) -> Response<Body> {
    let mut answer = Response::new(Body::full(text));
    *answer.status_mut() = status;
    answer
        .headers_mut()
        .insert(header::CONTENT_TYPE, header::HeaderValue::from_static("text/plain; charset=utf-8"));
    answer
}

fn to(place: &'static str) -> Response<Body> {
    let mut answer = plain(StatusCode::SEE_OTHER, "");
    answer.headers_mut().insert(header::LOCATION, header::HeaderValue::from_static(place));
    answer
}
