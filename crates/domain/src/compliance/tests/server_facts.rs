//! Facts that the server knows itself.

use super::*;

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
        custom: crate::model::CustomValues::new(),
        site: None,
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
