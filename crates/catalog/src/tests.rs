//! Walks the tables other than settings and facts, and the links between them.

use std::collections::BTreeSet;

use proptest::prelude::{Strategy, prop_assert, prop_assert_eq, prop_oneof, proptest};

use crate::*;

#[test]
fn every_rule_is_complete() {
    for rule in RULES {
        assert_eq!(RuleId::from_key(rule.id.key()), Some(rule.id));
        assert!(std::ptr::eq(*rule, rule.id.entry()), "{} has the id of another", rule.label);
        assert_eq!(serde_json::to_value(rule.id).expect("serializes"), rule.id.key());
        assert!(
            !rule.label.is_empty() && rule.help.ends_with('.') && rule.remedy.ends_with('.'),
            "{}",
            rule.label
        );
        assert!(rule.number.starts_with('C'), "{}", rule.label);
        assert!(!rule.needs.is_empty() && rule.needs.iter().all(|key| fact(key).is_some()), "{}", rule.label);
        let keys: BTreeSet<_> = rule.fields.iter().map(|f| f.key).collect();
        assert_eq!(keys.len(), rule.fields.len(), "{}", rule.label);
        assert!(!rule.fixed || (rule.default_on && rule.fields.is_empty()), "{}", rule.label);
        for field in rule.fields {
            assert_eq!(field.kind.check(&(field.default)()), Ok(()), "{} {}", rule.label, field.key);
            assert!(!field.label.is_empty() && field.help.ends_with('.'), "{} {}", rule.label, field.key);
        }
    }
    let labels: BTreeSet<_> = RULES.iter().map(|r| r.label).collect();
    assert_eq!(labels.len(), RULES.len());
}

#[test]
fn a_rule_that_knows_nothing_says_so_and_never_accuses() {
    for rule in RULES {
        match rule.check(&Facts::default(), &Params::default(), 0) {
            Check::Unknown { missing } => assert!(rule.needs.contains(&missing), "{}", rule.label),
            Check::Good { .. } => {}
            Check::Broken(finding) => panic!("{}: {finding:?}", rule.label),
        }
    }
}

#[test]
fn findings_name_facts_of_the_catalogue() {
    // Every rule is asked about a device that is wrong in every way.
    let mut worst = Facts::default();
    for (i, entry) in FACTS.iter().enumerate() {
        let value = match entry.kind {
            FactType::Bool => FactValue::Bool(true),
            FactType::Int => FactValue::Int(3),
            FactType::Time => FactValue::Int(1),
            FactType::Text | FactType::Version => FactValue::Text("outdated".into()),
        };
        worst.set(FactId(i as u16), KnownFact { value, source: Source::Server, at: 1 });
    }
    for rule in RULES {
        if let Check::Broken(finding) = rule.check(&worst, &Params::default(), i64::MAX) {
            assert!(finding.detail.ends_with('.') || finding.detail.contains(':'), "{}", finding.detail);
            assert!(finding.evidence.iter().all(|key| fact(key).is_some()), "{}", rule.label);
        }
    }
}

#[test]
fn every_event_is_complete() {
    let mut keys = BTreeSet::new();
    for event in EVENTS {
        assert!(keys.insert(event.key), "{} twice", event.key);
        assert!(event.key.split_once('.').is_some(), "{}", event.key);
        assert!(event.key.bytes().all(|b| b.is_ascii_lowercase() || b"._".contains(&b)), "{}", event.key);
        assert!(!event.label.is_empty() && !event.label.ends_with('.'), "{}", event.key);
        assert!(event_by_key(event.key).is_some());
    }
    assert!(event_by_key("no.such").is_none());
}

#[test]
fn every_command_is_complete() {
    let kinds: BTreeSet<_> = COMMANDS.iter().map(|c| c.kind).collect();
    assert_eq!(kinds.len(), COMMANDS.len());
    for command in COMMANDS {
        assert_eq!(command.kind.entry().label, command.label);
        assert!(!command.label.is_empty() && command.help.ends_with('.'), "{}", command.label);
        assert_eq!(command.danger == Danger::None, command.loses.is_empty(), "{}", command.label);
        if command.danger == Danger::Destructive {
            let info = PERMISSIONS.iter().find(|p| p.permission == command.permission).expect("listed");
            assert!(info.dangerous, "{}", command.label);
        }
    }
}

#[test]
fn every_permission_is_listed_once_and_full_has_them_all() {
    let keys: BTreeSet<_> = PERMISSIONS.iter().map(|p| p.key).collect();
    assert_eq!(keys.len(), PERMISSIONS.len());
    for info in PERMISSIONS {
        assert_eq!(serde_json::to_value(info.permission).expect("serializes"), info.key);
        assert!(!info.label.is_empty() && !info.area.is_empty(), "{}", info.key);
    }
    let role = |key| PREDEFINED_ROLES.iter().find(|r| r.key == key).expect("exists");
    assert_eq!(Powers::of(role("full").permissions), Powers::all());
    for harmless in ["help_desk", "read_only"] {
        let dangerous = |p: &Permission| PERMISSIONS.iter().any(|i| i.permission == *p && i.dangerous);
        assert!(!role(harmless).permissions.iter().any(dangerous), "{harmless}");
    }
}

#[test]
fn platforms_clients_and_targets_are_listed_once_by_their_stored_name() {
    for info in PLATFORMS {
        assert_eq!(serde_json::to_value(info.platform).expect("serializes"), info.key);
        assert_eq!(Platform::from_key(info.key), Some(info.platform));
    }
    for info in CLIENTS {
        assert_eq!(serde_json::to_value(info.client).expect("serializes"), info.key);
        assert_eq!(ClientKind::from_key(info.key), Some(info.client));
    }
    for info in TARGETS {
        assert_eq!(serde_json::to_value(info.target).expect("serializes"), info.key);
        assert_eq!(Target::from_key(info.key), Some(info.target));
        assert!(!info.short.is_empty() && info.label.len() >= info.short.len(), "{}", info.key);
        assert!(info.help.ends_with('.'), "{}", info.key);
    }
    let targets: BTreeSet<_> = TARGETS.iter().map(|t| t.target).collect();
    assert_eq!(targets.len(), TARGETS.len());
}

#[test]
fn the_minimum_versions_are_named_after_the_platforms() {
    for field in RuleId::OsBelowMinimum.entry().fields {
        assert!(Platform::from_key(field.key).is_some(), "{}", field.key);
    }
}

#[test]
fn form_texts_are_read_and_refused_in_words() {
    let minutes = Kind::Int { min: 1, max: 60, unit: "minutes", optional: true };
    assert_eq!(minutes.parse(" 5 "), Ok(Value::Int(5)));
    assert_eq!(minutes.parse(""), Ok(Value::Unset));
    let refused = "Enter a whole number from 1 to 60 minutes, or leave it empty for no limit.";
    for bad in ["0", "61", "five", "5.5"] {
        assert_eq!(minutes.parse(bad), Err(FieldError(refused.into())), "{bad}");
    }
    let list = Kind::List { max_items: 2, max_len: 3, item: "name" };
    assert_eq!(list.parse("a\n\n b \n"), Ok(Value::List(vec!["a".into(), "b".into()])));
    assert!(list.parse("a\nb\nc").is_err() && list.parse("abcd").is_err());
    let choice = Kind::Choice(&[(0, "off"), (2, "on")]);
    assert_eq!(choice.parse("1"), Err(FieldError("Choose one of: 0 (off), 2 (on).".into())));
    assert_eq!(choice.words(&Value::Int(2)), "on");
    assert_eq!(Kind::Version.parse("17.4"), Ok(Value::Text("17.4".into())));
    assert!(Kind::Version.parse("iOS 17").is_err());
}

/// Texts near the real ones, so that the parsers get past their first look.
fn odd_text() -> impl Strategy<Value = String> {
    prop_oneof![
        ".{0,40}",
        "(Apple-)?(iPhone|iPad|MSFT-WP|RIM-|Android)[0-9C,é]{0,8}/?[0-9.A-Zé]{0,12}",
        "(iOS|Android|Windows) ?[0-9.é]{0,14} ?[0-9A-Zé]{0,8}",
    ]
}

proptest! {
    #[test]
    fn nothing_that_a_device_says_of_itself_is_too_odd(
        device_type in odd_text(), user_agent in odd_text(), os in odd_text(), model in odd_text()
    ) {
        let claims = Claims { device_type: &device_type, user_agent: &user_agent, os: Some(&os), model: Some(&model) };
        let got = recognize(&claims);
        prop_assert!(!got.label.is_empty());
        if let Some(version) = got.os_version {
            prop_assert_eq!(compare_versions(&version, &version), Some(std::cmp::Ordering::Equal));
        }
    }

    #[test]
    fn versions_are_ordered_the_same_from_both_sides(a in "[0-9]{1,3}(\\.[0-9]{1,3}){0,4}", b in "[0-9]{1,3}(\\.[0-9]{1,3}){0,4}") {
        let (there, back) = (compare_versions(&a, &b), compare_versions(&b, &a));
        prop_assert_eq!(there.map(std::cmp::Ordering::reverse), back);
    }
}
