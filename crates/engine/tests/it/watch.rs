//! The connectivity watch list: a silence is told once and so is its end, to those who were named for the device; the
//! neighbour's devices are watched by the neighbour alone.

use std::sync::Arc;
use std::time::{Duration, Instant};

use domain::model::{Alert, AlertState, DeviceId, Mail, Recipients, RoleRef};
use engine::alerts::{self, AlertFollower, Filter};
use engine::watch::{self, WatchInput};
use engine::{Error, eas, presence};

use crate::house::{HOUR, House, MINUTE, Tenant, houses};

fn input(minutes: u32, to: &str) -> WatchInput {
    let recipients = Recipients { addresses: vec![to.parse().unwrap()], ..Recipients::default() };
    WatchInput { minutes, recipients, ..WatchInput::default() }
}

/// The phone is heard of, and the node says so.
async fn comes(house: &House, id: DeviceId) {
    eas::present(house, &house.device(id));
    presence::flush(house).await.unwrap();
    watch::tick(house).await.unwrap();
}

async fn after(house: &House, millis: i64) {
    house.clock.advance(millis);
    watch::tick(house).await.unwrap();
}

async fn silence(house: &House, tenant: &Tenant, done: impl Fn(&Alert) -> bool) -> Alert {
    let begun = Instant::now();
    loop {
        let filter = Filter { kind: Some("device.silent".into()), ..Filter::default() };
        let found = alerts::list(house, &tenant.all, filter, 10).await.unwrap();
        if let Some(alert) = found.first().filter(|alert| done(alert)) {
            return alert.clone();
        }
        assert!(begun.elapsed() < Duration::from_secs(20), "{found:?}");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

fn told(mails: &[Mail]) -> Vec<(&str, &str)> {
    mails.iter().map(|mail| (mail.recipient.as_str(), mail.subject.as_str())).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_silence_and_its_end_are_told_to_those_who_were_named() {
    for house in houses().await {
        let acme = &house.acme;
        let running = house.follow(Arc::new(AlertFollower)).await;
        let (phone, _) = house.provisioned(acme, "PHONE1").await;
        let (twin, _) = house.provisioned(&house.globex, "PHONE1").await;
        comes(&house, phone.id).await;
        assert!(watch::put(&house, &acme.all, phone.id, input(30, "desk@acme.test")).await.unwrap());
        after(&house, 29 * MINUTE).await;
        comes(&house, phone.id).await;
        // In time, though 31 minutes have passed since it was put on the list.
        after(&house, 2 * MINUTE).await;
        assert_eq!(house.journaled(acme, "device.silent", phone.id).await, 0);
        after(&house, 30 * MINUTE).await;
        let alert = silence(&house, acme, |_| true).await;
        assert_eq!((alert.device, alert.state), (Some(phone.id), AlertState::New));
        assert!(alert.detail.starts_with("Nothing was heard for 32 minutes; 30 minutes"), "{}", alert.detail);
        let mails = house.mails(acme).await;
        let silent = format!("[Warning] {} has been silent for too long", phone.name);
        assert_eq!(told(&mails), [("desk@acme.test", silent.as_str())], "not all administrators");
        let watched = watch::get(&house, &acme.all, phone.id).await.unwrap();
        assert!(watched.silent_since.is_some() && watched.due_at.is_none());
        // Nobody looks at it again and again; it is told once.
        for _ in 0..3 {
            after(&house, HOUR).await;
        }
        assert_eq!(house.journaled(acme, "device.silent", phone.id).await, 1);
        house.clock.advance(MINUTE);
        comes(&house, phone.id).await;
        let alert = silence(&house, acme, |alert| alert.state == AlertState::Closed).await;
        assert_eq!(alert.closed.unwrap().0, "the cause is gone");
        let mails = house.mails(acme).await;
        assert_eq!(mails.len(), 2);
        assert!(mails.iter().any(|mail| mail.subject.as_str().starts_with("Over: ")), "{:?}", told(&mails));
        assert_eq!(house.journaled(acme, "device.heard_again", phone.id).await, 1);
        // The neighbour's twin was silent all the time, and nobody had asked.
        assert!(watch::list(&house, &house.globex.all).await.unwrap().is_empty());
        assert!(house.mails(&house.globex).await.is_empty());
        for foreign in [
            watch::put(&house, &acme.all, twin.id, input(30, "desk@acme.test")).await.map(drop),
            watch::remove(&house, &house.globex.all, phone.id).await,
            watch::get(&house, &house.globex.all, phone.id).await.map(drop),
        ] {
            assert!(matches!(foreign, Err(Error::NotFound(_))), "{foreign:?}");
        }
        running.abort();
        house.finish().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_device_leaves_the_list_by_hand_by_contacts_in_time_or_when_it_is_gone() {
    for house in houses().await {
        let acme = &house.acme;
        let running = house.follow(Arc::new(AlertFollower)).await;
        let (phone, _) = house.provisioned(acme, "PHONE1").await;
        let named = WatchInput { leave_after: 2, ..input(10, "desk@acme.test") };
        watch::put(&house, &acme.all, phone.id, named.clone()).await.unwrap();
        for _ in 0..2 {
            assert_eq!(watch::list(&house, &acme.all).await.unwrap().len(), 1);
            house.clock.advance(8 * MINUTE);
            comes(&house, phone.id).await;
            after(&house, 3 * MINUTE).await;
        }
        assert!(watch::list(&house, &acme.all).await.unwrap().is_empty());
        assert_eq!(house.journaled(acme, "watch.removed", phone.id).await, 1);

        // What is watched no more alarms no more, and its alert ends.
        watch::put(&house, &acme.all, phone.id, named.clone()).await.unwrap();
        after(&house, HOUR).await;
        silence(&house, acme, Alert::is_open).await;
        watch::remove(&house, &acme.all, phone.id).await.unwrap();
        silence(&house, acme, |alert| !alert.is_open()).await;
        // Another threshold begins anew: with a longer one it is not silent at all.
        watch::put(&house, &acme.all, phone.id, named.clone()).await.unwrap();
        watch::tick(&house).await.unwrap();
        silence(&house, acme, Alert::is_open).await;
        assert!(!watch::put(&house, &acme.all, phone.id, input(600, "desk@acme.test")).await.unwrap());
        silence(&house, acme, |alert| !alert.is_open()).await;
        watch::tick(&house).await.unwrap();
        assert!(watch::get(&house, &acme.all, phone.id).await.unwrap().silent_since.is_none());

        // A record that is removed takes its place on the list with it.
        engine::devices::remove(&house, &acme.all, phone.id).await.unwrap();
        after(&house, 24 * HOUR).await;
        assert!(watch::list(&house, &acme.all).await.unwrap().is_empty());
        running.abort();
        house.finish().await;
    }
}

#[tokio::test]
async fn what_nobody_can_watch_for_is_refused_beside_the_field() {
    let house = House::on(testkit::sqlite().await).await;
    let acme = &house.acme;
    let (phone, _) = house.provisioned(acme, "PHONE1").await;
    let stranger = house.administrator(&house.globex, "stranger", RoleRef::Predefined("full".into())).await;
    let stranger = stranger.administrator().unwrap().id;
    let good = input(30, "desk@acme.test");
    for (field, wrong) in [
        ("minutes", WatchInput { minutes: 0, ..good.clone() }),
        ("minutes", WatchInput { minutes: 43_201, ..good.clone() }),
        ("leave_after", WatchInput { leave_after: 1_001, ..good.clone() }),
        ("note", WatchInput { note: "x".repeat(501), ..good.clone() }),
        (
            "recipients",
            WatchInput {
                recipients: Recipients { administrators: vec![stranger], ..Recipients::default() },
                ..good.clone()
            },
        ),
    ] {
        match watch::put(&house, &acme.all, phone.id, wrong).await {
            Err(Error::Invalid(issues)) => assert_eq!(issues[0].field, field),
            other => panic!("{field}: {other:?}"),
        }
    }
    let desk = house.administrator(acme, "desk", RoleRef::Predefined("help_desk".into())).await;
    let denied = watch::put(&house, &desk, phone.id, good).await;
    assert!(matches!(denied, Err(Error::Denied(_))), "{denied:?}");
    house.finish().await;
}
