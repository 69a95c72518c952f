//! TLS: exactly the given root is trusted.

use simulator::eas::{Credentials, Device, Model, Setup, Version};
use simulator::http::{Error, server_config, trust};
use simulator::mailserver::{MailServer, Options};

fn certificate() -> (String, String) {
    let made = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
    (made.cert.pem(), made.signing_key.serialize_pem())
}

#[tokio::test]
async fn a_phone_trusts_the_given_root_and_no_other() {
    let (pem, key) = certificate();
    let tls = server_config(pem.as_bytes(), key.as_bytes()).unwrap();
    let server = MailServer::start(Options { tls: Some(tls), ..Options::default() }).await.unwrap();
    server.control().add_user("u1", "pw1", "u1@example.test");
    let phone = |root: Option<&str>| {
        let model = Model::named("iphone").unwrap();
        Device::new(Setup {
            base_url: server.url(),
            tls: root.map(|r| trust(r.as_bytes()).unwrap()),
            user: "u1".to_owned(),
            credentials: Credentials::basic("u1", "pw1"),
            device_id: model.device_id(1),
            model,
            version: Version::V16_1,
        })
        .unwrap()
    };
    assert!(phone(Some(&pem)).connect().await.unwrap().done().is_some());
    let (other, _) = certificate();
    assert!(matches!(phone(Some(&other)).options().await, Err(Error::Tls(_))));
    assert!(matches!(phone(None).options().await, Err(Error::Tls(_))));
    assert!(matches!(trust(b"no certificate"), Err(Error::Tls(_))));
}
