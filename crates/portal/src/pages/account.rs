//! One's own account: password, sessions.

use askama::Template;
use catalog::SelfService;
use door::{Access, Form, Routes};
use engine::{Error, Principal, self_service, sign_in};
use http::{Method, StatusCode};

use super::layout::Layout;
use crate::assets;
use crate::frame::{Answer, Cx, Oops, html, see_other, status, words};

/// Registers the pages.
pub fn routes(routes: Routes) -> Routes {
    routes
        .route(Method::GET, "/portal/account", Access::SignedIn, show)
        .route(Method::POST, "/portal/account/password", Access::SignedIn, password)
        .route(Method::POST, "/portal/account/end-sessions", Access::SignedIn, end)
}

struct Session {
    browser: String,
    address: String,
    seen: String,
    here: bool,
}

#[derive(Template)]
#[template(path = "account.html")]
struct Account {
    l: Layout,
    name: String,
    email: String,
    changes: bool,
    sessions: Vec<Session>,
}

async fn page(cx: &Cx, refused: Option<&Error>) -> Answer {
    let mut l = Layout::of(cx, "account", cx.t.say("account-title"));
    let mut code = StatusCode::OK;
    if let Some(error) = refused {
        code = status(error);
        l = l.refused(words(cx.t, error));
    }
    let here = match cx.scope.principal() {
        Principal::User(_, session) => session.token_hash.clone(),
        _ => Vec::new(),
    };
    let sessions = sign_in::user_sessions(&cx.engine, &cx.scope)
        .await?
        .into_iter()
        .map(|session| Session {
            here: session.token_hash == here,
            browser: browser(cx, &session.user_agent),
            address: session.address,
            seen: cx.ago(session.seen_at),
        })
        .collect();
    let changes = cx.may(SelfService::Password) && sign_in::has_local_password(&cx.engine, &cx.user);
    let page =
        Account { l, name: cx.user.display_name.clone(), email: cx.user.email.clone(), changes, sessions };
    Ok(html(code, page.to_string()))
}

/// What a browser runs on; its own words are for programs.
pub fn browser(cx: &Cx, agent: &str) -> String {
    let claims = catalog::Claims { user_agent: agent, ..catalog::Claims::default() };
    let platform = catalog::recognize(&claims).platform;
    match platform {
        catalog::Platform::Other => cx.t.say("browser-unknown"),
        platform => cx.t.platform(platform).into_owned(),
    }
}

async fn show(cx: Cx) -> Answer {
    page(&cx, None).await
}

async fn password(cx: Cx, Form(data): Form) -> Answer {
    let (old, new) = (data.raw("password"), data.raw("new_password"));
    let mail = cx.host.mail_servers();
    match self_service::change_password(&cx.engine, mail, &cx.scope, old, new).await {
        Ok(()) => Ok(see_other("/portal/account?done=password")),
        Err(error @ Error::Denied(_)) => Err(Oops::Error(error)),
        Err(error) => page(&cx, Some(&error)).await,
    }
}

async fn end(cx: Cx, _: Form) -> Answer {
    sign_in::end_other_user_sessions(&cx.engine, &cx.scope).await?;
    Ok(see_other("/portal/account?done=sessions"))
}
