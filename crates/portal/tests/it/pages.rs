//! What stands on the pages: in the reader's language, nothing inline, nothing that a device or a person wrote as markup.

use std::collections::BTreeSet;

use catalog::COLLECTIONS;
use engine::devices::{self, DeviceEdit};
use engine::users::{self, UserInput};
use http::Method;

use crate::house::{Browser, House, PASSWORD, fields, houses};

const PAGES: [&str; 4] = ["/portal", "/portal/account", "/enroll/device", "/enroll/device?platform=android"];

async fn all(browser: &Browser<'_>, id: &str, language: &str) -> Vec<(String, String)> {
    let own = [format!("/portal/devices/{id}"), format!("/portal/devices/{id}/diary")];
    let mut pages = Vec::new();
    for path in PAGES.map(str::to_owned).into_iter().chain(own) {
        let page = browser.in_language(&path, language).await;
        assert_eq!(page.status, 200, "{path}: {}", page.body);
        pages.push((path, page.body));
    }
    pages
}

fn values<'a>(html: &'a str, attribute: &str) -> Vec<&'a str> {
    let mark = format!(" {attribute}=\"");
    html.split(mark.as_str()).skip(1).filter_map(|rest| rest.split('"').next()).collect()
}

#[tokio::test]
async fn pages_keep_to_their_policy_and_refer_to_what_is_there() {
    let house = houses().await.remove(0);
    let device = house.phone("anna@acme.test", "A1").await;
    let anna = house.sign_in("anna@acme.test").await;
    let mut files = BTreeSet::new();
    for (path, html) in all(&anna, &device.id.to_string(), "en").await {
        assert!(values(&html, "style").is_empty() && !html.contains("<style"), "{path}");
        assert!(!html.contains("onclick") && !html.contains("<script>"), "{path}");
        let ids: Vec<_> = values(&html, "id");
        assert_eq!(ids.len(), ids.iter().collect::<BTreeSet<_>>().len(), "{path} has an id twice");
        for id in values(&html, "for") {
            assert!(ids.contains(&id), "{path}: a label names {id}");
        }
        for form in html.split("<form").skip(1) {
            let form = form.split("</form>").next().unwrap();
            assert!(form.contains(&format!("name=\"csrf\" value=\"{}\"", anna.csrf)), "{path}: {form}");
        }
        for href in values(&html, "href").into_iter().chain(values(&html, "src")) {
            assert!(href.starts_with('/') || href.starts_with('#'), "{path} leads to {href}");
            if href.contains("/assets/") {
                files.insert(href.split('#').next().unwrap().to_owned());
            }
        }
    }
    files.insert("/portal/app.webmanifest".into());
    files.insert("/portal/worker.js".into());
    for file in files {
        let answer = house.send(Method::GET, &file, &[], String::new()).await;
        assert_eq!(answer.status, 200, "{file}");
        assert_eq!(answer.headers["x-content-type-options"], "nosniff", "{file}");
    }
    let page = anna.get("/portal").await;
    let policy = page.headers["content-security-policy"].to_str().unwrap();
    assert!(policy.contains("default-src 'self'") && policy.contains("frame-ancestors 'none'"));
    assert_eq!(page.headers["cache-control"], "no-store");
    let worker = house.send(Method::GET, "/portal/worker.js", &[], String::new()).await;
    assert!(!worker.body.contains("{version}") && worker.body.contains("/portal/assets/"));
}

#[tokio::test]
async fn every_page_speaks_the_readers_language() {
    for house in houses().await {
        let device = house.phone("anna@acme.test", "A1").await;
        let anna = house.sign_in("anna@acme.test").await;
        let english = all(&anna, &device.id.to_string(), "en-GB,de;q=0.5").await;
        let german = all(&anna, &device.id.to_string(), "de-CH").await;
        for ((path, en), (_, de)) in english.iter().zip(&german) {
            assert!(en.contains("<html lang=\"en\">") && de.contains("<html lang=\"de\">"), "{path}");
            for key in ["state-", "error-", "collect-", "rule-", "event-", "steps-", "fact-"] {
                assert!(!de.contains(&format!(">{key}")), "{path} shows a key");
            }
        }
        assert!(german[0].1.contains("Meine Geräte") && english[0].1.contains("My devices"));
        // A choice is kept, and survives what the browser prefers.
        let form = fields(&[("language", "de"), ("next", "/portal/sign-in")]);
        let chosen = house.send(Method::POST, "/portal/language", &[], form).await;
        assert_eq!((chosen.status, chosen.location.as_str()), (303, "/portal/sign-in"));
        let cookie = format!("language={}", chosen.cookie("language").unwrap());
        let headers = [("cookie", cookie.as_str()), ("accept-language", "en")];
        let page = house.send(Method::GET, "/portal/sign-in", &headers, String::new()).await;
        assert!(page.body.contains("Anmelden"), "{}", page.body);
    }
}

#[tokio::test]
async fn what_people_and_devices_write_stays_text() {
    let corpus = [
        "<script>alert(1)</script>",
        "\"><img src=x onerror=alert(1)>",
        "=cmd|' /C calc'!A0",
        "*)(uid=*",
        "]]><x>",
        "{name} { $ago } {\"x\"}",
        "'; DROP TABLE device; --",
        "\u{202e}txt.exe",
        "javascript:alert(1)",
    ];
    let house = houses().await.remove(0);
    let device = house.phone("anna@acme.test", "A1").await;
    let all_of_acme = house.all(house.acme);
    let id = house.engine.directory().organization(house.acme).unwrap();
    let anna = id.read().user_by_name("anna").unwrap().clone();
    for evil in corpus {
        let edit = DeviceEdit { name: Some(evil.into()), ..DeviceEdit::default() };
        devices::edit(&house.engine, &all_of_acme, device.id, edit).await.unwrap();
        let input = UserInput { display_name: evil.into(), ..UserInput::of(&anna) };
        users::edit(&house.engine, &all_of_acme, anna.id, input).await.unwrap();
        house.settings(house.acme, |s| s.contact = evil.to_owned()).await;
        let browser = house.sign_in("anna@acme.test").await;
        for (path, html) in all(&browser, &device.id.to_string(), "de").await {
            assert!(!html.contains("<script>alert") && !html.contains("<img src=x"), "{path} with {evil}");
            assert!(!html.contains("href=\"javascript:"), "{path}");
        }
        let page = browser.get(&format!("/portal/devices/{}", device.id)).await.body;
        let escaped = evil.replace('&', "&#38;").replace('<', "&#60;").replace('>', "&#62;");
        let escaped = escaped.replace('"', "&#34;").replace('\'', "&#39;");
        assert!(page.contains(&escaped), "{evil} is not there as it is: {page}");
    }
}

#[tokio::test]
async fn the_enrolment_page_tells_everything_that_is_held() {
    let house = houses().await.remove(0);
    let anna = house.sign_in("anna@acme.test").await;
    let page = anna.get("/enroll/device?platform=ios").await.body;
    let ticks = page.matches("<li class=\"\">").count() + page.matches("<li class=\"ok\">").count();
    assert!(ticks >= COLLECTIONS.len(), "{ticks} of {}", COLLECTIONS.len());
    assert!(page.contains("anna@acme.test") && page.contains("mdm.acme.test"), "what to enter: {page}");
    assert!(page.contains("Microsoft Exchange") && page.contains("<path d=\"M"));
    // Personal devices are told what holds for them.
    assert!(!page.contains("never erase your own device"));
    house.settings(house.acme, |s| s.default_liability = catalog::Liability::Individual).await;
    assert!(anna.get("/enroll/device").await.body.contains("never erase your own device"));
    // The way in: signed in or not, with a name or without, and never elsewhere.
    for (path, to) in [
        ("/enroll", "/portal/sign-in?next=/enroll/device"),
        ("/enroll?user=anna@acme.test", "/portal/sign-in?next=/enroll/device&user=anna%40acme.test"),
        ("/enroll?org=acme%22%3E%3Cscript", "/portal/sign-in?next=/enroll/device"),
    ] {
        let page = house.send(Method::GET, path, &[], String::new()).await;
        assert_eq!((page.status, page.location.as_str()), (303, to), "{path}");
    }
    for evil in ["//evil.test", "https://evil.test", "/portal//evil.test", "/portalx", "/portal\\x", ""] {
        let form = fields(&[("name", "anna@acme.test"), ("password", PASSWORD), ("next", evil)]);
        let page = house.send(Method::POST, "/portal/sign-in", &[], form).await;
        assert_eq!((page.status, page.location.as_str()), (303, "/portal"), "{evil}");
    }
}

#[tokio::test]
async fn the_diary_says_who_did_what() {
    for house in houses().await {
        let device = house.phone("anna@acme.test", "A1").await;
        let other = house.phone("bert@acme.test", "B1").await;
        let name = |name: &str| DeviceEdit { name: Some(name.into()), ..DeviceEdit::default() };
        let all = house.all(house.acme);
        devices::edit(&house.engine, &all, device.id, name("Anna's")).await.unwrap();
        devices::edit(&house.engine, &all, other.id, name("of bert alone")).await.unwrap();
        let anna = house.sign_in("anna@acme.test").await;
        let path = format!("/portal/devices/{}", device.id);
        anna.post(&format!("{path}/lost"), &[]).await;
        let diary = anna.get(&format!("{path}/diary")).await.body;
        assert!(diary.contains("was reported lost") && diary.contains("· you"), "{diary}");
        assert!(diary.contains("the operator of the server"), "{diary}");
        assert!(!diary.contains("of bert alone"));
        let diary = anna.in_language(&format!("{path}/diary"), "de").await.body;
        assert!(diary.contains("wurde als verloren gemeldet") && diary.contains("· Sie"), "{diary}");
    }
}

#[tokio::test]
async fn a_refused_sign_in_says_the_same_to_everybody_and_keeps_no_password() {
    for house in houses().await {
        let try_as = async |house: &House, name: &str| {
            let form = fields(&[("name", name), ("password", "s3cret-guess")]);
            house.send(Method::POST, "/portal/sign-in", &[("accept-language", "en")], form).await
        };
        let known = try_as(&house, "anna@acme.test").await;
        let unknown = try_as(&house, "nina@acme.test").await;
        assert_eq!((known.status, unknown.status), (401, 401));
        assert_eq!(known.body.replace("anna", "nina"), unknown.body);
        assert!(!known.body.contains("s3cret-guess"));
        let greeted = house.send(Method::GET, "/portal/sign-in", &[("host", "mdm.acme.test")], String::new());
        assert!(greeted.await.body.contains("acme &#38; Söhne"));
    }
}

#[tokio::test]
async fn an_invitation_opens_the_enrolment_page_once() {
    use engine::enrollment::{self, NewToken};
    for house in houses().await {
        let org = house.engine.directory().organization(house.acme).unwrap();
        let anna = org.read().user_by_name("anna").unwrap().id;
        let new = NewToken { hours: None, pin: "4711".into() };
        let issued = enrollment::issue(&house.engine, &house.all(house.acme), anna, new).await.unwrap();
        let path = format!("/enroll/{}", issued.code);
        for _ in 0..2 {
            let page = house.send(Method::GET, &path, &[("accept-language", "de")], String::new()).await;
            assert_eq!(page.status, 200, "looking does not use it up: {}", page.body);
            assert!(
                page.body.contains("Das ist die Einladung von anna")
                    && page.body.contains("acme &#38; Söhne")
            );
        }
        let enter = async |pin: &str| house.send(Method::POST, &path, &[], fields(&[("pin", pin)])).await;
        assert_eq!(enter("0000").await.status, 422);
        let page = enter("4711").await;
        assert_eq!((page.status, page.location.as_str()), (303, "/enroll/device"), "{}", page.body);
        let cookie = format!("{}={}", door::USER_COOKIE, page.cookie(door::USER_COOKIE).unwrap());
        let headers = [("cookie", cookie.as_str())];
        let page = house.send(Method::GET, "/enroll/device", &headers, String::new()).await;
        assert!(page.status == 200 && page.body.contains("anna@acme.test"));
        let again = enter("4711").await;
        assert!(again.status == 404 && again.body.contains("was used already"), "{}", again.body);
        let unknown = house.send(Method::GET, "/enroll/AAAA-BBBB-CCCC", &[], String::new()).await;
        assert_eq!(unknown.status, 404);
    }
}
