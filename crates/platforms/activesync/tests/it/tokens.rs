//! Tokens that do not say whose they are: the mail server has to.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::model::ServerTrust;
use engine::servers::{self, ServerInput};
use engine::users::{self, UserInput};
use simulator::eas::{Credentials, Device, Version};
use simulator::http::{BaseUrl, Client, Request, Response};
use simulator::mailserver::Refusal;

use crate::house::{House, VERSIONS, connect};

/// As other issuers make them: no dots, all characters of RFC 6750.
fn opaque(user: usize) -> String {
    format!("EwB{user}A8l6BAAU/O9chh8~cJscQLmU+LSWpbnr0vmw_wAA==")
}

/// A house whose mail server takes tokens only.
async fn house() -> House {
    let house = House::new().await;
    house.mail.script(|s| s.basic = false);
    for user in 1..=3 {
        house.mail.add_token(&opaque(user), &format!("u{user}"));
    }
    house
}

fn phone(house: &House, user: usize, version: Version) -> Device {
    let mut phone = house.phone(user, version);
    phone.credentials = Credentials::Bearer(opaque(user));
    phone
}

/// How often the mail server was asked for somebody's addresses, apart from refusals.
fn questions(house: &House) -> usize {
    let seen = house.mail.seen();
    seen.iter()
        .filter(|s| s.cmd == "Settings" && s.device_id == "NotifyMDMSignIn" && s.http == Some(200))
        .count()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_opaque_token_is_believed_when_the_mail_server_says_whose_it_is() {
    let house = house().await;
    for (n, version) in VERSIONS.into_iter().enumerate() {
        let user = 1 + n % 3;
        for refusal in [Refusal::ByVersion, Refusal::Bare449, Refusal::Full449] {
            house.mail.script(|s| s.refusal = refusal);
            let mut phone = phone(&house, user, version);
            phone.device_id = format!("T{version}{refusal:?}").replace('.', "");
            connect(&mut phone).await;
            let known = house.known(&phone).unwrap();
            assert_eq!(known.eas().unwrap().eas.last_credential, None, "a token admits no wipe later");
        }
    }
    house.mail.script(|s| s.policy = None);
    let mut phone = phone(&house, 1, Version::V16_1);
    phone.device_id = "NOPOLICY".into();
    house.clock.advance(61 * 60_000);
    connect(&mut phone).await;
    house.mail.clear_seen();
    for _ in 0..3 {
        assert_eq!(phone.folder_sync().await.unwrap().status(), Some(1));
    }
    assert_eq!(questions(&house), 0, "whose it is does not change");
    house.clock.advance(61 * 60_000);
    assert_eq!(phone.folder_sync().await.unwrap().status(), Some(1));
    assert_eq!(questions(&house), 1);
    house.mail.revoke_token(&opaque(1));
    assert_eq!(phone.folder_sync().await.unwrap().http, 401, "good or not is decided each time");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_of_one_user_never_acts_as_another() {
    let house = house().await;
    let mut victim = phone(&house, 1, Version::V16_1);
    connect(&mut victim).await;
    let before = house.known(&victim).unwrap();
    let mut thief = phone(&house, 2, Version::V16_1);
    connect(&mut thief).await;
    house.mail.clear_seen();
    for (device, key) in [(victim.device_id.clone(), victim.policy_key), ("NEW".into(), 0)] {
        for name in ["u1@acme.test", "ACME\\u1", "U1@Acme.test"] {
            thief.user = name.into();
            thief.device_id.clone_from(&device);
            thief.policy_key = key;
            let reply = thief.folder_sync().await.unwrap();
            assert_eq!(reply.http, 401, "{name} {device}");
            assert!(reply.headers.get("WWW-Authenticate").unwrap().starts_with("Bearer"));
            let reply = thief.provision().await.map(|_| ());
            assert!(reply.is_err() || thief.policy_key == key, "no key for {name}");
            house.clock.advance(31_000);
        }
    }
    let reached =
        house.mail.seen().into_iter().filter(|s| s.method == "POST" && s.device_id != "NotifyMDMSignIn");
    assert_eq!(reached.count(), 0, "nothing of it reaches the mail server as a device of anybody");
    let after = house.known(&victim).unwrap();
    assert_eq!(after.eas().unwrap().eas.backend, before.eas().unwrap().eas.backend);
    thief.device_id = "NEW".into();
    thief.user = "u1@acme.test".into();
    assert!(house.known(&thief).is_none(), "no device was made");
    assert_eq!(victim.folder_sync().await.unwrap().status(), Some(1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_of_one_organization_opens_nothing_in_another() {
    let house = house().await;
    let mut there = phone(&house, 1, Version::V16_1);
    connect(&mut there).await;
    // The stand-in takes no tokens.
    let mut stand_in = there_as(&house, "u1@beta.test");
    assert_eq!(stand_in.folder_sync().await.unwrap().http, 401);
    // The same mail server serves both.
    let input = ServerInput {
        name: "Mail".into(),
        url: format!("{}/Microsoft-Server-ActiveSync", house.mail_server.url()),
        trust: ServerTrust::Plain,
        mail_domains: vec!["beta.test".into()],
        hands_off: true,
        quarantine: false,
        ..ServerInput::default()
    };
    let server = servers::create(&house.engine, &house.beta, input).await.unwrap();
    let user = UserInput {
        username: "u9".into(),
        email: "u9@beta.test".into(),
        display_name: "User 9".into(),
        server: Some(server),
        ..UserInput::default()
    };
    users::create(&house.engine, &house.beta, user).await.unwrap();
    for name in ["u9@beta.test", "stranger@beta.test"] {
        let mut phone = there_as(&house, name);
        assert_eq!(phone.folder_sync().await.unwrap().http, 401, "{name}");
        assert!(house.known(&phone).is_none());
    }
    house.mail.add_user("u9", "pw9", "u9@beta.test");
    house.mail.add_token("nine", "u9");
    let mut phone = there_as(&house, "u9@beta.test");
    phone.credentials = Credentials::Bearer("nine".into());
    connect(&mut phone).await;
    phone.user = "u1@acme.test".into();
    assert_eq!(phone.folder_sync().await.unwrap().http, 401);
}

fn there_as(house: &House, name: &str) -> Device {
    let mut phone = phone(house, 1, Version::V16_1);
    phone.user = name.into();
    phone.device_id = "ELSEWHERE".into();
    phone
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_proved_is_refused() {
    let house = house().await;
    house.mail.script(|s| s.says_addresses = false);
    let mut phone = phone(&house, 1, Version::V14_1);
    let reply = phone.folder_sync().await.unwrap();
    assert_eq!(reply.http, 401);
    assert!(reply.headers.get("WWW-Authenticate").unwrap().contains("authorization_uri="));
    house.mail.script(|s| s.says_addresses = true);
    house.clock.advance(31_000);
    // A claim that users may fill in themselves is no better than the request.
    let claims = URL_SAFE_NO_PAD.encode(r#"{"email":"u1@acme.test","oid":"7"}"#);
    let token = format!("e30.{claims}.c2ln");
    house.mail.add_token(&token, "u2");
    phone.credentials = Credentials::Bearer(token);
    assert_eq!(phone.folder_sync().await.unwrap().http, 401);
    phone.user = "u2@acme.test".into();
    connect(&mut phone).await;
    house.change_server(|s| s.bearer = false).await;
    assert_eq!(phone.folder_sync().await.unwrap().http, 401, "the administrator wants no tokens");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_without_a_name_is_the_one_that_its_token_was_proved_for() {
    let house = house().await;
    let mut phone = phone(&house, 1, Version::V14_1);
    phone.user = String::new();
    let reply = phone.folder_sync().await.unwrap();
    assert_eq!(reply.http, 401, "nobody knows yet whose it is");
    let hosts = house.mail.seen();
    assert!(hosts.iter().all(|s| s.method == "OPTIONS"), "{hosts:?}");
    phone.user = "u1@acme.test".into();
    connect(&mut phone).await;
    phone.user = String::new();
    assert_eq!(phone.folder_sync().await.unwrap().status(), Some(1));
    phone.credentials = Credentials::Bearer(opaque(2));
    assert_eq!(phone.folder_sync().await.unwrap().http, 401);
}

async fn send(house: &House, method: &str, target: &str, token: &str, body: String) -> Response {
    let mut client = Client::new(BaseUrl::parse(&house.url()).unwrap(), None);
    let mut request = Request::new(method, target, body.into_bytes());
    request.headers.add("Authorization", format!("Bearer {token}"));
    client.send(&request).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn options_and_autodiscover_take_opaque_tokens_too() {
    let house = house().await;
    let options = async |query: &str, token: &str| {
        send(&house, "OPTIONS", &format!("/Microsoft-Server-ActiveSync{query}"), token, String::new()).await
    };
    let named = "?User=u1%40acme.test&DeviceId=X&DeviceType=iPhone";
    assert_eq!(options(named, &opaque(1)).await.status, 200);
    assert_eq!(options(named, "stolen").await.status, 401);
    assert_eq!(options("", &opaque(1)).await.status, 401, "two organizations: nobody's server");
    let pox = |email: &str| {
        let schema = "http://schemas.microsoft.com/exchange/autodiscover/mobilesync";
        format!(
            "<?xml version=\"1.0\" encoding=\"utf-8\"?><Autodiscover xmlns=\"{schema}/requestschema/2006\">\
             <Request><EMailAddress>{email}</EMailAddress><AcceptableResponseSchema>{schema}/responseschema/2006\
             </AcceptableResponseSchema></Request></Autodiscover>"
        )
    };
    let discover = async |email: &str, user| {
        send(&house, "POST", "/autodiscover/autodiscover.xml", &opaque(user), pox(email)).await
    };
    let found = discover("u1@acme.test", 1).await;
    assert_eq!(found.status, 200);
    assert!(String::from_utf8(found.body).unwrap().contains("User 1"));
    assert_eq!(discover("u1@acme.test", 2).await.status, 401);
    assert_eq!(discover("u1@beta.test", 1).await.status, 401);
}
