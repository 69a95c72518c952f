//! Parked requests: woken by mail, by a wipe, by the end of the interval, and dropped with the client.

use std::time::Duration;

use simulator::eas::{Device, SyncAsk, Version, WipeKind};
use simulator::mailserver::{Control, Mail, Script};

use crate::stage::Stage;

async fn stage() -> Stage {
    Stage::with(Script { heartbeat: (1, 3540), ..Script::default() }).await
}

async fn connected(stage: &Stage, version: Version) -> Device {
    let mut phone = stage.phone(version);
    phone.connect().await.unwrap();
    phone
}

async fn until_parked(control: &Control, device: &str, wanted: u32) {
    for _ in 0..500 {
        if control.device("u1", device).is_some_and(|d| d.parked == wanted) {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("never {wanted} parked requests");
}

#[tokio::test]
async fn a_ping_ends_with_its_interval() {
    let stage = stage().await;
    let mut phone = connected(&stage, Version::V14_1).await;
    let answer = phone.ping(1).await.unwrap();
    assert_eq!(answer.status, Some(1));
    assert!(answer.reply.took >= Duration::from_millis(900), "{:?}", answer.reply.took);
    let again = phone.ping_again(Duration::from_secs(20)).await.unwrap();
    assert_eq!(again.status, Some(1), "an empty Ping repeats the last one");
}

#[tokio::test]
async fn a_ping_is_answered_by_new_mail() {
    let stage = stage().await;
    let mut phone = connected(&stage, Version::V16_1).await;
    let control = stage.control.clone();
    let id = phone.device_id.clone();
    let inbox = phone.folder(2).unwrap().id.clone();
    phone.sync_all(&inbox).await.unwrap();
    let parked = tokio::spawn(async move {
        let answer = phone.ping(600).await.unwrap();
        (phone, answer)
    });
    until_parked(&control, &id, 1).await;
    control.deliver("u1", Mail::new("a@example.test", "wake up", ""));
    let (mut phone, answer) = parked.await.unwrap();
    assert_eq!((answer.status, answer.changed.as_slice()), (Some(2), &[inbox.clone()][..]));
    assert_eq!(phone.sync_all(&inbox).await.unwrap().len(), 1);
    assert_eq!(phone.ping(1).await.unwrap().status, Some(1), "nothing new after the Sync");
}

#[tokio::test]
async fn a_parked_sync_is_answered_by_new_mail() {
    let stage = stage().await;
    let mut phone = connected(&stage, Version::V14_1).await;
    let control = stage.control.clone();
    let id = phone.device_id.clone();
    let inbox = phone.folder(2).unwrap().id.clone();
    phone.sync_all(&inbox).await.unwrap();
    let parked = tokio::spawn(async move {
        let ask = SyncAsk { heartbeat: Some(600), ..SyncAsk::default() };
        phone.sync(&inbox, &ask).await.unwrap()
    });
    until_parked(&control, &id, 1).await;
    control.deliver("u1", Mail::new("a@example.test", "fresh", ""));
    assert_eq!(parked.await.unwrap().added[0].subject(), Some("fresh"));
}

#[tokio::test]
async fn a_parked_ping_is_told_of_a_wipe_at_once() {
    let stage = stage().await;
    let mut phone = connected(&stage, Version::V14_1).await;
    let (control, id) = (stage.control.clone(), phone.device_id.clone());
    let parked = tokio::spawn(async move { phone.ping(600).await.unwrap() });
    until_parked(&control, &id, 1).await;
    control.order_wipe("u1", &id, WipeKind::Device);
    assert_eq!(parked.await.unwrap().status, Some(140));
}

#[tokio::test]
async fn a_client_that_leaves_frees_its_place() {
    let stage = stage().await;
    let mut phone = connected(&stage, Version::V14_1).await;
    let (control, id) = (stage.control.clone(), phone.device_id.clone());
    let parked = tokio::spawn(async move { phone.ping(600).await });
    until_parked(&control, &id, 1).await;
    parked.abort();
    until_parked(&control, &id, 0).await;
}

#[tokio::test]
async fn impossible_pings_are_told_what_would_be_possible() {
    let stage = Stage::new().await;
    let mut phone = connected(&stage, Version::V14_1).await;
    assert_eq!(phone.ping_again(Duration::from_secs(20)).await.unwrap().status, Some(3));
    let short = phone.ping(5).await.unwrap();
    assert_eq!((short.status, short.heartbeat), (Some(5), Some(60)));
    let long = phone.ping(9999).await.unwrap();
    assert_eq!((long.status, long.heartbeat), (Some(5), Some(3540)));
    let unknown = Device::ping_document(60, &[("nowhere", "Email")]);
    assert_eq!(phone.exchange("Ping", &unknown).await.unwrap().status(), Some(7));
}
