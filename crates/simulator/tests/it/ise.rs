//! The ISE client against canned answers: what the administrator reads, and paging.

use std::sync::Arc;

use parking_lot::Mutex;
use simulator::http::{Answer, Incoming, Wire, serve_connection};
use simulator::ise::{Action, Client, Settings, Target};
use tokio::net::TcpListener;

const INFO: &str = include_str!("../../testdata/ise/01-mdminfo-v3.response.xml");
const PAGE: &str = include_str!("../../testdata/ise/15-noncompliant-page1-of-2.response.xml");
const NONE: &str = include_str!("../../testdata/ise/14-devices-not-enrolled.response.xml");
const DONE: &str = include_str!("../../testdata/ise/32-action-v3.response.xml");

type Seen = Arc<Mutex<Vec<String>>>;

async fn mdm() -> (String, Seen) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let seen: Seen = Arc::default();
    let log = Arc::clone(&seen);
    tokio::spawn(async move {
        while let Ok((tcp, _)) = listener.accept().await {
            let log = Arc::clone(&log);
            tokio::spawn(async move {
                serve_connection(Wire::new(tcp), |incoming| {
                    let answer = canned(&incoming);
                    log.lock().push(format!("{} {}", incoming.method, incoming.target));
                    async move { answer }
                })
                .await
            });
        }
    });
    (url, seen)
}

fn canned(incoming: &Incoming) -> Answer {
    // Basic, base64 of `ise:right`.
    let authorized = incoming.headers.get("Authorization") == Some("Basic aXNlOnJpZ2h0");
    let body = match incoming.target.as_str() {
        t if t.starts_with("/ciscoise/mdminfo") => INFO,
        t if t.starts_with("/forbidden/") => return Answer::new(403, Vec::new()),
        t if t.contains("paging=0&querycriteria=compliance") => PAGE,
        t if t.contains("/action/actionType=pin_lock") => DONE,
        t if t.contains("/devices/?paging=") => NONE,
        _ => return Answer::new(404, Vec::new()),
    };
    if authorized { Answer::new(200, body.as_bytes().to_vec()) } else { Answer::new(401, Vec::new()) }
}

fn settings(url: &str) -> Settings {
    Settings {
        base_url: url.to_owned(),
        instance: String::new(),
        user: "ise".to_owned(),
        password: "right".to_owned(),
        version: 3,
        tls: None,
    }
}

#[tokio::test]
async fn test_connection_says_what_ise_says() {
    let (url, _) = mdm().await;
    let info = Client::new(settings(&url)).unwrap().test_connection().await.unwrap();
    assert_eq!(info.api_version, Some(3));
    let message = |change: fn(&mut Settings)| {
        let mut settings = settings(&url);
        change(&mut settings);
        async move { Client::new(settings).unwrap().test_connection().await.unwrap_err() }
    };
    let wrong = message(|s| s.password = "wrong".to_owned()).await;
    assert_eq!(wrong, "Connection Failed 401: Unauthorized");
    assert_eq!(message(|s| s.instance = "forbidden".to_owned()).await, "Connection Failed 403: Forbidden");
    assert_eq!(message(|s| s.instance = "nowhere".to_owned()).await, "Connection Failed 404: Not Found");
    let refused = message(|s| s.base_url = "http://127.0.0.1:1".to_owned()).await;
    assert_eq!(refused, "Connection failed: Please check connection parameters");
    let old = message(|s| s.version = 2).await;
    assert!(old.contains("above 2"), "{old}");
}

#[tokio::test]
async fn a_poll_follows_the_pages_and_an_action_names_its_device() {
    let (url, seen) = mdm().await;
    let mut client = Client::new(settings(&url)).unwrap();
    assert!(client.poll().await.is_err(), "nothing without Test Connection");
    client.test_connection().await.unwrap();
    let pages = client.poll().await.unwrap();
    assert_eq!(pages.len(), 2);
    let token = pages[0].paging_info;
    let asked = seen.lock().last().cloned().unwrap();
    assert!(asked.contains(&format!("paging={token}&querycriteria=compliance&value=false")), "{asked}");
    let (none, _) = client.look_up("macaddress", "0026B424FEB4").await.unwrap();
    assert!(none.devices.is_empty());
    let done = client.action(Action::PinLock, &[Target::Guid("g".to_owned())]).await.unwrap();
    assert_eq!(done[0].accepted, Some(true));
    assert!(client.action(Action::FullWipe, &[Target::Mac("0026B424FEB4".to_owned())]).await.is_err());
}
