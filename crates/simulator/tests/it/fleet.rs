//! A fleet against the mail server.

use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use simulator::eas::{MODELS, WipeKind};
use simulator::fleet::{Event, Fleet, Mischief, Plan, Snapshot, What};
use simulator::mailserver::{Mail, Script};

use crate::stage::Stage;

fn users(n: usize) -> Vec<(String, String)> {
    (1..=n).map(|i| (format!("u{i}"), format!("pw{i}"))).collect()
}

async fn until(fleet: &Fleet, what: &str, reached: impl Fn(Snapshot) -> bool) {
    for _ in 0..3000 {
        if reached(fleet.stats()) {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("never {what}: {:?}", fleet.stats());
}

#[tokio::test]
async fn phones_provision_park_read_mail_and_are_wiped() {
    let stage = Stage::new().await;
    let phones = Plan::mixed_phones(&users(3), 60, 7);
    let victim = phones[3].clone();
    let events: Arc<Mutex<Vec<Event>>> = Arc::default();
    let sink = Arc::clone(&events);
    let mut plan = Plan::new(&stage.server.url(), None, phones);
    plan.observer = Some(Arc::new(move |e| sink.lock().push(e)));
    let fleet = Fleet::start(plan);
    until(&fleet, "all parked", |s| s.parked == 60).await;
    let stats = fleet.stats();
    assert_eq!((stats.connected, stats.provisioned, stats.refused, stats.failed), (60, 60, 0, 0));
    stage.control.deliver("u2", Mail::new("a@example.test", "to all of u2", ""));
    until(&fleet, "20 changes and parked again", |s| s.changes == 20 && s.parked == 60).await;
    stage.control.order_wipe(&victim.user, &victim.device_id, WipeKind::Device);
    until(&fleet, "one wiped", |s| s.wiped == 1 && s.parked == 59).await;
    assert!(events.lock().iter().any(|e| e.phone == 3 && e.what == What::Wiped(WipeKind::Device)));
    let view = stage.control.device(&victim.user, &victim.device_id).unwrap();
    assert_eq!(view.wipe_acknowledged, Some(1));
    let last = fleet.stop().await;
    assert_eq!((last.parked, last.failed), (0, 0));
}

#[tokio::test]
async fn misbehaving_phones_are_noticed_and_repent() {
    let stage = Stage::with(Script { heartbeat: (1, 3540), ..Script::default() }).await;
    let mut plan = Plan::new(&stage.server.url(), None, Plan::mixed_phones(&users(3), 12, 3));
    plan.heartbeat = 1;
    plan.pause = Duration::from_millis(100);
    plan.mischief = Mischief {
        partial: 30,
        refusing: 20,
        wrong_password: 20,
        old_system: 30,
        roaming: 30,
        repents: 50,
        silence: Duration::from_millis(200),
        silent: 20,
    };
    let fleet = Fleet::start(plan);
    until(&fleet, "trouble", |s| s.refused >= 4 && s.provisioned > 14 && s.pings > 30).await;
    let refusals = stage.control.seen();
    assert!(refusals.iter().any(|s| s.method == "OPTIONS" && s.http == Some(401)), "an old password");
    fleet.stop().await;
}

#[tokio::test]
async fn a_fleet_survives_a_server_that_fails() {
    let stage = Stage::new().await;
    let mut plan = Plan::new(&stage.server.url(), None, Plan::mixed_phones(&users(3), 20, 9));
    plan.pause = Duration::from_millis(20);
    stage.control.script(|s| s.failing = Some((30, simulator::mailserver::Failure::HangUp)));
    let fleet = Fleet::start(plan);
    until(&fleet, "recovered", |s| s.parked == 20 && s.failed > 0).await;
    fleet.stop().await;
}

#[test]
fn a_mixed_fleet_is_repeatable_and_mixed() {
    let phones = Plan::mixed_phones(&users(50), 300, 1);
    let again = Plan::mixed_phones(&users(50), 300, 1);
    assert!(phones.iter().zip(&again).all(|(a, b)| a.device_id == b.device_id));
    let mut makes: Vec<&str> = phones.iter().map(|p| p.model.key).collect();
    makes.sort_unstable();
    makes.dedup();
    assert!(makes.len() >= MODELS.len() - 2, "{makes:?}");
    let mut ids: Vec<&str> = phones.iter().map(|p| p.device_id.as_str()).collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), 300);
    assert!(Plan::mixed_phones(&[], 10, 1).is_empty());
}
