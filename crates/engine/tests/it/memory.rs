use engine::eas;
use engine::exchanges::{self, Exchange};
use engine::{devices, housekeeping, presence, traces};

use crate::house::{House, MINUTE, houses};

fn exchange(at: i64, why: &str) -> Exchange {
    Exchange {
        at,
        command: "Sync".into(),
        version: "16.1".into(),
        http: 200,
        status: Some(1),
        duration: 12,
        who: "gateway".into(),
        why: why.into(),
        bytes: (10, 20),
    }
}

#[tokio::test]
async fn the_last_200_exchanges_survive_flushes_and_restarts_in_order() {
    for mut house in houses().await {
        let phone = house.enrol(&house.acme, "PHONE1").await;
        let twin = house.enrol(&house.globex, "PHONE1").await;
        let mut number = 0;
        for batch in [1, 120, 150, 30] {
            for _ in 0..batch {
                number += 1;
                // Several within a millisecond: none may be lost for that.
                eas::record(&house, &phone, exchange(number / 7, &number.to_string()));
            }
            let shown = devices::exchanges(&house, &house.acme.all, phone.id).await.unwrap();
            let expected: Vec<_> = (1..=number).rev().take(200).map(|n| n.to_string()).collect();
            assert_eq!(shown.iter().map(|e| e.why.clone()).collect::<Vec<_>>(), expected);
            exchanges::flush(&house).await.unwrap();
            house.engine = crate::house::open(house.database(), &house.clock).await;
            let shown = devices::exchanges(&house, &house.acme.all, phone.id).await.unwrap();
            assert_eq!(shown.iter().map(|e| e.why.clone()).collect::<Vec<_>>(), expected);
        }
        assert!(devices::exchanges(&house, &house.acme.all, twin.id).await.is_err());
        assert!(devices::exchanges(&house, &house.globex.all, twin.id).await.unwrap().is_empty());
        house.finish().await;
    }
}

#[tokio::test]
async fn what_is_remembered_of_a_device_goes_with_it() {
    for house in houses().await {
        let phone = house.enrol(&house.acme, "PHONE1").await;
        let stays = house.enrol(&house.acme, "PHONE2").await;
        let enrolled = phone.last_contact_at;
        house.clock.advance(MINUTE);
        for device in [&phone, &stays] {
            eas::present(&house, device);
            eas::record(&house, device, exchange(1, ""));
            eas::loops(&house).told(device.id, house.clock.now());
        }
        assert_eq!(presence::last_contact(&house, &phone), Some(house.clock.now()));
        devices::remove(&house, &house.acme.all, phone.id).await.unwrap();
        housekeeping::run(&house).await.unwrap();
        assert_eq!(presence::last_contact(&house, &phone), enrolled, "memory knows nothing of it");
        assert_eq!(presence::last_contact(&house, &stays), Some(house.clock.now()));
        // Flushes of what was gathered for it must not fail for the others.
        presence::flush(&house).await.unwrap();
        exchanges::flush(&house).await.unwrap();
        assert_eq!(devices::exchanges(&house, &house.acme.all, stays.id).await.unwrap().len(), 1);
        house.finish().await;
    }
}

#[tokio::test]
async fn a_trace_runs_its_time_also_over_a_restart() {
    for mut house in houses().await {
        let phone = house.enrol(&house.acme, "PHONE1").await;
        let anna = house.acme.anna.id;
        devices::set_trace(&house, &house.acme.all, anna, 30).await.unwrap();
        eas::record(&house, &phone, exchange(1, "first"));
        traces::flush(&house).await.unwrap();
        house.engine = crate::house::open(house.database(), &house.clock).await;
        eas::record(&house, &phone, exchange(2, "second"));
        traces::flush(&house).await.unwrap();
        let lines = async |house: &House| {
            let (_, lines) = devices::trace(house, &house.acme.all, anna).await.unwrap().unwrap();
            lines.len()
        };
        assert_eq!(lines(&house).await, 2);
        house.clock.advance(30 * MINUTE);
        eas::record(&house, &phone, exchange(3, "too late"));
        traces::flush(&house).await.unwrap();
        assert_eq!(lines(&house).await, 2);
        assert!(devices::trace(&house, &house.globex.all, anna).await.is_err(), "another organization's");
        assert_eq!(house.journaled(&house.acme, "device.traced", anna).await, 1);
        house.finish().await;
    }
}
