//! The pages: each parses, calls one use case of the engine, and fills a template.

mod account;
mod app;
mod device;
mod devices;
mod diary;
mod enroll;
mod invited;
mod layout;
mod provider;
mod sign_in;
mod state;
mod terms;

use std::sync::Arc;

use axum::routing::get;
use axum::{Extension, Router, middleware};
use domain::model::OrganizationId;
use door::{Face, RouteInfo, Routes, TrustedProxies};
use engine::Error;

use crate::assets;
use crate::frame::{self, Answer, Host, HostRef, Oops};
pub use layout::error_page;

fn routes(face: Face) -> Routes {
    let features = [
        sign_in::routes,
        provider::routes,
        devices::routes,
        device::routes,
        diary::routes,
        account::routes,
        enroll::routes,
        invited::routes,
        terms::routes,
        app::routes,
    ];
    features.into_iter().fold(Routes::new(face), |all, register| register(all))
}

/// Every route of the portal with the access it needs.
pub fn table(face: Face) -> Vec<RouteInfo> {
    routes(face).table().to_vec()
}

/// The pages below `/portal` and `/enroll`. The face takes the session cookies of users and nothing else, and says no by
/// [`crate::refuse`]; the peer's address must be in the request's extensions as [`door::Peer`].
pub fn router(face: Face, host: Arc<dyn Host>, proxies: TrustedProxies) -> Router {
    routes(face)
        .into_router(proxies)
        .route(&format!("{}/{{version}}/{{name}}", assets::MOUNT), get(frame::asset))
        .route("/portal/", get(|| async { frame::see_other("/portal") }))
        .route("/enroll/", get(|| async { frame::see_other("/enroll") }))
        .fallback(nothing)
        .layer(Extension(HostRef(host)))
        .layer(middleware::from_fn(frame::finish))
}

async fn nothing() -> Answer {
    Err(Oops::Error(Error::NotFound("page")))
}

/// The organization that a host name leads to, or a short name in the address; for a greeting only.
fn organization_of(face: &Face, host: Option<&str>, slug: &str) -> Option<Arc<domain::model::Organization>> {
    let directory = face.engine.directory();
    let bare = host.map(|h| h.rsplit_once(':').map_or(h, |(name, _)| name));
    let id: OrganizationId =
        bare.and_then(|host| directory.by_host(host)).or_else(|| directory.by_slug(slug))?;
    let org = directory.organization(id)?;
    let organization = Arc::clone(&org.read().organization);
    organization.enabled.then_some(organization)
}
