//! From a request to its answer: routes, credentials, and the order of the checks.
//!
//! Nothing here decides about devices; `engine::eas::gate` does. The room owns the order: understand the request,
//! find user and device in memory, a pending wipe, the block, the credentials, enrolment, compliance, policy, and
//! only then the command.

mod ask;
mod attempts;
mod contact;
mod credentials;
mod flow;
mod grace;
mod options;
mod owners;
mod pipeline;
mod prove;
mod route;
mod taken;
mod upload;

use std::net::SocketAddr;
use std::ops::Deref;
use std::path::PathBuf;
use std::sync::Arc;

use engine::Engine;
use http::{HeaderValue, Method, Request, Response, header};
use transport::{Body, Reply, RequestBody, Upstreams, WakeAnswer};

pub(crate) use ask::{Ask, header_text};
pub(crate) use attempts::Attempts;
pub(crate) use credentials::{Credentials, NoCredentials};
pub(crate) use flow::Flow;
pub(crate) use grace::Grace;
pub(crate) use options::NOBODY;
pub(crate) use owners::Owners;
pub(crate) use pipeline::too_long;
pub(crate) use prove::{Proved, host_of, wipe_waits};
pub(crate) use upload::{Upload, UploadError};

use crate::answer::Said;
use crate::gateway::Gateway;
use crate::metrics::Metrics;
use crate::parked::Parked;
use crate::provision::Documents;
use crate::standin::Memory;
use route::Route;

/// What an installation may set.
#[derive(Debug, Clone)]
pub struct Options {
    /// Address that Autodiscover hands out, such as `https://mdm.example.com`; without one, the host that the
    /// client asked is named.
    pub public_url: Option<String>,
    /// Shortest and longest interval of Ping and Sync at the stand-in, in seconds.
    pub heartbeat: (u32, u32),
    /// Folder for large uploads while they are on their way (files without a name, at most 64 MiB each); without
    /// one, the system's folder for temporary files, which may be in memory.
    pub spool: Option<PathBuf>,
}

impl Default for Options {
    fn default() -> Self {
        Self { public_url: None, heartbeat: (60, 3540), spool: None }
    }
}

/// The platform: answers ActiveSync and Autodiscover requests. Cheap to clone.
#[derive(Clone)]
pub struct ActiveSync(Arc<Inner>);

/// What all clones share. Public by name only, for `Deref`.
pub struct Inner {
    pub(crate) engine: Arc<Engine>,
    pub(crate) options: Options,
    pub(crate) metrics: Arc<Metrics>,
    pub(crate) parked: Arc<Parked>,
    pub(crate) documents: Documents,
    pub(crate) standin: Memory,
    pub(crate) gateway: Gateway,
    pub(crate) attempts: Attempts,
    pub(crate) owners: Owners,
    pub(crate) grace: Grace,
}

impl Deref for ActiveSync {
    type Target = Inner;

    fn deref(&self) -> &Inner {
        &self.0
    }
}

impl ActiveSync {
    /// Follows the engine from now on. `upstreams` may be shared with others.
    pub fn new(engine: Arc<Engine>, upstreams: Upstreams, options: Options) -> Self {
        let metrics = Arc::new(Metrics::default());
        let inner = Inner {
            parked: Arc::new(Parked::new(Arc::clone(&engine), Arc::clone(&metrics))),
            documents: Documents::default(),
            standin: Memory::default(),
            gateway: Gateway::new(upstreams),
            attempts: Attempts::default(),
            owners: Owners::default(),
            grace: Grace::default(),
            engine,
            options,
            metrics,
        };
        inner.parked.follow();
        Self(Arc::new(inner))
    }

    /// Whether a path is ours.
    pub fn serves(path: &str) -> bool {
        route::of(path).is_some()
    }

    /// Counters.
    pub fn metrics(&self) -> Arc<Metrics> {
        Arc::clone(&self.0.metrics)
    }

    /// The answer after a panic: devices are never told 500, because some of them then load the whole mailbox again.
    pub fn on_panic(&self) -> Response<Body> {
        self.later().response()
    }

    /// The answer to waiting requests at shutdown; each call spreads the devices' return a little.
    pub fn on_drain(&self) -> WakeAnswer {
        self.later().wake()
    }

    /// 503 with a rest of 5 to 36 seconds, different for each.
    pub(crate) fn later(&self) -> Said {
        let [dice] = self.engine.entropy().bytes::<1>();
        Said::later(5 + u32::from(dice % 32)).because("The server is busy or restarting.")
    }

    /// Answers or parks a request. `peer` is the client's address, `secure` whether it came by TLS.
    pub async fn handle(&self, request: Request<RequestBody>, peer: SocketAddr, secure: bool) -> Reply {
        let Some(route) = route::of(request.uri().path()) else { return Said::bare(404).response().into() };
        let allowed: &[Method] = match route {
            Route::ActiveSync => &[Method::OPTIONS, Method::POST],
            Route::Pox => &[Method::POST],
            Route::Json => &[Method::GET],
            Route::Unknown => return Said::bare(404).response().into(),
        };
        if !allowed.contains(request.method()) {
            let names: Vec<_> = allowed.iter().map(Method::as_str).collect();
            let allow = HeaderValue::from_str(&names.join(", ")).unwrap_or(HeaderValue::from_static("POST"));
            return Said::bare(405).header(header::ALLOW, allow).response().into();
        }
        let (parts, body) = request.into_parts();
        match route {
            Route::ActiveSync if parts.method == Method::OPTIONS => {
                self.metrics.requests.up();
                self.offer(parts, peer, secure).await
            }
            Route::ActiveSync => {
                self.metrics.requests.up();
                self.command(parts, body, peer, secure).await
            }
            Route::Json => self.autodiscover_json(&parts).response().into(),
            Route::Pox | Route::Unknown => {
                self.autodiscover_xml(parts, body, peer, secure).await.response().into()
            }
        }
    }
}
