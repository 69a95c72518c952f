//! A mail server in trouble: the device waits politely, and nothing of its state is lost.

use std::time::Duration;

use simulator::eas::{Need, SyncAsk};
use simulator::mailserver::Failure;

use crate::house::{House, VERSIONS, connect};

#[tokio::test(flavor = "multi_thread")]
async fn a_mail_server_that_is_down_makes_a_503_with_a_rest() {
    let house = House::new().await;
    for version in VERSIONS {
        let mut phone = house.phone(1, version);
        phone.device_id = format!("DOWN{version}").replace('.', "");
        connect(&mut phone).await;
        for failure in [Failure::HangUp, Failure::Http(502), Failure::Http(504), Failure::Http(503)] {
            house.mail.script(|s| s.failing = Some((u32::MAX, failure)));
            for reply in [phone.folder_sync().await.unwrap(), phone.ping(60).await.unwrap().reply] {
                assert_eq!((reply.http, reply.need()), (503, Need::Later), "{version} {failure:?}");
                assert!(reply.headers.get("Retry-After").is_some());
            }
            house.mail.script(|s| s.failing = None);
            assert!(phone.folder_sync().await.unwrap().is_ok());
        }
        // What it says itself is passed on.
        house.mail.script(|s| s.failing = Some((1, Failure::Http(507))));
        assert_eq!(phone.folder_sync().await.unwrap().http, 507);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_device_is_told_to_wait_while_nobody_can_prove_its_password() {
    let house = House::new().await;
    house.mail.script(|s| s.failing = Some((u32::MAX, Failure::HangUp)));
    let mut phone = house.phone(1, VERSIONS[3]);
    let reply = phone.folder_sync().await.unwrap();
    assert_eq!(reply.http, 503);
    assert!(house.known(&phone).is_none());
    assert_eq!(phone.options().await.unwrap().http, 503);
    house.mail.script(|s| s.failing = None);
    connect(&mut phone).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_handshake_that_fails_is_not_the_devices_fault() {
    let house = House::new().await;
    let mut phone = house.phone(1, VERSIONS[2]);
    connect(&mut phone).await;
    house.mail.force_provision("u1", None);
    // The command is refused, the handshake is cut off.
    house.mail.script(|s| s.delay = Duration::from_millis(100));
    let task = tokio::spawn(async move { (phone.folder_sync().await.unwrap(), phone) });
    tokio::time::sleep(Duration::from_millis(150)).await;
    house.mail.script(|s| s.failing = Some((1, Failure::Garbage)));
    let (reply, mut phone) = task.await.unwrap();
    assert!(matches!(reply.http, 200 | 503), "{}", reply.http);
    house.mail.script(|s| {
        s.failing = None;
        s.delay = Duration::ZERO;
    });
    assert!(phone.folder_sync().await.unwrap().is_ok());
    phone.sync("1", &SyncAsk::default()).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mail_server_that_never_likes_its_own_key_is_given_up() {
    let house = House::new().await;
    let mut phone = house.phone(1, VERSIONS[2]);
    connect(&mut phone).await;
    house.mail.script(|s| s.failing = Some((u32::MAX, Failure::Http(449))));
    let reply = phone.folder_sync().await.unwrap();
    assert_eq!(reply.http, 503);
}

#[tokio::test(flavor = "multi_thread")]
async fn known_devices_keep_their_mail_for_the_grace_while_storage_is_away() {
    let house = House::new().await;
    let mut phone = house.phone(1, VERSIONS[3]);
    connect(&mut phone).await;
    let lock = house.lock_storage();
    house.clock.advance(11_000);
    let served = || house.eas.metrics().served_on_grace.get() > 0;
    for _ in 0..200 {
        assert!(phone.folder_sync().await.unwrap().is_ok(), "served from memory");
        if served() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    assert!(served());
    // The mail server's key is renewed although it cannot be stored.
    house.mail.force_provision("u1", None);
    assert!(phone.folder_sync().await.unwrap().is_ok());
    assert!(phone.folder_sync().await.unwrap().is_ok());
    assert_eq!(house.mail.device("u1", &phone.device_id).unwrap().provisions, 2);
    let mut stranger = house.make(2, "pixel", VERSIONS[3], "acme.test", "pw2");
    assert_eq!(stranger.folder_sync().await.unwrap().http, 503, "nobody new gets in");
    assert_eq!(
        phone.provision_first().await.unwrap().http,
        503,
        "no policy is handed out that is not recorded"
    );
    house.clock.advance(4 * 3_600_000 + 1);
    assert_eq!(phone.folder_sync().await.unwrap().http, 503, "the grace is over");
    drop(lock);
    house.clock.advance(11_000);
    for _ in 0..100 {
        if phone.folder_sync().await.unwrap().is_ok() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    assert!(phone.folder_sync().await.unwrap().is_ok());
    connect(&mut stranger).await;
}
