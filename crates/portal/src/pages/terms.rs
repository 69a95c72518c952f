//! The organization's terms of use: reading and accepting them.

use askama::Template;
use door::{Access, Form, Query, Routes};
use engine::{Error, terms};
use http::{HeaderMap, Method, StatusCode, header};
use serde::Deserialize;

use super::layout::Layout;
use crate::assets;
use crate::frame::{Answer, Cx, html, next_of, see_other, status, words};

/// Registers the pages.
pub fn routes(routes: Routes) -> Routes {
    routes.route(Method::GET, "/portal/terms", Access::SignedIn, show).route(
        Method::POST,
        "/portal/terms",
        Access::SignedIn,
        accept,
    )
}

/// Where to go on after it.
#[derive(Deserialize, Default)]
#[serde(default)]
struct Asked {
    next: String,
}

struct Past {
    version: u32,
    when: String,
    on: String,
}

#[derive(Template)]
#[template(path = "terms.html")]
struct Terms {
    l: Layout,
    /// `None`: nothing is to be accepted.
    shown: Option<terms::Shown>,
    next: String,
    past: Vec<Past>,
}

impl Terms {
    /// The text in paragraphs, each in its lines.
    fn paragraphs(&self) -> Vec<Vec<&str>> {
        let text = self.shown.as_ref().map_or("", |shown| shown.text.as_str());
        text.split("\n\n")
            .map(str::trim)
            .filter(|part| !part.is_empty())
            .map(|part| part.lines().collect())
            .collect()
    }
}

async fn page(cx: &Cx, next: &str, refused: Option<&Error>) -> Answer {
    let mut l = Layout::of(cx, "account", cx.t.say("terms-title"));
    // The page itself says what is to be done.
    l.terms_due = false;
    let mut code = StatusCode::OK;
    if let Some(error) = refused {
        code = status(error);
        l = l.refused(words(cx.t, error));
    }
    let shown = terms::current(&cx.engine, cx.scope.organization(), cx.user.id, cx.t.key()).await?;
    let past = cx.user.accepted.iter().rev().map(|accepted| Past {
        version: accepted.version,
        when: cx.at(accepted.at),
        on: accepted.device.clone(),
    });
    let page = Terms { l, shown, next: next_of(next).to_owned(), past: past.collect() };
    Ok(html(code, page.to_string()))
}

async fn show(cx: Cx, Query(asked): Query<Asked>) -> Answer {
    page(&cx, &asked.next, None).await
}

async fn accept(cx: Cx, headers: HeaderMap, Form(data): Form) -> Answer {
    let agent = headers.get(header::USER_AGENT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let device = super::account::browser(&cx, agent);
    let version = data.text("version").parse().unwrap_or(0);
    let (organization, user) = (cx.scope.organization(), cx.user.id);
    let language = data.text("language");
    match terms::accept(&cx.engine, organization, user, version, language, &device).await {
        Ok(()) => {
            let next = next_of(data.text("next"));
            Ok(see_other(if next == "/portal" { "/portal?done=terms" } else { next }))
        }
        Err(error) => page(&cx, data.text("next"), Some(&error)).await,
    }
}
