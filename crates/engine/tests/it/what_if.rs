//! What-if for suites and groups: the answer is what then happens. (Edits of rules are in `preview`.)

use std::collections::BTreeSet;

use catalog::{RuleId, Target, TargetSet, Value};
use domain::model::{GroupSettings, Level};
use engine::approvals::Edit;
use engine::assignment::Choices;
use engine::compliance::{self, AccessEdit, WhatIf, what_if};
use engine::devices::{self, Assign};
use engine::schedules::{self, ScheduleInput};
use engine::{Error, groups, policy};

use crate::compliance::{level, rule};
use crate::groups::{group, join};
use crate::house::{HOUR, House, houses};
use crate::schedules::{change_default, default_of, interval};

/// Devices with what they lose or regain at once.
fn at_once(answer: &WhatIf) -> BTreeSet<(domain::model::DeviceId, TargetSet, TargetSet)> {
    let turned = answer.outcomes.iter().filter(|o| !o.loses.is_empty() || !o.regains.is_empty());
    turned.map(|o| (o.device, o.loses, o.regains)).collect()
}

fn closed(house: &House) -> Vec<(domain::model::DeviceId, TargetSet)> {
    let org = house.directory().organization(house.acme.id).unwrap();
    let org = org.read();
    org.devices.iter().map(|d| (d.id, d.verdict.closed_targets().carried())).collect()
}

fn user(house: &House, choices: Choices) -> Edit {
    compliance::choices_of_user(house, &house.acme.all, house.acme.anna.id, choices).unwrap()
}

fn settings(house: &House, group: domain::model::GroupId, with: &GroupSettings) -> Edit {
    let all = &house.acme.all;
    compliance::settings_of_group(house, all, group, |settings| settings.clone_from(with)).unwrap()
}

/// Asks, does it, and compares; answers how many devices turned.
async fn proves(house: &House, proposal: Edit, act: impl AsyncFnOnce()) -> usize {
    let before = closed(house);
    let said = what_if(house, &house.acme.all, &proposal).await.unwrap();
    assert_eq!(closed(house), before, "asking changes nothing");
    act().await;
    compliance::tick(house).await.unwrap();
    let mut happened = BTreeSet::new();
    let after: std::collections::BTreeMap<_, _> = closed(house).into_iter().collect();
    for (device, was) in before {
        let is = after[&device];
        if is != was {
            happened.insert((device, is.minus(was), was.minus(is)));
        }
    }
    assert_eq!(at_once(&said), happened, "{proposal:?}");
    happened.len()
}

#[tokio::test]
async fn suites_and_groups_do_what_was_said() {
    for house in houses().await {
        house.without_a_limit().await;
        let acme = &house.acme;
        for n in 0..3 {
            house.provisioned(acme, &format!("PHONE{n}")).await;
        }
        house.provisioned(&house.globex, "PHONE0").await;
        // Out of date at once, so that a publication is felt.
        let strict = rule(RuleId::PolicyOutOfDate, true, &[("grace_hours", 0)], 0);
        compliance::edit_access(&house, &acme.all, vec![strict]).await.unwrap();
        let suite =
            engine::organizations::current(&house, &acme.all).unwrap().settings.default_suite.unwrap();
        let other = policy::copy(&house, &acme.all, suite, "Other").await.unwrap();
        let unpublished = what_if(&house, &acme.all, &user(&house, Choices::suite(Some(other)))).await;
        assert!(matches!(unpublished, Err(Error::Conflict(_))), "{unpublished:?}");
        let old = policy::get(&house, &acme.all, other).unwrap();
        let mut draft = old.draft.clone();
        draft.corporate.0.insert("device.allow_camera".into(), Value::Bool(false));
        let input = policy::SuiteInput { name: "Other".into(), draft: Some(draft), ..Default::default() };
        policy::edit(&house, &acme.all, other, input).await.unwrap();
        policy::publish(&house, &acme.all, other, "").await.unwrap();
        let sales = group(&house, acme, "Sales", GroupSettings::default()).await;

        let with = GroupSettings { suite: Some(other), ..GroupSettings::default() };
        let quiet = proves(&house, settings(&house, sales, &with), async || {
            let old = groups::get(&house, &acme.all, sales).unwrap();
            let input =
                groups::GroupInput { name: old.name.clone(), note: old.note.clone(), settings: with.clone() };
            groups::edit(&house, &acme.all, sales, input).await.unwrap();
        });
        assert_eq!(quiet.await, 0, "nobody is in it");
        let members = BTreeSet::from([acme.anna.id]);
        let joined = proves(
            &house,
            compliance::members_of_group(&house, &acme.all, sales, &members).unwrap(),
            async || {
                join(&house, acme, sales, &[acme.anna.id]).await;
            },
        );
        assert_eq!(joined.await, 3, "all of hers have another policy to fetch");
        let first =
            group(&house, acme, "First", GroupSettings { suite: Some(suite), ..Default::default() }).await;
        join(&house, acme, first, &[acme.anna.id]).await;
        let moved = proves(&house, Edit::MoveGroup { group: first, place: 1 }, async || {
            groups::move_to(&house, &acme.all, first, 1).await.unwrap();
        });
        assert_eq!(moved.await, 3, "the other suite, which they have, comes first");
        let back = proves(&house, Edit::MoveGroup { group: first, place: 9 }, async || {
            groups::move_to(&house, &acme.all, first, 9).await.unwrap();
        });
        assert_eq!(back.await, 3);
        assert!(what_if(&house, &acme.all, &Edit::MoveGroup { group: first, place: 0 }).await.is_err());
        let removed = proves(&house, Edit::RemoveGroup(sales), async || {
            groups::remove(&house, &acme.all, sales).await.unwrap();
        });
        assert_eq!(removed.await, 3);
        groups::remove(&house, &acme.all, first).await.unwrap();
        let default = proves(&house, Edit::DefaultSuite(other), async || {
            policy::assign_default(&house, &acme.all, other).await.unwrap();
        });
        assert_eq!(default.await, 3);
        let off = AccessEdit::Level { level: Level::Organization, restrictions: None };
        assert_eq!(what_if(&house, &acme.all, &Edit::Access(vec![off])).await.unwrap().outcomes, []);
        house.finish().await;
    }
}

/// A schedule with the interval of every half.
fn every(name: &str, key: &str) -> ScheduleInput {
    let mut input = ScheduleInput { name: name.into(), ..ScheduleInput::default() };
    for half in [&mut input.corporate, &mut input.individual] {
        (half.peak_interval, half.off_peak_interval) = (interval(key), interval(key));
    }
    input
}

#[tokio::test]
async fn schedules_do_what_was_said() {
    for house in houses().await {
        house.without_a_limit().await;
        let acme = &house.acme;
        let mut phones = Vec::new();
        for n in 0..3 {
            phones.push(house.provisioned(acme, &format!("PHONE{n}")).await.0.id);
        }
        house.provisioned(&house.globex, "PHONE0").await;
        let slow = |half: &mut schedules::HalfInput| {
            (half.peak_interval, half.off_peak_interval) = (interval("24h"), interval("24h"));
        };
        let daily = change_default(&house, acme, slow).await;
        let hourly = schedules::create(&house, &acme.all, every("Hourly", "1h")).await.unwrap();
        let missed = rule(RuleId::NoContact, true, &[("check_ins", 3), ("hours", 1_000)], 0);
        let closes = level(Level::Organization, RuleId::NoContact, &[Target::NetworkAccess]);
        compliance::edit_access(&house, &acme.all, vec![missed, closes]).await.unwrap();
        house.clock.set(house.clock.now() + 10 * HOUR);

        let own = Choices::schedule(Some(hourly));
        let one = proves(&house, compliance::choices_of_device(phones[0], own), async || {
            let edit = devices::DeviceEdit { schedule: Some(Some(hourly)), ..Default::default() };
            devices::edit(&house, &acme.all, phones[0], edit).await.unwrap();
        });
        assert_eq!(one.await, 1, "three check-ins were missed by the hour, none by the day");
        let many = Assign { device: own, ..Assign::default() };
        let asked = Edit::Assign { devices: phones.clone(), what: Box::new(many.clone()) };
        let rest = proves(&house, asked, async || {
            devices::assign(&house, &acme.all, &phones, &many).await.unwrap();
        });
        assert_eq!(rest.await, 2, "the first one is overdue already");
        let asked = Edit::Schedule { schedule: hourly, input: Box::new(every("Hourly", "8h")) };
        let edited = proves(&house, asked, async || {
            schedules::edit(&house, &acme.all, hourly, every("Hourly", "8h")).await.unwrap();
        });
        assert_eq!(edited.await, 3, "all in order again");
        schedules::edit(&house, &acme.all, hourly, every("Hourly", "1h")).await.unwrap();
        compliance::tick(&house).await.unwrap();
        let gone =
            proves(&house, Edit::ReplaceSchedule { schedule: hourly, replacement: daily }, async || {
                schedules::remove(&house, &acme.all, hourly, Some(daily)).await.unwrap();
            });
        assert_eq!(gone.await, 3);
        let none = Assign { device: Choices::schedule(None), ..Assign::default() };
        devices::assign(&house, &acme.all, &phones, &none).await.unwrap();
        let hourly = schedules::create(&house, &acme.all, every("Hourly", "1h")).await.unwrap();
        let user = proves(&house, user(&house, Choices::schedule(Some(hourly))), async || {
            let input = engine::users::UserInput {
                schedule: Some(hourly),
                ..crate::house::user("anna", "acme.test")
            };
            engine::users::edit(&house, &acme.all, acme.anna.id, input).await.unwrap();
        });
        assert_eq!(user.await, 3);
        let theirs = default_of(&house, &house.globex);
        for foreign in [
            Edit::DefaultSchedule(theirs),
            Edit::ReplaceSchedule { schedule: theirs, replacement: daily },
            compliance::choices_of_device(phones[0], Choices::schedule(Some(theirs))),
        ] {
            let answer = what_if(&house, &acme.all, &foreign).await;
            assert!(matches!(answer, Err(Error::NotFound(_))), "{answer:?}");
        }
        house.finish().await;
    }
}
