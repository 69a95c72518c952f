//! Signing in and out, and the first administrator by a one-time link.

use axum::Extension;
use axum::extract::State;
use axum::response::Response;
use door::{
    Access, Cookies, Face, Form, FormData, Path, Query, Routes, Visitor, clear_session_cookie,
    set_session_cookie,
};
use engine::{Error, sign_in};
use http::{HeaderMap, HeaderValue, Method, StatusCode, header};

use super::frame::{Answer, Cx, Entered, HostRef, Oops, Wrong, hidden_value, html, see_other};
use crate::parts::{Button, Form as FormView, Html, Note, SetUp, SignIn, Step, Theme, Tone};

/// Registers the pages.
pub fn routes(routes: Routes) -> Routes {
    routes
        .route(Method::GET, "/dashboard/sign-in", Access::Public, show)
        .route(Method::POST, "/dashboard/sign-in", Access::Public, enter)
        .route(Method::POST, "/dashboard/sign-in/code", Access::Public, enter_code)
        .route(Method::POST, "/dashboard/sign-out", Access::SignedIn, leave)
        .route(Method::GET, "/dashboard/setup/{token}", Access::Public, set_up)
        .route(Method::POST, "/dashboard/setup/{token}", Access::Public, set_up_done)
}

#[derive(serde::Deserialize, Default)]
#[serde(default)]
struct Asked {
    next: String,
    over: String,
}

/// Only a path of the console can follow a sign-in, never an address of somebody else.
fn local(next: &str) -> &str {
    let good =
        next.starts_with("/dashboard") && !next.contains(['\\', '\r', '\n']) && !next.starts_with("//");
    if good { next } else { "/dashboard" }
}

fn theme(headers: &HeaderMap) -> Theme {
    Theme::from_cookie(door::cookie(headers, "theme"))
}

fn footer() -> Html {
    Html::text(concat!("NotifyMDM ", env!("CARGO_PKG_VERSION")))
}

fn page(headers: &HeaderMap, host: &HostRef, entered: &FormData, next: &str, note: Option<Note>) -> String {
    let wrong = Wrong::default();
    let fields = Entered { data: entered, wrong: &wrong };
    SignIn {
        theme: theme(headers),
        title: "Sign in".into(),
        lead: Html::text(format!("to the console of {}", bare_host(&host.0.base_url()))),
        note,
        form: FormView {
            id: "sign-in-form".into(),
            action: "/dashboard/sign-in".into(),
            hidden: vec![hidden_value("next", local(next))],
            fields: vec![
                fields.text("account", "Sign-in name"),
                fields.secret("password", "Password", "current-password"),
            ],
            buttons: vec![Button::submit("Sign in")],
            ..FormView::default()
        },
        footer: footer(),
    }
    .to_string()
}

fn bare_host(url: &str) -> &str {
    url.split_once("://").map_or(url, |(_, rest)| rest)
}

async fn show(
    visitor: Visitor,
    Extension(host): Extension<HostRef>,
    headers: HeaderMap,
    Query(asked): Query<Asked>,
) -> Answer {
    if visitor.scope.is_some() {
        return Ok(see_other(local(&asked.next)));
    }
    let note = (!asked.over.is_empty()).then(|| {
        Note::new(
            Tone::Info,
            "",
            "Your session is over. What you sent was not carried out; repeat it after signing in.",
        )
    });
    Ok(html(StatusCode::OK, page(&headers, &host, &FormData::default(), &asked.next, note)))
}

async fn enter(
    State(face): State<Face>,
    visitor: Visitor,
    Extension(host): Extension<HostRef>,
    headers: HeaderMap,
    Form(form): Form,
) -> Answer {
    let (account, password) = (form.text("account"), form.raw("password"));
    match sign_in::sign_in(&face.engine, account, password, &visitor.caller).await {
        Ok((token, _)) => Ok(with_session(see_other(local(form.text("next"))), &token)),
        Err(Error::SecondFactor(ticket)) => {
            let page = code_page(&headers, &ticket, form.text("next"), &Wrong::default(), None);
            Ok(html(StatusCode::OK, page))
        }
        Err(error @ (Error::Unauthenticated | Error::Locked(_))) => {
            let title = match error {
                Error::Locked(_) => "This account rests for a while",
                _ => "That name and password do not fit together",
            };
            let text = match error {
                Error::Locked(_) => error.to_string(),
                _ => "Check the spelling and the Caps Lock key. After several failures the account rests for some minutes."
                    .to_owned(),
            };
            let note = Note::new(Tone::Bad, title, text);
            let status = Oops::Error(error).status();
            Ok(html(status, page(&headers, &host, &form, form.text("next"), Some(note))))
        }
        Err(error) => Err(error.into()),
    }
}

/// The second page: a code of the authenticator app.
fn code_page(headers: &HeaderMap, ticket: &str, next: &str, wrong: &Wrong, note: Option<Note>) -> String {
    let data = FormData::default();
    let fields = vec![
        Entered { data: &data, wrong }
            .code("code", "Code")
            .help("Six digits from your authenticator app, or one of your recovery codes."),
    ];
    SignIn {
        theme: theme(headers),
        title: "One more step".into(),
        lead: "Your account has a second factor.".into(),
        note,
        form: FormView {
            id: "code-form".into(),
            action: "/dashboard/sign-in/code".into(),
            hidden: vec![hidden_value("next", local(next)), hidden_value("ticket", ticket)],
            error: wrong.rest(&fields),
            fields,
            buttons: vec![Button::submit("Sign in"), Button::link("Start again", "/dashboard/sign-in")],
        },
        footer: footer(),
    }
    .to_string()
}

async fn enter_code(
    State(face): State<Face>,
    visitor: Visitor,
    Extension(host): Extension<HostRef>,
    headers: HeaderMap,
    Form(form): Form,
) -> Answer {
    let (ticket, next) = (form.text("ticket"), form.text("next"));
    match sign_in::sign_in_with_code(&face.engine, ticket, form.text("code"), &visitor.caller).await {
        Ok((token, _)) => Ok(with_session(see_other(local(next)), &token)),
        Err(Error::Unauthenticated) => {
            let note = Note::new(Tone::Warn, "That took too long", "Enter your name and password once more.");
            let page = page(&headers, &host, &FormData::default(), next, Some(note));
            Ok(html(StatusCode::UNAUTHORIZED, page))
        }
        Err(error @ Error::Locked(_)) => {
            let note = Note::new(Tone::Bad, "This account rests for a while", error.to_string());
            let status = Oops::Error(error).status();
            Ok(html(status, code_page(&headers, ticket, next, &Wrong::default(), Some(note))))
        }
        Err(error) => {
            let wrong = Wrong::of(error)?;
            let page = code_page(&headers, ticket, next, &wrong, None);
            Ok(html(StatusCode::UNPROCESSABLE_ENTITY, page))
        }
    }
}

fn with_session(mut response: Response, token: &str) -> Response {
    if let Ok(cookie) = HeaderValue::from_str(&set_session_cookie(Cookies::Administrators, token)) {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    response
}

async fn leave(State(face): State<Face>, visitor: Visitor, Form(_): Form) -> Answer {
    if let Some(scope) = &visitor.scope {
        sign_in::sign_out(&face.engine, scope).await?;
    }
    let mut response = see_other("/dashboard/sign-in");
    if let Ok(cookie) = HeaderValue::from_str(&clear_session_cookie(Cookies::Administrators)) {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    Ok(response)
}

fn set_up_page(headers: &HeaderMap, token: &str, entered: &FormData, wrong: &Wrong) -> String {
    let fields = Entered { data: entered, wrong };
    let step = |label: &str, current| Step { label: label.into(), done: false, current };
    let fields = vec![
        fields.text("username", "Sign-in name").help("Letters, digits, dot, dash, underscore or an address."),
        fields
            .secret("password", "Password", "new-password")
            .help("At least 12 characters. A sentence is fine."),
        fields.secret("again", "Password again", "new-password"),
    ];
    SetUp {
        theme: theme(headers),
        steps: vec![
            step("Administrator", true),
            step("Organization", false),
            step("Mail server", false),
            step("First phone", false),
        ],
        title: "Make the first administrator".into(),
        lead:
            "A system administrator makes organizations and can step into each of them. This link works once."
                .into(),
        note: None,
        form: FormView {
            id: "set-up-form".into(),
            action: format!("/dashboard/setup/{token}"),
            error: wrong.rest(&fields),
            fields,
            buttons: vec![Button::submit("Make the account and sign in")],
            ..FormView::default()
        },
        footer: footer(),
    }
    .to_string()
}

async fn set_up(State(face): State<Face>, headers: HeaderMap, Path(token): Path<String>) -> Answer {
    if !sign_in::needs_setup(&face.engine) {
        return Err(Oops::not_found("set-up link"));
    }
    Ok(html(StatusCode::OK, set_up_page(&headers, &plain(&token)?, &FormData::default(), &Wrong::default())))
}

async fn set_up_done(
    State(face): State<Face>,
    visitor: Visitor,
    headers: HeaderMap,
    Path(token): Path<String>,
    Form(form): Form,
) -> Answer {
    let token = plain(&token)?;
    let made = if form.raw("password") == form.raw("again") {
        sign_in::create_first_administrator(
            &face.engine,
            &token,
            form.text("username"),
            form.raw("password"),
            &visitor.caller,
        )
        .await
    } else {
        Err(Error::invalid("again", "The two passwords are not the same."))
    };
    match made {
        Ok((session, _)) => Ok(with_session(see_other("/dashboard/organizations"), &session)),
        Err(error) => {
            let wrong = Wrong::of(error)?;
            Ok(html(StatusCode::UNPROCESSABLE_ENTITY, set_up_page(&headers, &token, &form, &wrong)))
        }
    }
}

/// Tokens are letters, digits, dash and underscore; anything else is no link of ours.
fn plain(token: &str) -> Result<String, Oops> {
    let good =
        token.len() <= 128 && token.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
    if good { Ok(token.to_owned()) } else { Err(Oops::not_found("set-up link")) }
}

/// Where one goes who is signed in but has nothing to see on a page.
pub fn home(cx: &Cx) -> &'static str {
    if cx.outside() { "/dashboard/organizations" } else { "/dashboard/account" }
}
