//! Signing in by the organization's identity provider: the buttons, the way there, and back.

use axum::Extension;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use domain::model::{IdentityProviderId, OrganizationId};
use door::{Access, Cookies, Face, Form, Path, Query, Routes, Visitor, cookie, set_session_cookie};
use engine::identity::{self, Return};
use engine::{Engine, Error};
use http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use serde::Deserialize;

use super::sign_in::{self, Asked, host};
use crate::frame::{HostRef, next_of, see_other, status, tongue, with_cookie};

/// What a browser keeps while its owner is at the provider. It comes back by a link from there, so it is Lax.
const COOKIE: &str = "__Host-notifymdm-user-leave";

/// Registers the pages.
pub fn routes(routes: Routes) -> Routes {
    routes
        .route(Method::GET, "/portal/sign-in/leave", Access::Public, leave)
        .route(Method::GET, "/portal/sign-in/oidc/{id}", Access::Public, arrive)
        .route(Method::POST, "/portal/sign-in/oidc/{id}/logout", Access::Public, back_channel)
}

/// A button of the sign-in page.
pub(super) struct Button {
    pub name: String,
    pub address: String,
}

/// The buttons of an organization; `next` is where they lead in the end.
pub(super) fn buttons(engine: &Engine, organization: OrganizationId, next: &str) -> Vec<Button> {
    let all = identity::of_users(engine, organization);
    let next: String = form_urlencoded::byte_serialize(next.as_bytes()).collect();
    let address = |id| format!("/portal/sign-in/leave?provider={id}&next={next}");
    all.iter().map(|p| Button { name: p.name.clone(), address: address(p.id) }).collect()
}

/// The button by which somebody shows anew at a provider who it is, and comes back to a page.
pub(super) fn anew(
    engine: &Engine,
    organization: OrganizationId,
    id: IdentityProviderId,
    next: &str,
) -> Option<Button> {
    let provider = identity::of_users(engine, organization).into_iter().find(|p| p.id == id)?;
    let next: String = form_urlencoded::byte_serialize(next.as_bytes()).collect();
    let address = format!("/portal/sign-in/leave?provider={id}&next={next}&anew=1");
    Some(Button { name: provider.name.clone(), address })
}

/// Where a page of users is, under the name that it was asked by if that is one of this server's.
pub(super) fn address_of(face: &Face, server: &HostRef, headers: &HeaderMap, path: &str) -> String {
    let usual = server.0.base_url();
    let own = usual.split_once("://").map_or("", |(_, rest)| rest);
    let name =
        |authority: &str| authority.rsplit_once(':').map_or(authority, |(name, _)| name).to_lowercase();
    let asked = host(headers).unwrap_or_default();
    let known = name(asked) == name(own) || face.engine.directory().by_host(&name(asked)).is_some();
    if !asked.is_empty() && known { format!("https://{asked}{path}") } else { format!("{usual}{path}") }
}

fn keep(value: &str, seconds: u32) -> String {
    format!("{COOKIE}={value}; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age={seconds}")
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Leaving {
    provider: String,
    next: String,
    /// Not empty: whatever session is open at the provider does not count.
    anew: String,
}

/// The sign-in page of the provider's organization, saying what went wrong.
fn refused(
    face: &Face,
    headers: &HeaderMap,
    id: Option<IdentityProviderId>,
    next: &str,
    error: &Error,
) -> Response {
    let key = match error {
        Error::Upstream(_) | Error::Busy(_) => "sign-in-provider-away",
        Error::NotFound(_) => "error-not-found",
        _ => "sign-in-provider-denied",
    };
    let of = id.and_then(|id| identity::organization_of(&face.engine, id));
    let org = of.and_then(|id| face.engine.directory().organization(id));
    let slug = org.map(|org| org.read().organization.slug.clone()).unwrap_or_default();
    let asked = Asked::at(next, &slug);
    sign_in::page(face, headers, &asked, Some((status(error), tongue(headers).say(key))), None)
}

async fn leave(
    State(face): State<Face>,
    Extension(server): Extension<HostRef>,
    headers: HeaderMap,
    Query(asked): Query<Leaving>,
) -> Response {
    let id: Option<IdentityProviderId> = asked.provider.parse().ok();
    let of = id.and_then(|id| Some((id, identity::organization_of(&face.engine, id)?)));
    let next = next_of(&asked.next);
    let Some((id, organization)) = of else {
        return refused(&face, &headers, None, next, &Error::NotFound("identity provider"));
    };
    let back = address_of(&face, &server, &headers, &format!("/portal/sign-in/oidc/{id}"));
    let departure = if asked.anew.is_empty() {
        identity::depart_user(&face.engine, organization, id, &back, next).await
    } else {
        identity::depart_user_anew(&face.engine, organization, id, &back, next).await
    };
    match departure {
        Ok(departure) => with_cookie(see_other(&departure.address), &keep(&departure.cookie, 600)),
        Err(error) => refused(&face, &headers, Some(id), next, &error),
    }
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Back {
    state: String,
    code: String,
    iss: Option<String>,
    error: Option<String>,
}

async fn arrive(
    State(face): State<Face>,
    visitor: Visitor,
    headers: HeaderMap,
    Path(id): Path<IdentityProviderId>,
    Query(back): Query<Back>,
) -> Response {
    let kept = cookie(&headers, COOKIE).unwrap_or_default().to_owned();
    let back = Return {
        cookie: &kept,
        state: &back.state,
        code: &back.code,
        issuer: back.iss.as_deref(),
        error: back.error.as_deref(),
    };
    let response = match identity::arrive_user(&face.engine, id, back, &visitor.caller).await {
        Ok((token, next)) => {
            with_cookie(see_other(next_of(&next)), &set_session_cookie(Cookies::Users, &token))
        }
        Err(error) => {
            tracing::info!(%error, provider = %id, "a user was not signed in");
            refused(&face, &headers, Some(id), "/portal", &error)
        }
    };
    with_cookie(response, &keep("", 0))
}

/// The provider itself asks; there is no browser, so the answer is bare.
async fn back_channel(
    State(face): State<Face>,
    Path(id): Path<IdentityProviderId>,
    Form(form): Form,
) -> Response {
    match identity::back_channel(&face.engine, id, form.raw("logout_token")).await {
        Ok(_) => StatusCode::OK.into_response(),
        Err(error) => {
            tracing::warn!(%error, provider = %id, "a logout token was refused");
            let mut response = (StatusCode::BAD_REQUEST, r#"{"error":"invalid_request"}"#).into_response();
            let kind = HeaderValue::from_static("application/json");
            response.headers_mut().insert(header::CONTENT_TYPE, kind);
            response
        }
    }
}
