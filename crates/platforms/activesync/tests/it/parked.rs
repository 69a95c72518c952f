//! Waiting requests: answered when something happens, at the mail server or here; replaced; given up.

use std::time::{Duration, Instant};

use catalog::CommandKind;
use engine::groups::{self, GroupInput};
use simulator::eas::{Device, SyncAsk, Version};
use simulator::mailserver::Mail;

use crate::house::{House, VERSIONS, connect};

/// The status that a waiting device of this version is sent to Provision with.
fn form(version: Version, status: u32) -> (u16, Option<u32>) {
    if version.has_common_status() { (200, Some(status)) } else { (449, None) }
}

async fn ready(house: &House, version: Version, stand_in: bool, name: &str) -> Device {
    let mut phone = if stand_in { house.stand_in(1, version) } else { house.phone(1, version) };
    phone.device_id = format!("{name}{version}{stand_in}").replace('.', "");
    connect(&mut phone).await;
    phone.sync("1", &SyncAsk::default()).await.unwrap();
    phone
}

/// Parks a Ping (or a Sync) and hands the phone back with the answer.
fn park(mut phone: Device, sync: bool) -> tokio::task::JoinHandle<(Device, u16, Option<u32>)> {
    tokio::spawn(async move {
        let reply = if sync {
            phone.sync("1", &SyncAsk { wait: Some(10), ..SyncAsk::default() }).await.unwrap().reply
        } else {
            phone.ping(600).await.unwrap().reply
        };
        (phone, reply.http, reply.status())
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn new_mail_ends_a_ping_and_a_sync() {
    let house = House::new().await;
    for version in VERSIONS {
        for sync in [false, true] {
            let phone = ready(&house, version, false, if sync { "NEWS" } else { "NEWP" }).await;
            // What the mailbox holds already is fetched, so that the wait is a wait.
            let mut phone = phone;
            phone.sync_all("1").await.unwrap();
            let waiting = park(phone, sync);
            house.until_parked(1).await;
            house.mail.deliver("u1", Mail::new("x@y.test", "News", "text"));
            let (_, http, status) = waiting.await.unwrap();
            assert_eq!(http, 200);
            assert_eq!(status, if sync { None } else { Some(2) }, "{version}");
            house.until_parked(0).await;
        }
    }
}

/// For clients that do not react to 142 and 143 in a Ping: they are sent to their folders, and refused there.
#[tokio::test(flavor = "multi_thread")]
async fn a_ping_is_refused_by_status_7_where_the_device_wants_it_so() {
    let house = House::new().await;
    let phone = ready(&house, Version::V14_1, true, "QUIRK").await;
    let device = house.known(&phone).unwrap().id;
    let edit = engine::devices::DeviceEdit { quirk_ping: Some(true), ..Default::default() };
    engine::devices::edit(&house.engine, &house.beta, device, edit).await.unwrap();
    let waiting = park(phone, false);
    house.until_parked(1).await;
    house.change_policy(&house.beta, "strict").await;
    let (mut phone, http, status) = waiting.await.unwrap();
    assert_eq!((http, status), (200, Some(7)));
    let folders = phone.folder_sync().await.unwrap();
    assert_eq!((folders.http, folders.status()), (200, Some(143)), "other commands are refused as ever");
    // Forgetting the partnership keeps what somebody found out about the client.
    house.order(&phone, CommandKind::ForgetPartnership).await;
    assert!(house.known(&phone).unwrap().eas().unwrap().eas.quirk_ping);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_edited_policy_reaches_waiting_devices_at_once() {
    let house = House::new().await;
    let mut templates = ["low", "moderate", "strict", "none"].into_iter();
    for version in VERSIONS {
        let mut waiting = Vec::new();
        for (stand_in, sync) in [(false, false), (false, true), (true, false), (true, true)] {
            let phone = ready(&house, version, stand_in, if sync { "PS" } else { "PP" }).await;
            waiting.push(park(phone, sync));
        }
        house.until_parked(4).await;
        let template = templates.next().unwrap();
        let started = Instant::now();
        house.change_policy(&house.acme, template).await;
        house.change_policy(&house.beta, template).await;
        for one in waiting {
            let (mut phone, http, status) = one.await.unwrap();
            assert_eq!((http, status), form(version, 143), "{version}");
            connect(&mut phone).await;
        }
        assert!(started.elapsed() < Duration::from_secs(20));
        house.until_parked(0).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wipe_reaches_waiting_devices_at_once() {
    for version in VERSIONS {
        let house = House::new().await;
        for (stand_in, sync) in [(false, false), (false, true), (true, false), (true, true)] {
            let phone = ready(&house, version, stand_in, if sync { "WS" } else { "WP" }).await;
            let again = (phone.device_id.clone(), stand_in);
            let waiting = park(phone, sync);
            house.until_parked(1).await;
            let mut ghost = if stand_in { house.stand_in(1, version) } else { house.phone(1, version) };
            ghost.device_id = again.0;
            house.order(&ghost, CommandKind::FullWipe).await;
            let (mut phone, http, status) = waiting.await.unwrap();
            assert_eq!((http, status), form(version, 140), "{version} {stand_in} {sync}");
            let outcome = phone.provision().await.unwrap();
            assert_eq!(outcome.wipe, Some(simulator::eas::WipeKind::Device));
            assert_eq!(phone.wiped, Some(simulator::eas::WipeKind::Device));
            let known = house.known(&ghost).unwrap();
            assert_eq!(known.state, domain::model::DeviceState::Wiped);
            phone.wiped = None;
            assert_eq!(phone.folder_sync().await.unwrap().http, 403, "nobody re-admitted it");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_block_a_restriction_and_a_forgotten_partnership_end_the_wait() {
    let house = House::new().await;
    for (kind, expected) in
        [(CommandKind::Block, (403, None)), (CommandKind::ForgetPartnership, (200, Some(144)))]
    {
        for stand_in in [false, true] {
            let phone = ready(&house, Version::V16_1, stand_in, &format!("{kind:?}")[..5]).await;
            let mut ghost =
                if stand_in { house.stand_in(1, Version::V16_1) } else { house.phone(1, Version::V16_1) };
            ghost.device_id.clone_from(&phone.device_id);
            let waiting = park(phone, false);
            house.until_parked(1).await;
            house.order(&ghost, kind).await;
            let (_, http, status) = waiting.await.unwrap();
            assert_eq!((http, status), expected, "{kind:?} {stand_in}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_newer_request_takes_the_place_of_the_waiting_one() {
    let house = House::new().await;
    for stand_in in [false, true] {
        let phone = ready(&house, Version::V16_1, stand_in, "TWICE").await;
        let mut twin =
            if stand_in { house.stand_in(1, Version::V16_1) } else { house.phone(1, Version::V16_1) };
        twin.device_id.clone_from(&phone.device_id);
        twin.policy_key = phone.policy_key;
        twin.folders.clone_from(&phone.folders);
        let first = park(phone, false);
        house.until_parked(1).await;
        let before = house.eas.metrics().superseded.get();
        let second = park(twin, false);
        let (phone, http, status) = first.await.unwrap();
        assert_eq!((http, status), (200, Some(1)), "asked again, it would wait again");
        house.until("superseded", || house.eas.metrics().superseded.get() == before + 1).await;
        house.until_parked(1).await;
        if !stand_in {
            let there = || house.mail.device("u1", &phone.device_id).unwrap().parked;
            house.until("one request at the mail server", || there() == 1).await;
        }
        second.abort();
        house.until_parked(0).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_device_that_leaves_takes_its_request_at_the_mail_server_with_it() {
    let house = House::new().await;
    for version in VERSIONS {
        let phone = ready(&house, version, false, "LEFT").await;
        let id = phone.device_id.clone();
        let waiting = park(phone, false);
        house.until_parked(1).await;
        house.until("parked there", || house.mail.device("u1", &id).unwrap().parked == 1).await;
        waiting.abort();
        house.until_parked(0).await;
        house.until("cancelled there", || house.mail.device("u1", &id).unwrap().parked == 0).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_grows_old_at_the_mail_server_is_mended_without_the_device() {
    let house = House::new().await;
    let phone = ready(&house, Version::V16_1, false, "OLDKEY").await;
    let id = phone.device_id.clone();
    house.mail.force_provision("u1", None);
    let mut phone = phone;
    let answer = phone.ping(600).await.unwrap();
    assert_eq!((answer.reply.http, answer.status), (200, Some(1)), "it comes again at once");
    assert_eq!(house.mail.device("u1", &id).unwrap().provisions, 2);
    house.mail.force_provision("u1", None);
    house.mail.deliver("u1", Mail::new("x@y.test", "Here", "text"));
    let answer = phone.sync("1", &SyncAsk { wait: Some(5), ..SyncAsk::default() }).await.unwrap();
    assert_eq!(answer.reply.http, 200);
    assert!(!answer.reply.body.is_empty(), "the Sync itself was sent again");
    assert_eq!(house.mail.device("u1", &id).unwrap().provisions, 3);
    // While the second try of a Sync waits, we can still answer it.
    house.mail.force_provision("u1", None);
    phone.sync_all("1").await.unwrap();
    house.mail.force_provision("u1", None);
    let waiting = park(phone, true);
    house.until("waits again", || house.mail.device("u1", &id).unwrap().parked == 1).await;
    house.until_parked(1).await;
    house.change_policy(&house.acme, "strict").await;
    let (_, http, status) = waiting.await.unwrap();
    assert_eq!((http, status), (200, Some(143)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_user_who_is_moved_to_another_server_starts_over() {
    let house = House::new().await;
    let phone = ready(&house, Version::V16_1, false, "MOVE").await;
    let waiting = park(phone, false);
    house.until_parked(1).await;
    house.change_server(|s| s.enabled = false).await;
    let (mut phone, http, status) = waiting.await.unwrap();
    assert_eq!((http, status), (200, Some(7)));
    assert_eq!(phone.folder_sync().await.unwrap().http, 503);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_exchange_is_recorded_with_who_and_why() {
    let house = House::new().await;
    let phone = ready(&house, Version::V16_1, false, "LOG").await;
    let mut ghost = house.phone(1, Version::V16_1);
    ghost.device_id.clone_from(&phone.device_id);
    let waiting = park(phone, false);
    house.until_parked(1).await;
    house.change_policy(&house.acme, "strict").await;
    waiting.await.unwrap();
    let device = house.known(&ghost).unwrap();
    let list = engine::devices::exchanges(&house.engine, &house.acme, device.id).await.unwrap();
    let ping = list.iter().find(|e| e.command == "Ping").unwrap();
    assert_eq!((ping.http, ping.status, ping.who.as_str()), (200, Some(143), "gateway"));
    assert!(ping.why.contains("policy"), "{}", ping.why);
    let sync = list.iter().find(|e| e.command == "FolderSync" && e.who == "mail server").unwrap();
    assert_eq!((sync.http, sync.why.as_str(), sync.version.as_str()), (200, "", "16.1"));
}

#[tokio::test(flavor = "multi_thread")]
async fn joining_a_group_reaches_the_waiting_devices_of_who_joined_and_no_others() {
    let house = House::new().await;
    let version = Version::V14_1;
    let strict = engine::policy::SuiteInput {
        name: "Strict".into(),
        template: Some("strict".into()),
        ..Default::default()
    };
    let suite = engine::policy::create(&house.engine, &house.acme, strict).await.unwrap();
    engine::policy::publish(&house.engine, &house.acme, suite, "").await.unwrap();
    let settings = |suite| GroupInput {
        name: "Sales".into(),
        note: String::new(),
        settings: domain::model::GroupSettings { suite, ..Default::default() },
    };
    let sales = groups::create(&house.engine, &house.acme, settings(Some(suite))).await.unwrap();
    let phone = ready(&house, version, false, "JOINS").await;
    let mut other = house.phone(2, version);
    other.device_id = "STAYSOUT".into();
    connect(&mut other).await;
    other.sync("1", &SyncAsk::default()).await.unwrap();
    let member = house.known(&phone).unwrap().user;
    let (waiting, outside) = (park(phone, false), park(other, false));
    house.until_parked(2).await;
    groups::change_members(&house.engine, &house.acme, sales, &[member], &[]).await.unwrap();
    let (mut phone, http, status) = waiting.await.unwrap();
    assert_eq!((http, status), form(version, 143));
    house.until_parked(1).await;
    connect(&mut phone).await;
    // What the group gives changes for those who are in it.
    let waiting = park(phone, false);
    house.until_parked(2).await;
    groups::edit(&house.engine, &house.acme, sales, settings(None)).await.unwrap();
    let (_, http, status) = waiting.await.unwrap();
    assert_eq!((http, status), form(version, 143));
    house.until_parked(1).await;
    outside.abort();
}

/// Outside of direct push a new policy waits for the check-in; a block does not, and an open connection is a contact.
#[tokio::test(flavor = "multi_thread")]
async fn without_direct_push_a_policy_waits_for_the_check_in_and_a_block_does_not() {
    use engine::schedules::{self, ScheduleInput};
    let house = House::new().await;
    for scope in [&house.acme, &house.beta] {
        let id = schedules::list(&house.engine, scope).unwrap()[0].0.id;
        let mut input = ScheduleInput::from(&*schedules::get(&house.engine, scope, id).unwrap());
        // 2026-01-01, 00:00: off-peak, every four hours.
        input.corporate.push_off_peak = false;
        schedules::edit(&house.engine, scope, id, input).await.unwrap();
    }
    let mut waiting = Vec::new();
    let mut ghosts = Vec::new();
    for stand_in in [false, true] {
        let phone = ready(&house, Version::V16_1, stand_in, "DUE").await;
        let mut ghost =
            if stand_in { house.stand_in(1, Version::V16_1) } else { house.phone(1, Version::V16_1) };
        ghost.device_id.clone_from(&phone.device_id);
        ghosts.push(ghost);
        waiting.push(park(phone, false));
    }
    house.until_parked(2).await;
    schedules::tick(&house.engine).await.unwrap();
    let missed = |ghost: &Device| {
        let device = house.known(ghost).unwrap();
        let org = house.engine.directory().organization(device.organization).unwrap();
        schedules::standing(&house.engine, &org.read(), &device).unwrap().missed
    };
    // The Ping waits for hours; its connection is the check-in.
    for _ in 0..2 {
        house.clock.advance(4 * 3_600_000 + 61_000);
        assert_eq!(schedules::tick(&house.engine).await.unwrap(), 2);
        house.clock.advance(schedules::MISSED_AFTER);
        assert!(ghosts.iter().all(|ghost| missed(ghost) == 0));
    }
    assert_eq!(house.eas.metrics().parked.get(), 2, "nothing waited for them");

    house.clock.advance(-house.clock.now() % 86_400_000);
    schedules::tick(&house.engine).await.unwrap();
    house.change_policy(&house.acme, "strict").await;
    house.change_policy(&house.beta, "strict").await;
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert_eq!(house.eas.metrics().parked.get(), 2, "the policy waits");
    house.clock.advance(4 * 3_600_000 + 61_000);
    schedules::tick(&house.engine).await.unwrap();
    for one in waiting {
        let (mut phone, http, status) = one.await.unwrap();
        assert_eq!((http, status), (200, Some(143)));
        connect(&mut phone).await;
    }
    let phone = ready(&house, Version::V16_1, true, "DUE").await;
    let waiting = park(phone, false);
    house.until_parked(1).await;
    house.order(&ghosts[1], CommandKind::Block).await;
    assert_eq!(waiting.await.unwrap().1, 403, "a block never waits");
}
