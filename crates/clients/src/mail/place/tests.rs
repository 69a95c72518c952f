use super::*;
use domain::Id;
use domain::model::{BlockForm, LoginForm, WipeAckStatus};

pub(crate) fn server(url: &str, trust: ServerTrust, redirect_hosts: &[&str]) -> Arc<ActiveSyncServer> {
    Arc::new(ActiveSyncServer {
        organization: Id::new(1, &[0; 10]),
        id: Id::new(1, &[1; 10]),
        rev: 1,
        name: "Mail".into(),
        url: url.into(),
        trust,
        login_form: LoginForm::AsSent,
        login_domain: String::new(),
        mail_domains: Vec::new(),
        use_autodiscover: false,
        autodiscover_url: String::new(),
        redirect_hosts: redirect_hosts.iter().map(|h| (*h).to_owned()).collect(),
        hands_off: false,
        quarantine: false,
        versions: ("12.1".into(), "16.1".into()),
        block_form: BlockForm::Http403,
        acknowledge: WipeAckStatus::Full,
        bearer: true,
        max_body: 1 << 20,
        enabled: true,
    })
}

const HOME: &str = "https://mail.example.com/Microsoft-Server-ActiveSync";

#[tokio::test]
async fn redirects_go_only_where_they_may() {
    let mail =
        MailServer::new(server(HOME, ServerTrust::Public, &["other.test", "*.office.test"])).expect("good");
    let eas = |host: &str| format!("https://{host}/Microsoft-Server-ActiveSync");
    assert!(mail.guarded(&eas("MAIL.example.com")).await.is_ok());
    assert!(mail.guarded(&eas("other.test")).await.is_ok());
    assert!(mail.place(&eas("eu.office.test")).is_ok());
    for bad in ["evil.test", "office.test", "evil-office.test", "other.test.evil.test", "169.254.169.254"] {
        assert!(matches!(mail.guarded(&eas(bad)).await, Err(MailError::NotAllowed(_))), "{bad}");
    }
    let plain = "http://mail.example.com/Microsoft-Server-ActiveSync";
    assert!(matches!(mail.guarded(plain).await, Err(MailError::NotAllowed(_))), "never without TLS");
}

#[tokio::test]
async fn a_pattern_never_leads_into_a_private_network() {
    let mail = MailServer::new(server(HOME, ServerTrust::Public, &["*.localhost", "*.0.0.1"])).expect("good");
    let inside = mail.guarded("https://127.0.0.1/Microsoft-Server-ActiveSync").await;
    assert!(matches!(inside, Err(MailError::Private(_))), "{inside:?}");
}

#[tokio::test]
async fn a_learnt_address_that_leads_inside_by_now_is_not_connected_to() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    listener.set_nonblocking(true).expect("set");
    let inside = listener.local_addr().expect("an address");
    let mail =
        MailServer::new(server(HOME, ServerTrust::Public, &["known.test", "*.office.test"])).expect("good");
    let looked = Arc::new(std::sync::atomic::AtomicUsize::new(0));
    let count = Arc::clone(&looked);
    // Whoever owns the name lets it point into our network once it was found to be public.
    let rebound = move |_: &str, _: u16| {
        count.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
        Ok(vec![inside])
    };
    let config = transport::UpstreamConfig {
        resolver: transport::Resolver::Custom(Arc::new(rebound)),
        connect: std::time::Duration::from_secs(2),
        ..transport::UpstreamConfig::default()
    };
    let upstreams = transport::Upstreams::new(config);
    let ask = async |host: &str| {
        let place = mail.place(&format!("https://{host}/Microsoft-Server-ActiveSync")).expect("allowed");
        let request = http::Request::options(&place.path).body(transport::Body::empty()).expect("good");
        upstreams.exchange(&place.origin, request, std::time::Duration::from_secs(2)).await.err()
    };
    let error = ask("eu.office.test").await.expect("refused");
    assert!(matches!(error, transport::UpstreamError::Forbidden { .. }), "{error}");
    assert!(error.nothing_sent(), "so the server's own address is tried instead");
    assert!(listener.accept().is_err(), "nobody knocked");
    assert_eq!(looked.load(std::sync::atomic::Ordering::SeqCst), 1, "what was checked is what counts");
    // A host that an administrator wrote out may be inside: there is no TLS here, but it was knocked at.
    assert!(ask("known.test").await.is_some());
    assert!(listener.accept().is_ok());
}

#[test]
fn roots_must_be_certificates() {
    let roots = ServerTrust::Roots("nothing".into());
    assert!(matches!(MailServer::new(server(HOME, roots, &[])), Err(MailError::Roots(_))));
}
