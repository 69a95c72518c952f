//! The face behind real sockets: one segment for a look-up, and the self-test by a real TLS client.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::time::Duration;

use api::ise::Ise;
use base64::Engine as _;
use clients::ise_probe::{Check, IseProbe, Seen};
use engine::ise::self_test;
use http::{Request, Response};
use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair};
use transport::tls::{CertStore, Certificate};
use transport::{
    Body, Handler, ListenerConfig, Reply, RequestBody, Running, WakeAnswer, Workers, WorkersConfig,
};

use crate::ise_fixture::*;

struct Front(Arc<Ise>);

impl Handler for Front {
    async fn handle(&self, request: Request<RequestBody>) -> Reply {
        let peer = request.extensions().get::<transport::Peer>().unwrap().0;
        let (parts, body) = request.into_parts();
        self.0.handle(parts, body, peer).await.map(Body::stream).into()
    }
    fn on_panic(&self) -> Response<Body> {
        Response::builder().status(500).body(Body::empty()).unwrap()
    }
    fn on_drain(&self) -> WakeAnswer {
        WakeAnswer::new(http::StatusCode::SERVICE_UNAVAILABLE)
    }
}

/// A listener; TLS with a certificate for localhost from a root of its own, whose DER is returned.
fn serve(house: &House, tls: bool) -> (Workers, Running, SocketAddr, Vec<u8>) {
    let workers = Workers::start(WorkersConfig::default()).unwrap();
    let address: SocketAddr = ([127, 0, 0, 1], 0).into();
    let (config, root) = if tls { certified(address) } else { (ListenerConfig::plain(address), Vec::new()) };
    let running = workers.serve(config, Front(Arc::clone(&house.ise))).unwrap();
    let address = running.local_addr();
    (workers, running, address, root)
}

fn certified(address: SocketAddr) -> (ListenerConfig, Vec<u8>) {
    let root_key = KeyPair::generate().unwrap();
    let mut root = CertificateParams::new(Vec::<String>::new()).unwrap();
    root.distinguished_name.push(DnType::CommonName, "Test Root");
    root.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let root_der = root.self_signed(&root_key).unwrap().der().to_vec();
    let key = KeyPair::generate().unwrap();
    let server = CertificateParams::new(["localhost".to_owned(), "127.0.0.1".to_owned()]).unwrap();
    let server = server.signed_by(&key, &Issuer::new(root, root_key)).unwrap();
    let certificate = Certificate::from_pem(server.pem().as_bytes(), key.serialize_pem().as_bytes()).unwrap();
    let config = transport::tls::server_config(Arc::new(CertStore::new(certificate))).unwrap();
    (ListenerConfig::tls(address, config), root_der)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_look_up_leaves_in_one_write() {
    let house = House::build().await;
    house.device(&house.acme, |d| text(d, "model", "iPhone16,1")).await;
    let (_workers, _running, address, _) = serve(&house, false);
    let token = base64::engine::general_purpose::STANDARD
        .encode(format!("{}:{}", house.acme.ise.0, house.acme.ise.1));
    let request = format!(
        "GET /ciscoise/mdmapi/v3/devices/?paging=0&querycriteria=macaddress&value=000000000001&filter=all HTTP/1.1\r\n\
         Host: mdm.example.test\r\nAuthorization: Basic {token}\r\n\r\n"
    );
    tokio::task::spawn_blocking(move || {
        let mut socket = TcpStream::connect(address).unwrap();
        socket.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        for round in 0..50 {
            socket.write_all(request.as_bytes()).unwrap();
            let mut buffer = vec![0; 64 * 1024];
            // The reader waits, so it gets each segment as it comes: a second write would be a second read.
            let length = socket.read(&mut buffer).unwrap();
            let answer = std::str::from_utf8(&buffer[..length]).unwrap();
            assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "round {round}: {answer}");
            assert!(answer.to_ascii_lowercase().contains("content-length: "), "{answer}");
            assert!(answer.ends_with("</ise_api>\n"), "round {round}: the answer came in pieces");
        }
    })
    .await
    .unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_real_tls_client_that_trusts_only_the_exported_root_sees_every_outcome() {
    let house = House::build().await;
    let (_workers, _running, address, root) = serve(&house, true);
    let probe = IseProbe { address, host: "localhost".into(), root };
    let rows = self_test(&house.engine, &house.acme.admin, &probe, None).await.unwrap();
    let failed: Vec<_> = rows.iter().filter(|row| !row.passed).collect();
    assert!(failed.is_empty(), "{failed:#?}");
    assert_eq!(rows.len(), 13);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_probe_without_trust_never_sends_credentials() {
    let house = House::build().await;
    let (_workers, _running, address, root) = serve(&house, true);
    let probe = IseProbe { address, host: "localhost".into(), root };
    let own = Some((house.acme.ise.0.as_str(), house.acme.ise.1.as_str()));
    for check in [Check::NoRoot, Check::WrongName] {
        let seen = probe.get(check, own, "/ciscoise/mdminfo").await;
        assert!(matches!(seen, Seen::Untrusted(_)), "{seen:?}");
    }
    let seen = probe.get(Check::Right, own, "/ciscoise/mdminfo").await;
    assert!(matches!(seen, Seen::Answer { status: 200, .. }), "{seen:?}");
}
