//! Autodiscover in both forms.

use simulator::http::{BaseUrl, Client, Request, Response};

use crate::house::House;

const MOBILE: &str = "http://schemas.microsoft.com/exchange/autodiscover/mobilesync/responseschema/2006";

async fn send(house: &House, method: &str, target: &str, user: Option<(&str, &str)>, body: &str) -> Response {
    use base64::Engine as _;
    let mut client = Client::new(BaseUrl::parse(&house.url()).unwrap(), None);
    let mut request = Request::new(method, target, body.as_bytes().to_vec());
    if let Some((name, password)) = user {
        let token = base64::engine::general_purpose::STANDARD.encode(format!("{name}:{password}"));
        request.headers.add("Authorization", format!("Basic {token}"));
    }
    client.send(&request).await.unwrap()
}

fn pox(email: &str, schema: &str) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"utf-8\"?><Autodiscover xmlns=\"http://schemas.microsoft.com/exchange/\
         autodiscover/mobilesync/requestschema/2006\"><Request><EMailAddress>{email}</EMailAddress>\
         <AcceptableResponseSchema>{schema}</AcceptableResponseSchema></Request></Autodiscover>"
    )
}

fn text(response: &Response) -> String {
    String::from_utf8(response.body.clone()).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_json_form_answers_alike_for_everybody_of_a_served_domain() {
    let house = House::new().await;
    let get = async |query: &str| {
        send(&house, "GET", &format!("/autodiscover/autodiscover.json{query}"), None, "").await
    };
    let known = get("?Email=u1%40acme.test&Protocol=ActiveSync").await;
    let unknown = get("/v1.0/nobody@acme.test?Protocol=ActiveSync").await;
    assert_eq!((known.status, text(&known)), (unknown.status, text(&unknown)));
    let json: serde_json::Value = serde_json::from_str(&text(&known)).unwrap();
    assert!(json["Url"].as_str().unwrap().ends_with("/Microsoft-Server-ActiveSync"));
    assert_eq!(get("?Email=u1%40elsewhere.test&Protocol=ActiveSync").await.status, 404);
    let other = get("?Email=u1%40acme.test&Protocol=Ews").await;
    assert_eq!(other.status, 400);
    assert!(text(&other).contains("InvalidProtocol"));
    assert_eq!(get("?Protocol=ActiveSync").await.status, 400);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_xml_form_needs_the_password_and_names_only_us() {
    let house = House::with(|s| s.use_autodiscover = true).await;
    let there = format!("{}/other/Microsoft-Server-ActiveSync", house.mail_server.url());
    house.mail.script(|s| s.autodiscover_url = there.clone());
    let ask =
        async |user, body: &str| send(&house, "POST", "/Autodiscover/Autodiscover.xml", user, body).await;
    assert_eq!(ask(None, &pox("u1@acme.test", MOBILE)).await.status, 401);
    assert_eq!(ask(Some(("u1@acme.test", "wrong")), &pox("u1@acme.test", MOBILE)).await.status, 401);
    let answer = ask(Some(("u1@acme.test", "pw1")), &pox("u1@acme.test", MOBILE)).await;
    assert_eq!(answer.status, 200);
    let body = text(&answer);
    assert!(body.contains("<Type>MobileSync</Type>") && !body.contains("/other/"), "{body}");
    let login = engine::eas::resolve(&house.engine, None, "u1@acme.test").unwrap();
    assert_eq!(login.user.unwrap().learnt_url, Some(there), "and the real address was learnt");
    let desktop = "http://schemas.microsoft.com/exchange/autodiscover/outlook/responseschema/2006a";
    assert!(
        text(&ask(Some(("u1@acme.test", "pw1")), &pox("u1@acme.test", desktop)).await)
            .contains("<ErrorCode>601<")
    );
    assert!(
        text(&ask(Some(("u1@acme.test", "pw1")), &pox("u1@beta.test", MOBILE)).await)
            .contains("<ErrorCode>600<")
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_that_leads_elsewhere_is_not_learnt() {
    let house = House::with(|s| s.use_autodiscover = true).await;
    house.mail.script(|s| s.autodiscover_url = "https://evil.test/Microsoft-Server-ActiveSync".into());
    let user = Some(("u1@acme.test", "pw1"));
    let answer =
        send(&house, "POST", "/autodiscover/autodiscover.xml", user, &pox("u1@acme.test", MOBILE)).await;
    assert_eq!(answer.status, 200);
    assert!(!text(&answer).contains("evil"));
    let login = engine::eas::resolve(&house.engine, None, "u1@acme.test").unwrap();
    assert_eq!(login.user.unwrap().learnt_url, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn bad_documents_get_the_frameworks_error() {
    let house = House::new().await;
    let user = Some(("u1@beta.test", crate::house::LOCAL_PASSWORD));
    let entity =
        "<!DOCTYPE a [<!ENTITY x SYSTEM \"file:///etc/passwd\">]><Autodiscover><Request/></Autodiscover>";
    for bad in ["", "nonsense", entity, "<Autodiscover/>", &"<a>".repeat(30_000)] {
        let answer = send(&house, "POST", "/autodiscover/autodiscover.xml", user, bad).await;
        assert_eq!(answer.status, 200);
        assert!(text(&answer).contains("<ErrorCode>600<"), "{}", &bad[..bad.len().min(30)]);
    }
    let good =
        send(&house, "POST", "/autodiscover/autodiscover.xml", user, &pox("u1@beta.test", MOBILE)).await;
    assert!(text(&good).contains("User 1"));
    assert_eq!(send(&house, "GET", "/autodiscover/autodiscover.xml", user, "").await.status, 405);
}
