//! From the sign-in page to a provider and back.
//!
//! Browsers are sent to a provider by a link, not by a form: the content security policy lets forms lead to pages of
//! ours only.

use axum::Extension;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use domain::model::{IdentityProvider, IdentityProviderId, Organization, OrganizationId};
use door::{Face, Form, FormData, Path, Query, Visitor, cookie};
use engine::Error;
use engine::identity::{self, Arrival, Return};
use http::{HeaderMap, HeaderValue, StatusCode, header};

use super::super::frame::{Answer, Entered, HostRef, Wrong, hidden_value, html, see_other};
use super::super::sign_in::{footer, local, second_step, theme, with_session};
use super::redirect_uri;
use crate::parts::{Button, Form as FormView, Html, Icon, Note, SignIn, Tone};

/// What a browser keeps while its owner is at the provider. It comes back by a link from there, so it is Lax.
const COOKIE: &str = "__Host-notifymdm-leave";

fn keep(value: &str, seconds: u32) -> String {
    format!("{COOKIE}={value}; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age={seconds}")
}

fn with_cookie(mut response: Response, cookie: &str) -> Response {
    if let Ok(value) = HeaderValue::from_str(cookie) {
        response.headers_mut().append(header::SET_COOKIE, value);
    }
    response
}

/// Lets a browser keep what was begun.
pub fn keep_in(response: &mut Response, kept: &str) {
    if let Ok(value) = HeaderValue::from_str(&keep(kept, 600)) {
        response.headers_mut().append(header::SET_COOKIE, value);
    }
}

/// Sends a browser to a provider, which the sign-in begins with.
fn away(address: &str, kept: &str) -> Response {
    let mut response = StatusCode::SEE_OTHER.into_response();
    if let Ok(to) = HeaderValue::from_str(address) {
        response.headers_mut().insert(header::LOCATION, to);
    }
    keep_in(&mut response, kept);
    response
}

fn escaped(text: &str) -> String {
    form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

/// The name of a provider as the sign-in page takes it.
fn name_of(face: &Face, organization: OrganizationId, provider: &IdentityProvider) -> String {
    let slug =
        face.engine.directory().organization(organization).map(|org| org.read().organization.slug.clone());
    slug.map_or_else(|| provider.zone.clone(), |slug| format!("{slug}/{}", provider.zone))
}

fn button(face: &Face, organization: OrganizationId, provider: &IdentityProvider, next: &str) -> Html {
    let zone = escaped(&name_of(face, organization, provider));
    let href = format!("/dashboard/sign-in/leave?zone={zone}&next={}", escaped(local(next)));
    Button::link(format!("Sign in with {}", provider.name), href).icon(Icon::Key).into()
}

/// The ways on the sign-in page: the installation's own providers, and the one of somebody's organization.
pub fn buttons(face: &Face, next: &str) -> Html {
    let own = identity::of_installation(&face.engine);
    let own = own.iter().map(|provider| button(face, Organization::SYSTEM, provider, next));
    let href = format!("/dashboard/sign-in/with?next={}", escaped(local(next)));
    let other = Button::link("Sign in with your organization", href).into();
    Html::join(own.chain([other]))
}

#[derive(serde::Deserialize, Default)]
#[serde(default)]
pub struct Asked {
    zone: String,
    next: String,
}

fn page(headers: &HeaderMap, entered: &str, next: &str, note: Option<Note>, more: Html) -> String {
    let data = FormData::new(vec![("zone".to_owned(), entered.to_owned())]);
    let wrong = Wrong::default();
    let zone = Entered { data: &data, wrong: &wrong }.text("zone", "Organization");
    SignIn {
        theme: theme(headers),
        title: "Sign in with your organization".into(),
        lead: "Your account there signs you in here.".into(),
        note,
        form: FormView {
            id: "zone-form".into(),
            action: "/dashboard/sign-in/with".into(),
            hidden: vec![hidden_value("next", local(next))],
            fields: vec![zone.help("The short name of your organization; your administrators know it.")],
            buttons: vec![Button::submit("Continue"), Button::link("With a password", "/dashboard/sign-in")],
            ..FormView::default()
        },
        more,
        footer: footer(),
    }
    .to_string()
}

pub async fn choose(
    State(face): State<Face>,
    visitor: Visitor,
    headers: HeaderMap,
    Query(asked): Query<Asked>,
) -> Answer {
    let next = asked.next.as_str();
    if visitor.scope.is_some() {
        return Ok(see_other(local(next)));
    }
    if asked.zone.is_empty() {
        return Ok(html(StatusCode::OK, page(&headers, "", next, None, Html::default())));
    }
    let (organization, found) = identity::zone(&face.engine, &asked.zone);
    let note = found.is_empty().then(|| {
        Note::new(
            Tone::Warn,
            "There is nothing to sign in with",
            "Check the name, or sign in with your password.",
        )
    });
    let more = Html::join(found.iter().map(|provider| button(&face, organization, provider, next)));
    Ok(html(StatusCode::OK, page(&headers, &asked.zone, next, note, more)))
}

pub async fn chosen(Form(form): Form) -> Answer {
    let (zone, next) = (escaped(form.text("zone")), escaped(local(form.text("next"))));
    Ok(see_other(&format!("/dashboard/sign-in/with?zone={zone}&next={next}")))
}

pub async fn leave(
    State(face): State<Face>,
    Extension(host): Extension<HostRef>,
    headers: HeaderMap,
    Query(asked): Query<Asked>,
) -> Answer {
    let (organization, found) = identity::zone(&face.engine, &asked.zone);
    let [provider] = found.as_slice() else {
        return Ok(see_other(&format!("/dashboard/sign-in/with?zone={}", escaped(&asked.zone))));
    };
    let back = redirect_uri(&host, &headers, provider.id);
    match identity::depart(&face.engine, organization, provider.id, &back, local(&asked.next)).await {
        Ok(departure) => Ok(away(&departure.address, &departure.cookie)),
        Err(error @ (Error::Upstream(_) | Error::Busy(_))) => {
            tracing::warn!(%error, "a provider cannot be asked");
            let words = "It does not answer as it should. Try again later, or sign in with your password.";
            let note = Note::new(Tone::Bad, format!("{} cannot be reached", provider.name), words);
            Ok(html(StatusCode::OK, page(&headers, &asked.zone, &asked.next, Some(note), Html::default())))
        }
        Err(error) => Err(error.into()),
    }
}

#[derive(serde::Deserialize, Default)]
#[serde(default)]
pub struct Back {
    state: String,
    code: String,
    iss: Option<String>,
    error: Option<String>,
}

pub async fn arrive(
    State(face): State<Face>,
    visitor: Visitor,
    headers: HeaderMap,
    Path(id): Path<IdentityProviderId>,
    Query(back): Query<Back>,
) -> Answer {
    let kept = cookie(&headers, COOKIE).unwrap_or_default().to_owned();
    let back = Return {
        cookie: &kept,
        state: &back.state,
        code: &back.code,
        issuer: back.iss.as_deref(),
        error: back.error.as_deref(),
    };
    let arrival = identity::arrive(&face.engine, visitor.scope.as_ref(), id, back, &visitor.caller).await;
    let response = match arrival {
        Ok(Arrival::SignedIn(token, next)) => with_session(see_other(local(&next)), &token),
        Ok(Arrival::SecondFactor(ticket, next)) => {
            html(StatusCode::OK, second_step(&face, &visitor, &headers, &ticket, &next))
        }
        Ok(Arrival::Linked) => see_other("/dashboard/account/identity"),
        // Who is signed in wanted to link the account.
        Err(error) if visitor.scope.is_some() => return Err(error.into()),
        Err(error @ (Error::Denied(_) | Error::Upstream(_) | Error::Busy(_) | Error::NotFound(_))) => {
            let note = Note::new(Tone::Bad, "That did not sign you in", error.to_string());
            html(StatusCode::FORBIDDEN, page(&headers, "", "", Some(note), Html::default()))
        }
        Err(error) => return Err(error.into()),
    };
    Ok(with_cookie(response, &keep("", 0)))
}

/// The provider itself asks; there is no browser, so the answer is bare.
pub async fn back_channel(
    State(face): State<Face>,
    Path(id): Path<IdentityProviderId>,
    Form(form): Form,
) -> Response {
    match identity::back_channel(&face.engine, id, form.raw("logout_token")).await {
        Ok(_) => StatusCode::OK.into_response(),
        Err(error) => {
            tracing::warn!(%error, provider = %id, "a logout token was refused");
            let body = r#"{"error":"invalid_request"}"#;
            let mut response = (StatusCode::BAD_REQUEST, body).into_response();
            let kind = HeaderValue::from_static("application/json");
            response.headers_mut().insert(header::CONTENT_TYPE, kind);
            response
        }
    }
}
