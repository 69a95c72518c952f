//! What is stored as JSON reads back as it was, and what must not be shown is not.

use std::collections::{BTreeMap, BTreeSet};

use catalog::{Params, Platform, RuleId, Target, Value};
use uuid::Uuid;

use super::*;
use crate::{ChangeKind, Id};

#[test]
fn ids_know_what_they_are_the_id_of() {
    let id = DeviceId::new(1_700_000_000_000, &[7; 10]);
    let text = id.to_string();
    assert!(text.starts_with("dev_018bcfe56800") && text.len() == 36, "{text}");
    assert_eq!(text.parse(), Ok(id));
    assert_eq!(id.uuid().get_version_num(), 7);
    assert!(text.parse::<UserId>().is_err());
    let hyphened = format!("dev_{}", id.uuid());
    for bad in ["", "dev_", "dev_xyz", hyphened.as_str(), &text[4..]] {
        assert!(bad.parse::<DeviceId>().is_err(), "{bad}");
    }
    let later: DeviceId = Id::new(1_700_000_000_001, &[0; 10]);
    assert!(id < later, "ids sort by time");
    assert_eq!(serde_json::from_value::<DeviceId>(serde_json::json!(text)).ok(), Some(id));
}

#[test]
fn access_settings_read_back_as_they_were() {
    let mut config = AccessConfig::new(OrganizationId::from_uuid(Uuid::from_u128(9)));
    let params = Params(BTreeMap::from([("ios".to_owned(), Value::Text("17.4".into()))]));
    config.rules.insert(
        RuleId::OsBelowMinimum,
        RuleConfig { on: true, params, unknown_is_violation: true, grace_minutes: 5, remediation: None },
    );
    let ticks = Restrictions(BTreeMap::from([(RuleId::NoContact, Target::NetworkAccess.into())]));
    for level in [
        Level::Organization,
        Level::Platform(Platform::WindowsPhone),
        Level::User(UserId::from_uuid(Uuid::from_u128(1))),
        Level::Device(DeviceId::from_uuid(Uuid::from_u128(2))),
    ] {
        config.levels.push((level, ticks.clone()));
    }
    let never = Exception {
        kind: ExceptionKind::Never,
        expires_at: Some(5),
        note: "travels".into(),
        by: "anna".into(),
    };
    config.exceptions.push((Level::User(UserId::from_uuid(Uuid::from_u128(1))), never));
    let text = serde_json::to_string(&config).expect("serializes");
    assert!(text.contains(r#""os_below_minimum""#), "{text}");
    assert_eq!(serde_json::from_str::<AccessConfig>(&text).expect("reads back"), config);
}

#[test]
fn channels_of_an_older_release_still_read() {
    let now = serde_json::to_value(EasState::default()).expect("serializes");
    let mut older = now.clone();
    older.as_object_mut().expect("an object").shift_remove("refused_digest");
    assert_ne!(older, now);
    assert_eq!(serde_json::from_value::<EasState>(older).expect("reads"), EasState::default());
    let settings: OrganizationSettings = serde_json::from_str("{}").expect("reads");
    assert_eq!(settings, OrganizationSettings::default());
}

#[test]
fn secrets_do_not_show_in_debug_output() {
    let shown = format!("{:?} {:?}", Sealed(b"topsecret".to_vec()), PasswordHash("topsecret".into()));
    assert!(!shown.contains("topsecret") && !shown.contains("116"), "{shown}");
}

#[test]
fn kinds_of_change_have_names_of_their_own() {
    let names: BTreeSet<_> = [
        ChangeKind::Organization,
        ChangeKind::Administrator,
        ChangeKind::Role,
        ChangeKind::Token,
        ChangeKind::Session,
        ChangeKind::User,
        ChangeKind::Device,
        ChangeKind::Suite,
        ChangeKind::Server,
        ChangeKind::Access,
        ChangeKind::Governor,
        ChangeKind::Group,
        ChangeKind::Command,
    ]
    .into_iter()
    .map(|kind| {
        assert_eq!(ChangeKind::from_name(kind.name()), Some(kind));
        kind.name()
    })
    .collect();
    assert_eq!(names.len(), 13);
    assert_eq!(ChangeKind::from_name("of a newer release"), None);
}
