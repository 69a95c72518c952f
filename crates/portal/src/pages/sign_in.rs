//! Signing in and out, and the choice of a language.

use askama::Template;
use axum::Extension;
use axum::extract::State;
use axum::response::Response;
use door::{Access, Cookies, Face, Form, Query, Routes, Visitor, clear_session_cookie, set_session_cookie};
use engine::{Principal, identity, sign_in};
use http::{HeaderMap, Method, StatusCode, header};
use serde::Deserialize;

use super::layout::Layout;
use super::organization_of;
use super::provider::{self, Button};
use crate::assets;
use crate::frame::{Answer, Cx, HostRef, html, next_of, see_other, status, tongue, with_cookie, words};
use crate::words::Tongue;

/// Registers the pages.
pub fn routes(routes: Routes) -> Routes {
    routes
        .route(Method::GET, "/portal/sign-in", Access::Public, show)
        .route(Method::POST, "/portal/sign-in", Access::Public, enter)
        .route(Method::POST, "/portal/sign-out", Access::SignedIn, leave)
        .route(Method::POST, "/portal/language", Access::Public, speak)
}

/// What the address can say.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Asked {
    next: String,
    over: String,
    user: String,
    org: String,
    /// The identity provider of a session that was just ended.
    left: Option<String>,
}

impl Asked {
    /// The page of an organization.
    pub(super) fn at(next: &str, org: &str) -> Self {
        Self { next: next.to_owned(), org: org.to_owned(), ..Self::default() }
    }
}

#[derive(Template)]
#[template(path = "sign_in.html")]
struct SignIn {
    l: Layout,
    enrolling: bool,
    next: String,
    name: String,
    org: String,
    buttons: Vec<Button>,
    /// Name of a provider, and the address where the session there ends.
    left: Option<(String, String)>,
}

/// The sign-in page.
pub(super) fn page(
    face: &Face,
    headers: &HeaderMap,
    asked: &Asked,
    refused: Option<(StatusCode, String)>,
    left: Option<(String, String)>,
) -> Response {
    let t = tongue(headers);
    let organization = organization_of(face, host(headers), &asked.org);
    let next = next_of(&asked.next).to_owned();
    let home = organization.as_ref().map(|o| o.id).or_else(|| identity::usual_organization(&face.engine));
    let buttons = home.map(|id| provider::buttons(&face.engine, id, &next)).unwrap_or_default();
    let name = organization.map(|o| o.name.clone()).unwrap_or_default();
    let enrolling = next.starts_with("/enroll");
    let title = t.say(if enrolling { "enrol-title" } else { "sign-in-title" });
    let mut l = Layout::outside(t, title, name);
    let mut code = StatusCode::OK;
    if let Some((status, words)) = refused {
        code = status;
        l = l.refused(words);
    } else if !asked.over.is_empty() {
        l = l.refused(t.say("sign-in-over"));
    }
    let page = SignIn { l, enrolling, next, name: asked.user.clone(), org: asked.org.clone(), buttons, left };
    html(code, page.to_string())
}

pub(super) fn host(headers: &HeaderMap) -> Option<&str> {
    headers.get(header::HOST)?.to_str().ok()
}

async fn show(
    State(face): State<Face>,
    Extension(server): Extension<HostRef>,
    headers: HeaderMap,
    Query(asked): Query<Asked>,
) -> Response {
    let left = match asked.left.as_deref().and_then(|id| id.parse().ok()) {
        Some(id) => {
            let back = provider::address_of(&face, &server, &headers, "/portal/sign-in");
            identity::end_session_address(&face.engine, id, &back).await
        }
        None => None,
    };
    page(&face, &headers, &asked, None, left)
}

async fn enter(
    State(face): State<Face>,
    Extension(server): Extension<HostRef>,
    visitor: Visitor,
    headers: HeaderMap,
    Form(data): Form,
) -> Response {
    let name = data.text("name");
    let opened = sign_in::sign_in_user(
        &face.engine,
        server.0.mail_servers(),
        host(&headers),
        name,
        data.raw("password"),
        &visitor.caller,
    )
    .await;
    match opened {
        Ok((token, _)) => {
            with_cookie(see_other(next_of(data.text("next"))), &set_session_cookie(Cookies::Users, &token))
        }
        Err(error) => {
            let asked = Asked {
                next: data.text("next").to_owned(),
                over: String::new(),
                user: name.to_owned(),
                org: data.text("org").to_owned(),
                left: None,
            };
            page(&face, &headers, &asked, Some((status(&error), words(tongue(&headers), &error))), None)
        }
    }
}

async fn leave(cx: Cx, _: Form) -> Answer {
    let to = match cx.scope.principal() {
        Principal::User(_, session) => session
            .provider
            .as_ref()
            .map(|of| format!("/portal/sign-in?left={}&org={}", of.provider, cx.organization.slug)),
        _ => None,
    };
    sign_in::sign_out_user(&cx.engine, &cx.scope).await?;
    Ok(with_cookie(
        see_other(to.as_deref().unwrap_or("/portal/sign-in")),
        &clear_session_cookie(Cookies::Users),
    ))
}

/// The choice is kept for a year; it says nothing about who chose.
async fn speak(Form(data): Form) -> Response {
    let chosen = Tongue::from_key(data.text("language")).unwrap_or_default();
    let cookie = format!("language={}; Path=/; Secure; SameSite=Lax; Max-Age=31536000", chosen.key());
    with_cookie(see_other(next_of(data.text("next"))), &cookie)
}
