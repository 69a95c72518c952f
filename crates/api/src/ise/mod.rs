//! **The face towards Cisco ISE** and other NAC products.
//!
//! It speaks the external-MDM API of ISE (versions 1 to 3) over `wire_ise` and asks `engine::ise`. The order of
//! checks is part of the protocol, since ISE shows its administrator only the status code: the shape of the path
//! (404), the credentials (401), the instance (404), the account's mark (403), and only then the request. The
//! body is read after all of these. Nothing here ever redirects: clients drop their credentials or turn a POST into
//! a GET.

mod action;
mod answers;
mod bodies;
mod call;
mod credentials;
mod devices;
mod info;
mod nac;
mod stream;

use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::response::Response;
use bytes::Bytes;
use domain::model::{AdministratorId, OrganizationId};
use door::{Peer, TrustedProxies};
use engine::sign_in::{self, IseRefusal};
use engine::{Engine, Scope};
use http::request::Parts;
use parking_lot::RwLock;
use wire_ise::ApiVersion;
use wire_ise::target::{self, Request as Asked, Target};

use call::Recorder;

/// The face. One for the whole server.
pub struct Ise {
    engine: Arc<Engine>,
    proxies: TrustedProxies,
    /// The version each account last settled on, for addresses that do not say it.
    negotiated: RwLock<HashMap<AdministratorId, ApiVersion>>,
}

/// A request whose caller is proven.
struct Call<'r> {
    ise: &'r Ise,
    scope: Scope,
    parts: &'r Parts,
    version: ApiVersion,
}

impl Ise {
    /// The face of an engine. `proxies` may say whom they forward for.
    pub fn new(engine: Arc<Engine>, proxies: TrustedProxies) -> Arc<Self> {
        Arc::new(Self { engine, proxies, negotiated: RwLock::default() })
    }

    /// Whether a path belongs here: `/ciscoise`, `/ise/mdm/api`, each also behind one instance segment, and
    /// `/api/nac`.
    pub fn handles(path: &str) -> bool {
        let mut segments = path.split('/').filter(|segment| !segment.is_empty());
        let first: [Option<&str>; 4] = std::array::from_fn(|_| segments.next());
        matches!(
            first,
            [Some("ciscoise"), ..]
                | [_, Some("ciscoise"), ..]
                | [Some("ise"), Some("mdm"), Some("api"), _]
                | [_, Some("ise"), Some("mdm"), Some("api")]
                | [Some("api"), Some("nac"), ..]
        )
    }

    /// Answers a request from `peer`. Small answers have their length and leave in one piece; pages of many devices
    /// are streamed.
    pub async fn handle<B>(&self, parts: Parts, body: B, peer: SocketAddr) -> Response
    where
        B: http_body::Body<Data = Bytes> + Send,
        B::Error: Into<axum::BoxError>,
    {
        let address = self.proxies.client(peer.ip(), &parts.headers);
        let answer = if nac::handles(parts.uri.path()) {
            self.nac(&parts, address).await
        } else {
            match target::parse(parts.method.as_str(), parts.uri.path(), parts.uri.query()) {
                Ok(target) => self.admit(target, &parts, body, address).await,
                Err(target::NotFound) => answers::not_found(),
            }
        };
        if parts.method == http::Method::HEAD { answers::without_body(answer) } else { answer }
    }

    /// The checks, in the protocol's order.
    async fn admit<B>(&self, target: Target, parts: &Parts, body: B, address: IpAddr) -> Response
    where
        B: http_body::Body<Data = Bytes> + Send,
        B::Error: Into<axum::BoxError>,
    {
        let instance = match target.instance.as_deref().map(|slug| self.instance(slug)) {
            Some(None) => return answers::not_found(),
            known => known.flatten(),
        };
        let mut recorder = Recorder::new(&self.engine, parts, address);
        let scope = match self.prove(parts, address, instance, &mut recorder).await {
            Ok(scope) => scope,
            Err(refusal) => {
                let version = target.implied_version.unwrap_or(ApiVersion::V2);
                let (answer, note) = answers::refusal(version, &refusal);
                return recorder.refused(instance, answer, &note);
            }
        };
        recorder.proven(scope.organization());
        let version = target.version(self.last_version(&scope));
        let call = Call { ise: self, scope, parts, version };
        match target.request {
            Err(error) => recorder.answered(answers::bad_request(version, error), &error.to_string()),
            Ok(Asked::MdmInfo { .. }) => call.mdm_info(recorder),
            Ok(Asked::Devices(query)) => call.devices(query, recorder).await,
            Ok(Asked::BatchDevices(query)) => call.batch(query, body, recorder).await,
            Ok(Asked::Action(action)) => call.action(action, body, recorder).await,
            Ok(Asked::SendMessage) => call.send_message(body, recorder).await,
        }
    }

    /// An instance that does not exist is answered before the credentials are looked at, like any unknown path.
    fn instance(&self, slug: &str) -> Option<OrganizationId> {
        let id = self.engine.directory().by_slug(slug)?;
        let org = self.engine.directory().organization(id)?;
        let enabled = org.read().organization.enabled;
        enabled.then_some(id)
    }

    async fn prove(
        &self,
        parts: &Parts,
        address: IpAddr,
        instance: Option<OrganizationId>,
        recorder: &mut Recorder,
    ) -> Result<Scope, IseRefusal> {
        let basic = credentials::basic(&parts.headers).ok_or(IseRefusal::Unauthorized)?;
        recorder.account(&basic.user);
        sign_in::ise(&self.engine, &basic.user, &basic.password, address, instance).await
    }

    fn last_version(&self, scope: &Scope) -> Option<ApiVersion> {
        self.negotiated.read().get(&scope.administrator()?.id).copied()
    }
}

/// The face as a router, for servers that have one. The peer's address must be in the request's extensions as
/// [`Peer`].
pub fn router(ise: Arc<Ise>) -> Router {
    Router::new().fallback(move |request: Request<Body>| {
        let ise = Arc::clone(&ise);
        async move {
            let (parts, body) = request.into_parts();
            let peer =
                parts.extensions.get::<Peer>().map_or_else(|| SocketAddr::from(([0, 0, 0, 0], 0)), |p| p.0);
            ise.handle(parts, body, peer).await
        }
    })
}

#[cfg(test)]
mod tests {
    use super::Ise;

    #[test]
    fn paths_of_this_face_are_known_by_their_first_segments() {
        for path in [
            "/ciscoise",
            "/ciscoise/mdminfo/",
            "//ciscoise//mdminfo",
            "/acme/ciscoise/mdminfo",
            "/ise/mdm/api/devices/",
            "/acme/ise/mdm/api/devices/0/all",
            "/api/nac/v1/devices/0026B424FEB4",
        ] {
            assert!(Ise::handles(path), "{path}");
        }
        for path in ["/", "/acme", "/ise/mdm", "/api/v1/devices", "/a/b/ciscoise", "/o/acme", "/ciscoises"] {
            assert!(!Ise::handles(path), "{path}");
        }
    }
}
