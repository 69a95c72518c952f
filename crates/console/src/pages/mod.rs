//! The pages: each parses, calls one use case of the engine, and puts parts together.
//!
//! One file or folder per feature, each with a function `routes` that registers its handlers with the access they
//! need. Nothing is decided here: what is allowed, valid or conflicting is said by the engine.

mod account;
mod administrators;
mod alerts;
mod approvals;
mod connections;
mod custom;
mod custom_columns;
mod dashboard;
mod devices;
mod directories;
mod foretold;
mod frame;
mod getting_started;
mod groups;
mod identity;
mod imports;
mod ise;
mod journal;
mod letters;
mod notifications;
mod organization;
mod organizations;
mod reports;
mod restrictions;
mod roles;
mod schedules;
mod search;
mod servers;
mod set_up;
mod sign_in;
mod smtp;
mod suites;
mod tasks;
mod terms;
mod users;
mod views;
mod watch;
mod webhooks;
mod words;

use std::sync::Arc;

use axum::body::Body;
use axum::extract::Request;
use axum::response::Response;
use axum::routing::get;
use axum::{Extension, Router, middleware};
use door::{Face, RouteInfo, Routes, TrustedProxies};

use crate::{Host, assets};
pub use frame::refuse;
use frame::{Answer, HostRef, Oops};

fn routes(face: Face) -> Routes {
    let features = [
        sign_in::routes,
        identity::routes,
        dashboard::routes,
        getting_started::routes,
        devices::routes,
        users::routes,
        imports::routes,
        groups::routes,
        custom_columns::routes,
        terms::routes,
        set_up::routes,
        views::routes,
        suites::routes,
        schedules::routes,
        restrictions::routes,
        alerts::routes,
        notifications::routes,
        watch::routes,
        servers::routes,
        directories::routes,
        letters::routes,
        smtp::routes,
        webhooks::routes,
        tasks::routes,
        reports::routes,
        journal::routes,
        organization::routes,
        connections::routes,
        administrators::routes,
        approvals::routes,
        roles::routes,
        ise::routes,
        organizations::routes,
        search::routes,
        account::routes,
    ];
    features.into_iter().fold(Routes::new(face), |all, register| register(all))
}

/// Every route of the console with the access it needs.
pub fn table(face: Face) -> Vec<RouteInfo> {
    routes(face).table().to_vec()
}

/// The console, for all paths below `/dashboard`. The face takes session cookies, no tokens, and says no by
/// [`refuse`]; the peer's address must be in the request's extensions as [`door::Peer`].
pub fn router(face: Face, host: Arc<dyn Host>, proxies: TrustedProxies) -> Router {
    routes(face)
        .into_router(proxies)
        .route(&format!("{}/{{version}}/{{name}}", assets::MOUNT), get(asset))
        .route("/dashboard/", get(|| async { frame::see_other("/dashboard") }))
        .fallback(nothing)
        .layer(Extension(HostRef(host)))
        .layer(middleware::from_fn(frame::finish))
}

async fn asset(
    axum::extract::Path((version, name)): axum::extract::Path<(String, String)>,
    request: Request,
) -> Response {
    assets::serve(&version, &name, request.headers()).map(Body::from)
}

async fn nothing() -> Answer {
    Err(Oops::not_found("page"))
}
