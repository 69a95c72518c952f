//! Many waiting devices and one change.

use std::time::{Duration, Instant};

use simulator::eas::Version;

use crate::house::{House, connect};

#[tokio::test(flavor = "multi_thread")]
async fn one_policy_change_answers_a_crowd_within_seconds() {
    const CROWD: usize = 120;
    let house = House::new().await;
    let mut waiting = Vec::new();
    for n in 0..CROWD {
        let mut phone = house.stand_in(1 + n % 3, Version::V16_1);
        phone.device_id = format!("CROWD{n}");
        connect(&mut phone).await;
        waiting.push(tokio::spawn(async move { phone.ping(900).await.unwrap().status }));
    }
    house.until_parked(CROWD as u64).await;
    let started = Instant::now();
    house.change_policy(&house.beta, "strict").await;
    for one in waiting {
        assert_eq!(one.await.unwrap(), Some(143));
    }
    assert!(started.elapsed() < Duration::from_secs(10), "{:?}", started.elapsed());
    assert_eq!(house.eas.metrics().parked.get(), 0);
}
