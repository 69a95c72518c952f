//! TLS 1.2 and 1.3, with rustls' own buffered client on the other side.

use std::{sync::Arc, time::Duration};

use http::StatusCode;
use rustls::{ClientConfig, RootCertStore, SupportedProtocolVersion, crypto::aws_lc_rs, version};
use transport::{
    WakeAnswer,
    tls::{CertStore, Certificate, server_config},
};

use super::{
    client::{Client, connect, post},
    server::{Server, wait_until},
};

pub struct Made {
    pub certificate: Certificate,
    pub roots: RootCertStore,
}

/// A certificate that is its own root.
pub fn make(name: &str) -> Made {
    let made = rcgen::generate_simple_self_signed([name.to_owned()]).unwrap();
    let certificate =
        Certificate::from_pem(made.cert.pem().as_bytes(), made.signing_key.serialize_pem().as_bytes())
            .unwrap();
    let mut roots = RootCertStore::empty();
    roots.add(made.cert.der().clone()).unwrap();
    Made { certificate, roots }
}

pub fn trusting(made: &Made, version: &'static SupportedProtocolVersion) -> Arc<ClientConfig> {
    let mut config = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_protocol_versions(&[version])
        .unwrap()
        .with_root_certificates(made.roots.clone())
        .with_no_client_auth();
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Arc::new(config)
}

pub fn serve(store: &Arc<CertStore>) -> Server {
    let config = server_config(Arc::clone(store)).unwrap();
    Server::with(|listener| listener.tls = Some(config))
}

const VERSIONS: [&SupportedProtocolVersion; 2] = [&version::TLS12, &version::TLS13];

#[test]
fn requests_and_parks_work_in_both_versions() {
    let made = make("mail.test");
    let server = serve(&Arc::new(CertStore::new(made.certificate.clone())));
    for version in VERSIONS {
        // The same configuration twice: the second connection resumes the first one's session.
        let config = trusting(&made, version);
        for round in 0..2 {
            let mut client = Client::tls(server.address, Arc::clone(&config), "mail.test").unwrap();
            assert!(client.get("/who").text().ends_with(" true"));
            client.send([post("/park?tls", b"body"), post("/echo", b"pipelined")].concat());
            wait_until(|| server.metrics().parked.get() == 1);
            client.send(post("/echo", b"while parked"));
            assert!(server.notes.waker("tls").answer(WakeAnswer::new(StatusCode::OK).body("woken")));
            assert_eq!(client.answer().text(), "woken", "{version:?} round {round}");
            assert_eq!(client.answer().text(), "pipelined");
            assert_eq!(client.answer().text(), "while parked");
            wait_until(|| server.metrics().idle.get() == 1);
            assert_eq!(client.post("/echo", b"after idling").text(), "after idling");
            drop(client);
            wait_until(|| server.running.open_connections() == 0);
        }
    }
}

#[test]
fn large_bodies_pass_both_ways() {
    let made = make("mail.test");
    let server = serve(&Arc::new(CertStore::new(made.certificate.clone())));
    let body: Vec<u8> = (0..1_000_000_u32).map(|n| (n / 7) as u8).collect();
    for version in VERSIONS {
        let mut client = Client::tls(server.address, trusting(&made, version), "mail.test").unwrap();
        assert!(client.post("/echo", &body).body == body);
    }
}

#[test]
fn a_client_that_leaves_while_parked_is_noticed() {
    let made = make("mail.test");
    let server = serve(&Arc::new(CertStore::new(made.certificate.clone())));
    for version in VERSIONS {
        let mut client = Client::tls(server.address, trusting(&made, version), "mail.test").unwrap();
        client.send(post("/park?left", b""));
        wait_until(|| server.metrics().parked.get() == 1);
        drop(client);
        wait_until(|| server.running.open_connections() == 0);
    }
    assert_eq!(server.metrics().parks_gone.get(), 2);
}

#[test]
fn certificates_are_chosen_by_name_and_replaced_while_running() {
    let (first, second) = (make("mail.test"), make("other.test"));
    let named = vec![("other.test".to_owned(), second.certificate.clone())];
    let store = Arc::new(CertStore::with_names(first.certificate.clone(), named));
    let server = serve(&store);
    let try_connect = |made: &Made, name: &str| {
        Client::tls(server.address, trusting(made, &version::TLS13), name)
            .map(|mut client| client.get("/who").status)
    };
    assert_eq!(try_connect(&first, "mail.test").unwrap(), 200);
    assert_eq!(try_connect(&second, "other.test").unwrap(), 200);
    assert!(try_connect(&second, "mail.test").is_err());
    let mut old = Client::tls(server.address, trusting(&first, &version::TLS13), "mail.test").unwrap();
    let renewed = make("mail.test");
    store.replace(renewed.certificate.clone(), Vec::new());
    assert_eq!(try_connect(&renewed, "mail.test").unwrap(), 200);
    assert!(try_connect(&first, "mail.test").is_err());
    assert_eq!(old.get("/who").status, 200, "connections that exist are not touched");
}

#[test]
fn nonsense_and_silence_instead_of_a_handshake_are_cut() {
    let made = make("mail.test");
    let config = server_config(Arc::new(CertStore::new(made.certificate))).unwrap();
    let server = Server::with(|listener| {
        listener.tls = Some(config);
        listener.limits.header_time = Duration::from_millis(400);
    });
    let mut plain = Client::plain(server.address);
    plain.send("GET / HTTP/1.1\r\nHost: t\r\n\r\n");
    // An alert record, then the end.
    while !plain.is_closed() {}
    wait_until(|| server.metrics().tls_failures.get() == 1);
    let silent = connect(server.address);
    wait_until(|| server.metrics().timeouts.get() == 1);
    drop(silent);
    wait_until(|| server.running.open_connections() == 0);
}
