use std::collections::BTreeMap;

use catalog::{CommandKind, Params, RuleId, Target, Value};
use domain::gate::{Gate, RefusalReason};
use domain::model::{Exception, ExceptionKind, Level, Restrictions, RuleConfig};
use engine::compliance::{self, AccessEdit};
use engine::{Error, eas, presence};

use crate::commands::ordered;
use crate::house::{HOUR, House, Tenant, houses};

pub fn rule(rule: RuleId, on: bool, params: &[(&str, i64)], grace_minutes: u32) -> AccessEdit {
    let params = params.iter().map(|(key, n)| ((*key).to_owned(), Value::Int(*n))).collect();
    let config = RuleConfig {
        on,
        params: Params(params),
        unknown_is_violation: false,
        grace_minutes,
        remediation: None,
    };
    AccessEdit::Rule { rule, config: Some(config) }
}

pub fn level(level: Level, rule: RuleId, targets: &[Target]) -> AccessEdit {
    let ticks = BTreeMap::from([(rule, targets.iter().copied().collect())]);
    AccessEdit::Level { level, restrictions: Some(Restrictions(ticks)) }
}

async fn edit(house: &House, tenant: &Tenant, edits: Vec<AccessEdit>) {
    compliance::edit_access(house, &tenant.all, edits).await.unwrap();
}

#[tokio::test]
async fn an_edit_is_in_force_for_every_device_when_it_returns() {
    for house in houses().await {
        let (phone, key) = house.provisioned(&house.acme, "PHONE1").await;
        let (twin, _) = house.provisioned(&house.globex, "PHONE1").await;
        house.clock.advance(2 * HOUR);
        let quiet = rule(RuleId::NoContact, true, &[("hours", 1)], 0);
        let ticks = level(Level::Organization, RuleId::NoContact, &[Target::NetworkAccess]);
        edit(&house, &house.acme, vec![quiet.clone(), ticks]).await;
        let verdict = house.device(phone.id).verdict.clone();
        assert!(!verdict.allows(Target::NetworkAccess) && verdict.allows(Target::ActivesyncConnections));
        assert!(house.device(twin.id).verdict.allows(Target::NetworkAccess), "another organization's");
        assert_eq!(house.gate(&phone, key), Gate::Serve);
        let both = [Target::NetworkAccess, Target::ActivesyncConnections];
        edit(&house, &house.acme, vec![level(Level::Device(phone.id), RuleId::NoContact, &both)]).await;
        assert!(matches!(house.gate(&phone, key), Gate::Refuse(RefusalReason::Restricted { .. })));
        let exception = Exception {
            kind: ExceptionKind::Never,
            expires_at: Some(house.clock.now() + HOUR),
            note: "On holiday".into(),
            by: String::new(),
        };
        let except =
            AccessEdit::Exception { level: Level::User(house.acme.anna.id), exception: Some(exception) };
        edit(
            &house,
            &house.acme,
            vec![AccessEdit::Level { level: Level::Device(phone.id), restrictions: None }, except],
        )
        .await;
        assert!(house.device(phone.id).verdict.allows(Target::NetworkAccess), "excepted");
        house.clock.advance(HOUR + 1);
        compliance::tick(&house).await.unwrap();
        assert!(!house.device(phone.id).verdict.allows(Target::NetworkAccess), "the exception has ended");
        for (event, subject) in [
            ("device.restricted", phone.id.to_string()),
            ("device.restored", phone.id.to_string()),
            ("restriction.rules_changed", String::new()),
            ("restriction.exception_set", house.acme.anna.id.to_string()),
        ] {
            assert!(house.journaled(&house.acme, event, subject).await > 0, "{event}");
        }
        house.finish().await;
    }
}

#[tokio::test]
async fn wrong_edits_change_nothing() {
    for house in houses().await {
        let phone = house.enrol(&house.globex, "PHONE1").await;
        let long = rule(RuleId::NoContact, true, &[("hours", 99_999)], 0);
        let unknown = rule(RuleId::NoContact, true, &[("days", 1)], 0);
        for bad in [long, unknown] {
            let outcome = compliance::edit_access(&house, &house.acme.all, vec![bad]).await;
            assert!(matches!(outcome, Err(Error::Invalid(_))), "{outcome:?}");
        }
        let foreign = level(Level::Device(phone.id), RuleId::NoContact, &[Target::NetworkAccess]);
        let good = rule(RuleId::NoContact, true, &[("hours", 1)], 0);
        let outcome = compliance::edit_access(&house, &house.acme.all, vec![good, foreign]).await;
        assert_eq!(outcome, Err(Error::NotFound("level")));
        let organization = AccessEdit::Exception { level: Level::Organization, exception: None };
        let outcome = compliance::edit_access(&house, &house.acme.all, vec![organization]).await;
        assert!(matches!(outcome, Err(Error::Invalid(_))), "{outcome:?}");
        assert!(compliance::access(&house, &house.acme.all).unwrap().rules.is_empty());
        house.finish().await;
    }
}

#[tokio::test]
async fn time_alone_changes_a_verdict_when_its_moment_has_come() {
    for house in houses().await {
        let quiet = rule(RuleId::NoContact, true, &[("hours", 24)], 30);
        edit(&house, &house.acme, vec![quiet]).await;
        let (phone, _) = house.provisioned(&house.acme, "PHONE1").await;
        let start = house.clock.now();
        let device = || house.device(phone.id);
        assert_eq!(device().verdict.next_look, Some(start + 24 * HOUR));
        assert_eq!(compliance::tick(&house).await, Ok(0));
        house.clock.set(start + 24 * HOUR - 1);
        assert_eq!(compliance::tick(&house).await, Ok(0));
        house.clock.set(start + 24 * HOUR);
        assert_eq!(compliance::tick(&house).await, Ok(1));
        assert_eq!(device().verdict.findings.len(), 1);
        assert!(device().verdict.allows(Target::NetworkAccess), "half an hour of grace");
        assert_eq!(compliance::tick(&house).await, Ok(0), "not again before something can change");
        house.clock.advance(HOUR / 2);
        assert_eq!(compliance::tick(&house).await, Ok(1));
        assert!(!device().verdict.allows(Target::NetworkAccess));

        // Heard of again: present at once, and its record follows when it is looked at.
        eas::present(&house, &device());
        compliance::reevaluate(&house, house.acme.id).await.unwrap();
        assert!(device().verdict.allows(Target::NetworkAccess));
        assert_eq!(device().verdict.next_look, Some(house.clock.now() + 24 * HOUR));
        house.finish().await;
    }
}

/// A device that is heard of all the time writes nothing; when its moment comes, presence counts.
#[tokio::test]
async fn presence_keeps_a_device_compliant_without_writing_it() {
    for mut house in houses().await {
        edit(&house, &house.acme, vec![rule(RuleId::NoContact, true, &[("hours", 2)], 0)]).await;
        let (phone, _) = house.provisioned(&house.acme, "PHONE1").await;
        let rev = house.device(phone.id).rev;
        for _ in 0..6 {
            house.clock.advance(HOUR / 4);
            eas::present(&house, &house.device(phone.id));
            compliance::tick(&house).await.unwrap();
        }
        assert_eq!(house.device(phone.id).rev, rev);
        let heard = presence::last_contact(&house, &house.device(phone.id));
        presence::flush(&house).await.unwrap();
        house.clock.advance(HOUR);
        // A server that is started anew knows what was flushed.
        house.engine = crate::house::open(house.database(), &house.clock).await;
        assert_eq!(presence::last_contact(&house, &house.device(phone.id)), heard);
        assert_eq!(compliance::tick(&house).await, Ok(1));
        assert!(house.device(phone.id).verdict.allows(Target::NetworkAccess));
        house.clock.advance(HOUR);
        assert_eq!(compliance::tick(&house).await, Ok(1));
        assert!(!house.device(phone.id).verdict.allows(Target::NetworkAccess));
        house.finish().await;
    }
}

#[tokio::test]
async fn a_block_and_failed_sign_ins_count_at_once() {
    for house in houses().await {
        edit(&house, &house.acme, vec![rule(RuleId::AuthFailures, true, &[("count", 2)], 0)]).await;
        let (phone, key) = house.provisioned(&house.acme, "PHONE1").await;
        for _ in 0..3 {
            assert!(house.device(phone.id).verdict.allows(Target::NetworkAccess));
            eas::auth_failed(&house, &house.device(phone.id)).await.unwrap();
        }
        assert!(!house.device(phone.id).verdict.allows(Target::NetworkAccess));
        eas::auth_succeeded(&house, &house.device(phone.id)).await.unwrap();
        assert!(house.device(phone.id).verdict.allows(Target::NetworkAccess));
        ordered(&house, &house.acme.all, phone.id, CommandKind::Block).await;
        assert!(!house.device(phone.id).verdict.allows(Target::NetworkAccess));
        assert!(matches!(house.gate(&phone, key), Gate::Refuse(RefusalReason::Blocked { .. })));
        house.finish().await;
    }
}

#[tokio::test]
async fn failed_sign_ins_count_within_their_window_and_are_forgotten_one_by_one() {
    for house in houses().await {
        let two_in_six = rule(RuleId::AuthFailures, true, &[("count", 2), ("hours", 6)], 0);
        edit(&house, &house.acme, vec![two_in_six]).await;
        edit(&house, &house.globex, vec![rule(RuleId::AuthFailures, true, &[("count", 2)], 0)]).await;
        let phone = house.enrol(&house.acme, "PHONE1").await.id;
        let twin = house.enrol(&house.globex, "PHONE1").await.id;
        let open = |id| house.device(id).verdict.allows(Target::NetworkAccess);
        let fail = async || {
            for id in [phone, twin] {
                eas::auth_failed(&house, &house.device(id)).await.unwrap();
            }
        };
        fail().await;
        house.clock.advance(4 * HOUR);
        fail().await;
        house.clock.advance(3 * HOUR);
        fail().await;
        assert_eq!(house.device(phone).facts.int("recent_failures"), Some(2), "the first is seven hours old");
        assert!(open(phone) && !open(twin), "the other organization looks back for a day");
        house.clock.advance(HOUR);
        fail().await;
        assert!(!open(phone), "three within four hours");
        let verdict = house.device(phone).verdict.clone();
        assert_eq!(verdict.next_look, Some(house.now() + 2 * HOUR), "when the oldest of them is forgotten");
        house.clock.advance(2 * HOUR);
        compliance::tick(&house).await.unwrap();
        assert!(open(phone), "time alone opens it again");
        house.clock.advance(6 * HOUR);
        compliance::tick(&house).await.unwrap();
        assert_eq!(house.device(phone).facts.int("recent_failures"), Some(0));
        assert_eq!(house.device(phone).facts.int("auth_failures"), Some(4), "since the last good one");
        assert!(!open(twin));
        eas::auth_succeeded(&house, &house.device(twin)).await.unwrap();
        assert!(open(twin) && house.device(twin).eas().unwrap().eas.failed_at.is_empty());
        house.finish().await;
    }
}

#[tokio::test]
async fn a_policy_that_is_not_fetched_closes_access_after_its_time() {
    for house in houses().await {
        let suite = engine::organizations::current(&house, &house.acme.all).unwrap().settings.default_suite;
        let (phone, key) = house.provisioned(&house.acme, "PHONE1").await;
        let id = suite.unwrap();
        let old = engine::policy::get(&house, &house.acme.all, id).unwrap();
        let mut draft = old.draft.clone();
        draft.corporate.0.insert("device.allow_camera".into(), Value::Bool(false));
        let input =
            engine::policy::SuiteInput { name: old.name.clone(), draft: Some(draft), ..Default::default() };
        engine::policy::edit(&house, &house.acme.all, id, input).await.unwrap();
        engine::policy::publish(&house, &house.acme.all, id, "").await.unwrap();
        let published = house.clock.now();
        assert_eq!(house.device(phone.id).verdict.next_look, Some(published + 24 * HOUR), "at its answer");
        compliance::tick(&house).await.unwrap();
        house.clock.advance(24 * HOUR);
        assert_eq!(compliance::tick(&house).await, Ok(1));
        assert!(!house.device(phone.id).verdict.allows(Target::NetworkAccess));
        assert!(matches!(house.gate(&phone, key), Gate::NeedProvision(_)), "it can mend itself");
        let key = house.provision(phone.id).await;
        assert!(house.device(phone.id).verdict.allows(Target::NetworkAccess));
        assert_eq!(house.gate(&phone, key), Gate::Serve);
        house.finish().await;
    }
}

/// Whoever changed the settings may be gone before all devices were looked at: the next look finds what is left.
#[tokio::test]
async fn what_an_interrupted_re_evaluation_left_is_done_after_a_restart() {
    for mut house in houses().await {
        let (phone, _) = house.provisioned(&house.acme, "PHONE1").await;
        compliance::tick(&house).await.unwrap();
        house.clock.advance(2 * HOUR);
        // As the edit stores them, and no further.
        let config = match rule(RuleId::NoContact, true, &[("hours", 1)], 0) {
            AccessEdit::Rule { config, .. } => config.unwrap(),
            _ => unreachable!("a rule"),
        };
        let id = house.acme.id;
        house
            .database()
            .write(id, domain::model::Actor::System, async move |tx| {
                let mut access = domain::model::AccessConfig::new(id);
                access.rules.insert(RuleId::NoContact, config.clone());
                store::repo::access::put(tx, &mut access).await
            })
            .await
            .unwrap();
        assert!(house.device(phone.id).verdict.allows(Target::NetworkAccess), "not looked at yet");
        house.engine = crate::house::open(house.database(), &house.clock).await;
        compliance::tick(&house).await.unwrap();
        assert!(!house.device(phone.id).verdict.allows(Target::NetworkAccess));
        let rev = house.device(phone.id).rev;
        compliance::reevaluate(&house, id).await.unwrap();
        assert_eq!(house.device(phone.id).rev, rev, "what is true already is not written");
        house.finish().await;
    }
}

/// Many devices are settled by one write; one of them that cannot be read must not keep the others as they were.
#[tokio::test]
async fn a_device_that_cannot_be_settled_does_not_keep_the_others_from_it() {
    for house in houses().await {
        let (broken, _) = house.provisioned(&house.acme, "PHONE1").await;
        let (whole, _) = house.provisioned(&house.acme, "PHONE2").await;
        let (theirs, _) = house.provisioned(&house.globex, "PHONE3").await;
        let ticks = level(Level::Organization, RuleId::NoContact, &[Target::NetworkAccess]);
        edit(&house, &house.acme, vec![rule(RuleId::NoContact, true, &[("hours", 1)], 0), ticks]).await;
        let (id, one) = (house.acme.id, broken.id);
        house
            .database()
            .write(id, domain::model::Actor::System, async move |tx| {
                let sql =
                    "UPDATE device SET rev = rev + 1, doc = '{}' WHERE organization_id = $1 AND id = $2";
                tx.execute(sql, &[id.into(), one.into()]).await.map(drop)
            })
            .await
            .unwrap();
        house.clock.advance(2 * HOUR);
        compliance::reevaluate(&house, id).await.unwrap_err();
        assert!(house.device(broken.id).verdict.allows(Target::NetworkAccess), "what is stored is not known");
        assert!(!house.device(whole.id).verdict.allows(Target::NetworkAccess));
        assert_eq!(house.journaled(&house.acme, "device.restricted", whole.id).await, 1);
        assert_eq!(house.device(theirs.id).rev, theirs.rev, "another organization's is not touched");
        house.finish().await;
    }
}
