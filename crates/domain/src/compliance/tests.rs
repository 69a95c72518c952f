//! Compliance as an administrator sees it: rules, levels, exceptions, grace, and what holds for every input.

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
fn the_more_specific_level_decides_as_a_whole() {
    let rule = RuleId::BlockedByHand;
    let Subject { device, user, platform, .. } = subject();
    let both = [Target::ActivesyncConnections, Target::NetworkAccess];
    let levels = [
        (Level::Organization, ticks(rule, &both)),
        (Level::Platform(platform), ticks(rule, &[])),
        // Of two groups the one of the smaller priority number decides, whatever its id.
        (Level::Group(group(3)), ticks(rule, &[Target::ActivesyncConnections])),
        (Level::Group(group(4)), ticks(rule, &both)),
        (Level::User(user), ticks(rule, &[Target::NetworkAccess])),
        (Level::Device(device), ticks(rule, &[Target::ActivesyncConnections])),
    ];
    let (mail, network) = ([Target::ActivesyncConnections], [Target::NetworkAccess]);
    let expected: [&[Target]; 6] = [&both, &[], &mail, &both, &network, &mail];
    let mut config = config();
    for ((level, restrictions), expected) in levels.into_iter().zip(expected) {
        config.levels.push((level.clone(), restrictions));
        let verdict = first_look(&blocked(), &config);
        for target in both {
            let decided = expected.contains(&target).then(|| level.clone());
            assert_eq!(deciding_level(&verdict, target), decided, "{level:?} {target:?}");
        }
    }
}

#[test]
fn a_level_that_is_silent_about_a_rule_inherits() {
    let mut config = config();
    config.levels.push((Level::Device(subject().device), ticks(RuleId::NoContact, &[])));
    config.levels.push((Level::Platform(Platform::Android), ticks(RuleId::BlockedByHand, &[])));
    let verdict = first_look(&blocked(), &config);
    assert_eq!(deciding_level(&verdict, Target::NetworkAccess), Some(Level::Organization));
}

#[test]
fn never_restrict_holds_until_it_ends() {
    let mut config = config();
    let exception = Exception {
        kind: ExceptionKind::Never,
        expires_at: Some(NOW + HOUR),
        note: String::new(),
        by: String::new(),
    };
    config.exceptions.push((Level::User(subject().user), exception));
    let verdict = first_look(&blocked(), &config);
    assert!(verdict.allows(Target::NetworkAccess) && verdict.findings.len() == 1);
    assert_eq!(verdict.next_look, Some(NOW + HOUR));
    let later = look(&blocked(), &config, &verdict, NOW + HOUR);
    let Some(Closed { since, .. }) = later.closed(Target::NetworkAccess) else { panic!("still open") };
    assert_eq!(*since, NOW, "it was open when last looked at, however old the block is");
}

#[test]
fn the_exception_of_a_group_holds_for_its_members_only() {
    let mut config = config();
    let exception = Exception {
        kind: ExceptionKind::Never,
        expires_at: Some(NOW + HOUR),
        note: String::new(),
        by: String::new(),
    };
    config.exceptions.push((Level::Group(group(3)), exception));
    let verdict = first_look(&blocked(), &config);
    assert!(verdict.allows(Target::NetworkAccess));
    assert_eq!(verdict.next_look, Some(NOW + HOUR));
    let stranger = Subject { groups: vec![group(4)], ..subject() };
    let input =
        Input { subject: stranger, facts: &blocked(), config: &config, previous: &Verdict::default() };
    let verdict = evaluate(&input, NOW);
    assert_eq!(deciding_level(&verdict, Target::NetworkAccess), Some(Level::Organization));
    assert_eq!(verdict.next_look, None);
}

#[test]
fn the_exception_of_the_device_beats_that_of_the_user() {
    let Subject { device, user, .. } = subject();
    let exception = |kind| Exception { kind, expires_at: None, note: String::new(), by: String::new() };
    let mut config = config();
    config.exceptions.push((Level::User(user), exception(ExceptionKind::Never)));
    config.exceptions.push((Level::Device(device), exception(ExceptionKind::Custom)));
    config.levels.push((Level::Device(device), ticks(RuleId::BlockedByHand, &[Target::NetworkAccess])));
    let verdict = first_look(&blocked(), &config);
    assert_eq!(deciding_level(&verdict, Target::NetworkAccess), Some(Level::Device(device)));
    assert!(verdict.allows(Target::ActivesyncConnections));
}

#[test]
fn extra_ticks_come_on_top_and_end_with_their_exception() {
    let Subject { device, user, .. } = subject();
    let extra = |expires_at| Exception {
        kind: ExceptionKind::Extra,
        expires_at,
        note: String::new(),
        by: String::new(),
    };
    let mut config = config();
    config.levels.push((Level::Organization, ticks(RuleId::BlockedByHand, &[Target::ActivesyncConnections])));
    config.levels.push((Level::Device(device), ticks(RuleId::BlockedByHand, &[Target::NetworkAccess])));
    config.exceptions.push((Level::Device(device), extra(Some(NOW + HOUR))));
    let verdict = first_look(&blocked(), &config);
    assert!(!verdict.allows(Target::ActivesyncConnections) && !verdict.allows(Target::NetworkAccess));
    assert_eq!(deciding_level(&verdict, Target::NetworkAccess), Some(Level::Device(device)));
    let later = look(&blocked(), &config, &verdict, NOW + HOUR);
    assert!(!later.allows(Target::ActivesyncConnections) && later.allows(Target::NetworkAccess));
    // On top of an exception of the user, too; and where nothing is added, the level above has decided.
    let never =
        Exception { kind: ExceptionKind::Never, expires_at: None, note: String::new(), by: String::new() };
    config.exceptions.push((Level::User(user), never));
    let verdict = first_look(&blocked(), &config);
    assert!(verdict.allows(Target::ActivesyncConnections) && !verdict.allows(Target::NetworkAccess));
    config.exceptions.pop();
    config.levels.pop();
    config
        .levels
        .push((Level::Device(device), ticks(RuleId::BlockedByHand, &[Target::ActivesyncConnections])));
    let verdict = first_look(&blocked(), &config);
    assert_eq!(deciding_level(&verdict, Target::ActivesyncConnections), Some(Level::Organization));
}

#[test]
fn a_custom_matrix_ends_with_its_exception() {
    let device = Level::Device(subject().device);
    let mut config = config();
    config.levels.push((device.clone(), ticks(RuleId::BlockedByHand, &[])));
    config.exceptions.push((
        device,
        Exception {
            kind: ExceptionKind::Custom,
            expires_at: Some(NOW),
            note: String::new(),
            by: String::new(),
        },
    ));
    assert!(look(&blocked(), &config, &Verdict::default(), NOW - 1).allows(Target::NetworkAccess));
    assert!(!first_look(&blocked(), &config).allows(Target::NetworkAccess));
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

fn device(eas: EasState) -> Device {
    Device {
        organization: OrganizationId::from_uuid(Uuid::nil()),
        id: subject().device,
        rev: 1,
        guid: Uuid::nil(),
        number: 1,
        user: subject().user,
        name: "phone".into(),
        liability: None,
        platform: Platform::Ios,
        client: ClientKind::IosMail,
        state: DeviceState::Enrolled,
        state_since: 0,
        block: None,
        suite: None,
        schedule: None,
        macs: vec![],
        facts: Facts::default(),
        verdict: Verdict::default(),
        aliases: vec![],
        channels: vec![Channel {
            id: ChannelId::from_uuid(Uuid::nil()),
            kind: ChannelKind::Activesync,
            external_id: "A1".into(),
            eas,
        }],
        created_at: NOW - 10 * HOUR,
        enrolled_at: Some(NOW - 9 * HOUR),
        last_contact_at: Some(NOW - 5 * HOUR),
    }
}

#[test]
fn the_time_to_fetch_a_policy_runs_from_when_it_became_due() {
    let applied =
        AppliedPolicy { key: 1, digest: "old".into(), suite: None, status: 1, at: NOW - 900 * HOUR };
    let mut device = device(EasState { applied: Some(applied), ..EasState::default() });
    let wanted = |digest| Observed { wanted_digest: digest, ..Observed::default() };
    assert!(refresh_server_facts(&mut device, &wanted("old"), NOW - HOUR));
    assert_eq!(device.facts.text("policy_state"), Some("current"));
    assert!(refresh_server_facts(&mut device, &wanted("new"), NOW));
    assert_eq!(
        (device.facts.text("policy_state"), device.facts.int("policy_since")),
        (Some("outdated"), Some(NOW))
    );
    assert!(!refresh_server_facts(&mut device, &wanted("new"), NOW + HOUR), "nothing new, nothing to store");
    assert_eq!(device.facts.int("policy_since"), Some(NOW));
    let verdict = look(&device.facts, &config(), &Verdict::default(), NOW + 24 * HOUR);
    assert_eq!(verdict.findings[0].rule, RuleId::PolicyOutOfDate);
}

#[test]
fn a_refusal_is_status_3_until_another_document_is_wanted() {
    let mut device = device(EasState {
        refused_at: Some(NOW - HOUR),
        refused_digest: Some("new".into()),
        ..EasState::default()
    });
    refresh_server_facts(&mut device, &Observed { wanted_digest: "new", ..Observed::default() }, NOW);
    assert_eq!(device.facts.int("policy_ack_status"), Some(3));
    let verdict = look(&device.facts, &config(), &Verdict::default(), NOW);
    assert_eq!((verdict.findings[0].rule, verdict.findings[0].since), (RuleId::PolicyRefused, NOW - HOUR));
    refresh_server_facts(&mut device, &Observed { wanted_digest: "milder", ..Observed::default() }, NOW);
    assert_eq!(device.facts.int("policy_ack_status"), None);
    assert_eq!(device.facts.text("policy_state"), Some("missing"));
}

#[test]
fn what_the_server_knows_becomes_facts_and_is_forgotten_with_its_cause() {
    let mut device = device(EasState { version: "14.1".into(), ..EasState::default() });
    device.block = Some(Block { since: 7, reason: "lost".into(), by: "anna".into() });
    let observed = Observed {
        last_contact: Some(NOW - MINUTE),
        auth_failures: 4,
        auth_failing_since: Some(NOW - HOUR),
        ..Observed::default()
    };
    refresh_server_facts(&mut device, &observed, NOW);
    assert_eq!(device.facts.int("last_contact"), Some(NOW - MINUTE));
    assert_eq!(device.facts.int("auth_failures"), Some(4));
    assert_eq!(device.facts.text("blocked_reason"), Some("lost"));
    assert_eq!(device.facts.text("activesync_version"), Some("14.1"));
    device.block = None;
    refresh_server_facts(&mut device, &Observed::default(), NOW);
    assert_eq!(device.facts.bool("blocked"), Some(false));
    assert_eq!(device.facts.text("blocked_reason"), None);
    assert_eq!(device.facts.int("auth_failing_since"), None);
    assert_eq!(device.facts.int("last_contact"), Some(NOW - 5 * HOUR));
}

#[test]
fn what_was_entered_by_hand_is_not_overwritten_by_what_is_recognized() {
    let mut device = device(EasState::default());
    let model = fact("model").expect("exists");
    let entered = FactValue::Text("Anna's phone".into());
    device.facts.set(model, KnownFact { value: entered, source: Source::Administrator, at: 0 });
    let claims = Claims {
        device_type: "SAMSUNGSMS911B",
        user_agent: "Android-SAMSUNG-SM-S911B/101.14",
        ..Claims::default()
    };
    assert!(report_recognized(&mut device, &recognize(&claims), NOW));
    assert_eq!((device.platform, device.client), (Platform::Android, ClientKind::SamsungMail));
    assert_eq!(device.facts.text("model"), Some("Anna's phone"));
    assert_eq!(device.facts.text("manufacturer"), Some("Samsung"));
    assert!(!report_recognized(&mut device, &recognize(&claims), NOW + 1));
}

fn any_value(key: &'static str) -> BoxedStrategy<FactValue> {
    use catalog::FactType as T;
    match fact(key).expect("exists").entry().kind {
        T::Bool => any::<bool>().prop_map(FactValue::Bool).boxed(),
        T::Int => any::<i64>().prop_map(FactValue::Int).boxed(),
        T::Time => {
            prop_oneof![NOW - 400 * HOUR..NOW + 400 * HOUR, any::<i64>()].prop_map(FactValue::Int).boxed()
        }
        T::Text | T::Version => prop_oneof![
            Just("ios".to_owned()),
            Just("outdated".to_owned()),
            Just("missing".to_owned()),
            Just("17.4".to_owned()),
            ".{0,12}"
        ]
        .prop_map(FactValue::Text)
        .boxed(),
    }
}

fn any_facts() -> impl Strategy<Value = Facts> {
    let keys: BTreeSet<&'static str> = RULES.iter().flat_map(|r| r.needs.iter().copied()).collect();
    let each: Vec<_> = keys
        .iter()
        .map(|key| {
            let key = *key;
            prop::option::of(any_value(key)).prop_map(move |v| v.map(|v| (key, v)))
        })
        .collect();
    each.prop_map(|pairs| facts(&pairs.into_iter().flatten().collect::<Vec<_>>()))
}

fn any_config() -> impl Strategy<Value = AccessConfig> {
    let end = prop::option::of((prop::sample::select(&REMEDIATIONS[..]), 0..20_000_u32));
    let end = end.prop_map(|end| end.map(|(command, after_minutes)| Remediation { command, after_minutes }));
    let rule = (any::<bool>(), any::<bool>(), prop_oneof![Just(0), 0..10_000_u32, Just(u32::MAX)], end);
    let rules = prop::collection::vec(rule, RULES.len());
    let kind =
        prop_oneof![Just(ExceptionKind::Never), Just(ExceptionKind::Extra), Just(ExceptionKind::Custom)];
    let exception = prop::option::of((kind, prop::option::of(NOW - HOUR..NOW + HOUR)));
    (rules, exception).prop_map(|(rules, exception)| {
        let mut config = config();
        for (rule, (on, unknown_is_violation, grace_minutes, remediation)) in RULES.iter().zip(rules) {
            let params = Params(BTreeMap::from([("ios".to_owned(), Value::Text("17.5".into()))]));
            config
                .rules
                .insert(rule.id, RuleConfig { on, params, unknown_is_violation, grace_minutes, remediation });
        }
        if let Some((kind, expires_at)) = exception {
            config.exceptions.push((
                Level::Device(subject().device),
                Exception { kind, expires_at, note: String::new(), by: String::new() },
            ));
        }
        config
    })
}

proptest! {
    #[test]
    fn evaluation_is_total_and_deterministic(facts in any_facts(), config in any_config(), now in any::<i64>()) {
        let verdict = look(&facts, &config, &Verdict::default(), now);
        prop_assert_eq!(&verdict, &look(&facts, &config, &Verdict::default(), now));
        prop_assert_eq!(verdict.at, now);
        prop_assert!(verdict.next_look.is_none_or(|at| at > now));
        prop_assert!(verdict.findings.iter().all(|f| f.since <= now));
        for target in [Target::ActivesyncConnections, Target::NetworkAccess] {
            if let Some(Closed { rules, since, .. }) = verdict.closed(target) {
                prop_assert!(!rules.is_empty() && *since <= now);
                prop_assert!(reason_for(&verdict, target).is_some_and(|(why, fix)| !why.is_empty() && !fix.is_empty()));
            }
            prop_assert!(!explain(&verdict, target).why.is_empty());
        }
    }

    #[test]
    fn looking_twice_changes_nothing(facts in any_facts(), config in any_config()) {
        let first = look(&facts, &config, &Verdict::default(), NOW);
        prop_assert_eq!(&look(&facts, &config, &first, NOW), &first);
    }

    #[test]
    fn nothing_changes_before_next_look(facts in any_facts(), config in any_config(), step in 1..200 * HOUR) {
        let first = look(&facts, &config, &Verdict::default(), NOW);
        let until = first.next_look.unwrap_or(i64::MAX);
        let then = (NOW + step).min(until.saturating_sub(1));
        let second = look(&facts, &config, &first, then);
        prop_assert_eq!(&second.closed, &first.closed);
        prop_assert_eq!(
            second.findings.iter().map(|f| f.rule).collect::<Vec<_>>(),
            first.findings.iter().map(|f| f.rule).collect::<Vec<_>>()
        );
        prop_assert_eq!(second.next_look, first.next_look);
    }
    #[test]
    fn what_is_closed_is_closed_by_findings_in_force_and_by_all_of_them(facts in any_facts(), config in any_config()) {
        let verdict = look(&facts, &config, &Verdict::default(), NOW);
        for info in TARGETS {
            let closing: Vec<_> = verdict.findings.iter()
                .filter(|f| f.restricts_at <= NOW && f.closes.contains(info.target)).map(|f| f.rule).collect();
            let closed = verdict.closed(info.target).map(|c| c.rules.clone()).unwrap_or_default();
            prop_assert_eq!(closed, closing, "{}", info.key);
        }
        if let Some((finding, targets)) = verdict.announced() {
            prop_assert!(finding.restricts_at > NOW && targets.iter().all(|t| verdict.allows(t)));
        }
    }

    #[test]
    fn a_full_wipe_is_for_devices_of_the_company_alone(facts in any_facts(), config in any_config()) {
        let ours = facts.text("liability") == Some("corporate");
        for finding in look(&facts, &config, &Verdict::default(), NOW).findings {
            let Some(due) = finding.remediation else { continue };
            prop_assert!(ours || due.command != CommandKind::FullWipe);
            prop_assert!(!finding.closes.is_empty(), "what only reports never ends in a command");
        }
    }
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
