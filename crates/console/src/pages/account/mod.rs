//! My account: password, appearance, passkeys, sessions, API tokens.

mod passkeys;
mod password;
mod second_factor;
mod sessions;
mod tokens;

use door::{Access, Form, Routes};
use http::{HeaderMap, HeaderValue, Method, header};

use super::frame::{Answer, Cx, see_other};
use super::words;
use crate::parts::{Button, ButtonKind, Card, Fact, Facts, Head, Icon, Place, Theme, cell};

/// Registers the pages.
pub fn routes(routes: Routes) -> Routes {
    let mine = Access::SignedIn;
    routes
        .route(Method::GET, "/dashboard/account", mine, show)
        .route(Method::GET, "/dashboard/account/password", mine, password::show)
        .route(Method::POST, "/dashboard/account/password", mine, password::save)
        .route(Method::GET, "/dashboard/account/second-factor", mine, second_factor::show)
        .route(Method::POST, "/dashboard/account/second-factor/begin", mine, second_factor::begin)
        .route(Method::POST, "/dashboard/account/second-factor/confirm", mine, second_factor::confirm)
        .route(Method::POST, "/dashboard/account/second-factor/remove", mine, second_factor::remove)
        .route(Method::GET, "/dashboard/account/second-factor/passkeys/add", mine, passkeys::begin_show)
        .route(Method::POST, "/dashboard/account/second-factor/passkeys/add", mine, passkeys::begin)
        .route(Method::POST, "/dashboard/account/second-factor/passkeys/register", mine, passkeys::register)
        .route(Method::GET, "/dashboard/account/second-factor/passkeys/{id}", mine, passkeys::show)
        .route(Method::POST, "/dashboard/account/second-factor/passkeys/{id}/rename", mine, passkeys::rename)
        .route(Method::POST, "/dashboard/account/second-factor/passkeys/{id}/remove", mine, passkeys::remove)
        .route(Method::POST, "/dashboard/account/theme", mine, theme)
        .route(Method::POST, "/dashboard/account/sessions/end", mine, sessions::end)
        .route(Method::POST, "/dashboard/account/sessions/end-all", mine, sessions::end_all)
        .route(Method::GET, "/dashboard/account/tokens/add", mine, tokens::show)
        .route(Method::POST, "/dashboard/account/tokens/add", mine, tokens::add)
        .route(Method::POST, "/dashboard/account/tokens/{id}/revoke", mine, tokens::revoke)
}

async fn show(cx: Cx) -> Answer {
    let admin = second_factor::own(&cx)?;
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
    let body = vec![
        Card::new("", about).into(),
        second_factor::card(&admin),
        passkeys::card(&cx, &admin),
        super::identity::card(&cx, &admin),
        sessions::card(&cx),
        tokens::card(&cx)?,
    ];
    cx.page(Place::Account, head, body)
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
