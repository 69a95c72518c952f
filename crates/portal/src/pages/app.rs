//! The portal as an app on the home screen: manifest, and a worker that keeps static files and nothing else.

use axum::response::{IntoResponse, Response};
use door::{Access, Routes};
use http::{HeaderMap, Method, header};

use crate::assets;
use crate::frame::tongue;

/// Registers the files.
pub fn routes(routes: Routes) -> Routes {
    routes.route(Method::GET, "/portal/app.webmanifest", Access::Public, manifest).route(
        Method::GET,
        "/portal/worker.js",
        Access::Public,
        worker,
    )
}

async fn manifest(headers: HeaderMap) -> Response {
    let t = tongue(&headers);
    let icon = |name: &str, size: &str| serde_json::json!({ "src": assets::url(name), "sizes": size, "type": "image/png", "purpose": "any" });
    let manifest = serde_json::json!({
        "id": "/portal", "name": t.say("app-name"), "short_name": t.say("app-short"), "lang": t.key(),
        "start_url": "/portal", "scope": "/portal", "display": "standalone",
        "background_color": "#f5f6f8", "theme_color": "#2257e4",
        "icons": [icon("icon-192.png", "192x192"), icon("icon-512.png", "512x512")],
    });
    file("application/manifest+json", manifest.to_string())
}

/// It must be served from where it works, and be looked for anew each time.
async fn worker() -> Response {
    let script = include_str!("../../assets/worker.js").replace("{version}", assets::SHELF.version());
    file("text/javascript; charset=utf-8", script)
}

fn file(mime: &'static str, text: String) -> Response {
    ([(header::CONTENT_TYPE, mime), (header::CACHE_CONTROL, "no-cache")], text).into_response()
}
