//! Signing in and out, and the choice of a language.

use askama::Template;
use axum::Extension;
use axum::extract::State;
use axum::response::Response;
use door::{Access, Cookies, Face, Form, Query, Routes, Visitor, clear_session_cookie, set_session_cookie};
use engine::sign_in;
use http::{HeaderMap, Method, StatusCode, header};
use serde::Deserialize;

use super::layout::Layout;
use super::organization_of;
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
}

#[derive(Template)]
#[template(path = "sign_in.html")]
struct SignIn {
    l: Layout,
    enrolling: bool,
    next: String,
    name: String,
    org: String,
}

/// The sign-in page.
pub(super) fn page(
    face: &Face,
    headers: &HeaderMap,
    asked: &Asked,
    refused: Option<(StatusCode, String)>,
) -> Response {
    let t = tongue(headers);
    let organization = organization_of(face, host(headers), &asked.org);
    let name = organization.map(|o| o.name.clone()).unwrap_or_default();
    let next = next_of(&asked.next).to_owned();
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
    let page = SignIn { l, enrolling, next, name: asked.user.clone(), org: asked.org.clone() };
    html(code, page.to_string())
}

pub(super) fn host(headers: &HeaderMap) -> Option<&str> {
    headers.get(header::HOST)?.to_str().ok()
}

async fn show(State(face): State<Face>, headers: HeaderMap, Query(asked): Query<Asked>) -> Response {
    page(&face, &headers, &asked, None)
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
            };
            page(&face, &headers, &asked, Some((status(&error), words(tongue(&headers), &error))))
        }
    }
}

async fn leave(cx: Cx, _: Form) -> Answer {
    sign_in::sign_out_user(&cx.engine, &cx.scope).await?;
    Ok(with_cookie(see_other("/portal/sign-in"), &clear_session_cookie(Cookies::Users)))
}

/// The choice is kept for a year; it says nothing about who chose.
async fn speak(Form(data): Form) -> Response {
    let chosen = Tongue::from_key(data.text("language")).unwrap_or_default();
    let cookie = format!("language={}; Path=/; Secure; SameSite=Lax; Max-Age=31536000", chosen.key());
    with_cookie(see_other(next_of(data.text("next"))), &cookie)
}
