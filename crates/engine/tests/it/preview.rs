//! What a preview says is what saving does, for many edits drawn at random.

use std::collections::BTreeSet;

use catalog::{Platform, RuleId, TARGETS, Target};
use domain::model::{DeviceId, Exception, ExceptionKind, Level};
use engine::compliance::{self, AccessEdit};
use engine::eas;

use crate::compliance::{level, rule};
use crate::house::{HOUR, House, houses};

/// A small generator (xorshift) with a fixed seed: a failure can be repeated.
struct Dice(u64);

impl Dice {
    fn below(&mut self, n: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % n
    }
    fn pick<T: Copy>(&mut self, all: &[T]) -> T {
        all[self.below(all.len() as u64) as usize]
    }
}

fn any_edit(dice: &mut Dice, house: &House, devices: &[DeviceId]) -> AccessEdit {
    let rules = [RuleId::NoContact, RuleId::AuthFailures, RuleId::BlockedByHand, RuleId::PolicyOutOfDate];
    let chosen = dice.pick(&rules);
    let targets: &[Target] = match dice.below(4) {
        0 => &[],
        1 => &[Target::NetworkAccess],
        2 => &[Target::ActivesyncConnections],
        _ => &[Target::NetworkAccess, Target::ActivesyncConnections],
    };
    let person = Level::User(house.acme.anna.id);
    let levels = [
        Level::Organization,
        Level::Platform(Platform::Ios),
        person.clone(),
        Level::Device(dice.pick(devices)),
    ];
    let at = levels[dice.below(4) as usize].clone();
    match dice.below(6) {
        0 => AccessEdit::Rule { rule: chosen, config: None },
        1 | 2 => {
            let params = match chosen {
                RuleId::NoContact => vec![("hours", 1 + dice.below(40) as i64)],
                RuleId::AuthFailures => vec![("count", 1 + dice.below(6) as i64)],
                RuleId::PolicyOutOfDate => vec![("grace_hours", dice.below(40) as i64)],
                _ => Vec::new(),
            };
            rule(chosen, dice.below(3) > 0, &params, dice.below(90) as u32)
        }
        3 => AccessEdit::Level { level: at, restrictions: None },
        4 => level(at, chosen, targets),
        _ => {
            let kind = match dice.below(3) {
                0 => ExceptionKind::Never,
                1 => ExceptionKind::Extra,
                _ => ExceptionKind::Custom,
            };
            let expires_at =
                (dice.below(2) == 0).then(|| house.clock.now() + dice.below(100) as i64 * HOUR / 10);
            let exception = (dice.below(3) > 0).then(|| Exception {
                kind,
                expires_at,
                note: "by lot".into(),
                by: String::new(),
            });
            let level = if dice.below(2) == 0 { person } else { Level::Device(dice.pick(devices)) };
            AccessEdit::Exception { level, exception }
        }
    }
}

fn access(house: &House, devices: &[DeviceId]) -> BTreeSet<(DeviceId, Target, bool)> {
    let all = devices.iter().flat_map(|id| {
        let device = house.device(*id);
        let stopped = domain::compliance::stopped(&device, &device.verdict, true);
        TARGETS
            .iter()
            .map(move |info| (device.id, info.target, stopped.contains(info.target)))
            .collect::<Vec<_>>()
    });
    all.collect()
}

#[tokio::test]
async fn a_preview_is_what_happens_for_200_edits() {
    for house in houses().await {
        let mut devices = Vec::new();
        for n in 0..5_i64 {
            let id = house.enrol(&house.acme, &format!("P{n}")).await.id;
            if n % 2 == 0 {
                house.provision(id).await;
            }
            for _ in 0..n {
                eas::auth_failed(&house, &house.device(id)).await.unwrap();
            }
            devices.push(id);
        }
        crate::commands::ordered(&house, &house.acme.all, devices[0], catalog::CommandKind::Block).await;
        let mut dice = Dice(0x9E37_79B9_7F4A_7C15);
        let mut changed = 0;
        for round in 0..200 {
            house.clock.advance(dice.below(3 * HOUR as u64) as i64);
            compliance::tick(&house).await.unwrap();
            if dice.below(3) == 0 {
                eas::present(&house, &house.device(dice.pick(&devices)));
                compliance::reevaluate(&house, house.acme.id).await.unwrap();
            }
            let edits: Vec<_> = (0..=dice.below(3)).map(|_| any_edit(&mut dice, &house, &devices)).collect();
            let before = access(&house, &devices);
            let said = compliance::preview(&house, &house.acme.all, &edits).await.unwrap();
            assert_eq!(access(&house, &devices), before, "a preview changes nothing");
            compliance::edit_access(&house, &house.acme.all, edits.clone()).await.unwrap();
            let after = access(&house, &devices);
            let happened: BTreeSet<_> = after.difference(&before).copied().collect();
            assert_eq!(said.iter().copied().collect::<BTreeSet<_>>(), happened, "round {round}: {edits:?}");
            changed += happened.len();
        }
        assert!(changed > 100, "the edits must matter: {changed}");
        house.finish().await;
    }
}
