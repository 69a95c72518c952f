//! Compliance as an administrator sees it: rules, levels, exceptions, grace, and what holds for every input.

mod levels;
mod properties;
mod server_facts;

use std::collections::{BTreeMap, BTreeSet};

use catalog::{
    Claims, ClientKind, CommandKind, FactValue, Facts, KnownFact, Millis, Params, Platform, RULES, RuleId,
    Source, TARGETS, Target, Value, fact, recognize,
};
use proptest::prelude::*;
use uuid::Uuid;

use super::*;
use crate::model::{
    AccessConfig, AppliedPolicy, Block, Channel, ChannelId, ChannelKind, Closed, Device, DeviceId,
    DeviceState, EasState, Exception, ExceptionKind, GroupId, Level, OrganizationId, REMEDIATIONS,
    Remediation, Restrictions, RuleConfig, UserId, Verdict,
};

const MINUTE: Millis = 60_000;
const HOUR: Millis = 60 * MINUTE;
const NOW: Millis = 1_000 * HOUR;

fn subject() -> Subject {
    Subject {
        device: DeviceId::from_uuid(Uuid::from_u128(1)),
        user: UserId::from_uuid(Uuid::from_u128(2)),
        groups: vec![group(4), group(3)],
        platform: Platform::Ios,
    }
}

fn group(number: u128) -> GroupId {
    GroupId::from_uuid(Uuid::from_u128(number))
}

fn facts(pairs: &[(&str, FactValue)]) -> Facts {
    let mut facts = Facts::default();
    for (key, value) in pairs {
        let known = KnownFact { value: value.clone(), source: Source::Server, at: 0 };
        facts.set(fact(key).expect("a fact of the catalogue"), known);
    }
    facts
}

fn blocked() -> Facts {
    facts(&[("blocked", FactValue::Bool(true)), ("blocked_since", FactValue::Int(NOW - HOUR))])
}

fn config() -> AccessConfig {
    AccessConfig::new(OrganizationId::from_uuid(Uuid::nil()))
}

fn ticks(rule: RuleId, targets: &[Target]) -> Restrictions {
    Restrictions(BTreeMap::from([(rule, targets.iter().copied().collect())]))
}

fn look(facts: &Facts, config: &AccessConfig, previous: &Verdict, now: Millis) -> Verdict {
    evaluate(&Input { subject: subject(), facts, config, previous }, now)
}

fn first_look(facts: &Facts, config: &AccessConfig) -> Verdict {
    look(facts, config, &Verdict::default(), NOW)
}

fn deciding_level(verdict: &Verdict, target: Target) -> Option<Level> {
    verdict.closed(target).map(|closed| closed.level.clone())
}

#[test]
fn a_device_that_nothing_is_known_of_is_in_order() {
    let verdict = first_look(&Facts::default(), &config());
    assert!(verdict.findings.is_empty());
    assert!(verdict.allows(Target::ActivesyncConnections) && verdict.allows(Target::NetworkAccess));
}

#[test]
fn a_blocked_device_loses_everything_by_default() {
    let verdict = first_look(&blocked(), &config());
    for target in [Target::ActivesyncConnections, Target::NetworkAccess] {
        assert_eq!(deciding_level(&verdict, target), Some(Level::Organization));
    }
    let (reason, remedy) = reason_for(&verdict, Target::NetworkAccess).expect("restricted");
    assert_eq!(reason, "An administrator has blocked the device.");
    assert_eq!(remedy, "Ask your administrator to allow the device again.");
}

#[test]
fn grace_delays_the_restriction_but_not_the_finding() {
    let mut config = config();
    let rule = RuleConfig {
        on: true,
        params: Params::default(),
        unknown_is_violation: false,
        grace_minutes: 90,
        remediation: None,
    };
    config.rules.insert(RuleId::BlockedByHand, rule);
    let verdict = first_look(&blocked(), &config);
    assert_eq!(verdict.findings[0].restricts_at, NOW + 30 * MINUTE);
    assert!(verdict.allows(Target::NetworkAccess));
    assert_eq!(verdict.next_look, Some(NOW + 30 * MINUTE));
    let text = explain(&verdict, Target::NetworkAccess);
    assert_eq!((text.since, text.next_at), (Some(NOW - HOUR), Some(NOW + 30 * MINUTE)));
    assert!(!look(&blocked(), &config, &verdict, NOW + 30 * MINUTE).allows(Target::NetworkAccess));
}

#[test]
fn a_disabled_user_loses_everything_whatever_the_settings_say() {
    let Subject { device, user, .. } = subject();
    let mut config = config();
    let never =
        Exception { kind: ExceptionKind::Never, expires_at: None, note: String::new(), by: String::new() };
    config.exceptions.push((Level::Device(device), never));
    config.levels.push((Level::User(user), ticks(RuleId::UserDisabled, &[])));
    config.levels.push((Level::Organization, ticks(RuleId::UserDisabled, &[])));
    let off = RuleConfig {
        on: false,
        params: Params::default(),
        unknown_is_violation: false,
        grace_minutes: 600,
        remediation: None,
    };
    config.rules.insert(RuleId::UserDisabled, off);
    let verdict = first_look(&facts(&[("user_disabled", FactValue::Bool(true))]), &config);
    for target in [Target::ActivesyncConnections, Target::NetworkAccess] {
        assert_eq!(deciding_level(&verdict, target), Some(Level::Organization), "{target:?}");
    }
    let (reason, remedy) = reason_for(&verdict, Target::NetworkAccess).expect("restricted");
    assert_eq!(reason, "The user of the device is disabled.");
    assert_eq!(remedy, "Ask your administrator to enable your account again.");
    let back = look(&facts(&[("user_disabled", FactValue::Bool(false))]), &config, &verdict, NOW);
    assert!(back.allows(Target::NetworkAccess) && back.findings.is_empty());
}

#[test]
fn unknown_counts_only_where_the_organization_says_so() {
    let rule = |unknown| RuleConfig {
        on: true,
        params: Params(BTreeMap::from([("ios".to_owned(), Value::Text("17".into()))])),
        unknown_is_violation: unknown,
        grace_minutes: 0,
        remediation: None,
    };
    let known = facts(&[("platform", FactValue::Text("ios".into()))]);
    let mut config = config();
    config.rules.insert(RuleId::OsBelowMinimum, rule(false));
    assert!(first_look(&known, &config).findings.is_empty());
    config.rules.insert(RuleId::OsBelowMinimum, rule(true));
    let verdict = first_look(&known, &config);
    assert_eq!(verdict.findings[0].finding.detail, "Not known: OS version.");
    assert_eq!(verdict.findings[0].since, NOW);
}

#[test]
fn a_rule_that_is_off_finds_nothing() {
    let mut config = config();
    let off = RuleConfig {
        on: false,
        params: Params::default(),
        unknown_is_violation: true,
        grace_minutes: 0,
        remediation: None,
    };
    config.rules.insert(RuleId::BlockedByHand, off);
    assert!(first_look(&blocked(), &config).findings.is_empty());
}

#[test]
fn since_is_carried_over_while_the_violation_lasts() {
    let old =
        facts(&[("platform", FactValue::Text("ios".into())), ("os_version", FactValue::Text("16.1".into()))]);
    let params = Params(BTreeMap::from([("ios".to_owned(), Value::Text("17".into()))]));
    let mut config = config();
    let on =
        RuleConfig { on: true, params, unknown_is_violation: false, grace_minutes: 0, remediation: None };
    config.rules.insert(RuleId::OsBelowMinimum, on);
    let first = first_look(&old, &config);
    let second = look(&old, &config, &first, NOW + HOUR);
    assert_eq!(second.findings[0].since, NOW);
    let Some(Closed { since, rules, .. }) = second.closed(Target::NetworkAccess) else { panic!("open") };
    assert_eq!((*since, rules.as_slice()), (NOW, [RuleId::OsBelowMinimum].as_slice()));
    let updated =
        facts(&[("platform", FactValue::Text("ios".into())), ("os_version", FactValue::Text("17.0".into()))]);
    let third = look(&updated, &config, &second, NOW + 2 * HOUR);
    assert!(third.findings.is_empty() && third.allows(Target::NetworkAccess));
}

#[test]
fn the_most_severe_rule_is_named_first() {
    let mut both = blocked();
    for (key, value) in [
        ("policy_state", FactValue::Text("outdated".into())),
        ("policy_since", FactValue::Int(NOW - 100 * HOUR)),
    ] {
        let known = KnownFact { value, source: Source::Server, at: 0 };
        both.set(fact(key).expect("exists"), known);
    }
    let verdict = first_look(&both, &config());
    let Some(Closed { rules, .. }) = verdict.closed(Target::NetworkAccess) else { panic!("open") };
    assert_eq!(rules, &[RuleId::BlockedByHand, RuleId::PolicyOutOfDate]);
    let text = explain(&verdict, Target::NetworkAccess);
    assert!(text.why.ends_with("The setting of the organization restricts it."), "{}", text.why);
    assert!(text.fix.contains("mail app"), "{}", text.fix);
}

#[test]
fn time_alone_changes_a_verdict_exactly_at_next_look() {
    let outdated = facts(&[
        ("policy_state", FactValue::Text("outdated".into())),
        ("policy_since", FactValue::Int(NOW - HOUR)),
    ]);
    let first = first_look(&outdated, &config());
    let due = first.next_look.expect("known");
    assert_eq!(due, NOW + 23 * HOUR);
    assert!(look(&outdated, &config(), &first, due - 1).allows(Target::ActivesyncConnections));
    assert!(!look(&outdated, &config(), &first, due).allows(Target::ActivesyncConnections));
}

#[test]
fn a_ladder_ends_once_for_a_finding() {
    let mut config = config();
    let end = Remediation { command: CommandKind::FullWipe, after_minutes: 120 };
    let old = RuleConfig {
        on: true,
        params: Params(BTreeMap::from([("ios".to_owned(), Value::Text("17".into()))])),
        grace_minutes: 60,
        remediation: Some(end),
        ..RuleConfig::default()
    };
    config.rules.insert(RuleId::OsBelowMinimum, old);
    let of = |liability: &str| {
        facts(&[
            ("platform", FactValue::Text("ios".into())),
            ("os_version", FactValue::Text("16.1".into())),
            ("liability", FactValue::Text(liability.into())),
        ])
    };
    let corporate = of("corporate");
    let first = first_look(&corporate, &config);
    let due = first.remediation().expect("a ladder").1;
    assert_eq!((due.command, due.at), (CommandKind::FullWipe, NOW + 2 * HOUR));
    assert_eq!(first.next_look, Some(NOW + HOUR));
    let (finding, targets) = first.announced().expect("its restriction is known");
    assert_eq!((finding.restricts_at, targets), (NOW + HOUR, finding.closes.carried()));
    let mut second = look(&corporate, &config, &first, NOW + HOUR);
    assert!(second.announced().is_none() && !second.allows(Target::NetworkAccess));
    assert_eq!(second.next_look, Some(NOW + 2 * HOUR));
    second.findings[0].remediation.as_mut().expect("a ladder").ordered_at = Some(NOW + 2 * HOUR);
    let third = look(&corporate, &config, &second, NOW + 3 * HOUR);
    assert!(third.remediation().is_none(), "ordered, and not again while it lasts");
    let back = look(&facts(&[]), &config, &third, NOW + 4 * HOUR);
    assert!(look(&corporate, &config, &back, NOW + 5 * HOUR).remediation().is_some(), "another violation");
    assert_eq!(
        first_look(&of("individual"), &config).remediation().expect("a ladder").1.command,
        CommandKind::AccountWipe
    );
    config.exceptions.push((
        Level::User(subject().user),
        Exception { kind: ExceptionKind::Never, expires_at: None, note: String::new(), by: String::new() },
    ));
    assert!(first_look(&corporate, &config).remediation().is_none(), "never restricted, never wiped");
}
