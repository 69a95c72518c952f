//! What a refresh does, told as stories.

use super::*;
use crate::model::OrganizationId;
use uuid::Uuid;

const LINK: u128 = 7;

fn group(number: u128) -> GroupId {
    GroupId::from_uuid(Uuid::from_u128(number))
}

fn server(number: u128) -> DirectoryServerId {
    DirectoryServerId::from_uuid(Uuid::from_u128(number))
}

fn entry(login: &str) -> Entry {
    Entry {
        unique: format!("id-{login}"),
        dn: format!("uid={login},dc=x"),
        login: login.into(),
        email: format!("{login}@acme.test"),
        display_name: login.to_uppercase(),
        first_name: String::new(),
        last_name: login.to_uppercase(),
        phone: String::new(),
        disabled: false,
        groups: vec![group(LINK)],
    }
}

fn by_hand(number: u128, login: &str) -> User {
    let (organization, id) =
        (OrganizationId::from_uuid(Uuid::nil()), UserId::from_uuid(Uuid::from_u128(number)));
    User {
        rev: 1,
        display_name: login.to_uppercase(),
        groups: vec![group(1)],
        ..User::new(organization, id, login.into(), 0)
    }
}

/// Somebody whom an earlier refresh made.
fn imported(number: u128, login: &str) -> User {
    changed(&by_hand(number, login), entry(login), terms(VanishedAction::Disable, &[group(LINK)]))
}

fn terms(vanished: VanishedAction, links: &[GroupId]) -> Terms<'_> {
    Terms { server: server(1), vanished, links, mail_domains: &[] }
}

fn run(users: &[User], entries: Vec<Entry>, vanished: VanishedAction) -> Plan {
    let users: Vec<Arc<User>> = users.iter().cloned().map(Arc::new).collect();
    plan(users.iter(), entries, terms(vanished, &[group(LINK)]))
}

#[test]
fn new_people_are_made_and_a_second_refresh_does_nothing() {
    let first = run(&[], vec![entry("anna"), entry("bert")], VanishedAction::Disable);
    assert_eq!(first.create.len(), 2);
    let users = [imported(1, "anna"), imported(2, "bert")];
    let second = run(&users, vec![entry("bert"), entry("anna")], VanishedAction::Disable);
    assert!(second.is_empty() && second.conflicts.is_empty(), "{second:?}");
    assert_eq!((second.known, second.vanished), (2, 0));
}

#[test]
fn somebody_made_by_hand_is_recognized_by_name_and_keeps_the_own_groups() {
    let plan = run(&[by_hand(1, "Anna")], vec![entry("anna")], VanishedAction::Disable);
    assert_eq!(plan.change.len(), 1);
    assert_eq!(plan.change[0].groups, [group(1), group(LINK)]);
    assert_eq!(plan.change[0].username, "anna");
}

#[test]
fn a_renamed_person_is_the_same_user() {
    let mut renamed = entry("anna.lee");
    renamed.unique = "id-anna".into();
    let plan = run(&[imported(1, "anna")], vec![renamed], VanishedAction::Remove);
    assert!(plan.create.is_empty() && plan.remove.is_empty());
    let new = &plan.change[0];
    assert_eq!((new.id, new.username.as_str()), (UserId::from_uuid(Uuid::from_u128(1)), "anna.lee"));
    assert_eq!(new.credential_epoch, imported(1, "anna").credential_epoch + 1);
}

#[test]
fn another_entry_of_the_same_name_never_takes_over_a_user() {
    let mut other = entry("anna");
    other.unique = "id-stranger".into();
    let plan = run(&[imported(1, "anna")], vec![other], VanishedAction::Keep);
    assert!(plan.create.is_empty());
    assert!(plan.conflicts[0].contains("another entry"), "{:?}", plan.conflicts);
    assert_eq!(plan.change[0].directory.as_ref().map(|d| d.unique.as_str()), Some("id-anna"));
}

#[test]
fn what_cannot_be_a_user_is_told_and_nobody_vanishes_for_it() {
    let mut bad = entry("anna");
    bad.email = "anna@other.test".into();
    let domains = ["acme.test".to_owned()];
    let users = [Arc::new(imported(1, "anna"))];
    let links = [group(LINK)];
    let terms = Terms { mail_domains: &domains, ..terms(VanishedAction::Remove, &links) };
    let slash = Entry { login: "a/b".into(), ..entry("c") };
    let (one, two) = (entry("dora"), Entry { unique: "second".into(), ..entry("Dora") });
    let plan = plan(users.iter(), vec![bad, slash, one, two], terms);
    assert_eq!((plan.conflicts.len(), plan.create.len(), plan.vanished), (3, 1, 0), "{:?}", plan.conflicts);
    assert!(plan.remove.is_empty() && plan.change.is_empty());
}

#[test]
fn who_is_gone_is_kept_disabled_or_removed() {
    let users = [imported(1, "anna"), imported(2, "bert"), imported(3, "carl"), imported(4, "dora")];
    let entries = || vec![entry("bert"), entry("carl"), entry("dora")];
    let keep = run(&users, entries(), VanishedAction::Keep);
    assert_eq!((keep.change[0].state, keep.change[0].groups.clone()), (UserState::Active, vec![group(1)]));
    let disable = run(&users, entries(), VanishedAction::Disable);
    assert_eq!(disable.disable, [users[0].id]);
    // Back again: enabled again. Disabled by hand: left alone.
    let gone = disable.change[0].clone();
    assert_eq!(gone.state, UserState::Disabled);
    let back = run(&[gone], vec![entry("anna")], VanishedAction::Disable);
    assert_eq!(back.change[0].state, UserState::Active);
    let by_hand = User { state: UserState::Disabled, ..imported(1, "anna") };
    assert!(run(&[by_hand], vec![entry("anna")], VanishedAction::Disable).is_empty());
    let remove = run(&users, entries(), VanishedAction::Remove);
    assert_eq!((remove.remove, remove.change.len()), (vec![users[0].id], 0));
    // Who left the links before is nobody's business any more.
    let left = run(&[User { groups: vec![group(1)], ..imported(1, "anna") }], vec![], VanishedAction::Remove);
    assert!(left.is_empty());
}

#[test]
fn disabled_in_the_directory_is_disabled_here() {
    let off = Entry { disabled: true, ..entry("anna") };
    let plan = run(&[imported(1, "anna")], vec![off.clone()], VanishedAction::Remove);
    assert_eq!((plan.disable.len(), plan.remove.len(), plan.vanished), (1, 0, 0));
    let now = plan.change[0].clone();
    assert!(run(std::slice::from_ref(&now), vec![off.clone()], VanishedAction::Remove).is_empty());
    assert_eq!(run(&[now], vec![entry("anna")], VanishedAction::Remove).change[0].state, UserState::Active);
    assert!(run(&[imported(1, "anna")], vec![off], VanishedAction::Keep).is_empty());
}

#[test]
fn an_empty_answer_is_a_mass_disappearance() {
    let many: Vec<User> = (0..100).map(|n| imported(n, &format!("u{n}"))).collect();
    let of = |left: usize| {
        let entries = (0..left).map(|n| entry(&format!("u{n}"))).collect();
        run(&many, entries, VanishedAction::Remove).is_mass_disappearance()
    };
    assert!(of(0) && of(89) && !of(90) && !of(100));
    assert!(run(&many[..2], vec![], VanishedAction::Keep).is_mass_disappearance());
    assert!(!run(&many[..1], vec![], VanishedAction::Keep).is_mass_disappearance());
    assert!(
        !run(&many[..9], (0..4).map(|n| entry(&format!("u{n}"))).collect(), VanishedAction::Keep)
            .is_mass_disappearance()
    );
}

#[test]
fn names_and_phone_follow_the_directory_as_far_as_it_knows_them() {
    let mut anna = imported(1, "anna");
    (anna.first_name, anna.phone) = ("Ann".into(), "+41 1".into());
    let told = Entry { first_name: "Anna".into(), ..entry("anna") };
    let plan = run(&[anna], vec![told], VanishedAction::Disable);
    let new = &plan.change[0];
    assert_eq!(
        (new.first_name.as_str(), new.last_name.as_str(), new.phone.as_str()),
        ("Anna", "ANNA", "+41 1")
    );
}
