//! Credentials: who proves them, and what wrong ones cost.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use catalog::CommandKind;
use simulator::eas::{Call, Credentials, Version};
use simulator::wbxml::el;

use crate::house::{House, VERSIONS, connect};

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_password_is_refused_at_every_version_and_asked_about_once() {
    let house = House::new().await;
    for version in VERSIONS {
        let mut phone = house.phone(1, version);
        phone.device_id = format!("WRONG{version}").replace('.', "");
        connect(&mut phone).await;
        house.mail.clear_seen();
        phone.credentials = Credentials::basic("u1@acme.test", "old");
        for _ in 0..5 {
            let reply = phone.folder_sync().await.unwrap();
            assert_eq!(reply.http, 401, "{version}");
            assert!(reply.headers.get("WWW-Authenticate").unwrap().starts_with("Basic"));
        }
        assert_eq!(house.mail.seen().len(), 1, "a flood of one wrong password is one question");
        assert_eq!(house.known(&phone).unwrap().facts.int("auth_failures"), Some(1));
        house.clock.advance(31_000);
        assert_eq!(phone.folder_sync().await.unwrap().http, 401);
        assert_eq!(house.mail.seen().len(), 2);
        phone.credentials = Credentials::basic("u1@acme.test", "pw1");
        assert_eq!(phone.folder_sync().await.unwrap().status(), Some(1));
        assert_eq!(house.known(&phone).unwrap().facts.int("auth_failures"), Some(0));
        house.clock.advance(31_000);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_device_that_fails_too_often_is_paused_but_a_new_password_gets_through() {
    let house = House::new().await;
    let mut phone = house.phone(1, Version::V16_1);
    connect(&mut phone).await;
    phone.credentials = Credentials::basic("u1@acme.test", "old");
    for _ in 0..5 {
        phone.folder_sync().await.unwrap();
        house.clock.advance(31_000);
    }
    house.mail.clear_seen();
    for _ in 0..4 {
        assert_eq!(phone.folder_sync().await.unwrap().http, 401);
        house.clock.advance(31_000);
    }
    assert_eq!(house.mail.seen().len(), 0, "the paused password does not reach the mail server");
    phone.credentials = Credentials::basic("u1@acme.test", "pw1");
    assert_eq!(phone.folder_sync().await.unwrap().status(), Some(1));
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_password_the_mail_servers_challenge_comes() {
    let house = House::new().await;
    let mut phone = house.phone(1, Version::V16_1);
    phone.credentials = Credentials::None;
    let reply = phone.folder_sync().await.unwrap();
    let challenges: Vec<_> = reply
        .headers
        .iter()
        .filter(|(n, _)| n.eq_ignore_ascii_case("www-authenticate"))
        .map(|(_, v)| v)
        .collect();
    assert_eq!(reply.http, 401);
    assert!(challenges.iter().any(|c| c.starts_with("Basic")));
    assert!(challenges.iter().any(|c| c.contains("authorization_uri=")), "{challenges:?}");
    let mut stranger = house.phone(1, Version::V16_1);
    stranger.user = "nobody@acme.test".into();
    stranger.credentials = Credentials::None;
    let same = stranger.folder_sync().await.unwrap();
    assert_eq!(same.http, 401);
}

#[tokio::test(flavor = "multi_thread")]
async fn tokens_are_passed_through_and_believed_when_the_mail_server_took_them() {
    let house = House::new().await;
    house.mail.script(|s| {
        s.basic = false;
        s.versions = vec![Version::V16_1];
    });
    let token = format!("e30.{}.c2ln", URL_SAFE_NO_PAD.encode(r#"{"upn":"u1@acme.test"}"#));
    let mut phone = house.phone(1, Version::V16_1);
    phone.credentials = Credentials::Bearer(token.clone());
    let refused = phone.folder_sync().await.unwrap();
    assert_eq!(refused.http, 401, "the mail server does not know the token");
    assert!(refused.headers.get("WWW-Authenticate").unwrap().starts_with("Bearer"));
    house.clock.advance(31_000);
    house.mail.add_token(&token, "u1");
    connect(&mut phone).await;
    let forged = format!("e30.{}.c2ln", URL_SAFE_NO_PAD.encode(r#"{"upn":"u2@acme.test"}"#));
    phone.credentials = Credentials::Bearer(forged);
    assert_eq!(phone.folder_sync().await.unwrap().http, 403, "token and query name different users");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_user_of_the_query_must_be_the_one_of_the_credentials() {
    let house = House::new().await;
    let mut phone = house.phone(1, Version::V16_1);
    for same in ["u1", "ACME\\u1", "U1@acme.test"] {
        phone.user = same.into();
        assert_eq!(phone.folder_sync().await.unwrap().status(), Some(142), "{same}");
    }
    phone.user = "u2@acme.test".into();
    assert_eq!(phone.folder_sync().await.unwrap().http, 403);
}

#[tokio::test(flavor = "multi_thread")]
async fn ntlm_is_refused() {
    let house = House::new().await;
    let mut phone = house.phone(1, Version::V16_1);
    phone.credentials = Credentials::None;
    phone.extra_headers.push(("Authorization".into(), "NTLM TlRMTVNTUAABAAAA".into()));
    assert_eq!(phone.folder_sync().await.unwrap().http, 401);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_block_comes_before_the_password_and_a_device_of_a_disabled_user_stays_out() {
    let house = House::new().await;
    let mut phone = house.phone(1, Version::V12_1);
    connect(&mut phone).await;
    house.order(&phone, CommandKind::Block).await;
    let reply = phone.folder_sync().await.unwrap();
    assert_eq!((reply.http, reply.headers.get("X-MDM-Reason")), (403, Some("blocked")));
    house.order(&phone, CommandKind::Allow).await;
    assert_eq!(phone.folder_sync().await.unwrap().http, 200);
    house.change_server(|s| s.block_form = domain::model::BlockForm::Status129).await;
    phone.version = Version::V14_1;
    connect(&mut phone).await;
    house.order(&phone, CommandKind::Block).await;
    let root = el("FolderHierarchy:FolderSync").with(el("FolderHierarchy:SyncKey").text(0));
    let reply = phone.send(Call::new("FolderSync", &root)).await.unwrap();
    assert_eq!((reply.http, reply.status()), (200, Some(129)));
}

/// Neither by counting what was refused while the user was disabled, nor by a rest for the password.
#[tokio::test(flavor = "multi_thread")]
async fn an_enabled_user_is_served_at_once_however_often_he_was_refused_before() {
    use domain::model::UserState;
    use engine::users::{self, UserInput};
    let house = House::new().await;
    for (mut phone, scope, domain, server) in [
        (house.phone(1, Version::V16_1), &house.acme, "acme.test", Some(house.server)),
        (house.stand_in(1, Version::V16_1), &house.beta, "beta.test", None),
    ] {
        connect(&mut phone).await;
        let known = house.known(&phone).unwrap();
        let set = async |state| {
            let edit = UserInput {
                username: "u1".into(),
                email: format!("u1@{domain}"),
                server,
                state: Some(state),
                ..UserInput::default()
            };
            users::edit(&house.engine, scope, known.user, edit).await.unwrap();
        };
        set(UserState::Disabled).await;
        for _ in 0..10 {
            let reply = phone.folder_sync().await.unwrap();
            assert!(
                reply.http == 401 || reply.headers.get("X-MDM-Reason") == Some("user_disabled"),
                "{domain}"
            );
        }
        assert!(!engine::ise::is_compliant(&house.known(&phone).unwrap()), "{domain}");
        set(UserState::Active).await;
        let reply = phone.folder_sync().await.unwrap();
        assert_eq!((reply.http, reply.status()), (200, Some(1)), "{domain}");
        assert!(engine::ise::is_compliant(&house.known(&phone).unwrap()), "{domain}");
    }
}
