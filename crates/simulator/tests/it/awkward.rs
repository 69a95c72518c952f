//! What awkward servers and networks do: chunks, gzip, redirects, failures, hang-ups.

use std::time::Duration;

use simulator::eas::{Need, Version};
use simulator::http::Error;
use simulator::mailserver::Failure;

use crate::stage::Stage;

#[tokio::test]
async fn chunks_gzip_and_100_continue_change_nothing() {
    let stage = Stage::new().await;
    stage.control.script(|s| {
        s.chunk = Some(7);
        s.gzip = true;
    });
    let mut phone = stage.phone(Version::V14_1);
    phone.accept_gzip = true;
    phone.chunk = Some(5);
    phone.expect_continue = true;
    let reply = phone.connect().await.unwrap().done().unwrap();
    assert_eq!(reply.headers.get("Content-Encoding"), Some("gzip"));
    assert_eq!(phone.folders.len(), 8);
    let seen = stage.control.seen();
    assert!(seen.iter().all(|s| s.headers.iter().any(|(n, _)| n.eq_ignore_ascii_case("Transfer-Encoding"))));
}

#[tokio::test]
async fn one_connection_serves_many_requests_and_is_replaced_when_lost() {
    let stage = Stage::new().await;
    let mut phone = stage.phone(Version::V14_1);
    phone.connect().await.unwrap();
    stage.control.script(|s| s.failing = Some((1, Failure::HangUp)));
    let reply = phone.folder_sync().await.unwrap();
    assert_eq!(reply.status(), Some(1), "a kept connection that is closed is replaced once");
    phone.disconnect();
    stage.control.script(|s| s.failing = Some((1, Failure::HangUp)));
    assert!(matches!(phone.folder_sync().await, Err(Error::Closed)), "a fresh one is not");
}

#[tokio::test]
async fn failures_are_seen_as_what_they_are() {
    let stage = Stage::new().await;
    let mut phone = stage.phone(Version::V14_1);
    phone.connect().await.unwrap();
    stage.control.script(|s| s.failing = Some((1, Failure::Http(503))));
    let busy = phone.folder_sync().await.unwrap();
    assert_eq!((busy.need(), busy.headers.get("Retry-After")), (Need::Later, Some("30")));
    stage.control.script(|s| s.failing = Some((1, Failure::Garbage)));
    let garbage = phone.folder_sync().await.unwrap();
    assert!(garbage.http == 200 && garbage.tree.is_none());
    stage.control.script(|s| s.delay = Duration::from_millis(300));
    let slow = phone.folder_sync().await.unwrap();
    assert!(slow.took >= Duration::from_millis(300) && slow.status() == Some(1));
    assert_eq!(stage.control.seen().iter().filter(|s| s.http == Some(503)).count(), 1);
}

#[tokio::test]
async fn a_moved_user_is_pointed_elsewhere() {
    let stage = Stage::new().await;
    let mut phone = stage.phone(Version::V14_1);
    stage.control.move_user("u1", Some("https://other.example.test/Microsoft-Server-ActiveSync"));
    let reply = phone.folder_sync().await.unwrap();
    assert_eq!(reply.http, 451);
    assert!(reply.headers.get("X-MS-Location").unwrap().starts_with("https://other."));
    stage.control.move_user("u1", None);
    assert!(phone.connect().await.unwrap().done().is_some());
}

#[tokio::test]
async fn both_query_forms_are_one_device_and_names_are_canonical() {
    let stage = Stage::new().await;
    let mut phone = stage.phone(Version::V14_1);
    phone.connect().await.unwrap();
    phone.base64_query = true;
    phone.credentials = simulator::eas::Credentials::basic("EXAMPLE\\u1", "pw1");
    assert_eq!(phone.folder_sync().await.unwrap().status(), Some(1));
    assert_eq!(stage.control.devices_of("u1"), [phone.device_id.to_ascii_lowercase()]);
    let seen = stage.control.seen();
    let last = seen.last().unwrap();
    assert!(last.base64 && last.version == Some(Version::V14_1));
    assert_eq!(last.policy_key, Some(phone.policy_key));
    assert_eq!(last.user.as_deref(), Some("u1"));
}

#[tokio::test]
async fn disabled_and_changed_accounts_get_401() {
    let stage = Stage::new().await;
    let mut phone = stage.phone(Version::V14_1);
    phone.connect().await.unwrap();
    stage.control.set_disabled("u1", true);
    assert_eq!(phone.folder_sync().await.unwrap().need(), Need::Credentials);
    stage.control.set_disabled("u1", false);
    stage.control.set_password("u1", "new");
    assert_eq!(phone.folder_sync().await.unwrap().need(), Need::Credentials);
}

#[tokio::test]
async fn autodiscover_tells_known_users_the_address() {
    use simulator::http::{BaseUrl, Client, Request};
    let stage = Stage::new().await;
    stage.control.script(|s| s.autodiscover_url = "https://mail.example.test/x".to_owned());
    let mut client = Client::new(BaseUrl::parse(&stage.server.url()).unwrap(), None);
    let json = Request::new(
        "GET",
        "/autodiscover/autodiscover.json?Email=u1%40example.test&Protocol=ActiveSync",
        Vec::new(),
    );
    let answer = client.send(&json).await.unwrap();
    assert!(String::from_utf8(answer.body).unwrap().contains("\"https://mail.example.test/x\""));
    for (user, known) in [("u1", true), ("nobody", false)] {
        let body = format!(
            "<Autodiscover xmlns=\"http://schemas.microsoft.com/exchange/autodiscover/mobilesync/requestschema/2006\">\
             <Request><EMailAddress>{user}@example.test</EMailAddress><AcceptableResponseSchema>\
             http://schemas.microsoft.com/exchange/autodiscover/mobilesync/responseschema/2006\
             </AcceptableResponseSchema></Request></Autodiscover>"
        );
        let pox = Request::new("POST", "/Autodiscover/Autodiscover.xml", body.into_bytes());
        let answer = String::from_utf8(client.send(&pox).await.unwrap().body).unwrap();
        assert_eq!(answer.contains("<Url>https://mail.example.test/x</Url>"), known);
        assert_eq!(answer.contains("<Error>"), !known);
    }
}
