//! Apple's push service: a mock that speaks HTTP/2 and asks for certificates.

use std::sync::Arc;
use std::time::Duration;

use clients::apns::{Apns, CertificateError, Outcome, Push, PushCertificate, Settings};
use clients::outbound::Reach;
use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair};
use rustls::RootCertStore;
use simulator::apple::apns::{Answer, PushService};

const TOPIC: &str = "com.apple.mgmt.External.6ab1a4f5";

/// An authority that issues everything here.
struct Pki {
    issuer: Issuer<'static, KeyPair>,
    pem: String,
    roots: RootCertStore,
}

impl Pki {
    fn new() -> Self {
        let key = KeyPair::generate().expect("a key");
        let mut params = CertificateParams::new(Vec::<String>::new()).expect("parameters");
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let root = params.self_signed(&key).expect("a root");
        let mut roots = RootCertStore::empty();
        roots.add(root.der().clone()).expect("a root");
        Self { pem: root.pem(), roots, issuer: Issuer::new(params, key) }
    }

    async fn service(&self) -> PushService {
        let key = KeyPair::generate().expect("a key");
        let params =
            CertificateParams::new(vec!["localhost".into(), "127.0.0.1".into()]).expect("parameters");
        let certificate = params.signed_by(&key, &self.issuer).expect("a certificate");
        let (chain, key) = (certificate.pem(), key.serialize_pem());
        let service = PushService::start(chain.as_bytes(), key.as_bytes(), self.pem.as_bytes());
        service.await.expect("a service")
    }

    fn certificate(&self, number: u8, topic: Option<&str>) -> Result<PushCertificate, CertificateError> {
        let key = KeyPair::generate().expect("a key");
        let mut params = CertificateParams::new(Vec::<String>::new()).expect("parameters");
        if let Some(topic) = topic {
            let user_id = DnType::CustomDnType(vec![0, 9, 2342, 19_200_300, 100, 1, 1]);
            params.distinguished_name.push(user_id, topic);
        }
        let certificate = params.signed_by(&key, &self.issuer).expect("a certificate");
        PushCertificate::new([number; 32], vec![certificate.der().to_vec()], key.serialized_der())
    }

    fn apns(&self, service: &PushService, connections: usize) -> Arc<Apns> {
        let settings = Settings {
            base: format!("https://127.0.0.1:{}", service.port),
            reach: Reach::Anywhere,
            roots: Some(self.roots.clone()),
            connections,
        };
        Arc::new(Apns::new(settings).expect("settings"))
    }
}

fn push(number: u32) -> Push {
    Push { token: number.to_be_bytes().to_vec(), magic: format!("magic {number}"), expires: 1_800_000_000 }
}

/// Sends many at once; how many were sent.
async fn batch(apns: &Arc<Apns>, certificate: &PushCertificate, count: u32) -> Vec<Outcome> {
    let tasks: Vec<_> = (0..count)
        .map(|number| {
            let (apns, certificate) = (Arc::clone(apns), certificate.clone());
            tokio::spawn(async move { apns.push(&certificate, &push(number)).await })
        })
        .collect();
    let mut outcomes = Vec::new();
    for task in tasks {
        outcomes.push(task.await.expect("no panic"));
    }
    outcomes
}

fn sent(outcomes: &[Outcome]) -> usize {
    outcomes.iter().filter(|outcome| matches!(outcome, Outcome::Sent(_))).count()
}

#[tokio::test]
async fn a_push_says_what_apple_wants_and_nothing_else() {
    let pki = Pki::new();
    let service = pki.service().await;
    let (apns, certificate) =
        (pki.apns(&service, 10), pki.certificate(1, Some(TOPIC)).expect("a certificate"));
    let outcome = apns.push(&certificate, &push(0x00ab_cdef)).await;
    assert_eq!(outcome, Outcome::Sent(Some("id-of-00abcdef".into())));
    let behaviour = service.behaviour.lock();
    let received = &behaviour.received[0];
    assert_eq!(
        (received.token.as_str(), received.body.as_str()),
        ("00abcdef", r#"{"mdm":"magic 11259375"}"#)
    );
    let headers = [
        ("apns-topic", TOPIC),
        ("apns-push-type", "mdm"),
        ("apns-priority", "10"),
        ("apns-expiration", "1800000000"),
    ];
    for (name, value) in headers {
        assert_eq!(received.headers.get(name).map(String::as_str), Some(value));
    }
}

#[tokio::test]
async fn many_pushes_share_one_connection_within_its_limit() {
    let pki = Pki::new();
    let service = pki.service().await;
    {
        let mut behaviour = service.behaviour.lock();
        behaviour.streams = 7;
        behaviour.takes = Duration::from_millis(2);
    }
    let (apns, certificate) =
        (pki.apns(&service, 10), pki.certificate(1, Some(TOPIC)).expect("a certificate"));
    assert_eq!(sent(&batch(&apns, &certificate, 500).await), 500);
    let behaviour = service.behaviour.lock();
    assert_eq!((behaviour.connections, behaviour.received.len()), (1, 500));
    assert!((2..=7).contains(&behaviour.at_work.1), "{:?} at once", behaviour.at_work);
}

#[tokio::test]
async fn a_connection_that_is_given_up_loses_nothing() {
    let pki = Pki::new();
    let service = pki.service().await;
    {
        let mut behaviour = service.behaviour.lock();
        behaviour.streams = 50;
        behaviour.takes = Duration::from_millis(1);
    }
    let (apns, certificate) =
        (pki.apns(&service, 10), pki.certificate(1, Some(TOPIC)).expect("a certificate"));
    // The service does its work for a while, then gives up one connection after another.
    assert_eq!(sent(&batch(&apns, &certificate, 20).await), 20);
    service.behaviour.lock().go_away_after = Some(150);
    apns.close_idle(Duration::ZERO);
    let outcomes = batch(&apns, &certificate, 400).await;
    assert_eq!(sent(&outcomes), 400, "{:?}", outcomes.iter().find(|o| !matches!(o, Outcome::Sent(_))));
    let tokens: std::collections::HashSet<String> =
        service.behaviour.lock().received.iter().map(|received| received.token.clone()).collect();
    assert_eq!(tokens.len(), 400, "each of them came");
}

#[tokio::test]
async fn pushes_that_are_turned_away_come_again_on_the_same_connection() {
    let pki = Pki::new();
    let service = pki.service().await;
    let (apns, certificate) =
        (pki.apns(&service, 10), pki.certificate(1, Some(TOPIC)).expect("a certificate"));
    service.behaviour.lock().turned_away = 30;
    assert_eq!(sent(&batch(&apns, &certificate, 100).await), 100);
    let behaviour = service.behaviour.lock();
    assert_eq!((behaviour.connections, behaviour.received.len()), (1, 100));
}

#[tokio::test]
async fn each_refusal_has_its_meaning() {
    let pki = Pki::new();
    let service = pki.service().await;
    let (apns, certificate) =
        (pki.apns(&service, 10), pki.certificate(1, Some(TOPIC)).expect("a certificate"));
    let answers = [
        ("00000001", Answer { timestamp: Some(1_700_000_000_000), ..Answer::refused(410, "Unregistered") }),
        ("00000002", Answer::refused(400, "BadDeviceToken")),
        ("00000003", Answer::refused(400, "DeviceTokenNotForTopic")),
        ("00000004", Answer::refused(429, "TooManyRequests")),
        ("00000005", Answer { retry_after: Some(40), ..Answer::refused(503, "ServiceUnavailable") }),
        ("00000006", Answer::refused(413, "PayloadTooLarge")),
        ("00000007", Answer::refused(403, "BadCertificateEnvironment")),
    ];
    service.behaviour.lock().answers =
        answers.into_iter().map(|(token, answer)| (token.to_owned(), answer)).collect();
    let outcomes = batch(&apns, &certificate, 9).await;
    assert_eq!(outcomes[1], Outcome::Unregistered(1_700_000_000_000));
    assert_eq!(outcomes[2], Outcome::Unusable("BadDeviceToken".into()));
    assert_eq!(outcomes[3], Outcome::Unusable("DeviceTokenNotForTopic".into()));
    assert!(matches!(&outcomes[4], Outcome::Later(wait, _) if wait.as_secs() >= 60));
    assert!(matches!(&outcomes[5], Outcome::Later(wait, _) if (40..=60).contains(&wait.as_secs())));
    assert_eq!(outcomes[6], Outcome::Refused("PayloadTooLarge".into()));
    assert_eq!(outcomes[7], Outcome::Certificate("BadCertificateEnvironment".into()));
    assert_eq!((sent(&outcomes), service.behaviour.lock().connections), (2, 1), "refusals end no connection");
}

#[tokio::test]
async fn a_certificate_of_somebody_else_is_told_as_such() {
    let (pki, other) = (Pki::new(), Pki::new());
    let service = pki.service().await;
    let apns = pki.apns(&service, 10);
    let outcome = apns.push(&other.certificate(1, Some(TOPIC)).expect("a certificate"), &push(1)).await;
    assert!(matches!(&outcome, Outcome::Certificate(_)), "{outcome:?}");
    assert!(service.behaviour.lock().received.is_empty());
    // A good one is not held up by it.
    assert!(matches!(
        apns.push(&pki.certificate(2, Some(TOPIC)).expect("a certificate"), &push(1)).await,
        Outcome::Sent(_)
    ));
}

#[tokio::test]
async fn who_is_not_there_is_asked_ever_more_seldom() {
    let pki = Pki::new();
    let service = pki.service().await;
    let apns = {
        let port = std::net::TcpListener::bind("127.0.0.1:0")
            .expect("a port")
            .local_addr()
            .expect("its number")
            .port();
        pki.apns(&PushService { port, ..service.clone() }, 10)
    };
    let certificate = pki.certificate(1, Some(TOPIC)).expect("a certificate");
    let Outcome::Later(first, _) = apns.push(&certificate, &push(1)).await else { panic!("nobody is there") };
    let Outcome::Later(rest, _) = apns.push(&certificate, &push(1)).await else { panic!("nobody is there") };
    assert!(first >= Duration::from_secs(1) && rest <= first, "nobody tried again: {first:?}, {rest:?}");
    // Another authority at the other end is nobody, too, and nothing is sent to it.
    let strange = Pki::new();
    let Outcome::Later(_, why) = strange.apns(&service, 1).push(&certificate, &push(1)).await else {
        panic!("trusted")
    };
    assert!(why.contains("certificate"), "{why}");
}

#[tokio::test]
async fn connections_are_few_and_closed_when_nobody_needs_them() {
    let pki = Pki::new();
    let service = pki.service().await;
    let apns = pki.apns(&service, 3);
    for number in 0..6 {
        let certificate = pki.certificate(number, Some(TOPIC)).expect("a certificate");
        assert!(matches!(apns.push(&certificate, &push(1)).await, Outcome::Sent(_)));
        assert!(apns.kept() <= 3);
    }
    tokio::time::sleep(Duration::from_millis(200)).await;
    let seen = {
        let behaviour = service.behaviour.lock();
        (behaviour.connections, behaviour.open)
    };
    assert_eq!(seen, (6, 3));
    apns.close_idle(clients::apns::IDLE);
    assert_eq!(apns.kept(), 3, "none of them is idle for that long");
    apns.close_idle(Duration::from_millis(100));
    assert_eq!(apns.kept(), 0);
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert_eq!(service.behaviour.lock().open, 0);
}

#[test]
fn what_is_no_push_certificate_is_refused() {
    let pki = Pki::new();
    assert_eq!(pki.certificate(1, None).err(), Some(CertificateError::NoTopic));
    assert_eq!(pki.certificate(1, Some("com.example.app")).err(), Some(CertificateError::NoTopic));
    assert!(matches!(PushCertificate::new([0; 32], vec![], &[]), Err(CertificateError::Unreadable(_))));
    assert_eq!(pki.certificate(1, Some(TOPIC)).expect("a certificate").topic(), TOPIC);
    let plain =
        Settings { base: "http://127.0.0.1:1".into(), reach: Reach::Anywhere, roots: None, connections: 1 };
    assert!(Apns::new(plain).is_err());
}
