//! My account: password, appearance, sessions, API tokens.

use catalog::Powers;
use domain::model::{ApiTokenId, Session};
use door::{Access, Form, FormData, Path, Routes};
use engine::tokens::{self, NewToken};
use engine::{Error, Principal, sign_in};
use http::{HeaderMap, HeaderValue, Method, header};

use super::frame::{Answer, Cx, Entered, PostButton, Wrong, hidden_value, see_other};
use super::{roles, words};
use crate::parts::{
    Button, ButtonKind, Card, Chip, Copy, EmptyState, Fact, Facts, Form as FormView, Head, Html, Icon, Note,
    Place, Table, Theme, Tone, cell,
};

/// Registers the pages.
pub fn routes(routes: Routes) -> Routes {
    let mine = Access::SignedIn;
    routes
        .route(Method::GET, "/dashboard/account", mine, show)
        .route(Method::GET, "/dashboard/account/password", mine, password_show)
        .route(Method::POST, "/dashboard/account/password", mine, password)
        .route(Method::POST, "/dashboard/account/theme", mine, theme)
        .route(Method::POST, "/dashboard/account/sessions/end", mine, end_session)
        .route(Method::POST, "/dashboard/account/sessions/end-all", mine, end_all)
        .route(Method::GET, "/dashboard/account/tokens/add", mine, token_show)
        .route(Method::POST, "/dashboard/account/tokens/add", mine, token_add)
        .route(Method::POST, "/dashboard/account/tokens/{id}/revoke", mine, token_revoke)
}

async fn show(cx: Cx) -> Answer {
    let Some(admin) = cx.scope.administrator().cloned() else { return Err(Error::Unauthenticated.into()) };
    let about = Facts::new([
        Fact::new("Name", cell::text(&admin.display_name)),
        Fact::new("Sign-in name", cell::text(&admin.username)),
        Fact::new("E-mail", cell::text(&admin.email)),
        Fact::new("Last sign-in", words::ago(&cx, admin.last_sign_in_at)),
    ]);
    let head =
        Head::new("My account", "Your password, where you are signed in, and tokens that act for you.")
            .action(
                Button::link("Change password", "/dashboard/account/password")
                    .kind(ButtonKind::Primary)
                    .icon(Icon::Lock),
            );
    let body = vec![Card::new("", about).into(), sessions(&cx), api_tokens(&cx)?];
    cx.page(Place::Account, head, body)
}

fn shown(session: &Session) -> String {
    hex::encode(&session.token_hash[..8.min(session.token_hash.len())])
}

fn sessions(cx: &Cx) -> Html {
    let (Principal::Session(admin, here), Some(_)) = (cx.scope.principal(), cx.scope.administrator()) else {
        return Html::default();
    };
    let all = cx.engine.directory().sessions_of(admin.id);
    let mut table = Table::new("Sessions", &["Browser", "Address", "Signed in", "Last used", ""]).tall();
    for session in &all {
        let own = session.token_hash == here.token_hash;
        let last = if own {
            Chip::new("This one", Tone::Ok).into()
        } else {
            PostButton {
                action: "/dashboard/account/sessions/end".into(),
                hidden: [cx.hidden(), vec![hidden_value("session", shown(session))]].concat(),
                button: Button { label: "Sign out".into(), small: true, ..Button::default() },
            }
            .into()
        };
        table = table.row([
            cell::prose(session.user_agent.clone()),
            cell::mono(&session.address),
            cx.ago(session.created_at).into(),
            cx.ago(session.seen_at).into(),
            last,
        ]);
    }
    let everywhere = PostButton {
        action: "/dashboard/account/sessions/end-all".into(),
        hidden: cx.hidden(),
        button: Button {
            label: "Sign out everywhere".into(),
            small: true,
            kind: ButtonKind::Danger,
            ..Button::default()
        },
    };
    Card::flush("Where you are signed in", table).aside(everywhere).into()
}

fn api_tokens(cx: &Cx) -> Result<Html, Error> {
    let all = tokens::list(&cx.engine, &cx.scope)?;
    let add = Button::link("Make a token", "/dashboard/account/tokens/add").small().icon(Icon::Plus);
    if all.is_empty() {
        let empty = EmptyState {
            icon: Icon::Key,
            title: "You have no API token".into(),
            text: "A token lets a program act through the REST API, with a part of your permissions, until it ends."
                .into(),
            actions: if cx.outside() { Vec::new() } else { vec![add] },
        };
        return Ok(Card::new("API tokens", empty).into());
    }
    let mut table = Table::new("API tokens", &["Name", "May", "Ends", "Last used", ""]).tall();
    for token in &all {
        let ends: Html = if token.expires_at < cx.now {
            Chip::new("Ended", Tone::Idle).into()
        } else {
            cx.ago(token.expires_at).into()
        };
        table = table.row([
            cell::text(&token.name),
            cell::text(words::count(token.powers.iter().count(), "permission", "permissions")),
            ends,
            words::ago(cx, token.seen_at),
            PostButton {
                action: format!("/dashboard/account/tokens/{}/revoke", token.id),
                hidden: cx.hidden(),
                button: Button {
                    label: "Revoke".into(),
                    small: true,
                    kind: ButtonKind::Danger,
                    ..Button::default()
                },
            }
            .into(),
        ]);
    }
    let aside: Html = if cx.outside() { Html::default() } else { add.into() };
    Ok(Card::flush("API tokens", table).aside(aside).into())
}

async fn password_show(cx: Cx) -> Answer {
    let (head, body) = password_form(&cx, &FormData::default(), &Wrong::default());
    cx.page(Place::Account, head, body)
}

fn password_form(cx: &Cx, data: &FormData, wrong: &Wrong) -> (Head, Vec<Html>) {
    let entered = Entered { data, wrong };
    let fields = vec![
        entered.secret("old_password", "Present password", "current-password"),
        entered
            .secret("password", "New password", "new-password")
            .help("At least 12 characters. A sentence is fine; no rules about signs and digits."),
        entered.secret("again", "New password again", "new-password"),
    ];
    let form = FormView {
        id: "password-form".into(),
        action: "/dashboard/account/password".into(),
        hidden: cx.hidden(),
        error: wrong.rest(&fields),
        fields,
        buttons: vec![Button::submit("Change password")],
    };
    let lead = if cx.scope.password_due() {
        "Somebody else knows your present password. Choose one of your own before you go on."
    } else {
        "All your other sessions and all your API tokens end."
    };
    let head = Head::new("Change password", lead).under("My account", "/dashboard/account");
    (head, vec![Card::new("", form).into()])
}

async fn password(cx: Cx, Form(data): Form) -> Answer {
    let changed = if data.raw("password") == data.raw("again") {
        sign_in::change_own_password(&cx.engine, &cx.scope, data.raw("old_password"), data.raw("password"))
            .await
    } else {
        Err(Error::invalid("again", "The two passwords are not the same."))
    };
    match changed {
        Ok(()) => cx.done("/dashboard", "Your password was changed."),
        Err(error) => {
            let (head, body) = password_form(&cx, &FormData::default(), &Wrong::of(error)?);
            cx.again(Place::Account, head, body)
        }
    }
}

/// Keeps the choice in a cookie that scripts may read, as the page's own does.
async fn theme(_: Cx, headers: HeaderMap, Form(data): Form) -> Answer {
    let theme = Theme::from_cookie(Some(data.text("theme")));
    let age = if theme == Theme::System { 0 } else { 31_536_000 };
    let cookie = format!("theme={}; Path=/; Secure; SameSite=Lax; Max-Age={age}", theme.name());
    let back = headers.get(header::REFERER).and_then(|v| v.to_str().ok()).unwrap_or_default();
    let path = back.parse::<http::Uri>().ok().map(|u| u.path().to_owned()).unwrap_or_default();
    let mut response = see_other(if path.starts_with("/dashboard") { path.as_str() } else { "/dashboard" });
    if let Ok(cookie) = HeaderValue::from_str(&cookie) {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    Ok(response)
}

async fn end_session(cx: Cx, Form(data): Form) -> Answer {
    sign_in::end_session(&cx.engine, &cx.scope, data.text("session")).await?;
    cx.done("/dashboard/account", "That session was ended.")
}

async fn end_all(cx: Cx, Form(_): Form) -> Answer {
    let Some(id) = cx.scope.administrator().map(|a| a.id) else { return Err(Error::Unauthenticated.into()) };
    sign_in::end_all(&cx.engine, &cx.scope, id).await?;
    cx.done("/dashboard/sign-in", "All sessions were ended.")
}

async fn token_show(cx: Cx) -> Answer {
    let data = FormData::new(vec![("days".into(), "90".into())]);
    let (head, body) = token_form(&cx, &data, &Wrong::default());
    cx.page(Place::Account, head, body)
}

fn token_form(cx: &Cx, data: &FormData, wrong: &Wrong) -> (Head, Vec<Html>) {
    let entered = Entered { data, wrong };
    let held: Vec<_> = roles::permission_choices(cx.scope.powers());
    let fields = vec![
        entered.text("name", "What is it for?").help("So that you recognize it when it ends."),
        entered.number("days", "Ends after", (1, 730), "days"),
        entered.ticks("powers", "It may", &held).help("Never more than you yourself may, now or later."),
    ];
    let form = FormView {
        id: "token-form".into(),
        action: "/dashboard/account/tokens/add".into(),
        hidden: cx.hidden(),
        error: wrong.rest(&fields),
        fields,
        buttons: vec![Button::submit("Make the token"), Button::link("Cancel", "/dashboard/account")],
    };
    let head = Head::new("Make an API token", "A key for a program, for this organization only.")
        .under("My account", "/dashboard/account");
    (head, vec![Card::new("", form).into()])
}

async fn token_add(cx: Cx, Form(data): Form) -> Answer {
    let new = NewToken {
        name: data.text("name").to_owned(),
        powers: Powers::of(&roles::ticked(&data)),
        days: data.text("days").parse().unwrap_or(0),
    };
    match tokens::create(&cx.engine, &cx.scope, new).await {
        Ok((_, secret)) => {
            let body = vec![
                Note::new(Tone::Warn, "Copy it now", "It is shown this once and cannot be shown again.")
                    .into(),
                Card::new("Your token", Copy { id: "secret".into(), label: "token".into(), value: secret })
                    .footer("Send it as the header Authorization: Bearer, followed by the token.")
                    .into(),
                Button::link("Done", "/dashboard/account").kind(ButtonKind::Primary).into(),
            ];
            let head = Head::new("The token was made", data.text("name").to_owned())
                .under("My account", "/dashboard/account");
            cx.page(Place::Account, head, body)
        }
        Err(error) => {
            let (head, body) = token_form(&cx, &data, &Wrong::of(error)?);
            cx.again(Place::Account, head, body)
        }
    }
}

async fn token_revoke(cx: Cx, Path(id): Path<ApiTokenId>, Form(_): Form) -> Answer {
    tokens::revoke(&cx.engine, &cx.scope, id).await?;
    cx.done("/dashboard/account", "The token was revoked; calls with it are refused from now on.")
}
