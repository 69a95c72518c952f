//! The last touch on every response: error pages, security headers, compression. And the face's way to say no.

use axum::body::Body;
use axum::extract::Request;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use door::{Face, Refusal, cookie};
use engine::Error;
use http::request::Parts;
use http::{HeaderValue, Method, header};
use http_body_util::BodyExt;

use super::{Oops, due_page, html, see_other};
use crate::assets;
use crate::parts::{Button, ButtonKind, ErrorPage, Html, Theme};

/// Nothing inline, nothing from elsewhere, in nobody's frame.
const POLICY: &str =
    "default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

/// How the console says no before a handler is reached.
pub fn refuse(_: &Face, refusal: Refusal, parts: &Parts) -> Response {
    match refusal {
        Refusal::SignInFirst if parts.method == Method::GET => {
            let next = parts.uri.path_and_query().map_or("/dashboard", http::uri::PathAndQuery::as_str);
            let known = ["/dashboard", "/dashboard/"].contains(&next);
            if known {
                return see_other("/dashboard/sign-in");
            }
            let mut query = String::new();
            for byte in next.bytes() {
                match byte {
                    b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'/' => {
                        query.push(byte.into());
                    }
                    _ => query.push_str(&format!("%{byte:02X}")),
                }
            }
            see_other(&format!("/dashboard/sign-in?next={query}"))
        }
        Refusal::SignInFirst => see_other("/dashboard/sign-in?over=1"),
        Refusal::Due(due) => see_other(due_page(due)),
        Refusal::Error(error) => Oops::Error(error).into_response(),
        Refusal::CrossSite => Oops::CrossSite.into_response(),
    }
}

/// Draws errors, sets headers, compresses.
pub async fn finish(request: Request, next: Next) -> Response {
    let theme = Theme::from_cookie(cookie(request.headers(), "theme"));
    let packed = assets::takes_gzip(request.headers());
    let mut response = next.run(request).await;
    if let Some(oops) = response.extensions_mut().remove::<Oops>() {
        response = html(oops.status(), error_page(&oops, theme).to_string());
    }
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("same-origin"));
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    let is_page =
        headers.get(header::CONTENT_TYPE).is_some_and(|kind| kind.as_bytes().starts_with(b"text/html"));
    if is_page && packed { compress(response).await } else { response }
}

async fn compress(response: Response) -> Response {
    let (mut parts, body) = response.into_parts();
    let Ok(bytes) = body.collect().await.map(http_body_util::Collected::to_bytes) else {
        return Oops::Error(Error::Busy(5)).status().into_response();
    };
    parts.headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    parts.headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    parts.headers.remove(header::CONTENT_LENGTH);
    Response::from_parts(parts, Body::from(assets::gzip(&bytes)))
}

fn error_page(oops: &Oops, theme: Theme) -> ErrorPage {
    let home = || Button::link("Dashboard", "/dashboard").kind(ButtonKind::Primary);
    let page = |title: String, text: String, actions: Vec<Button>| ErrorPage {
        theme,
        status: oops.status().as_u16(),
        title,
        text: Html::text(text),
        reference: String::new(),
        actions,
    };
    match oops {
        Oops::CrossSite => page(
            "This form is not from a page of ours".into(),
            "It was not accepted, and nothing was changed. The page may have been open while you signed out and in \
             again: open it anew and repeat what you did."
                .into(),
            vec![home()],
        ),
        Oops::Error(Error::NotFound("organization")) => page(
            "Choose an organization first".into(),
            "This page belongs to one organization. Switch into it, and come back.".into(),
            vec![Button::link("Organizations", "/dashboard/organizations").kind(ButtonKind::Primary)],
        ),
        Oops::Error(Error::NotFound(what)) => page(
            format!("There is no such {what} here"),
            "It may have been removed, or it belongs to another organization.".into(),
            vec![home(), Button::link("Smart Devices and Users", "/dashboard/devices")],
        ),
        Oops::Error(Error::Denied(why)) => {
            page("You may not do this".into(), why.clone(), vec![home()])
        }
        Oops::Error(Error::Unauthenticated | Error::SecondFactor(_)) => page(
            "Sign in again".into(),
            "Your session is over.".into(),
            vec![Button::link("Sign in", "/dashboard/sign-in").kind(ButtonKind::Primary)],
        ),
        Oops::Error(Error::Internal(reference)) => ErrorPage {
            reference: reference.clone(),
            ..page(
                "Something of ours broke".into(),
                "What you asked for was not done, and nothing was changed. It was written down and will be looked at."
                    .into(),
                vec![home()],
            )
        },
        Oops::Error(Error::Busy(_)) => page(
            "The server cannot store anything at the moment".into(),
            "Nothing was changed. Try again in a few seconds.".into(),
            vec![home()],
        ),
        Oops::Error(Error::Held(notice)) => page(
            "This waits for a second person".into(),
            notice.words.clone(),
            vec![
                Button::link("Look at it", format!("/dashboard/approvals/{}", notice.id))
                    .kind(ButtonKind::Primary),
                home().kind(ButtonKind::Plain),
            ],
        ),
        Oops::Error(error @ (Error::Conflict(_) | Error::Upstream(_) | Error::Locked(_))) => {
            page("That did not work".into(), error.to_string(), vec![home()])
        }
        Oops::Error(Error::Invalid(issues)) => page(
            "That cannot be read".into(),
            issues.iter().map(|i| i.message.as_str()).collect::<Vec<_>>().join(" "),
            vec![home()],
        ),
    }
}
