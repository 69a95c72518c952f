//! The order of assignments, compared with a naive telling of it.

use proptest::prelude::*;
use uuid::Uuid;

use super::*;
use crate::model::{OrganizationId, UserId};

fn group(number: u128, priority: i64, suite: Option<u128>) -> Group {
    let settings = GroupSettings {
        suite: suite.map(suite_id),
        schedule: suite.map(schedule_id),
        server: suite.map(server_id),
        liability: None,
    };
    Group {
        organization: OrganizationId::from_uuid(Uuid::nil()),
        id: GroupId::from_uuid(Uuid::from_u128(number)),
        rev: 1,
        name: number.to_string(),
        note: String::new(),
        priority,
        settings,
        directory: None,
        rule: None,
        created_at: 0,
    }
}

fn suite_id(number: u128) -> PolicySuiteId {
    PolicySuiteId::from_uuid(Uuid::from_u128(number))
}

fn schedule_id(number: u128) -> ScheduleId {
    ScheduleId::from_uuid(Uuid::from_u128(number))
}

fn server_id(number: u128) -> ServerId {
    ServerId::from_uuid(Uuid::from_u128(number))
}

fn user(suite: Option<u128>, liability: Option<Liability>) -> User {
    User {
        liability,
        suite: suite.map(suite_id),
        ..User::new(OrganizationId::from_uuid(Uuid::nil()), UserId::from_uuid(Uuid::nil()), "anna".into(), 0)
    }
}

/// The order as an administrator would tell it: everybody who says something, sorted, and the first of them.
fn naive(
    device: Option<u8>,
    user: Option<u8>,
    groups: &[(u128, i64, Option<u8>, Kind)],
    organization: Option<u8>,
) -> Option<(u8, AssignedFrom)> {
    type Place = (u8, i64, i64, u128);
    let mut said: Vec<(Place, u8, AssignedFrom)> = Vec::new();
    said.extend(device.map(|v| ((0, 0, 0, 0), v, AssignedFrom::Device)));
    said.extend(user.map(|v| ((1, 0, 0, 0), v, AssignedFrom::User)));
    for (id, priority, value, kind) in groups {
        let from = AssignedFrom::Group(GroupId::from_uuid(Uuid::from_u128(*id)));
        let (step, above) = match kind {
            Kind::Local => (2, 0),
            Kind::Group => (3, 0),
            // The deeper a folder of this user lies, the nearer it is.
            Kind::Folder(depth) => (4, 100 - i64::from(*depth)),
        };
        said.extend(value.map(|v| ((step, above, *priority, *id), v, from)));
    }
    said.extend(organization.map(|v| ((5, 0, 0, 0), v, AssignedFrom::Organization)));
    said.sort_by_key(|(order, ..)| *order);
    said.first().map(|(_, value, from)| (*value, *from))
}

/// Kinds of groups as the oracle tells them.
#[derive(Debug, Clone, Copy)]
enum Kind {
    Local,
    Group,
    Folder(u32),
}

fn kind() -> impl Strategy<Value = Kind> {
    prop_oneof![Just(Kind::Local), Just(Kind::Group), (0..5_u32).prop_map(Kind::Folder)]
}

fn linked(kind: Kind) -> Option<DirectoryLink> {
    let folder = match kind {
        Kind::Local => return None,
        Kind::Group => None,
        Kind::Folder(depth) => Some(depth),
    };
    let server = crate::Id::from_uuid(Uuid::nil());
    Some(DirectoryLink { server, folder, dn: String::new(), unique: String::new() })
}

fn chosen() -> impl Strategy<Value = Option<u8>> {
    prop_oneof![3 => Just(None), 1 => any::<u8>().prop_map(Some)]
}

proptest! {
    #[test]
    fn the_first_of_the_order_decides_and_is_named(
        device in chosen(),
        user in chosen(),
        organization in chosen(),
        groups in proptest::collection::btree_map(0..50_u128, (0..6_i64, chosen(), kind()), 0..8)
            .prop_map(|map| map.into_iter().map(|(id, (p, v, k))| (id, p, v, k)).collect::<Vec<_>>())
            .prop_shuffle(),
    ) {
        let made: Vec<Group> = groups
            .iter()
            .map(|(id, priority, value, kind)| Group {
                directory: linked(*kind),
                ..group(*id, *priority, value.map(u128::from))
            })
            .collect();
        let of_group = |s: &GroupSettings| s.suite.map(|id| id.uuid().as_u128() as u8);
        let found = effective(device, user, &made, of_group, organization);
        let expected = naive(device, user, &groups, organization);
        prop_assert_eq!(found.map(|a| (a.value, a.from)), expected);
    }
}

#[test]
fn each_setting_has_its_own_chain() {
    let settings = OrganizationSettings {
        default_suite: Some(suite_id(9)),
        default_server: Some(server_id(9)),
        default_schedule: Some(schedule_id(9)),
        default_liability: Liability::Individual,
        ..OrganizationSettings::default()
    };
    let mut groups = [group(1, 2, Some(1)), group(2, 1, None)];
    let by = |n| AssignedFrom::Group(GroupId::from_uuid(Uuid::from_u128(n)));
    // A group that says nothing about a setting leaves it to the next one.
    let suite = effective_suite(None, &user(None, None), &groups, &settings);
    assert_eq!(suite, Some(Assigned { value: suite_id(1), from: by(1) }));
    assert_eq!(
        effective_suite(None, &user(None, None), [], &settings),
        Some(Assigned { value: suite_id(9), from: AssignedFrom::Organization })
    );
    let schedule = |gone: Option<u128>| {
        let exists = |id| gone.map(schedule_id) != Some(id);
        effective_schedule(None, &user(None, None), &groups, &settings, exists)
    };
    assert_eq!(schedule(None), Some(Assigned { value: schedule_id(1), from: by(1) }));
    let default = Assigned { value: schedule_id(9), from: AssignedFrom::Organization };
    assert_eq!(schedule(Some(1)), Some(default), "what is gone was not chosen");
    // The organization's default server is for new users only.
    assert_eq!(effective_server(&user(None, None), []), None);
    let server = effective_server(&user(None, None), &groups);
    assert_eq!(server, Some(Assigned { value: server_id(1), from: by(1) }));
    let liability = |own, groups: &[Group]| effective_liability(None, &user(None, own), groups, &settings);
    let default = Assigned { value: Liability::Individual, from: AssignedFrom::Organization };
    assert_eq!(liability(None, &groups), default);
    groups[1].settings.liability = Some(Liability::Corporate);
    assert_eq!(liability(None, &groups), Assigned { value: Liability::Corporate, from: by(2) });
    let own = Assigned { value: Liability::Individual, from: AssignedFrom::User };
    assert_eq!(liability(Some(Liability::Individual), &groups), own);
}

#[test]
fn an_address_counts_only_at_the_server_that_it_was_learnt_from() {
    let mut anna = user(None, None);
    anna.learnt_url = Some("https://node7/eas".into());
    assert_eq!(anna.learnt_at(server_id(1)), None, "learnt from nobody knows whom");
    // Records of before have no source: theirs is the user's own server.
    anna.server = Some(server_id(1));
    assert_eq!(anna.learnt_at(server_id(1)), Some("https://node7/eas"));
    assert_eq!(anna.learnt_at(server_id(2)), None);
    anna.learnt_from = Some(server_id(2));
    assert_eq!((anna.learnt_at(server_id(1)), anna.learnt_at(server_id(2)).is_some()), (None, true));
}
