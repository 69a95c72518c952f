//! Time against an oracle: a clock that jumps forward and back, daylight saving, restarts and two nodes that take turns.
//! After each look the stored verdict, and the commands of the ladder, are those that the time by itself gives.

use catalog::{CommandKind, FactValue, RuleId, Target, Value};
use domain::model::{DeviceId, Exception, ExceptionKind, Level, Remediation, RuleConfig};
use domain::schedule::{Day, PeakRange, TimeOfDay};
use engine::compliance::{self, AccessEdit};
use engine::{devices, eas};
use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::compliance::level;
use crate::house::{HOUR, House, MINUTE, houses, open};
use crate::schedules::{change_default, interval};

const GRACE: i64 = 90 * MINUTE;
const LADDER: i64 = 30 * HOUR;
/// Check-ins that may be missed.
const MISSED: i64 = 3;
const BERLIN: &str = "Europe/Berlin";

struct Dice(u64);

impl Dice {
    fn below(&mut self, n: u64) -> i64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % n) as i64
    }
}

/// When so many check-ins are missed: a walk minute by minute, by the wall clock of Berlin.
fn missed_at(last: i64) -> i64 {
    let zone = TimeZone::get(BERLIN).unwrap();
    let (mut before, mut missed) = (last, 0);
    for minute in 1.. {
        let at = last + minute * MINUTE;
        let local = zone.to_datetime(Timestamp::from_millisecond(at).unwrap());
        let interval = if (8..18).contains(&local.hour()) { HOUR } else { 4 * HOUR };
        if at - before >= interval {
            (before, missed) = (at, missed + 1);
            if missed == MISSED {
                return at;
            }
        }
    }
    unreachable!()
}

/// What is known of a device, and what follows from it.
#[derive(Debug)]
struct Oracle {
    heard_at: i64,
    identity_ends: i64,
    never_until: i64,
}

impl Oracle {
    fn silent_since(&self) -> i64 {
        missed_at(self.heard_at)
    }
    /// What is closed at a time.
    fn network_is_open(&self, now: i64) -> bool {
        let silent = now >= self.silent_since() + GRACE;
        let expired = now >= self.identity_ends + GRACE;
        now < self.never_until || !(silent || expired)
    }
    /// Whether the ladder of silence has come to its end.
    fn is_wiped(&self, now: i64) -> bool {
        now >= self.never_until && now >= self.silent_since() + LADDER
    }
}

fn on(rule: RuleId, params: &[(&str, i64)], remediation: Option<Remediation>) -> AccessEdit {
    let params = params.iter().map(|(key, n)| ((*key).to_owned(), Value::Int(*n))).collect();
    let config = RuleConfig {
        on: true,
        params: catalog::Params(params),
        grace_minutes: (GRACE / MINUTE) as u32,
        remediation,
        ..RuleConfig::default()
    };
    AccessEdit::Rule { rule, config: Some(config) }
}

async fn rules(house: &House) {
    for tenant in [&house.acme, &house.globex] {
        house.settings(tenant, |settings| settings.time_zone = BERLIN.into()).await;
        let end =
            Remediation { command: CommandKind::ForgetPartnership, after_minutes: (LADDER / MINUTE) as u32 };
        let network = [Target::NetworkAccess];
        // The ladder's end takes the policy away, which is another matter.
        let off = Some(RuleConfig::default());
        let edits = vec![
            AccessEdit::Rule { rule: RuleId::PolicyOutOfDate, config: off },
            on(RuleId::NoContact, &[("check_ins", MISSED), ("hours", 8_000)], Some(end)),
            on(RuleId::CertificateExpiring, &[("days", 0)], None),
            level(Level::Organization, RuleId::NoContact, &network),
            level(Level::Organization, RuleId::CertificateExpiring, &network),
        ];
        compliance::edit_access(house, &tenant.all, edits).await.unwrap();
    }
    change_default(house, &house.acme, |half| {
        let (from, until) = (TimeOfDay::new(8 * 60).unwrap(), TimeOfDay::new(18 * 60).unwrap());
        half.peak = Day::ALL.map(|day| PeakRange { day, from, until }).to_vec();
        (half.peak_interval, half.off_peak_interval) = (interval("1h"), interval("4h"));
    })
    .await;
}

async fn orders(house: &House, device: DeviceId) -> usize {
    let all = house
        .database()
        .read(house.acme.id, async move |tx| store::repo::commands::of_device(tx, device, 500).await)
        .await
        .unwrap();
    all.len()
}

/// One thing that happens; what the oracle must know of it is told to it.
async fn happens(house: &mut House, dice: &mut Dice, device: DeviceId, oracle: &mut Oracle) {
    let now = house.clock.now();
    match dice.below(12) {
        0..5 => house.clock.advance((1 + dice.below(300)) * MINUTE),
        5 => house.clock.advance(dice.below(72) * HOUR),
        6 | 7 => house.clock.advance(-dice.below(40 * 60) * MINUTE),
        8 => {
            // A contact that is stored, so that a restart knows of it.
            eas::present(house, &house.device(device));
            let note = Some(FactValue::Text(format!("heard at {now}")));
            devices::enter_fact(house, &house.acme.all, device, "notes", note).await.unwrap();
            oracle.heard_at = oracle.heard_at.max(now);
        }
        9 => {
            oracle.identity_ends = now + (1 + dice.below(60)) * HOUR;
            let ends = Some(FactValue::Int(oracle.identity_ends));
            devices::enter_fact(house, &house.acme.all, device, "identity_expires_at", ends).await.unwrap();
        }
        10 => {
            oracle.never_until = now + dice.below(20) * HOUR;
            let never = Exception {
                kind: ExceptionKind::Never,
                expires_at: Some(oracle.never_until),
                note: String::new(),
                by: String::new(),
            };
            let edit = AccessEdit::Exception { level: Level::Device(device), exception: Some(never) };
            compliance::edit_access(house, &house.acme.all, vec![edit]).await.unwrap();
        }
        _ => house.engine = open(house.database(), &house.clock).await,
    }
}

async fn follows_the_clock(house: &mut House, start: &str, seed: u64) {
    house.clock.set(start.parse::<Timestamp>().unwrap().as_millisecond());
    rules(house).await;
    let (phone, _) = house.provisioned(&house.acme, "PHONE1").await;
    let (twin, _) = house.provisioned(&house.globex, "PHONE1").await;
    let mut oracle = Oracle { heard_at: house.clock.now(), identity_ends: i64::MAX / 2, never_until: 0 };
    let (mut dice, mut ordered, mut wiped) = (Dice(seed), 0, false);
    let (mut opened, mut closed) = (0, 0);
    for step in 0..300 {
        happens(house, &mut dice, phone.id, &mut oracle).await;
        // Now and then another node is the one that looks.
        if dice.below(4) == 0 {
            let other = open(house.database(), &house.clock).await;
            compliance::tick(&other).await.unwrap();
        }
        compliance::tick(house).await.unwrap();
        let now = house.clock.now();
        let verdict = house.device(phone.id).verdict.clone();
        let is_open = verdict.allows(Target::NetworkAccess);
        let what = format!("seed {seed}, step {step}, at {now}: {oracle:?}, {verdict:#?}");
        assert_eq!(is_open, oracle.network_is_open(now), "{what}");
        *(if is_open { &mut opened } else { &mut closed }) += 1;
        if now < oracle.silent_since() {
            wiped = false;
        } else if oracle.is_wiped(now) && !wiped {
            (wiped, ordered) = (true, ordered + 1);
        }
        assert_eq!(orders(house, phone.id).await, ordered, "{what}");
    }
    assert!(opened > 20 && closed > 20 && ordered > 0, "{opened} open, {closed} closed, {ordered} orders");
    assert_eq!(house.journaled(&house.globex, "device.restricted", phone.id).await, 0);
    assert!(house.device(twin.id).verdict.finding(RuleId::CertificateExpiring).is_none());
}

/// The clocks of Berlin go forward on 29 March and back on 25 October.
#[tokio::test]
async fn verdicts_and_ladders_follow_the_clock_wherever_it_goes() {
    for (start, seed) in [("2026-03-27T17:00:00Z", 29), ("2026-10-23T06:00:00Z", 1_025)] {
        for mut house in houses().await {
            follows_the_clock(&mut house, start, seed).await;
            house.finish().await;
        }
    }
}
