//! The scheduler: nobody is missed, nothing is sent in a burst, over restarts and clocks that jump.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use domain::Change;
use domain::model::{Device, DeviceId, OrganizationId};
use engine::schedules::{self, Due, Reach};
use engine::{Engine, eas, presence};
use parking_lot::Mutex;

use super::{change_default, interval};
use crate::house::{HOUR, House, MINUTE, houses, open};

const SECOND: i64 = 1_000;

/// Everybody who was called, with the time.
type Calls = Arc<Mutex<Vec<(DeviceId, i64)>>>;

/// Devices are reached if `answers` says so.
fn listen(engine: &Arc<Engine>, answers: impl Fn(&Due) -> bool + Send + Sync + 'static) -> Calls {
    let calls = Calls::default();
    let (noted, weak) = (calls.clone(), Arc::downgrade(engine));
    schedules::on_due(
        engine,
        Arc::new(move |due| {
            let now = weak.upgrade().map_or(0, |engine| engine.now());
            noted.lock().push((due.device.id, now));
            if answers(due) { Reach::Connected } else { Reach::NotReachable }
        }),
    );
    calls
}

/// Devices that exist in memory alone.
fn populate(house: &House, like: &Device, organization: OrganizationId, numbers: std::ops::Range<u128>) {
    for number in numbers {
        let mut device = like.clone();
        device.id = DeviceId::from_uuid(uuid::Uuid::from_u128((7 << 100) | (number << 40) | 1));
        device.guid = device.id.uuid();
        device.number = number as i64;
        device.channels[0].external_id = format!("SIM{number}");
        // The last contact was some time in the last hour.
        device.last_contact_at = Some(house.clock.now() - (number as i64 * 7_919) % HOUR);
        house.directory().apply(organization, &Change::Device(Arc::new(device)));
    }
}

#[tokio::test]
async fn ten_thousand_devices_are_called_in_time_and_never_more_than_the_rate() {
    const RATE: usize = 40;
    for house in houses().await {
        // Monday, 5 January 2026, 05:50: in the midst of it peak time begins for all of them.
        house.clock.set(1_767_571_200_000 + 5 * HOUR + 50 * MINUTE);
        let (one, other) = (house.enrol(&house.acme, "P").await, house.enrol(&house.globex, "P").await);
        populate(&house, &one, house.acme.id, 10_000..17_000);
        populate(&house, &other, house.globex.id, 20_000..22_998);
        schedules::set_rate(&house, RATE as u32);
        // One in ten is switched off and never comes.
        let off = |device: &Device| device.number % 10 == 0;
        let calls = listen(&house.engine, move |due| !off(&due.device));
        for tenant in [&house.acme, &house.globex] {
            change_default(&house, tenant, |half| {
                half.peak_interval = interval("15m");
                half.off_peak_interval = interval("1h");
            })
            .await;
        }
        let mut most = 0;
        for _ in 0..(100 * 60) {
            house.clock.advance(SECOND);
            most = most.max(schedules::tick(&house).await.unwrap());
        }
        assert!(most <= RATE, "{most} calls in a second");
        let all: Vec<_> = [&house.acme, &house.globex]
            .iter()
            .flat_map(|tenant| {
                let org = house.directory().organization(tenant.id).unwrap();
                org.read().devices.iter().cloned().collect::<Vec<_>>()
            })
            .collect();
        assert_eq!(all.len(), 10_000);
        let mut by_device: HashMap<DeviceId, Vec<i64>> = HashMap::new();
        calls.lock().iter().for_each(|(id, at)| by_device.entry(*id).or_default().push(*at));
        // All of them at the given rate, the delay that spreads them, and a second of the tick.
        let slack = (10_000 / RATE as i64 + 1) * SECOND + MINUTE;
        for device in all {
            let called = by_device.remove(&device.id).unwrap_or_default();
            assert!(called.len() >= 3, "{} was called {} times", device.number, called.len());
            let peak: Vec<_> = called.iter().filter(|at| **at % (24 * HOUR) > 7 * HOUR + slack).collect();
            let gaps = peak.windows(2).map(|pair| pair[1] - pair[0]);
            for gap in gaps {
                assert!((15 * MINUTE - slack..=15 * MINUTE + slack).contains(&gap), "{gap} ms");
            }
            let silent = house.clock.now() - called.last().unwrap();
            assert!(silent <= 15 * MINUTE + slack, "{} waits since {silent} ms", device.number);
        }
        assert!(by_device.is_empty());
        house.finish().await;
    }
}

#[tokio::test]
async fn what_came_due_while_no_server_ran_is_spread_and_nobody_is_forgotten() {
    for mut house in houses().await {
        let mut phones = Vec::new();
        for number in 0..30 {
            phones.push(house.enrol(&house.acme, &format!("PHONE{number}")).await.id);
        }
        let other = house.enrol(&house.globex, "PHONE0").await.id;
        schedules::tick(&house).await.unwrap();
        schedules::flush(&house).await.unwrap();
        presence::flush(&house).await.unwrap();
        house.clock.advance(30 * HOUR);
        house.engine = open(house.database(), &house.clock).await;
        schedules::set_rate(&house, 2);
        let calls = listen(&house.engine, |_| false);
        let start = house.clock.now();
        for _ in 0..120 {
            assert!(schedules::tick(&house).await.unwrap() <= 2);
            house.clock.advance(SECOND);
        }
        let by_device: BTreeMap<_, _> = calls.lock().iter().copied().collect();
        for id in phones.iter().chain([&other]) {
            assert!(by_device.contains_key(id), "called after the restart");
        }
        assert_eq!(calls.lock().len(), 31, "once each");
        let in_half_a_minute = by_device.values().filter(|at| **at < start + 30 * SECOND).count();
        assert!((5..=26).contains(&in_half_a_minute), "{in_half_a_minute} in the first half of the minute");
        house.finish().await;
    }
}

#[tokio::test]
async fn contacts_put_calls_off_and_a_clock_that_is_set_back_does_not_silence_anybody() {
    for house in houses().await {
        let phone = house.enrol(&house.acme, "PHONE1").await;
        let twin = house.enrol(&house.globex, "PHONE1").await;
        let calls = listen(&house.engine, |_| false);
        let run = async |minutes: i64, contact: bool| {
            for _ in 0..minutes {
                house.clock.advance(MINUTE);
                if contact {
                    eas::present(&house, &phone);
                }
                schedules::tick(&house).await.unwrap();
            }
            let calls = std::mem::take(&mut *calls.lock());
            let of = |id| calls.iter().filter(|(called, _)| *called == id).count();
            (of(phone.id), of(twin.id))
        };
        // 2026-01-01, 00:00: off-peak, every four hours.
        assert_eq!(run(4 * 60 + 2, true).await, (0, 1));
        assert_eq!(run(2 * 60, true).await, (0, 0));
        house.clock.advance(-48 * HOUR);
        // Tuesday, 06:02 to 10:04: every hour since peak time began.
        assert_eq!(run(4 * 60 + 2, true).await, (0, 3), "both were last heard of in the future");
        house.clock.advance(24 * HOUR);
        assert_eq!(run(2, false).await, (1, 1), "ahead again");
        house.finish().await;
    }
}

/// What another node heard is asked before a device is called, and only one node calls for all.
#[tokio::test]
async fn a_device_that_another_node_heard_of_is_not_called() {
    let Some(store) = testkit::postgres().await else { return };
    let house = House::on(store).await;
    let (phone, quiet) = (house.enrol(&house.acme, "PHONE1").await, house.enrol(&house.acme, "PHONE2").await);
    let second = store::Store::open(house.database().place().options()).await.unwrap();
    let second = open(&second, &house.clock).await;
    schedules::flush(&house).await.unwrap();
    schedules::flush(&second).await.unwrap();
    let leads = Arc::new(Mutex::new(Vec::new()));
    for engine in [&house.engine, &second] {
        let noted = leads.clone();
        schedules::on_due(
            engine,
            Arc::new(move |due| {
                noted.lock().push((due.device.id, due.leads));
                Reach::NotReachable
            }),
        );
        schedules::tick(engine).await.unwrap();
    }
    house.clock.advance(4 * HOUR + 2 * MINUTE);
    eas::present(&second, &phone);
    presence::flush(&second).await.unwrap();
    schedules::tick(&house).await.unwrap();
    schedules::tick(&second).await.unwrap();
    assert_eq!(*leads.lock(), [(quiet.id, true), (quiet.id, false)]);
    house.finish().await;
}
