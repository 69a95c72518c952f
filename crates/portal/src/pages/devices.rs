//! One's own devices.

use askama::Template;
use door::{Access, Routes};
use engine::self_service;
use http::{Method, StatusCode};

use super::layout::Layout;
use super::state::State;
use crate::assets;
use crate::frame::{Answer, Cx, html};

/// Registers the page.
pub fn routes(routes: Routes) -> Routes {
    routes.route(Method::GET, "/portal", Access::SignedIn, show)
}

struct Row {
    id: String,
    name: String,
    platform: String,
    picture: &'static str,
    heard: String,
    state: State,
}

#[derive(Template)]
#[template(path = "devices.html")]
struct Devices {
    l: Layout,
    rows: Vec<Row>,
}

async fn show(cx: Cx) -> Answer {
    let rows = self_service::devices(&cx.engine, &cx.scope)?
        .into_iter()
        .map(|own| Row {
            id: own.device.id.to_string(),
            name: own.device.name.clone(),
            platform: cx.t.platform(own.device.platform).into_owned(),
            picture: picture(own.device.platform),
            heard: own.last_contact.map(|at| cx.t.with("heard", "ago", cx.ago(at))).unwrap_or_default(),
            state: State::of(&cx, &own),
        })
        .collect();
    let l = Layout::of(&cx, "devices", cx.t.say("devices-title"));
    Ok(html(StatusCode::OK, Devices { l, rows }.to_string()))
}

/// The icon of a platform.
pub(super) fn picture(platform: catalog::Platform) -> &'static str {
    use catalog::Platform;
    match platform {
        Platform::Ios => "apple",
        Platform::Android => "android",
        Platform::Windows | Platform::Macos => "laptop",
        Platform::WindowsPhone | Platform::Blackberry | Platform::Other => "phone",
    }
}
