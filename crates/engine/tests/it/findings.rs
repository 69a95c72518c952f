//! Findings as events, former verdicts, and settings that nobody can mean.

use catalog::{CommandKind, Params, RuleId, Target, Value};
use domain::model::{LADDER_MINUTES, Level, Remediation, RuleConfig};
use engine::compliance::{self, AccessEdit, verdict_at, verdicts};
use engine::{Error, eas};

use crate::commands::ordered;
use crate::compliance::{level, rule};
use crate::house::{HOUR, MINUTE, houses};

#[tokio::test]
async fn every_finding_begins_and_ends_once_with_its_evidence() {
    for house in houses().await {
        let quiet = rule(RuleId::NoContact, true, &[("hours", 24)], 30);
        let ticks = level(Level::Organization, RuleId::NoContact, &[Target::NetworkAccess]);
        compliance::edit_access(&house, &house.acme.all, vec![quiet, ticks]).await.unwrap();
        let (phone, _) = house.provisioned(&house.acme, "PHONE1").await;
        let (twin, _) = house.provisioned(&house.globex, "PHONE1").await;
        let told = async |event| house.journaled(&house.acme, event, phone.id).await;
        let start = house.clock.now();
        for step in [24 * HOUR, 24 * HOUR + MINUTE, 24 * HOUR + 30 * MINUTE, 25 * HOUR] {
            house.clock.set(start + step);
            compliance::tick(&house).await.unwrap();
            compliance::reevaluate(&house, house.acme.id).await.unwrap();
        }
        for event in ["device.finding_began", "device.restriction_announced", "device.restricted"] {
            assert_eq!(told(event).await, 1, "{event}");
        }
        let rows = house.journal_rows(house.acme.id).await;
        let began = rows.iter().find(|r| r.event == "device.finding_began").unwrap();
        let body = began.body.clone().unwrap();
        assert_eq!((&body["rule"], &body["severity"]), (&"no_contact".into(), &"warning".into()));
        assert_eq!(body["restricts_at"], start + 24 * HOUR + 30 * MINUTE);
        assert_eq!(body["targets"], serde_json::json!(["network_access"]));
        assert_eq!(body["level"]["level"], "organization");
        assert_eq!(body["facts"]["last_contact"]["value"], start, "{body}");
        assert_eq!(told("device.finding_ended").await, 0);
        eas::present(&house, &house.device(phone.id));
        compliance::reevaluate(&house, house.acme.id).await.unwrap();
        for event in ["device.finding_ended", "device.restored"] {
            assert_eq!(told(event).await, 1, "{event}");
        }
        let other = house.journal(house.globex.id).await;
        assert!(!other.iter().any(|(e, _)| e.starts_with("device.finding")), "another organization's");
        assert!(house.device(twin.id).verdict.findings.is_empty());
        house.finish().await;
    }
}

#[tokio::test]
async fn a_moment_of_the_past_is_answered_as_it_was() {
    for house in houses().await {
        let (phone, _) = house.provisioned(&house.acme, "PHONE1").await;
        let (other, _) = house.provisioned(&house.globex, "PHONE1").await;
        let before = house.clock.now();
        house.clock.advance(HOUR);
        ordered(&house, &house.acme.all, phone.id, CommandKind::Block).await;
        let blocked = house.clock.now();
        house.clock.advance(HOUR);
        ordered(&house, &house.acme.all, phone.id, CommandKind::Allow).await;
        let at = async |moment| verdict_at(&house, &house.acme.all, phone.id, moment).await;
        assert!(at(before).await.unwrap().unwrap().record.findings.is_empty());
        let past = at(blocked + MINUTE).await.unwrap().unwrap();
        assert_eq!((past.record.at, past.until), (blocked, Some(blocked + HOUR)));
        let closed = past.record.closed(Target::ActivesyncConnections).unwrap();
        assert_eq!((closed.rules.as_slice(), closed.since), (&[RuleId::BlockedByHand][..], blocked));
        let facts: Vec<_> = past.record.findings[0].evidence.iter().map(|e| e.fact.as_str()).collect();
        assert!(facts.contains(&"blocked"), "{facts:?}");
        assert_eq!(at(blocked + 2 * HOUR).await.unwrap().unwrap().until, None);
        assert!(at(0).await.unwrap().is_none(), "it was not known then");
        let foreign = verdict_at(&house, &house.acme.all, other.id, blocked).await;
        assert_eq!(foreign, Err(Error::NotFound("device")));
        let all = verdicts(&house, &house.acme.all, phone.id, None, 50).await.unwrap();
        assert!(all.len() >= 3 && all.is_sorted_by(|a, b| a.at > b.at), "{all:?}");
        let older = verdicts(&house, &house.acme.all, phone.id, Some(blocked), 50).await.unwrap();
        assert!(older.iter().all(|r| r.at < blocked) && older.len() == all.len() - 2);
        house.finish().await;
    }
}

/// What was kept while the clock was ahead must not hide what is true when that time really comes.
#[tokio::test]
async fn a_clock_that_is_set_back_leaves_no_verdict_in_the_future() {
    for house in houses().await {
        let (phone, _) = house.provisioned(&house.acme, "PHONE1").await;
        let start = house.clock.now();
        house.clock.set(start + 1_000 * HOUR);
        ordered(&house, &house.acme.all, phone.id, CommandKind::Block).await;
        house.clock.set(start + HOUR);
        ordered(&house, &house.acme.all, phone.id, CommandKind::Allow).await;
        let then =
            verdict_at(&house, &house.acme.all, phone.id, start + 2_000 * HOUR).await.unwrap().unwrap();
        assert_eq!(then.record.at, start + HOUR);
        assert!(then.record.findings.is_empty());
        house.finish().await;
    }
}

#[tokio::test]
async fn settings_that_nobody_can_mean_are_refused_beside_their_field() {
    for house in houses().await {
        let version = |id, text: &str| {
            let params = Params([("ios".to_owned(), Value::Text(text.into()))].into());
            let config = Some(RuleConfig { on: true, params, ..RuleConfig::default() });
            AccessEdit::Rule { rule: id, config }
        };
        let (low, high) = (RuleId::OsBelowMinimum, RuleId::OsAboveMaximum);
        let outcome =
            async |edits: Vec<AccessEdit>| match compliance::preview(&house, &house.acme.all, &edits).await {
                Err(Error::Invalid(issues)) => {
                    let saved = compliance::edit_access(&house, &house.acme.all, edits).await;
                    assert_eq!(saved, Err(Error::Invalid(issues.clone())), "the preview says the same");
                    issues[0].field.clone()
                }
                other => format!("{:?}", other.map(|_| ())),
            };
        assert_eq!(outcome(vec![version(low, "18"), version(high, "17.4")]).await, "ios");
        assert_eq!(outcome(vec![version(low, "17.4.2"), version(high, "17.4")]).await, "Ok(())");
        let ladder = |grace_minutes, command, after_minutes| {
            let remediation = Some(Remediation { command, after_minutes });
            let config = RuleConfig { on: true, grace_minutes, remediation, ..RuleConfig::default() };
            vec![AccessEdit::Rule { rule: RuleId::NoContact, config: Some(config) }]
        };
        let wipe = CommandKind::AccountWipe;
        assert_eq!(outcome(ladder(60, wipe, 59)).await, "remediation_hours");
        assert_eq!(outcome(ladder(0, wipe, 0)).await, "remediation_hours");
        assert_eq!(outcome(ladder(0, wipe, LADDER_MINUTES + 1)).await, "remediation_hours");
        assert_eq!(outcome(ladder(LADDER_MINUTES + 1, wipe, 1)).await, "grace_minutes");
        assert_eq!(outcome(ladder(0, CommandKind::Allow, 60)).await, "remediation");
        assert_eq!(outcome(ladder(60, wipe, 60)).await, "Ok(())");
        house.finish().await;
    }
}
