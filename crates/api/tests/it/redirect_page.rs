//! `/o/{org}`: opens without a login, chooses by platform.

use std::sync::Arc;

use axum::body::Body;
use catalog::Platform;
use engine::organizations;
use http_body_util::BodyExt;
use tower::ServiceExt;

use crate::ise_fixture::*;

const IPHONE: &str =
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148 Safari/604.1";
const ANDROID: &str =
    "Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 Chrome/124.0 Mobile Safari/537.36";
const LUMIA: &str = "Mozilla/5.0 (Windows Phone 10.0; Android 6.0.1; Microsoft; Lumia 950) like iPhone Safari/537.36 Edge/15.15254";

async fn open(house: &House, target: &str, agent: &str) -> (u16, http::HeaderMap, String) {
    let router = api::redirect_page::router(Arc::clone(&house.engine));
    let request = http::Request::get(target)
        .header("host", "mdm.example.test:8443")
        .header("user-agent", agent)
        .body(Body::empty())
        .unwrap();
    let (head, body) = router.oneshot(request).await.unwrap().into_parts();
    let body = body.collect().await.unwrap().to_bytes();
    (head.status.as_u16(), head.headers, String::from_utf8(body.to_vec()).unwrap())
}

#[tokio::test]
async fn each_platform_gets_its_own_words() {
    let house = House::build().await;
    for (agent, words) in [
        (IPHONE, "On your iPhone or iPad"),
        (ANDROID, "On your Android device"),
        (LUMIA, "On your Windows Phone"),
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64) Firefox/126.0", "On your Windows computer"),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) Safari/605.1.15", "On your Mac"),
        ("", "On your device"),
    ] {
        let target = "/o/acme?sessionID=0a1&portal=2&action=mdm&junk=%3Cscript%3E";
        let (status, headers, page) = open(&house, target, agent).await;
        assert_eq!(status, 200);
        assert!(page.contains(words), "{agent}");
        assert!(page.contains("acme &amp; Sons") && page.contains("you@acme.test"));
        assert!(page.contains("<dd>mdm.example.test</dd>"), "the server to enter");
        assert!(!page.contains("<script"));
        assert!(headers["content-security-policy"].to_str().unwrap().starts_with("default-src 'none'"));
    }
    let (status, _, css) = open(&house, "/o/page.css", "").await;
    assert!(status == 200 && css.contains("body"));
}

#[tokio::test]
async fn a_configured_platform_is_sent_on() {
    let house = House::build().await;
    let mut settings = organizations::current(&house.engine, &house.acme.admin).unwrap().settings.clone();
    settings.contact = "Help desk <4711>".into();
    settings.redirects.0.insert(Platform::Android, "https://apps.example.test/agent".into());
    settings.redirects.0.insert(Platform::Ios, String::new());
    organizations::edit_settings(&house.engine, &house.acme.admin, settings).await.unwrap();
    let (status, headers, _) = open(&house, "/o/acme/?x=y", ANDROID).await;
    assert_eq!((status, headers["location"].to_str().unwrap()), (302, "https://apps.example.test/agent"));
    let (status, _, page) = open(&house, "/o/acme", IPHONE).await;
    assert_eq!(status, 200);
    assert!(page.contains("Help desk &lt;4711&gt;"));
}

#[tokio::test]
async fn an_unknown_organization_is_a_page_of_its_own() {
    let house = House::build().await;
    for target in ["/o/nobody", "/o/ACME", "/o/%2e%2e"] {
        let (status, _, page) = open(&house, target, IPHONE).await;
        assert_eq!(status, 404, "{target}");
        assert!(page.contains("nothing at this address"));
    }
}
