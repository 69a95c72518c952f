//! **SCIM 2.0** (RFC 7643, RFC 7644): identity systems push users and groups, below `/scim/v2/{org}`.
//!
//! Callers are proved by REST tokens that hold the permission to provision. [`resource`] turns users and groups into
//! SCIM's JSON and back, [`patch`] applies PATCH to that JSON, [`filter`] reads filters; the handlers call the same
//! use cases as REST and decide nothing. Errors speak SCIM's dialect ([`error`]).

mod discovery;
mod error;
mod filter;
mod groups;
mod page;
mod patch;
mod path;
mod resource;
mod users;

use axum::Router;
use axum::response::{IntoResponse, Response};
use axum::routing::any;
use catalog::Permission;
use door::{Access, Cookies, Face, RouteInfo, Routes, TrustedProxies};
use http::Method;

pub use error::refuse;

/// Largest body of a request: a group of some ten thousand members.
const BODY_LIMIT: usize = 4 << 20;

fn routes(face: Face) -> Routes {
    let all = Access::Needs(Permission::UsersProvision);
    let (users, user) = ("/scim/v2/{org}/Users", "/scim/v2/{org}/Users/{id}");
    let (groups, group) = ("/scim/v2/{org}/Groups", "/scim/v2/{org}/Groups/{id}");
    Routes::new(face)
        .route(Method::GET, "/scim/v2/{org}/ServiceProviderConfig", all, discovery::config)
        .route(Method::GET, "/scim/v2/{org}/ResourceTypes", all, discovery::types)
        .route(Method::GET, "/scim/v2/{org}/ResourceTypes/{id}", all, discovery::one_type)
        .route(Method::GET, "/scim/v2/{org}/Schemas", all, discovery::schemas)
        .route(Method::GET, "/scim/v2/{org}/Schemas/{id}", all, discovery::schema)
        .route(Method::GET, users, all, users::list)
        .route(Method::POST, users, all, users::create)
        .route(Method::POST, "/scim/v2/{org}/Users/.search", all, users::search)
        .route(Method::GET, user, all, users::show)
        .route(Method::PUT, user, all, users::replace)
        .route(Method::PATCH, user, all, users::patch)
        .route(Method::DELETE, user, all, users::remove)
        .route(Method::GET, groups, all, groups::list)
        .route(Method::POST, groups, all, groups::create)
        .route(Method::POST, "/scim/v2/{org}/Groups/.search", all, groups::search)
        .route(Method::GET, group, all, groups::show)
        .route(Method::PUT, group, all, groups::replace)
        .route(Method::PATCH, group, all, groups::patch)
        .route(Method::DELETE, group, all, groups::remove)
}

/// Every route with its access.
pub fn routes_table(face: Face) -> Vec<RouteInfo> {
    routes(face).table().to_vec()
}

/// The router of `/scim/v2`. The peer's address must be in the request's extensions as [`door::Peer`]. Whatever the
/// face says, callers are proved by tokens alone.
pub fn router(face: Face, proxies: TrustedProxies) -> Router {
    let face = Face { cookies: Cookies::None, tokens: true, refuse, ..face };
    let nothing = any(|| async { error::ScimError::not_found("There is nothing at this address.") });
    let no_store = |mut response: Response| {
        let value = http::HeaderValue::from_static("no-store");
        response.headers_mut().insert(http::header::CACHE_CONTROL, value);
        response
    };
    routes(face)
        .into_router(proxies)
        .method_not_allowed_fallback(|| async { error::ScimError::method().into_response() })
        .fallback(nothing)
        .layer(tower::util::MapResponseLayer::new(no_store))
}
