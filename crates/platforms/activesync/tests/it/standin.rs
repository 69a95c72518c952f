//! The stand-in server.

use simulator::eas::{Device, Need, SyncAsk, Version};
use simulator::wbxml::el;

use crate::house::{House, VERSIONS, connect};

#[tokio::test(flavor = "multi_thread")]
async fn a_phone_provisions_itself_and_finds_an_empty_mailbox_at_every_version() {
    let house = House::new().await;
    house.change_policy(&house.beta, "strict").await;
    for (n, version) in VERSIONS.into_iter().enumerate() {
        for base64 in [false, true] {
            let mut phone = house.stand_in(1, version);
            phone.device_id = format!("DEV{n}{}", u8::from(base64));
            phone.base64_query = base64;
            connect(&mut phone).await;
            assert_eq!(phone.policy.get("DevicePasswordEnabled").map(String::as_str), Some("1"));
            assert_eq!(phone.folders.len(), 5);
            assert!(phone.folder(2).is_some_and(|f| f.name == "Inbox"));
            assert!(phone.folder(8).is_none(), "no calendar that would lose appointments");
            let known = house.known(&phone).unwrap();
            assert_eq!(known.eas().unwrap().eas.applied.as_ref().map(|a| a.key), Some(phone.policy_key));
            assert_eq!(known.facts.text("friendly_name").is_some(), version >= Version::V14_1);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn options_offer_what_the_stand_in_has_to_whoever_has_the_password() {
    let house = House::new().await;
    let mut phone = house.stand_in(1, Version::V16_1);
    let offer = phone.options().await.unwrap();
    assert_eq!(
        (offer.http, offer.versions.first(), offer.versions.last()),
        (200, Some(&Version::V12_1), Some(&Version::V16_1))
    );
    assert!(offer.commands.iter().any(|c| c == "Provision"));
    phone.credentials = simulator::eas::Credentials::basic("u1@beta.test", "wrong");
    assert_eq!(phone.options().await.unwrap().http, 401);
    phone.credentials = simulator::eas::Credentials::basic("nobody@beta.test", "wrong");
    assert_eq!(phone.options().await.unwrap().http, 401);
    phone.credentials = simulator::eas::Credentials::basic("u1@acme.test", crate::house::LOCAL_PASSWORD);
    assert_eq!(
        phone.options().await.unwrap().http,
        401,
        "the same name in another organization is another user"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn every_command_has_a_polite_answer() {
    let house = House::new().await;
    for version in VERSIONS {
        let mut phone = house.stand_in(1, version);
        phone.device_id = format!("POLITE{version}").replace('.', "");
        connect(&mut phone).await;
        let answer = phone.sync("1", &SyncAsk::default()).await.unwrap();
        assert_eq!(answer.reply.http, 200);
        assert_eq!(phone.sync_keys.get("1").map(String::as_str), Some("1"));
        let quiet = phone.sync("1", &SyncAsk::default()).await.unwrap();
        assert_eq!((quiet.reply.http, quiet.reply.body.len()), (200, 0), "nothing changed");
        assert_eq!(
            phone
                .sync("9", &SyncAsk::default())
                .await
                .unwrap()
                .reply
                .number_at("Collections/Collection/Status"),
            Some(8)
        );
        assert_eq!(phone.estimate("1").await.unwrap().number_at("Response/Collection/Estimate"), Some(0));
        assert_eq!(
            phone.settings_device_information().await.unwrap().number_at("DeviceInformation/Status"),
            Some(1)
        );
        let user = phone.settings_user_information().await.unwrap();
        assert_eq!(user.status(), Some(1));
        assert_eq!(phone.settings_out_of_office().await.unwrap().number_at("Oof/Get/OofState"), Some(0));
        assert_eq!(phone.search_people("a").await.unwrap().status(), Some(1));
        let sent = phone.send_mail("u1@beta.test", "x@y.test", "Hi", "text").await.unwrap();
        let expected = if version.has_common_status() { (200, Some(120)) } else { (403, None) };
        assert_eq!((sent.http, sent.status()), expected, "{version}");
        let fetched = phone.fetch("1", "1:1", false).await.unwrap();
        assert_eq!(fetched.number_at("Response/Fetch/Status"), Some(6));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_phone_wants_to_store_is_refused_and_not_lost() {
    let house = House::new().await;
    let mut phone = house.stand_in(1, Version::V16_1);
    connect(&mut phone).await;
    phone.sync("2", &SyncAsk::default()).await.unwrap();
    let add = el("AirSync:Add")
        .with(el("AirSync:ClientId").text("draft-1"))
        .with(el("AirSync:ApplicationData").with(el("Email:Subject").text("Draft")));
    let ask = SyncAsk { commands: vec![add], ..SyncAsk::default() };
    let answer = phone.sync("2", &ask).await.unwrap();
    let tree = answer.reply.tree.unwrap();
    assert_eq!(tree.text_at("Collections/Collection/Responses/Add/ClientId"), Some("draft-1"));
    assert_eq!(tree.number_at("Collections/Collection/Responses/Add/Status"), Some(6));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_draft_that_is_too_large_to_be_read_is_refused_and_not_taken_for_a_repeated_request() {
    let house = House::new().await;
    let mut phone = house.stand_in(1, Version::V16_1);
    connect(&mut phone).await;
    phone.sync("2", &SyncAsk::default()).await.unwrap();
    let add = el("AirSync:Add")
        .with(el("AirSync:ClientId").text("draft-1"))
        .with(el("AirSync:ApplicationData").with(el("Email:Subject").text("x".repeat(300_000))));
    let ask = SyncAsk { commands: vec![add], ..SyncAsk::default() };
    let answer = phone.sync("2", &ask).await.unwrap();
    assert_eq!((answer.reply.http, answer.reply.status()), (200, Some(122)));
    let mail = phone.send_mail_call(&vec![b'x'; 300_000]);
    assert_eq!(phone.send(mail).await.unwrap().status(), Some(120), "a mail is refused as such");
}

/// MS-ASCMD, Sync: 4 two waits, 13 a part of a request that is not remembered, 15 too many collections.
#[tokio::test(flavor = "multi_thread")]
async fn sync_requests_that_cannot_be_meant_get_their_own_status() {
    let house = House::new().await;
    let mut phone = house.stand_in(1, Version::V14_1);
    connect(&mut phone).await;
    let collection = |id: u32| {
        let key = el("AirSync:SyncKey").text("1");
        el("AirSync:Collection").with(key).with(el("AirSync:CollectionId").text(id))
    };
    let partial =
        el("AirSync:Sync").with(el("AirSync:Collections").with(collection(1))).with(el("AirSync:Partial"));
    assert_eq!(phone.exchange("Sync", &partial).await.unwrap().status(), Some(13));
    let both = el("AirSync:Sync")
        .with(el("AirSync:Collections").with(collection(1)))
        .with(el("AirSync:Wait").text(1))
        .with(el("AirSync:HeartbeatInterval").text(60));
    assert_eq!(phone.exchange("Sync", &both).await.unwrap().status(), Some(4));
    for count in [301, 1500] {
        let all = (0..count).fold(el("AirSync:Collections"), |all, id| all.with(collection(id)));
        let reply = phone.exchange("Sync", &el("AirSync:Sync").with(all)).await.unwrap();
        assert_eq!((reply.status(), reply.number_at("Limit")), (Some(15), Some(300)), "{count}");
    }
    let folders: Vec<String> = (0..5000).map(|id| id.to_string()).collect();
    let folders: Vec<(&str, &str)> = folders.iter().map(|id| (id.as_str(), "Email")).collect();
    for count in [301, 5000] {
        let reply = phone.exchange("Ping", &Device::ping_document(60, &folders[..count])).await.unwrap();
        assert_eq!((reply.status(), reply.number_at("MaxFolders")), (Some(6), Some(300)), "{count}");
    }
    // Nothing of this was remembered.
    assert_eq!(phone.sync_again().await.unwrap().reply.status(), Some(13));
}

#[tokio::test(flavor = "multi_thread")]
async fn ping_remembers_and_corrects() {
    let house = House::new().await;
    let mut phone = house.stand_in(1, Version::V14_1);
    connect(&mut phone).await;
    let again = phone.ping_again(std::time::Duration::from_secs(5)).await.unwrap();
    assert_eq!(again.status, Some(3), "nothing is remembered yet");
    let long = phone.ping(4000).await.unwrap();
    assert_eq!((long.status, long.heartbeat), (Some(5), Some(3540)));
    let unknown = phone.exchange("Ping", &Device::ping_document(60, &[("77", "Email")])).await.unwrap();
    assert_eq!(unknown.status(), Some(7));
    assert_eq!(phone.ping(1).await.unwrap().status, Some(1), "the interval is over");
    let again = phone.ping_again(std::time::Duration::from_secs(10)).await.unwrap();
    assert_eq!(again.status, Some(1), "an empty Ping repeats the last one");
    assert_eq!(phone.sync_again().await.unwrap().reply.status(), Some(13));
}

#[tokio::test(flavor = "multi_thread")]
async fn versions_outside_the_range_are_refused() {
    let house = House::new().await;
    for version in [Version::V2_5, Version::V12_0] {
        let reply = house.stand_in(1, version).folder_sync().await.unwrap();
        assert_eq!((reply.http, reply.need()), (400, Need::Nothing), "{version}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn acknowledgements_are_checked() {
    let house = House::new().await;
    let mut phone = house.stand_in(1, Version::V14_1);
    phone.folder_sync().await.unwrap();
    let first = phone.provision_first().await.unwrap();
    let key = first.key.unwrap();
    let wrong = phone.provision_acknowledge(key ^ 1, 1).await.unwrap();
    assert_eq!((wrong.status, wrong.policy_status, wrong.key), (Some(1), Some(5), None));
    let right = phone.provision_acknowledge(key, 1).await.unwrap();
    assert_eq!(right.policy_status, Some(1));
    assert_ne!(right.key, Some(key));
    let late = phone.provision_first().await.unwrap().key.unwrap();
    house.clock.advance(11 * 60_000);
    assert_eq!(phone.provision_acknowledge(late, 1).await.unwrap().policy_status, Some(5));
    let refused = phone.provision_first().await.unwrap().key.unwrap();
    assert_eq!(phone.provision_acknowledge(refused, 3).await.unwrap().status, Some(141));
    let nothing = phone.provision_empty().await.unwrap();
    assert_eq!((nothing.http, nothing.status), (200, Some(1)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_device_that_never_stops_provisioning_is_slowed_down() {
    let house = House::new().await;
    let mut phone = house.stand_in(1, Version::V16_1);
    connect(&mut phone).await;
    let mut answers = Vec::new();
    for _ in 0..7 {
        answers.push(phone.provision().await.unwrap().http);
    }
    assert_eq!(*answers.last().unwrap(), 503, "{answers:?}");
    house.clock.advance(11 * 60_000);
    assert!(phone.provision().await.unwrap().is_current());
}
