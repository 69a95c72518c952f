//! What the ISE page shows: calls, unknown MACs, advice.

use engine::ise::{advice, calls, flush, link_mac, unknown_macs};

use crate::ise_fixture::*;

const MAC: &str = "/ciscoise/mdmapi/v3/devices/?paging=0&querycriteria=macaddress&filter=all&value=";

#[tokio::test]
async fn calls_are_kept_with_their_raw_request_line() {
    let house = House::build().await;
    house.get(&house.acme, "/ciscoise/mdminfo/?ise_api_version=3").await;
    house.get(&house.acme, &format!("{MAC}0026b424feb4")).await;
    house.call("GET", "/acme/ciscoise/mdminfo", None, "").await;
    house.get(&house.globex, "/ciscoise/mdminfo").await;
    for flushed in [false, true] {
        if flushed {
            flush(&house.engine).await.unwrap();
        }
        let seen = calls(&house.engine, &house.acme.admin).await.unwrap();
        assert_eq!(seen.len(), 3, "flushed {flushed}");
        assert!(
            seen.iter()
                .any(|c| c.status == 401 && c.target == "/acme/ciscoise/mdminfo" && c.account.is_empty())
        );
        let look_up = seen.iter().find(|c| c.target == format!("{MAC}0026b424feb4")).unwrap();
        assert_eq!((look_up.method.as_str(), look_up.status), ("GET", 200));
        assert_eq!(
            (look_up.account.as_str(), look_up.address.as_str()),
            (house.acme.ise.0.as_str(), "192.0.2.10")
        );
        assert_eq!(look_up.note, "No device has this MAC address.".replace("MAC address", "identifier"));
        assert!(seen.iter().all(|c| !c.target.contains(&house.acme.ise.1)), "no secret is kept");
    }
}

#[tokio::test]
async fn a_stranger_cannot_push_the_real_calls_out() {
    let house = House::build().await;
    house.get(&house.acme, "/ciscoise/mdminfo").await;
    for _ in 0..300 {
        house.call("GET", "/acme/ciscoise/mdminfo", None, "").await;
    }
    let seen = calls(&house.engine, &house.acme.admin).await.unwrap();
    assert!(seen.iter().any(|c| c.status == 200), "{} calls", seen.len());
    assert!(seen.len() < 10);
    for _ in 0..300 {
        house.get(&house.acme, "/ciscoise/mdminfo").await;
    }
    assert_eq!(calls(&house.engine, &house.acme.admin).await.unwrap().len(), 200);
}

#[tokio::test]
async fn an_unknown_mac_is_counted_and_can_be_linked() {
    let house = House::build().await;
    let device = house.device(&house.acme, |d| d.macs.clear()).await;
    for _ in 0..3 {
        house.get(&house.acme, &format!("{MAC}0026B424FEB4")).await;
    }
    flush(&house.engine).await.unwrap();
    house.clock.advance(1_000);
    house.get(&house.acme, &format!("{MAC}00:26:b4:24:fe:b4")).await;
    house.get(&house.acme, &format!("{MAC}DA26B424FEB4")).await;
    let unknown = unknown_macs(&house.engine, &house.acme.admin).await.unwrap();
    let seen: Vec<_> = unknown.iter().map(|u| (u.mac.as_str(), u.count, u.random)).collect();
    assert_eq!(seen, [("0026B424FEB4", 4, false), ("DA26B424FEB4", 1, true)]);
    assert_eq!(unknown[0].last_at - unknown[0].first_at, 1_000);
    assert!(unknown_macs(&house.engine, &house.globex.admin).await.unwrap().is_empty());

    let wrong = link_mac(&house.engine, &house.globex.admin, "0026B424FEB4", device.id).await;
    assert!(wrong.is_err(), "a device of another organization");
    link_mac(&house.engine, &house.acme.admin, "00-26-B4-24-FE-B4", device.id).await.unwrap();
    let reply = house.get(&house.acme, &format!("{MAC}0026B424FEB4")).await.body;
    assert_eq!(one(&reply, "guid"), device.guid.to_string());
    flush(&house.engine).await.unwrap();
    let unknown = unknown_macs(&house.engine, &house.acme.admin).await.unwrap();
    assert_eq!(unknown.len(), 1);
}

#[tokio::test]
async fn advice_begins_with_nought_and_learns_from_polls() {
    let house = House::build().await;
    let start = advice(&house.engine, &house.acme.admin).unwrap();
    assert!(start.words.contains("Enter 0"), "{}", start.words);
    let now = house.clock.now();
    // Check-ins every four hours: the last ones are spread over that time.
    for minutes in 0..240 {
        house.device(&house.acme, |d| d.last_contact_at = Some(now - minutes * 60_000)).await;
    }
    for _ in 0..4 {
        house.get(&house.acme, "/ciscoise/devices/0/compliance/false/all").await;
        house.get(&house.acme, "/ciscoise/devices/0/compliance/false/all").await;
        house.clock.advance(15 * 60_000);
    }
    house.clock.advance(-60 * 60_000);
    let learnt = advice(&house.engine, &house.acme.admin).unwrap();
    assert_eq!((learnt.polls, learnt.observed_interval), (8, Some(15 * 60_000)));
    let seen = learnt.check_in_interval.unwrap() / 60_000;
    assert!((230..=250).contains(&seen), "{seen}");
    // The schedule in force asks for more than devices are seen to do.
    assert_eq!(learnt.minutes, Some(60));
    assert!(learnt.in_force[0].polled_too_often, "{:?}", learnt.in_force);
    assert!(learnt.words.contains("Nothing new"), "{}", learnt.words);
}

#[tokio::test]
async fn an_ise_account_cannot_read_what_the_page_shows() {
    let house = House::build().await;
    let address = "192.0.2.10".parse().unwrap();
    let (user, password) = &house.acme.ise;
    let scope = engine::sign_in::ise(&house.engine, user, password, address, None).await.unwrap();
    assert!(calls(&house.engine, &scope).await.is_err());
    assert!(unknown_macs(&house.engine, &scope).await.is_err());
    assert!(advice(&house.engine, &scope).is_err());
}
