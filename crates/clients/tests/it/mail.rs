//! The console's test of a mail server, and Autodiscover, against a scripted one.

use std::sync::Arc;

use base64::Engine as _;
use clients::mail::{Grade, MailError, MailServer, TestCredentials, discover, test};
use domain::Id;
use domain::model::{ActiveSyncServer, BlockForm, LoginForm, ServerTrust, WipeAckStatus};
use http::HeaderValue;
use simulator::mailserver::{MailServer as Peer, Options};
use transport::Upstreams;

fn server(url: &str, trust: ServerTrust) -> ActiveSyncServer {
    ActiveSyncServer {
        organization: Id::new(1, &[0; 10]),
        id: Id::new(1, &[1; 10]),
        rev: 1,
        name: "Mail".into(),
        url: format!("{url}/Microsoft-Server-ActiveSync"),
        trust,
        login_form: LoginForm::User,
        login_domain: String::new(),
        mail_domains: Vec::new(),
        use_autodiscover: true,
        autodiscover_url: String::new(),
        redirect_hosts: Vec::new(),
        hands_off: false,
        quarantine: false,
        versions: ("12.1".into(), "16.1".into()),
        block_form: BlockForm::Http403,
        acknowledge: WipeAckStatus::Full,
        bearer: true,
        max_body: 1 << 20,
        enabled: true,
    }
}

fn credentials(password: &str) -> TestCredentials {
    TestCredentials { user: "u1@acme.test".into(), password: password.into(), email: "u1@acme.test".into() }
}

/// A server with TLS, and the certificate that it is trusted by.
async fn tls_peer() -> (Peer, String) {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let pem = made.cert.pem();
    let tls =
        simulator::http::server_config(pem.as_bytes(), made.signing_key.serialize_pem().as_bytes()).unwrap();
    let peer = Peer::start(Options { tls: Some(tls), ..Options::default() }).await.unwrap();
    peer.control().add_user("u1", "pw1", "u1@acme.test");
    (peer, pem)
}

fn grade(report: &clients::mail::TestReport, name: &str) -> Option<Grade> {
    report.checks.iter().find(|c| c.name == name).map(|c| c.grade)
}

const NOW: i64 = 1_767_225_600_000;

#[tokio::test]
async fn a_good_server_passes_every_check() {
    let (peer, pem) = tls_peer().await;
    let server = Arc::new(server(&peer.url(), ServerTrust::Roots(pem)));
    let report = test(&Upstreams::default(), server, Some(&credentials("pw1")), NOW).await;
    assert!(report.is_usable(), "{report:#?}");
    for name in ["Name", "Certificate", "Sign-in", "Versions", "Autodiscover"] {
        assert_eq!(grade(&report, name), Some(Grade::Good), "{name}: {report:#?}");
    }
    assert!(report.versions.contains(&"16.1".to_owned()) && report.commands.contains(&"Sync".to_owned()));
    assert_eq!(grade(&report, "Way around the gateway"), None, "it is not public");
    assert_eq!(report.certificate.unwrap().names, ["localhost"]);
}

#[tokio::test]
async fn what_is_wrong_is_named() {
    let (peer, pem) = tls_peer().await;
    let ask = async |server: ActiveSyncServer, password: Option<&str>| {
        let given = password.map(credentials);
        test(&Upstreams::default(), Arc::new(server), given.as_ref(), NOW).await
    };
    let untrusted = ask(server(&peer.url(), ServerTrust::Public), None).await;
    assert_eq!(grade(&untrusted, "Certificate"), Some(Grade::Failed));
    let wrong_name = peer.url().replace("localhost", "127.0.0.1");
    let wrong_name = ask(server(&wrong_name, ServerTrust::Roots(pem.clone())), None).await;
    assert_eq!(grade(&wrong_name, "Certificate"), Some(Grade::Failed));
    let wrong_password = ask(server(&peer.url(), ServerTrust::Roots(pem.clone())), Some("no")).await;
    assert_eq!(grade(&wrong_password, "Versions"), Some(Grade::Failed));
    let mut narrow = server(&peer.url(), ServerTrust::Roots(pem.clone()));
    peer.control().script(|s| s.versions = vec![simulator::eas::Version::V16_1]);
    narrow.versions = ("12.1".into(), "14.1".into());
    assert_eq!(grade(&ask(narrow, Some("pw1")).await, "Versions"), Some(Grade::Failed));
    let nowhere = ask(server("https://no-such-host.invalid", ServerTrust::Public), None).await;
    assert!(!nowhere.is_usable());
    let mut path = server(&peer.url(), ServerTrust::Roots(pem));
    path.url = format!("{}/wrong", peer.url());
    assert_eq!(grade(&ask(path, None).await, "Sign-in"), Some(Grade::Failed));
}

#[tokio::test]
async fn autodiscover_leads_only_where_it_may() {
    let (peer, pem) = tls_peer().await;
    let mail = MailServer::new(Arc::new(server(&peer.url(), ServerTrust::Roots(pem)))).unwrap();
    let token = base64::engine::general_purpose::STANDARD.encode("u1:pw1");
    let basic = HeaderValue::from_str(&format!("Basic {token}")).unwrap();
    let ask = async || discover(&Upstreams::default(), &mail, "u1@acme.test", &basic).await;
    let found = ask().await.unwrap();
    assert_eq!(found.url, Some(format!("{}/Microsoft-Server-ActiveSync", peer.url())));
    peer.control().script(|s| s.autodiscover_url = "https://evil.test/Microsoft-Server-ActiveSync".into());
    assert!(matches!(ask().await, Err(MailError::NotAllowed(_))));
    peer.control().script(|s| s.failing = Some((1, simulator::mailserver::Failure::Garbage)));
    assert!(matches!(ask().await, Err(MailError::Answer(_))));
}
