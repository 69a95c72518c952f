//! Who a rule finds.

use catalog::{ClientKind, Facts, KnownFact, Platform, Source};
use uuid::Uuid;

use super::*;
use crate::model::{CustomColumnId, DeviceId, OrganizationId, Site, UserId, Verdict};

fn user(email: &str) -> User {
    let mut user = User::new(
        OrganizationId::from_uuid(Uuid::nil()),
        UserId::from_uuid(Uuid::from_u128(1)),
        email.split('@').next().unwrap_or_default().to_owned(),
        0,
    );
    email.clone_into(&mut user.email);
    user
}

fn bare_device() -> Device {
    Device {
        organization: OrganizationId::from_uuid(Uuid::nil()),
        id: DeviceId::from_uuid(Uuid::nil()),
        rev: 1,
        guid: Uuid::nil(),
        number: 1,
        user: UserId::from_uuid(Uuid::from_u128(1)),
        name: "phone".into(),
        liability: None,
        platform: Platform::Ios,
        client: ClientKind::IosMail,
        state: DeviceState::Enrolled,
        state_since: 0,
        block: None,
        suite: None,
        schedule: None,
        macs: Vec::new(),
        custom: crate::model::CustomValues::new(),
        site: None,
        facts: Facts::default(),
        verdict: Verdict::default(),
        aliases: Vec::new(),
        channels: Vec::new(),
        created_at: 0,
        enrolled_at: None,
        last_contact_at: None,
    }
}

fn device(facts: &[(&str, FactValue)]) -> Device {
    let mut device = bare_device();
    for (key, value) in facts {
        let known = KnownFact { value: value.clone(), source: Source::Activesync, at: 0 };
        device.facts.set(fact(key).expect("a fact"), known);
    }
    device
}

fn text(value: &str) -> FactValue {
    FactValue::Text(value.to_owned())
}

fn of_user(key: &str, is: Comparison, value: &str) -> MemberCondition {
    MemberCondition { field: MemberField::User(key.into()), is, value: value.into() }
}

fn of_device(key: &str, is: Comparison, value: &str) -> MemberCondition {
    MemberCondition { field: MemberField::Device(key.into()), is, value: value.into() }
}

fn group() -> GroupId {
    GroupId::from_uuid(Uuid::from_u128(7))
}

fn finds(any: bool, conditions: &[MemberCondition], user: &User, devices: &[&Device]) -> bool {
    let query = MemberRule::Query(crate::model::MemberQuery { any, conditions: conditions.to_vec() });
    is_member(&query, group(), user, devices, &[])
}

#[test]
fn text_is_compared_in_any_letter_case() {
    let anna = user("Anna@Acme.example");
    for (is, value, holds) in [
        (Comparison::Is, "anna@acme.EXAMPLE", true),
        (Comparison::Is, "anna", false),
        (Comparison::IsNot, "anna", true),
        (Comparison::Contains, "ACME", true),
        (Comparison::StartsWith, "anna@", true),
        (Comparison::EndsWith, "@acme.example", true),
        (Comparison::EndsWith, "@globex.example", false),
        (Comparison::IsOneOf, "berta@acme.example; ANNA@acme.example", true),
        (Comparison::IsOneOf, "berta@acme.example\ncarl@acme.example", false),
        (Comparison::IsKnown, "", true),
        (Comparison::IsUnknown, "", false),
    ] {
        assert_eq!(finds(false, &[of_user("email", is, value)], &anna, &[]), holds, "{is:?} {value}");
    }
    assert!(finds(false, &[of_user("mail_domain", Comparison::Is, "acme.example")], &anna, &[]));
}

#[test]
fn what_a_person_has_not_differs_and_what_nobody_knows_of_a_device_does_not() {
    let anna = user("anna@acme.example");
    let phone = device(&[]);
    assert!(finds(false, &[of_user("phone", Comparison::IsNot, "+41")], &anna, &[]));
    assert!(finds(false, &[of_user("phone", Comparison::IsUnknown, "")], &anna, &[]));
    assert!(!finds(false, &[of_device("model", Comparison::IsNot, "iPhone15,2")], &anna, &[&phone]));
    assert!(finds(false, &[of_device("model", Comparison::IsUnknown, "")], &anna, &[&phone]));
    assert!(
        !finds(false, &[of_device("model", Comparison::IsUnknown, "")], &anna, &[]),
        "no device, no condition on it"
    );
}

#[test]
fn all_conditions_on_devices_must_hold_of_the_same_device() {
    let anna = user("anna@acme.example");
    let old_phone = device(&[("platform", text("ios")), ("os_version", text("16.7"))]);
    let new_tablet = device(&[("platform", text("android")), ("os_version", text("18"))]);
    let new_phone = device(&[("platform", text("ios")), ("os_version", text("18.0.1"))]);
    let wanted = [
        of_device("platform", Comparison::Is, "ios"),
        of_device("os_version", Comparison::AtLeast, "18"),
        of_user("mail_domain", Comparison::Is, "acme.example"),
    ];
    // The platform is told by the device's record as it is settled; here the fact is set by hand.
    assert!(!finds(false, &wanted, &anna, &[&old_phone, &new_tablet]));
    assert!(finds(false, &wanted, &anna, &[&old_phone, &new_phone]));
    assert!(!finds(false, &wanted, &user("carl@globex.example"), &[&new_phone]));
    assert!(finds(true, &wanted, &user("carl@globex.example"), &[&new_tablet]), "one of them is enough");
    let retired = Device { state: DeviceState::Retired, ..new_phone.clone() };
    assert!(!finds(false, &wanted, &anna, &[&retired]), "what is not managed any more does not count");
}

#[test]
fn no_condition_means_nobody_and_a_condition_on_what_is_gone_holds_for_nobody() {
    let anna = user("anna@acme.example");
    assert!(!finds(false, &[], &anna, &[]));
    assert!(!finds(true, &[], &anna, &[]));
    let gone = MemberField::Column(CustomColumnId::from_uuid(Uuid::from_u128(9)));
    for is in Comparison::ALL {
        let condition = MemberCondition { field: gone.clone(), is: *is, value: "x".into() };
        assert!(!finds(false, &[condition], &anna, &[]), "{is:?}");
    }
}

#[test]
fn columns_are_compared_as_what_they_are() {
    let id = CustomColumnId::from_uuid(Uuid::from_u128(3));
    let column = |kind: CustomKind, default: &str| CustomColumn {
        id,
        name: "Column".into(),
        help: String::new(),
        kind,
        scope: CustomScope::User,
        required: false,
        default: default.into(),
        created_at: 0,
    };
    let mut anna = user("anna@acme.example");
    for (kind, value, is, with, holds) in [
        (CustomKind::Number, "9", Comparison::AtLeast, "10", false),
        (CustomKind::Number, "10.5", Comparison::AtLeast, "10", true),
        (CustomKind::Number, "-3", Comparison::Below, "0", true),
        (CustomKind::Date, "2026-02-01", Comparison::Below, "2026-10-01", true),
        (CustomKind::YesNo, "yes", Comparison::Is, "yes", true),
        (CustomKind::Text, "Sales", Comparison::IsOneOf, "sales; support", true),
        (CustomKind::Text, "", Comparison::Is, "Default", true),
    ] {
        anna.custom.clear();
        if !value.is_empty() {
            anna.custom.insert(id, value.into());
        }
        let condition = MemberCondition { field: MemberField::Column(id), is, value: with.into() };
        let rule = MemberRule::Query(crate::model::MemberQuery { any: false, conditions: vec![condition] });
        let found = is_member(&rule, group(), &anna, &[], &[column(kind, "Default")]);
        assert_eq!(found, holds, "{value} {is:?} {with}");
    }
}

#[test]
fn who_has_a_device_at_a_site_is_in_its_group() {
    let anna = user("anna@acme.example");
    let site = MemberRule::Site(Site { networks: vec!["192.0.2.0/24".parse().expect("a network")] });
    let here = Device { site: Some(group()), ..device(&[]) };
    let elsewhere = Device { site: Some(GroupId::from_uuid(Uuid::from_u128(8))), ..device(&[]) };
    assert!(is_member(&site, group(), &anna, &[&elsewhere, &here], &[]));
    assert!(!is_member(&site, group(), &anna, &[&elsewhere], &[]));
    assert!(!is_member(&site, group(), &anna, &[], &[]));
}

#[test]
fn values_are_read_as_what_they_are_compared_with() {
    let good = [
        (Comparison::AtLeast, " 18.1 ", Compared::Version, "18.1"),
        (Comparison::AtLeast, "007", Compared::Number, "7"),
        (Comparison::Below, "24.12.2026", Compared::Day, "2026-12-24"),
        (Comparison::Is, "TRUE", Compared::YesNo, "yes"),
        (Comparison::IsOneOf, "a;;b\n c ", Compared::Text, "a; b; c"),
        (Comparison::IsKnown, "whatever", Compared::Text, ""),
    ];
    for (is, text, how, read) in good {
        assert_eq!(read_value(is, text, how).as_deref(), Ok(read));
    }
    for (is, text, how) in [
        (Comparison::AtLeast, "eighteen", Compared::Version),
        (Comparison::AtLeast, "many", Compared::Number),
        (Comparison::Below, "31.02.2026", Compared::Day),
        (Comparison::Is, "perhaps", Compared::YesNo),
        (Comparison::Is, "  ", Compared::Text),
    ] {
        assert!(read_value(is, text, how).is_err(), "{text}");
    }
    assert!(read_value(Comparison::Is, &"x".repeat(2_000), Compared::Text).is_err());
}

#[test]
fn what_groups_decide_is_no_condition() {
    let offered: Vec<&str> = device_facts().map(|fact| fact.key).collect();
    for key in ["liability", "policy_state", "blocked", "user_disabled", "last_contact", "enrolled_at"] {
        assert!(!offered.contains(&key), "{key} may follow from groups, or is a time");
        assert_eq!(compared(&MemberField::Device(key.into()), &[]), None);
    }
    for key in ["platform", "model", "os_version", "site", "disk_encryption_on"] {
        assert!(offered.contains(&key), "{key}");
    }
}
