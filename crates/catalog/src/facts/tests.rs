//! Walks the facts, and the sparse set of known ones.

use std::collections::BTreeSet;

use super::*;

fn known(value: FactValue) -> KnownFact {
    KnownFact { value, source: Source::Activesync, at: 5 }
}

#[test]
fn every_fact_is_complete() {
    let mut keys = BTreeSet::new();
    let mut ise = BTreeSet::new();
    for fact in FACTS {
        assert!(keys.insert(fact.key), "{} twice", fact.key);
        assert!(fact.key.bytes().all(|b| b.is_ascii_lowercase() || b == b'_'), "{}", fact.key);
        assert!(
            !fact.label.is_empty() && fact.help.ends_with('.') && !fact.reported_by.is_empty(),
            "{}",
            fact.key
        );
        assert!(fact.ise.is_none_or(|name| ise.insert(name)), "{}", fact.key);
        assert!(fact.unit.is_empty() || fact.kind == FactType::Int, "{}", fact.key);
    }
    // What Cisco ISE asks for and a fact answers; the rest of its attributes are no facts.
    let expected = [
        "disk_encryption_on",
        "imei",
        "jail_broken",
        "manufacturer",
        "meid",
        "model",
        "os_version",
        "phone_number",
        "pin_lock_on",
        "serial_number",
        "udid",
    ];
    assert_eq!(ise, expected.into_iter().collect());
}

#[test]
fn unknown_is_not_false() {
    let mut facts = Facts::default();
    assert_eq!(facts.bool("jail_broken"), None);
    let id = fact("jail_broken").expect("exists");
    assert!(facts.set(id, known(FactValue::Bool(false))));
    assert_eq!(facts.bool("jail_broken"), Some(false));
    assert!(!facts.set(id, known(FactValue::Bool(false))), "the same value is no change");
    assert!(facts.forget(id) && !facts.forget(id));
}

#[test]
fn facts_are_stored_by_key_and_foreign_keys_are_skipped() {
    let mut facts = Facts::default();
    facts.set(fact("wiped_at").expect("exists"), known(FactValue::Int(7)));
    facts.set(fact("model").expect("exists"), known(FactValue::Text("x".into())));
    let text = serde_json::to_string(&facts).expect("serializes");
    assert_eq!(
        text,
        r#"{"model":{"v":"x","s":"activesync","t":5},"wiped_at":{"v":7,"s":"activesync","t":5}}"#
    );
    let newer = text.replace("wiped_at", "fact_of_a_newer_version");
    let back: Facts = serde_json::from_str(&newer).expect("reads");
    assert_eq!(back.iter().count(), 1);
    assert_eq!(back.text("model"), Some("x"));
}

#[test]
fn values_are_checked_against_the_type_of_the_fact() {
    let entry = |key| fact(key).expect("exists").entry();
    assert!(entry("model").check(&FactValue::Text("x".into())).is_ok());
    assert!(entry("model").check(&FactValue::Text("x".repeat(1025))).is_err());
    assert!(entry("pin_lock_on").check(&FactValue::Text("yes".into())).is_err());
    assert!(entry("last_contact").check(&FactValue::Int(1)).is_ok());
    assert!(entry("os_version").check(&FactValue::Text("17.4".into())).is_ok());
    assert_eq!(entry("pin_lock_on").parse("yes"), Ok(FactValue::Bool(true)));
    assert_eq!(entry("serial_number").parse(" A1 "), Ok(FactValue::Text("A1".into())));
    assert!(entry("pin_lock_on").parse("perhaps").is_err());
}
