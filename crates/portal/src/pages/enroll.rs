//! Enrolling a device: what the company will see and do, and how to begin, for the platform at hand.

use askama::Template;
use axum::response::Response;
use catalog::{
    COLLECTIONS, COMMANDS, Claims, Danger, Held, Liability, Platform, SelfService, WAYS, Way, recognize,
};
use door::{Access, Query, Routes, Visitor};
use engine::Error;
use http::{HeaderMap, Method, StatusCode, header};
use serde::Deserialize;

use super::layout::Layout;
use super::sign_in::host;
use crate::assets;
use crate::frame::{Answer, Cx, Oops, html, see_other};

/// Registers the pages.
pub fn routes(routes: Routes) -> Routes {
    routes.route(Method::GET, "/enroll", Access::Public, begin).route(
        Method::GET,
        "/enroll/device",
        Access::SignedIn,
        show,
    )
}

/// What the address can say.
#[derive(Deserialize, Default)]
#[serde(default)]
struct Asked {
    platform: String,
    org: String,
    user: String,
}

/// The address in letters and codes: leads on, to the sign-in or past it.
async fn begin(visitor: Visitor, Query(asked): Query<Asked>) -> Response {
    if visitor.scope.is_some() {
        return see_other("/enroll/device");
    }
    // Only what a name is made of goes into the address.
    let plain = |text: &str| {
        text.len() <= 254 && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"@.-_+".contains(&b))
    };
    let part = |key: &str, text: &str| {
        if text.is_empty() || !plain(text) {
            return String::new();
        }
        format!("&{}", form_urlencoded::Serializer::new(String::new()).append_pair(key, text).finish())
    };
    let rest = part("org", &asked.org) + &part("user", &asked.user);
    see_other(&format!("/portal/sign-in?next=/enroll/device{rest}"))
}

struct Choice {
    key: &'static str,
    label: String,
    here: bool,
}

struct Tick {
    icon: &'static str,
    tone: &'static str,
    text: String,
}

#[derive(Template)]
#[template(path = "enroll.html")]
struct Enroll {
    l: Layout,
    choices: Vec<Choice>,
    platform: String,
    steps: Vec<String>,
    enter: Vec<(String, String)>,
    sees: Vec<Tick>,
    never: Vec<Tick>,
    does: Vec<Tick>,
    qr: (i32, String),
    contact: String,
}

async fn show(cx: Cx, headers: HeaderMap, Query(asked): Query<Asked>) -> Answer {
    if !cx.may(SelfService::Enrol) {
        return Err(Oops::Error(Error::Denied(String::new())));
    }
    if engine::terms::is_due(&cx.engine, &cx.user) {
        return Ok(see_other("/portal/terms?next=/enroll/device"));
    }
    let agent = headers.get(header::USER_AGENT).and_then(|v| v.to_str().ok()).unwrap_or_default();
    let seen = recognize(&Claims { user_agent: agent, ..Claims::default() }).platform;
    let platform = Platform::from_key(&asked.platform).unwrap_or(seen);
    let way = WAYS.iter().find(|way| way.platforms.contains(&platform)).unwrap_or(&WAYS[0]);
    let offered = WAYS.iter().flat_map(|way| way.platforms.iter());
    let choices = offered
        .map(|p| Choice { key: p.key(), label: cx.t.platform(*p).into_owned(), here: *p == platform })
        .collect();
    let page = Enroll {
        l: Layout::of(&cx, "enroll", cx.t.say("enrol-title")),
        choices,
        platform: cx.t.platform(platform).into_owned(),
        steps: steps(&cx, way.way, platform),
        enter: entries(&cx, host(&headers)),
        sees: sees(&cx),
        never: never(&cx),
        does: does(&cx),
        qr: look::qr(&format!("{}/enroll", cx.host.base_url())),
        contact: cx.organization.settings.contact.trim().to_owned(),
    };
    Ok(html(StatusCode::OK, page.to_string()))
}

/// The steps of a way, as many as there are texts.
fn steps(cx: &Cx, way: Way, platform: Platform) -> Vec<String> {
    let keys = (1..=9).map(|n| format!("steps-{}-{}-{n}", way.key(), platform.key()));
    keys.take_while(|key| cx.t.has(key)).map(|key| cx.t.say(&key)).collect()
}

/// What the mail program asks for.
fn entries(cx: &Cx, host: Option<&str>) -> Vec<(String, String)> {
    let base = cx.host.base_url();
    let asked = host.map(|h| h.rsplit_once(':').map_or(h, |(name, _)| name));
    let own = cx.organization.host_names.first().map(String::as_str).or(asked);
    let named = base.trim_start_matches("https://");
    let server = own.unwrap_or(named).to_owned();
    let user = &cx.user;
    let all = [
        ("enter-email", user.email.clone()),
        ("enter-server", server),
        ("enter-domain", user.domain.clone()),
        ("enter-user", user.username.clone()),
        ("enter-password", cx.t.say("enter-password-value")),
    ];
    all.into_iter().filter(|(_, value)| !value.is_empty()).map(|(key, v)| (cx.t.say(key), v)).collect()
}

/// What is held of a device, by who says it.
fn sees(cx: &Cx) -> Vec<Tick> {
    let held = COLLECTIONS.iter().filter(|c| c.held != Held::Never);
    held.map(|c| Tick {
        icon: "eye",
        tone: "",
        text: match c.held {
            Held::Entered => cx.t.with("sees-entered", "what", cx.t.say(&format!("collect-{}", c.key))),
            Held::Reported | Held::Noted | Held::Never => cx.t.say(&format!("collect-{}", c.key)),
        },
    })
    .collect()
}

fn never(cx: &Cx) -> Vec<Tick> {
    let never = COLLECTIONS.iter().filter(|c| c.held == Held::Never);
    never
        .map(|c| Tick { icon: "shield", tone: "ok", text: cx.t.say(&format!("collect-{}", c.key)) })
        .collect()
}

/// What the company can do, of everything that can be ordered and takes something; and what holds for one's own device.
fn does(cx: &Cx) -> Vec<Tick> {
    let orders = COMMANDS.iter().filter(|c| c.danger != Danger::None && !c.activesync.is_empty());
    let mut all: Vec<_> = orders
        .map(|c| Tick {
            icon: "chevron-right",
            tone: "",
            text: cx
                .t
                .say(&format!("can-{}", crate::words::command_key(c.kind).trim_start_matches("command-"))),
        })
        .collect();
    let org = cx.engine.directory().organization(cx.scope.organization());
    let personal = org.is_some_and(|org| {
        engine::assignment::liability_of(&org.read(), &cx.user, None).value == Liability::Individual
    });
    if personal {
        all.push(Tick { icon: "shield", tone: "ok", text: cx.t.say("can-personal") });
    }
    all
}
