//! Signing in and out, and the first administrator by a one-time link.

use axum::Extension;
use axum::extract::State;
use axum::response::Response;
use door::{
    Access, Cookies, Face, Form, FormData, Path, Query, Routes, Visitor, clear_session_cookie,
    set_session_cookie,
};
use engine::{Error, Principal, identity, sign_in};
use http::{HeaderMap, HeaderValue, Method, StatusCode, header};

use super::frame::{Answer, Cx, Entered, HostRef, Oops, Wrong, hidden_value, html, see_other};
use crate::parts::{Button, Form as FormView, Html, Icon, Note, SetUp, SignIn, Step, Theme, Tone};

/// Registers the pages.
pub fn routes(routes: Routes) -> Routes {
    routes
        .route(Method::GET, "/dashboard/sign-in", Access::Public, show)
        .route(Method::POST, "/dashboard/sign-in", Access::Public, enter)
        .route(Method::POST, "/dashboard/sign-in/code", Access::Public, enter_code)
        .route(Method::POST, "/dashboard/sign-in/passkey", Access::Public, enter_passkey)
        .route(Method::POST, "/dashboard/sign-out", Access::SignedIn, leave)
        .route(Method::GET, "/dashboard/setup/{token}", Access::Public, set_up)
        .route(Method::POST, "/dashboard/setup/{token}", Access::Public, set_up_done)
}

#[derive(serde::Deserialize, Default)]
#[serde(default)]
struct Asked {
    next: String,
    over: String,
    /// The identity provider of a session that was just ended.
    left: Option<String>,
}

/// Only a path of the console can follow a sign-in, never an address of somebody else.
pub fn local(next: &str) -> &str {
    let good =
        next.starts_with("/dashboard") && !next.contains(['\\', '\r', '\n']) && !next.starts_with("//");
    if good { next } else { "/dashboard" }
}

pub fn theme(headers: &HeaderMap) -> Theme {
    Theme::from_cookie(door::cookie(headers, "theme"))
}

pub fn footer() -> Html {
    Html::text(concat!("NotifyMDM ", env!("CARGO_PKG_VERSION")))
}

/// What the sign-in page is drawn from.
struct Arriving<'a> {
    face: &'a Face,
    visitor: &'a Visitor,
    headers: &'a HeaderMap,
    host: &'a HostRef,
    next: &'a str,
}

fn page(arriving: &Arriving<'_>, entered: &FormData, note: Option<Note>) -> String {
    let Arriving { face, visitor, headers, host, next } = *arriving;
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
        more: Html::join([
            passkey_form(&sign_in::passkey_alone_question(&face.engine, &visitor.caller), next),
            super::identity::buttons(face, next),
        ]),
        footer: footer(),
    }
    .to_string()
}

/// One button; the script asks the browser before it is sent.
fn passkey_form(question: &str, next: &str) -> Html {
    FormView {
        id: "passkey-form".into(),
        action: "/dashboard/sign-in/passkey".into(),
        hidden: vec![
            hidden_value("next", local(next)),
            hidden_value("question", question),
            hidden_value("answer", ""),
        ],
        buttons: vec![Button {
            label: "Sign in with a passkey".into(),
            icon: Some(Icon::Key),
            ..Button::default()
        }],
        ..FormView::default()
    }
    .into()
}

fn bare_host(url: &str) -> &str {
    url.split_once("://").map_or(url, |(_, rest)| rest)
}

async fn show(
    State(face): State<Face>,
    visitor: Visitor,
    Extension(host): Extension<HostRef>,
    headers: HeaderMap,
    Query(asked): Query<Asked>,
) -> Answer {
    if visitor.scope.is_some() {
        return Ok(see_other(local(&asked.next)));
    }
    let note = match &asked.left {
        Some(provider) => signed_out(&face, &host, &headers, provider).await,
        None => (!asked.over.is_empty()).then(|| {
            Note::new(
                Tone::Info,
                "",
                "Your session is over. What you sent was not carried out; repeat it after signing in.",
            )
        }),
    };
    let arriving =
        Arriving { face: &face, visitor: &visitor, headers: &headers, host: &host, next: &asked.next };
    Ok(html(StatusCode::OK, page(&arriving, &FormData::default(), note)))
}

/// Who has signed out here may still be signed in at the provider: the next one at this browser would come in again.
async fn signed_out(face: &Face, host: &HostRef, headers: &HeaderMap, provider: &str) -> Option<Note> {
    let back = format!("{}/dashboard/sign-in", super::identity::base(host, headers));
    let id = provider.parse().ok()?;
    let (name, address) = identity::end_session_address(&face.engine, id, &back).await?;
    let text = format!("You may still be signed in at {name}. On a shared computer, sign out there, too.");
    let there = Button::link(format!("Sign out at {name}"), address);
    Some(Note::new(Tone::Info, "You are signed out", text).action(there))
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
            let question = sign_in::passkey_question(&face.engine, &ticket, &visitor.caller);
            let step = SecondStep { headers: &headers, ticket: &ticket, next: form.text("next"), question };
            let page = step.page(&Wrong::default(), None);
            Ok(html(StatusCode::OK, page))
        }
        Err(error @ (Error::Unauthenticated | Error::Locked(_) | Error::Upstream(_))) => {
            let title = match error {
                Error::Locked(_) => "This account rests for a while",
                Error::Upstream(_) => "Your password could not be checked",
                _ => "That name and password do not fit together",
            };
            let text = match error {
                Error::Locked(_) | Error::Upstream(_) => error.to_string(),
                _ => "Check the spelling and the Caps Lock key. After several failures the account rests for some minutes."
                    .to_owned(),
            };
            let note = Note::new(Tone::Bad, title, text);
            let status = Oops::Error(error).status();
            let next = form.text("next");
            let arriving = Arriving { face: &face, visitor: &visitor, headers: &headers, host: &host, next };
            Ok(html(status, page(&arriving, &form, Some(note))))
        }
        Err(error) => Err(error.into()),
    }
}

/// The second page: a code of the authenticator app, or a passkey.
struct SecondStep<'a> {
    headers: &'a HeaderMap,
    ticket: &'a str,
    next: &'a str,
    /// What the browser is asked, if the account has passkeys.
    question: Option<String>,
}

impl SecondStep<'_> {
    fn page(&self, wrong: &Wrong, note: Option<Note>) -> String {
        let Self { headers, ticket, next, .. } = *self;
        let passkey = self.question.iter().map(|question| hidden_value("passkey", question));
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
                hidden: [hidden_value("next", local(next)), hidden_value("ticket", ticket)]
                    .into_iter()
                    .chain(passkey)
                    .collect(),
                error: wrong.rest(&fields),
                fields,
                buttons: vec![Button::submit("Sign in"), Button::link("Start again", "/dashboard/sign-in")],
            },
            more: Html::default(),
            footer: footer(),
        }
        .to_string()
    }
}

/// The second page for whom a provider has vouched for.
pub fn second_step(face: &Face, visitor: &Visitor, headers: &HeaderMap, ticket: &str, next: &str) -> String {
    let question = sign_in::passkey_question(&face.engine, ticket, &visitor.caller);
    SecondStep { headers, ticket, next, question }.page(&Wrong::default(), None)
}

async fn enter_passkey(
    State(face): State<Face>,
    visitor: Visitor,
    Extension(host): Extension<HostRef>,
    headers: HeaderMap,
    Form(form): Form,
) -> Answer {
    let next = form.text("next");
    match sign_in::sign_in_with_passkey(&face.engine, form.raw("answer"), &visitor.caller).await {
        Ok((token, _)) => Ok(with_session(see_other(local(next)), &token)),
        Err(error @ (Error::Unauthenticated | Error::Locked(_))) => {
            let note = match &error {
                Error::Locked(_) => Note::new(Tone::Bad, "Too many failures", error.to_string()),
                _ => Note::new(
                    Tone::Bad,
                    "This passkey was not accepted",
                    "It may be of another server, or the page was open for too long. Try again, or use your password.",
                ),
            };
            let status = Oops::Error(error).status();
            let arriving = Arriving { face: &face, visitor: &visitor, headers: &headers, host: &host, next };
            Ok(html(status, page(&arriving, &FormData::default(), Some(note))))
        }
        Err(error) => Err(error.into()),
    }
}

async fn enter_code(
    State(face): State<Face>,
    visitor: Visitor,
    Extension(host): Extension<HostRef>,
    headers: HeaderMap,
    Form(form): Form,
) -> Answer {
    let (ticket, next) = (form.text("ticket"), form.text("next"));
    let outcome = sign_in::sign_in_with_code(&face.engine, ticket, form.text("code"), &visitor.caller).await;
    let question = sign_in::passkey_question(&face.engine, ticket, &visitor.caller);
    let step = SecondStep { headers: &headers, ticket, next, question };
    match outcome {
        Ok((token, _)) => Ok(with_session(see_other(local(next)), &token)),
        Err(Error::Unauthenticated) => {
            let note = Note::new(Tone::Warn, "That took too long", "Enter your name and password once more.");
            let arriving = Arriving { face: &face, visitor: &visitor, headers: &headers, host: &host, next };
            Ok(html(StatusCode::UNAUTHORIZED, page(&arriving, &FormData::default(), Some(note))))
        }
        Err(error @ Error::Locked(_)) => {
            let note = Note::new(Tone::Bad, "This account rests for a while", error.to_string());
            let status = Oops::Error(error).status();
            Ok(html(status, step.page(&Wrong::default(), Some(note))))
        }
        Err(error) => {
            let wrong = Wrong::of(error)?;
            Ok(html(StatusCode::UNPROCESSABLE_ENTITY, step.page(&wrong, None)))
        }
    }
}

pub fn with_session(mut response: Response, token: &str) -> Response {
    if let Ok(cookie) = HeaderValue::from_str(&set_session_cookie(Cookies::Administrators, token)) {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    response
}

async fn leave(State(face): State<Face>, visitor: Visitor, Form(_): Form) -> Answer {
    let mut to = "/dashboard/sign-in".to_owned();
    if let Some(scope) = &visitor.scope {
        if let Principal::Session(_, session) = scope.principal()
            && let Some(of) = &session.provider
        {
            to.push_str(&format!("?left={}", of.provider));
        }
        sign_in::sign_out(&face.engine, scope).await?;
    }
    let mut response = see_other(&to);
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
