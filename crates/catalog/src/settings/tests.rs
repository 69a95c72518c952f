//! Walks the settings: what must hold of every entry, present and future.

use std::cmp::Ordering;
use std::collections::BTreeSet;

use super::*;
use crate::Liability;

/// A few legal values of a kind, its bounds among them.
fn samples(kind: &Kind) -> Vec<Value> {
    match kind {
        Kind::Bool => vec![Value::Bool(false), Value::Bool(true)],
        Kind::Int { min, max, optional, .. } => {
            let mut values = vec![Value::Int(*min), Value::Int(*max)];
            values.extend(optional.then_some(Value::Unset));
            values
        }
        Kind::Choice(options) => options.iter().map(|(n, _)| Value::Int(*n)).collect(),
        Kind::List { .. } => vec![Value::List(vec![]), Value::List(vec!["a".into(), "b".into()])],
        Kind::Text { .. } | Kind::Version => vec![Value::Text("1".into())],
    }
}

#[test]
fn every_setting_is_complete() {
    let mut keys = BTreeSet::new();
    for s in all() {
        assert!(keys.insert(s.key), "{} twice", s.key);
        assert!(
            s.key.split_once('.').is_some_and(|(area, name)| !area.is_empty() && !name.is_empty()),
            "{}",
            s.key
        );
        assert!(s.key.bytes().all(|b| b.is_ascii_lowercase() || b == b'.' || b == b'_'), "{}", s.key);
        assert!(!s.label.is_empty() && !s.label.ends_with('.'), "{}", s.key);
        assert!(s.help.ends_with('.') && s.help.len() > 20, "{}", s.key);
        assert!(s.eas.is_some(), "{} goes nowhere", s.key);
        if let Some(on) = s.depends_on {
            assert_eq!(setting(on).map(|d| d.kind), Some(Kind::Bool), "{} depends on {on}", s.key);
        }
        let platforms: BTreeSet<_> = s.honoured.iter().map(|(p, _)| *p).collect();
        assert_eq!(platforms.len(), s.honoured.len(), "{}", s.key);
    }
}

#[test]
fn each_element_of_the_schema_has_exactly_one_setting() {
    assert_eq!(EAS_SCHEMA.len(), 42);
    let mapped: Vec<_> = all().filter_map(|s| s.eas.map(|e| e.name)).collect();
    assert_eq!(mapped.len(), 42);
    for name in EAS_SCHEMA {
        assert_eq!(mapped.iter().filter(|m| m == &name).count(), 1, "{name}");
    }
    assert_eq!(in_schema_order().count(), 42);
}

#[test]
fn the_elements_that_12_0_knows() {
    let old: BTreeSet<_> = in_schema_order()
        .filter_map(|s| s.eas)
        .filter(|e| e.since == EasMinimum::V12_0)
        .map(|e| e.name)
        .collect();
    let expected = [
        "DevicePasswordEnabled",
        "AlphanumericDevicePasswordRequired",
        "PasswordRecoveryEnabled",
        "AttachmentsEnabled",
        "MinDevicePasswordLength",
        "MaxInactivityTimeDeviceLock",
        "MaxDevicePasswordFailedAttempts",
        "MaxAttachmentSize",
        "AllowSimpleDevicePassword",
        "DevicePasswordExpiration",
        "DevicePasswordHistory",
    ];
    assert_eq!(old, expected.into_iter().collect());
}

#[test]
fn kinds_accept_their_own_defaults_and_templates_and_bounds() {
    for s in all() {
        for value in samples(&s.kind).into_iter().chain([(s.default)()]) {
            assert_eq!(s.kind.check(&value), Ok(()), "{} {value:?}", s.key);
        }
        for value in s.templates.iter().chain(&s.individual_templates).flatten() {
            assert_eq!(s.kind.check(&value()), Ok(()), "{}", s.key);
        }
        if let Kind::Int { min, max, .. } = s.kind {
            assert!(min < max, "{}", s.key);
            for outside in [min - 1, max + 1] {
                assert!(s.kind.check(&Value::Int(outside)).is_err(), "{}", s.key);
            }
        }
        if let Stricter::Order(order) = s.stricter {
            let Kind::Choice(options) = s.kind else { panic!("{} orders what is no choice", s.key) };
            let (a, b): (BTreeSet<_>, BTreeSet<_>) =
                (order.iter().collect(), options.iter().map(|(n, _)| n).collect());
            assert_eq!(a, b, "{}", s.key);
        }
    }
}

#[test]
fn every_legal_value_has_a_text_for_the_document() {
    for s in all() {
        let element = s.eas.expect("checked above");
        for value in samples(&s.kind) {
            let text = (element.text)(&value);
            match (&value, s.kind) {
                (Value::List(_), _) => assert_eq!(text, None, "{}", s.key),
                (Value::Bool(b), _) => {
                    assert_eq!(text.as_deref(), Some(if *b { "1" } else { "0" }), "{}", s.key);
                }
                (Value::Int(n), _) => assert_eq!(text, Some(n.to_string()), "{}", s.key),
                (Value::Unset, _) if element.name.contains("Truncation") => {
                    assert_eq!(text.as_deref(), Some("-1"));
                }
                (Value::Unset, _) => assert_eq!(text, None, "{}", s.key),
                other => panic!("{} {other:?}", s.key),
            }
        }
    }
}

#[test]
fn templates_grow_stricter_and_individual_ones_are_milder() {
    for s in all() {
        let value = |t, l| template(t, l).get(s);
        for liability in Liability::ALL {
            for pair in Template::ALL.windows(2) {
                let order = s.stricter.compare(&value(pair[1], liability), &value(pair[0], liability));
                // The one wilful exception: Low and Moderate offer recovery, which only weakens what they require.
                assert!(order != Ordering::Less || s.key == "password.recovery", "{} {pair:?}", s.key);
            }
        }
        for level in Template::ALL {
            let (corporate, individual) =
                (value(level, Liability::Corporate), value(level, Liability::Individual));
            let order = s.stricter.compare(&corporate, &individual);
            assert!(order != Ordering::Less || s.key == "password.recovery", "{} {level:?}", s.key);
        }
    }
}

#[test]
fn the_template_none_is_what_a_device_does_without_policy() {
    for s in all() {
        assert_eq!(template(Template::None, Liability::Corporate).get(s), (s.default)(), "{}", s.key);
    }
}

#[test]
fn values_are_stored_as_plain_json() {
    let strict = template(Template::Strict, Liability::Corporate);
    let text = serde_json::to_string(&strict).expect("serializes");
    assert!(text.contains(r#""password.min_length":8"#), "{text}");
    assert_eq!(serde_json::from_str::<Values>(&text).expect("reads back"), strict);
    let back: Values =
        serde_json::from_str(r#"{"password.idle_lock":null,"apps.approved":["x"]}"#).expect("reads");
    assert_eq!(back.0["password.idle_lock"], Value::Unset);
    assert_eq!(back.0["apps.approved"].as_list(), ["x".to_owned()]);
}
