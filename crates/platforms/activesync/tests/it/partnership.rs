//! The gateway's two partnerships: one with the device, one with the mail server.

use domain::model::LoginForm;
use simulator::eas::{Credentials, Handled, Need, SyncAsk, Version};
use simulator::http::{BaseUrl, Client, Request};
use simulator::mailserver::{MailServer, Options, ProvisionAnswer, Refusal};
use simulator::wbxml::{el, encode};

use crate::house::{House, VERSIONS, connect};

#[tokio::test(flavor = "multi_thread")]
async fn the_device_gets_our_policy_and_the_mail_servers_stays_there() {
    let house = House::new().await;
    house.change_policy(&house.acme, "strict").await;
    for version in VERSIONS {
        for base64 in [false, true] {
            let mut phone = house.phone(1, version);
            phone.device_id = format!("GW{version}{}", u8::from(base64)).replace('.', "");
            phone.base64_query = base64;
            connect(&mut phone).await;
            assert_ne!(
                phone.policy.get("MinDevicePasswordLength").map(String::as_str),
                Some("9"),
                "that is the mail server's"
            );
            let there = house.mail.device("u1", &phone.device_id).unwrap();
            assert_eq!(there.provisions, 1, "{version}");
            assert!(there.key.is_some_and(|key| key != phone.policy_key), "two keys that never meet");
            assert_eq!(there.information.is_empty(), version < Version::V14_1);
            let seen = house.mail.seen();
            assert!(seen.iter().all(|s| !s.base64), "always the plain query");
            assert!(seen.iter().all(|s| s.policy_key != Some(phone.policy_key)));
        }
    }
    assert_eq!(house.mail.devices_of("u1").len(), 8);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_form_of_the_mail_servers_refusal_is_understood() {
    for refusal in [Refusal::ByVersion, Refusal::Bare449, Refusal::Full449] {
        for version in VERSIONS {
            let house = House::new().await;
            house.mail.script(|s| s.refusal = refusal);
            let mut phone = house.phone(1, version);
            connect(&mut phone).await;
            // The key grows old at the mail server; the device must not notice.
            house.mail.force_provision("u1", None);
            let reply = phone.folder_sync().await.unwrap();
            assert_eq!((reply.http, reply.need()), (200, Need::Nothing), "{refusal:?} {version}");
            assert_eq!(house.mail.device("u1", &phone.device_id).unwrap().provisions, 2);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mail_server_without_policies_is_fine() {
    let house = House::new().await;
    house.mail.script(|s| s.policy = None);
    let mut phone = house.phone(1, Version::V14_1);
    connect(&mut phone).await;
    assert!(phone.policy_key != 0);
    house.until("introduced", || house.known(&phone).unwrap().eas().unwrap().eas.backend.no_policy).await;
    assert_eq!(phone.folder_sync().await.unwrap().status(), Some(1));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_command_waits_for_the_introduction() {
    let house = House::new().await;
    house.mail.script(|s| s.delay = std::time::Duration::from_millis(50));
    for version in VERSIONS {
        let mut phone = house.phone(1, version);
        phone.device_id = format!("NEW{version}").replace('.', "");
        connect(&mut phone).await;
        let seen = house.mail.seen();
        let first = seen.iter().find(|s| s.cmd == "FolderSync" && s.device_id == phone.device_id).unwrap();
        assert!(first.policy_key.is_some_and(|key| key != 0), "{version}: it came without a key, beside us");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn parallel_requests_share_one_handshake() {
    let house = House::new().await;
    let mut first = house.phone(1, Version::V14_1);
    connect(&mut first).await;
    house.mail.force_provision("u1", None);
    house.mail.script(|s| s.delay = std::time::Duration::from_millis(50));
    let tasks: Vec<_> = (0..5)
        .map(|_| {
            let mut phone = house.phone(1, Version::V14_1);
            phone.policy_key = first.policy_key;
            tokio::spawn(async move { phone.folder_sync().await.unwrap().status() })
        })
        .collect();
    for task in tasks {
        assert_eq!(task.await.unwrap(), Some(1));
    }
    assert_eq!(house.mail.device("u1", &first.device_id).unwrap().provisions, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_devices_of_a_user_and_one_device_of_two_users_are_kept_apart() {
    let house = House::new().await;
    let mut a = house.phone(1, Version::V16_1);
    let mut b = house.make(1, "pixel", Version::V16_1, "acme.test", "pw1");
    let mut c = house.phone(2, Version::V16_1);
    c.device_id.clone_from(&a.device_id);
    let mut d = house.stand_in(1, Version::V16_1);
    d.device_id.clone_from(&a.device_id);
    for phone in [&mut a, &mut b, &mut c, &mut d] {
        connect(phone).await;
    }
    let mut keys = vec![a.policy_key, b.policy_key, c.policy_key, d.policy_key];
    keys.sort_unstable();
    keys.dedup();
    assert_eq!(keys.len(), 4);
    let mut ids: Vec<_> = [&a, &b, &c, &d].map(|p| house.known(p).unwrap().id).to_vec();
    ids.dedup();
    assert_eq!(ids.len(), 4);
    // A key of one is no key of another.
    let stolen = c.policy_key;
    c.policy_key = a.policy_key;
    assert_eq!(c.folder_sync().await.unwrap().status(), Some(144));
    c.policy_key = stolen;
    assert_eq!(c.folder_sync().await.unwrap().status(), Some(1));
}

#[tokio::test(flavor = "multi_thread")]
async fn plain_and_base64_queries_are_one_device() {
    let house = House::new().await;
    let mut phone = house.phone(1, Version::V14_1);
    connect(&mut phone).await;
    phone.base64_query = true;
    assert_eq!(phone.folder_sync().await.unwrap().status(), Some(1));
    phone.device_id = phone.device_id.to_lowercase();
    assert_eq!(phone.folder_sync().await.unwrap().status(), Some(1));
    assert_eq!(house.mail.devices_of("u1").len(), 1);
    let mut spellings: Vec<_> = house.mail.seen().into_iter().map(|s| s.device_id).collect();
    spellings.retain(|id| !id.is_empty());
    assert!(spellings.len() > 3);
    spellings.dedup();
    assert_eq!(spellings.len(), 1, "some mail servers take another spelling for another device");
}

/// Clients with a hexadecimal id pack it into 16 bytes in a base64 query, where its letters have no case.
#[tokio::test(flavor = "multi_thread")]
async fn a_packed_id_reaches_the_mail_server_as_it_was_first_spelled() {
    let house = House::new().await;
    let mut phone = house.phone(1, Version::V14_1);
    phone.device_id = "6f24cad599a5bf1a690246b8c68fae8d".into();
    connect(&mut phone).await;
    house.mail.clear_seen();
    let basic = "Basic dTFAYWNtZS50ZXN0OnB3MQ==";
    let key = phone.policy_key.to_le_bytes();
    let mut query = vec![141, 9, 9, 4, 16];
    query.extend(hex::decode(&phone.device_id).unwrap());
    query.push(4);
    query.extend(key);
    query.extend([4, b'i', b'P', b'o', b'd']);
    let query = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, query);
    let mut client = Client::new(BaseUrl::parse(&house.url()).unwrap(), None);
    let body = encode(&el("FolderHierarchy:FolderSync").with(el("FolderHierarchy:SyncKey").text(0)));
    let mut request = Request::new("POST", format!("/Microsoft-Server-ActiveSync?{query}"), body);
    request.headers.add("Authorization", basic).add("Content-Type", "application/vnd.ms-sync.wbxml");
    assert_eq!(client.send(&request).await.unwrap().status, 200);
    let seen = house.mail.seen();
    let sync = seen.iter().find(|s| s.cmd == "FolderSync").unwrap();
    assert_eq!(sync.device_id, phone.device_id);
    assert_ne!(sync.device_type, "iPod", "nor does the type change");
    assert_eq!(house.mail.devices_of("u1").len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn options_are_rewritten() {
    let house = House::with(|s| s.versions = ("12.1".into(), "14.1".into())).await;
    let offer = house.phone(1, Version::V14_1).options().await.unwrap();
    assert_eq!(offer.http, 200);
    assert_eq!(offer.versions, [Version::V12_1, Version::V14_0, Version::V14_1]);
    assert!(offer.commands.iter().any(|c| c == "Provision") && !offer.commands.iter().any(|c| c == "Find"));
    let reply = house.phone(1, Version::V16_1).folder_sync().await.unwrap();
    assert_eq!(reply.status(), Some(138), "a version that is not allowed is refused");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mail_server_that_speaks_only_the_newest_version_works() {
    let house = House::new().await;
    house.mail.script(|s| s.versions = vec![Version::V16_1]);
    let mut phone = house.phone(1, Version::V16_1);
    assert_eq!(phone.negotiate(Version::V16_1).await.unwrap().versions, [Version::V16_1]);
    connect(&mut phone).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_moved_mailbox_is_followed_and_the_device_stays_with_us() {
    let house = House::new().await;
    let other = MailServer::start(Options::default()).await.unwrap();
    other.control().add_user("u1", "pw1", "u1@acme.test");
    let there = format!("{}/Microsoft-Server-ActiveSync", other.url());
    house.mail.move_user("u1", Some(&there));
    for version in VERSIONS {
        let mut phone = house.phone(1, version);
        phone.device_id = format!("MOVED{version}").replace('.', "");
        connect(&mut phone).await;
        assert!(other.control().device("u1", &phone.device_id).is_some(), "{version}");
    }
    house.mail.clear_seen();
    let mut phone = house.phone(1, Version::V16_1);
    connect(&mut phone).await;
    assert!(
        house.mail.seen().iter().all(|s| s.method == "OPTIONS" && s.user.is_none()),
        "the new address was learnt"
    );
    // The other server is gone: back to the server's own address, which leads on again or serves.
    drop(other);
    house.mail.move_user("u1", None);
    assert_eq!(phone.folder_sync().await.unwrap().http, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_redirect_of_http_is_followed_whatever_it_repeats_of_the_request() {
    for status in [301, 302, 303, 307, 308] {
        let house = House::new().await;
        let other = MailServer::start(Options::default()).await.unwrap();
        other.control().add_user("u1", "pw1", "u1@acme.test");
        let mut phone = house.phone(1, Version::V14_1);
        connect(&mut phone).await;
        house.mail.script(|s| s.redirect = Some(status));
        house.mail.move_user("u1", Some(&format!("{}/Microsoft-Server-ActiveSync", other.url())));
        assert!(phone.folder_sync().await.unwrap().is_ok(), "{status}");
        assert!(other.control().device("u1", &phone.device_id).is_some(), "{status}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_redirect_to_a_sign_in_page_is_not_learnt() {
    let house = House::new().await;
    house.mail.script(|s| s.redirect = Some(302));
    house.mail.move_user("u1", Some(&format!("{}/owa/auth/logon.aspx", house.mail_server.url())));
    let mut phone = house.phone(1, Version::V14_1);
    assert_eq!(phone.options().await.unwrap().http, 503);
    assert_eq!(phone.folder_sync().await.unwrap().http, 503);
    house.mail.move_user("u1", None);
    connect(&mut phone).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mailbox_that_moves_in_the_middle_of_the_handshake_is_followed() {
    let house = House::new().await;
    let other = MailServer::start(Options::default()).await.unwrap();
    other.control().add_user("u1", "pw1", "u1@acme.test");
    let mut phone = house.phone(1, Version::V16_1);
    connect(&mut phone).await;
    house
        .until("introduced", || house.known(&phone).unwrap().eas().unwrap().eas.backend.policy_key.is_some())
        .await;
    let there = format!("{}/Microsoft-Server-ActiveSync", other.url());
    house.mail.script(|s| s.provision = Some(ProvisionAnswer::Moved(there)));
    house.mail.force_provision("u1", None);
    let reply = phone.folder_sync().await.unwrap();
    assert_eq!((reply.http, reply.status()), (200, Some(9)), "the other mailbox has other folders");
    assert_eq!(other.control().device("u1", &phone.device_id).unwrap().provisions, 1);
}

/// A mail server that does not want the device says so in its Provision: the device is told that, and not to come back
/// for ever.
#[tokio::test(flavor = "multi_thread")]
async fn a_mail_servers_refusal_of_the_device_is_passed_on() {
    let house = House::new().await;
    for (answer, version, form) in [
        (ProvisionAnswer::Http(403), Version::V14_1, (403, None)),
        (ProvisionAnswer::Status(129), Version::V16_1, (200, Some(129))),
        (ProvisionAnswer::Status(177), Version::V14_0, (200, Some(177))),
        (ProvisionAnswer::Status(126), Version::V12_1, (403, None)),
        (ProvisionAnswer::Status(111), Version::V14_1, (503, None)),
    ] {
        house.mail.script(|s| s.provision = None);
        let mut phone = house.phone(1, version);
        phone.device_id = format!("NO{version}{}", form.0).replace('.', "");
        connect(&mut phone).await;
        house
            .until("introduced", || {
                house.known(&phone).unwrap().eas().unwrap().eas.backend.policy_key.is_some()
            })
            .await;
        house.mail.script(|s| s.provision = Some(answer.clone()));
        house.mail.force_provision("u1", None);
        let reply = phone.folder_sync().await.unwrap();
        assert_eq!((reply.http, reply.status()), form, "{answer:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_redirect_to_somebody_else_is_not_followed() {
    let house = House::new().await;
    let mut phone = house.phone(1, Version::V16_1);
    connect(&mut phone).await;
    for url in [
        "https://evil.test/Microsoft-Server-ActiveSync",
        "http://169.254.169.254/latest/meta-data",
        "nonsense",
    ] {
        house.mail.move_user("u1", Some(url));
        let reply = phone.folder_sync().await.unwrap();
        assert_eq!(reply.http, 503, "{url}");
        assert!(reply.headers.get("X-MS-Location").is_none());
        assert!(reply.headers.get("Retry-After").is_some());
    }
    // In a circle.
    let own = format!("{}/Microsoft-Server-ActiveSync", house.mail_server.url());
    house.mail.move_user("u1", Some(&own));
    assert_eq!(phone.folder_sync().await.unwrap().http, 503);
}

#[tokio::test(flavor = "multi_thread")]
async fn names_are_sent_in_the_form_of_the_server_and_accounts_are_made_by_themselves() {
    let house = House::with(|s| {
        s.login_form = LoginForm::DomainUser;
        s.login_domain = "CORP".into();
    })
    .await;
    house.mail.add_user("new", "secret", "new@acme.test");
    let mut phone = house.phone(1, Version::V16_1);
    phone.user = "new@acme.test".into();
    phone.credentials = Credentials::basic("new@acme.test", "wrong");
    assert_eq!(phone.folder_sync().await.unwrap().http, 401);
    assert!(house.known(&phone).is_none());
    phone.credentials = Credentials::basic("new@acme.test", "secret");
    connect(&mut phone).await;
    assert!(house.known(&phone).is_some());
    phone.sync("1", &SyncAsk::default()).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn unknown_users_and_devices_wait_where_the_server_says_so() {
    let house = House::with(|s| {
        s.hands_off = false;
        s.quarantine = true;
    })
    .await;
    house.mail.add_user("new", "secret", "new@acme.test");
    let mut phone = house.phone(1, Version::V16_1);
    phone.user = "new@acme.test".into();
    phone.credentials = Credentials::basic("new@acme.test", "secret");
    assert_eq!(phone.folder_sync().await.unwrap().http, 403);
    let mut known = house.phone(1, Version::V16_1);
    let refused = known.folder_sync().await.unwrap();
    assert_eq!((refused.http, refused.headers.get("X-MDM-Reason")), (403, Some("quarantined")));
    house.order(&known, catalog::CommandKind::QuarantineRelease).await;
    connect(&mut known).await;
    assert!(matches!(known.connect().await.unwrap(), Handled::Done(_)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stale_key_and_an_edited_policy_send_the_device_to_provision_in_the_form_of_its_version() {
    let house = House::new().await;
    for (round, version) in VERSIONS.into_iter().enumerate() {
        for mut phone in [house.phone(1, version), house.stand_in(1, version)] {
            phone.device_id = format!("STALE{version}").replace('.', "");
            connect(&mut phone).await;
            let form = |status| if version.has_common_status() { (200, Some(status)) } else { (449, None) };
            let key = std::mem::replace(&mut phone.policy_key, 4711);
            let reply = phone.folder_sync().await.unwrap();
            assert_eq!((reply.http, reply.status()), form(144), "{version}");
            phone.policy_key = 0;
            let reply = phone.folder_sync().await.unwrap();
            assert_eq!((reply.http, reply.status()), form(142), "{version}");
            phone.policy_key = key;
            assert!(phone.folder_sync().await.unwrap().is_ok());
        }
        let mut phone = house.phone(2, version);
        phone.device_id = format!("EDIT{version}").replace('.', "");
        connect(&mut phone).await;
        house.change_policy(&house.acme, ["low", "moderate", "strict", "none"][round]).await;
        let reply = phone.folder_sync().await.unwrap();
        let form = if version.has_common_status() { (200, Some(143)) } else { (449, None) };
        assert_eq!((reply.http, reply.status()), form, "{version}");
        connect(&mut phone).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_device_says_by_settings_is_heard_here_and_there() {
    let house = House::new().await;
    for early in [true, false] {
        let mut phone = house.phone(1, Version::V12_1);
        phone.device_id = format!("TAP{early}");
        if !early {
            connect(&mut phone).await;
        }
        let reply = phone.settings_device_information().await.unwrap();
        assert_eq!((reply.http, reply.number_at("DeviceInformation/Status")), (200, Some(1)));
        let known = house.known(&phone).unwrap();
        assert!(known.facts.text("friendly_name").is_some());
        let there = house.mail.device("u1", &phone.device_id).is_some_and(|d| !d.information.is_empty());
        assert_eq!(there, !early, "before the policy nothing is passed on");
    }
}
