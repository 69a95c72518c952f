//! Registration of routes, each with its access.

use axum::extract::{DefaultBodyLimit, Request, State};
use axum::handler::Handler;
use axum::middleware::{self, Next};
use axum::response::Response;
use axum::routing::{MethodFilter, on};
use axum::{Extension, Router};
use http::Method;

use crate::access::{Access, Face, Refusal};
use crate::address::Peer;
use crate::extract::Visitor;
use crate::{TrustedProxies, caller};

/// A registered route, for the access matrix and the documentation.
#[derive(Debug, Clone)]
pub struct RouteInfo {
    /// Method.
    pub method: Method,
    /// Path with `{parameters}`.
    pub path: &'static str,
    /// Who may.
    pub access: Access,
}

/// Routes of one face.
pub struct Routes {
    face: Face,
    router: Router<Face>,
    table: Vec<RouteInfo>,
}

/// Largest body a console or REST request may have, unless the route says otherwise.
const BODY_LIMIT: usize = 1 << 20;

impl Routes {
    /// No routes yet.
    pub fn new(face: Face) -> Self {
        Self { face, router: Router::new(), table: Vec::new() }
    }

    /// Registers a handler. There is no way to do so without naming the access.
    #[must_use]
    pub fn route<H, T>(mut self, method: Method, path: &'static str, access: Access, handler: H) -> Self
    where
        H: Handler<T, Face>,
        T: 'static,
    {
        let filter = MethodFilter::try_from(method.clone()).unwrap_or(MethodFilter::GET);
        let guarded =
            on(filter, handler).layer(middleware::from_fn_with_state((self.face.clone(), access), guard));
        self.router = self.router.route(path, guarded);
        self.table.push(RouteInfo { method, path, access });
        self
    }

    /// Every route with its access.
    pub fn table(&self) -> &[RouteInfo] {
        &self.table
    }

    /// The finished router. The peer's address must be in the request's extensions as [`Peer`].
    pub fn into_router(self, proxies: TrustedProxies) -> Router {
        self.router.layer(DefaultBodyLimit::max(BODY_LIMIT)).layer(Extension(proxies)).with_state(self.face)
    }
}

/// Runs before the handler and before any byte of the body is read.
async fn guard(State((face, access)): State<(Face, Access)>, request: Request, next: Next) -> Response {
    let (mut parts, body) = request.into_parts();
    let peer = parts.extensions.get::<Peer>().map_or(std::net::IpAddr::from([0, 0, 0, 0]), |p| p.0.ip());
    let proxies = parts.extensions.get::<TrustedProxies>().cloned().unwrap_or_default();
    let address = proxies.client(peer, &parts.headers);
    match face.admit(access, &parts, address).await {
        Ok(scope) => {
            parts.extensions.insert(Visitor { scope, caller: caller(address, &parts.headers) });
            next.run(Request::from_parts(parts, body)).await
        }
        Err(refusal) => (face.refuse)(&face, refusal, &parts),
    }
}

impl From<engine::Error> for Refusal {
    fn from(error: engine::Error) -> Self {
        Refusal::Error(error)
    }
}
