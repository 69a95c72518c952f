//! `/o/{org}`: where Cisco ISE sends the users of devices it does not know.
//!
//! It opens without a login, inside a network that lets nothing else through. Per platform the organization can
//! name an address to go on to; else a plain page says how to add the company's mail account, which is what enrols
//! the device. Parameters that ISE adds are of no use here and are ignored.

mod guide;

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::response::Response;
use axum::routing::get;
use catalog::{Claims, Platform, recognize};
use domain::model::Organization;
use engine::Engine;
use http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HOST, LOCATION, USER_AGENT, VARY};
use http::{HeaderMap, HeaderValue, StatusCode};

/// The style of the page; no organization can be called so.
const STYLE: &str = "/o/page.css";
const POLICY: &str =
    "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// The routes, `/o/{org}` and the page's style.
pub fn router(engine: Arc<Engine>) -> Router {
    Router::new()
        .route(STYLE, get(style))
        .route("/o/{organization}", get(page))
        .route("/o/{organization}/", get(page))
        .with_state(engine)
}

async fn page(State(engine): State<Arc<Engine>>, Path(slug): Path<String>, headers: HeaderMap) -> Response {
    let Some(organization) = organization(&engine, &slug) else {
        return html(StatusCode::NOT_FOUND, guide::unknown());
    };
    let text = |name| headers.get(name).and_then(|v: &HeaderValue| v.to_str().ok()).unwrap_or_default();
    let platform = recognize(&Claims { user_agent: text(USER_AGENT), ..Claims::default() }).platform;
    if let Some(answer) = elsewhere(&organization, platform) {
        return answer;
    }
    html(StatusCode::OK, guide::page(&organization, platform, server_name(text(HOST))))
}

fn organization(engine: &Engine, slug: &str) -> Option<Arc<Organization>> {
    let id = engine.directory().by_slug(slug)?;
    let org = engine.directory().organization(id)?;
    let organization = Arc::clone(&org.read().organization);
    organization.enabled.then_some(organization)
}

/// The address that the organization named for the platform.
fn elsewhere(organization: &Organization, platform: Platform) -> Option<Response> {
    let address = organization.settings.redirects.0.get(&platform).filter(|a| !a.is_empty())?;
    let location = HeaderValue::from_str(address).ok()?;
    let mut answer = html(StatusCode::FOUND, String::new());
    answer.headers_mut().insert(LOCATION, location);
    Some(answer)
}

/// The host of the request without its port: what has to be entered as the mail server.
fn server_name(host: &str) -> &str {
    match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|b| b.is_ascii_digit()) => name,
        _ => host,
    }
}

fn html(status: StatusCode, body: String) -> Response {
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    // Another device behind the same cache gets another answer.
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(VARY, HeaderValue::from_static("User-Agent"));
    headers.insert("x-content-type-options", HeaderValue::from_static("nosniff"));
    headers.insert("referrer-policy", HeaderValue::from_static("no-referrer"));
    response
}

async fn style() -> Response {
    let mut response = Response::new(Body::from(include_str!("page.css")));
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/css; charset=utf-8"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("public, max-age=3600"));
    response
}

#[cfg(test)]
mod tests {
    use super::server_name;

    #[test]
    fn a_port_is_not_part_of_the_servers_name() {
        assert_eq!(server_name("mdm.example.com:8443"), "mdm.example.com");
        assert_eq!(server_name("mdm.example.com"), "mdm.example.com");
        assert_eq!(server_name("[::1]:8443"), "[::1]");
        assert_eq!(server_name(""), "");
    }
}
