//! **REST v1**: everything the console can do, for programs.
//!
//! Each file is the room of one resource: its DTOs, the description of its endpoints and their handlers together.
//! A description ([`endpoint`]) registers the handler with the access it needs and writes the OpenAPI document, so
//! neither can exist without the other. Handlers translate between JSON and the engine's use cases; they decide
//! nothing. Tokens prove callers; session cookies mean nothing here, so no page can act through a browser.

mod access_restrictions;
mod administrators;
mod alerts;
mod answer;
mod approvals;
mod assignments;
mod catalogue;
mod commands;
mod connections;
mod custom_columns;
mod dashboard;
mod devices;
mod endpoint;
mod enrollment;
mod getting_started;
mod group_rules;
mod groups;
mod host;
mod identity;
mod input;
mod installation;
mod ise;
mod journal;
mod ldap_servers;
mod letters;
mod me;
mod notifications;
mod openapi;
mod organization;
mod organizations;
mod policy_suites;
mod problem;
mod radius_servers;
mod report_mails;
mod reports;
mod roles;
mod schedules;
mod search;
mod servers;
mod smtp;
mod source;
mod tasks;
mod terms;
mod traces;
mod user_imports;
mod users;
mod views;
mod watch_list;
mod webhooks;
mod what_if;
mod words;

use std::sync::Arc;

use axum::response::{IntoResponse, Response};
use axum::routing::any;
use axum::{Extension, Router};
use door::{Access, Cookies, Face, RouteInfo, Routes, TrustedProxies};
use http::{HeaderName, HeaderValue, Method};
use serde_json::Value;
use tower::ServiceBuilder;

use endpoint::{Family, endpoint};
pub use host::{CheckOutcome, Host, Later, ServerCheck};
pub use problem::refuse;

/// Every resource, in the order of the document.
fn families() -> Vec<Family> {
    vec![
        me::family(),
        me::passkeys(),
        me::tokens(),
        me::sessions(),
        devices::family(),
        devices::export(),
        views::family(),
        traces::family(),
        commands::family(),
        approvals::family(),
        users::family(),
        user_imports::family(),
        enrollment::family(),
        letters::family(),
        groups::family(),
        custom_columns::family(),
        terms::family(),
        assignments::family(),
        policy_suites::family(),
        schedules::family(),
        access_restrictions::family(),
        alerts::family(),
        notifications::family(),
        watch_list::family(),
        servers::family(),
        smtp::family(),
        webhooks::family(),
        ise::family(),
        ldap_servers::family(),
        radius_servers::family(),
        organization::family(),
        getting_started::family(),
        connections::family(),
        administrators::family(),
        roles::family(),
        identity::family(),
        journal::family(),
        dashboard::family(),
        reports::family(),
        report_mails::family(),
        tasks::family(),
        search::family(),
        catalogue::family(),
        organizations::family(),
        installation::family(),
        smtp::installation(),
        letters::installation(),
        alerts::installation(),
        administrators::installation(),
        journal::installation(),
        tasks::installation(),
        document_itself(),
    ]
}

fn document_itself() -> Family {
    let get = endpoint(Method::GET, "/api/openapi.json", Access::Public, serve_document, "This document")
        .file(&["application/json"]);
    Family { name: "Documentation", about: "The description of this API.", endpoints: vec![get] }
}

async fn serve_document() -> Response {
    static TEXT: std::sync::OnceLock<String> = std::sync::OnceLock::new();
    let text = TEXT.get_or_init(|| openapi().to_string());
    ([(http::header::CONTENT_TYPE, "application/json")], text.as_str()).into_response()
}

/// The OpenAPI 3.1 document of REST v1.
pub fn openapi() -> Value {
    openapi::document(&families())
}

/// Every route with its access, for the access matrix.
pub fn routes_table() -> Vec<RouteInfo> {
    families().iter().flat_map(|family| &family.endpoints).map(endpoint::Endpoint::info).collect()
}

/// The router of `/api/v1` and `/api/openapi.json`. The peer's address must be in the request's extensions as
/// [`door::Peer`]. The server around it gives what needs real connections. Whatever the face says, callers are
/// proved by tokens alone.
pub fn router(face: Face, host: Arc<dyn Host>, proxies: TrustedProxies) -> Router {
    let face = Face { cookies: Cookies::None, tokens: true, refuse, ..face };
    let routes = families()
        .into_iter()
        .flat_map(|family| family.endpoints)
        .fold(Routes::new(face), |routes, endpoint| endpoint.register(routes));
    let unknown = any(|| async { problem::Problem::no_such_path() });
    let header = |name: &'static str, value: &'static str| {
        tower::util::MapResponseLayer::new(move |mut response: Response| {
            response
                .headers_mut()
                .entry(HeaderName::from_static(name))
                .or_insert(HeaderValue::from_static(value));
            response
        })
    };
    routes
        .into_router(proxies)
        .method_not_allowed_fallback(problem::method_not_allowed)
        .route("/api/v1", unknown.clone())
        .route("/api/v1/", unknown.clone())
        .route("/api/v1/{*rest}", unknown)
        .layer(
            ServiceBuilder::new()
                .layer(Extension(host))
                // Answers hold personal data, sometimes a new secret: nothing in between may keep them.
                .layer(header("cache-control", "no-store"))
                .layer(header("x-content-type-options", "nosniff")),
        )
}
