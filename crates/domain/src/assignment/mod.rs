//! Effective assignment: which suite, server or liability is in force for a device, and who chose it.
//!
//! One order for every setting that has one value: the device's own choice, its user's, that of the user's local
//! groups by priority, of the groups of a directory by priority, of the folders of a directory upwards, the
//! organization's. [`effective`] is that order; the functions beside it say where each setting stands.

#[cfg(test)]
mod tests;

use catalog::Liability;

use crate::model::{
    Device, DirectoryLink, Group, GroupId, GroupSettings, OrganizationSettings, PolicySuiteId, ScheduleId,
    ServerId, User,
};

/// The level that an assignment comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AssignedFrom {
    /// The device itself.
    Device,
    /// The device's user.
    User,
    /// This one of the user's groups.
    Group(GroupId),
    /// The organization's default.
    Organization,
}

impl AssignedFrom {
    /// "the device", "the user", "the group", "the organization's default".
    pub fn words(self) -> &'static str {
        match self {
            Self::Device => "the device",
            Self::User => "the user",
            Self::Group(_) => "the group",
            Self::Organization => "the organization's default",
        }
    }
    /// The group, if one decided.
    pub fn group(self) -> Option<GroupId> {
        match self {
            Self::Group(id) => Some(id),
            _ => None,
        }
    }
}

/// An assignment with its source.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Assigned<T> {
    /// What is assigned.
    pub value: T,
    /// Where that was chosen.
    pub from: AssignedFrom,
}

/// The most specific choice that was made, with its source; `None` when nobody chose.
///
/// `groups` are those of the user, in any order: of those that say something (`of_group`) the first by [`rank`]
/// decides, of two with the same number (two nodes wrote at once) the older. Allocates nothing.
pub fn effective<'g, T>(
    device: Option<T>,
    user: Option<T>,
    groups: impl IntoIterator<Item = &'g Group>,
    of_group: impl Fn(&GroupSettings) -> Option<T>,
    organization: Option<T>,
) -> Option<Assigned<T>> {
    let at = |value: Option<T>, from| value.map(|value| Assigned { value, from });
    let by_group = || {
        groups
            .into_iter()
            .filter_map(|group| Some((rank(group), of_group(&group.settings)?)))
            .min_by_key(|(rank, _)| *rank)
            .map(|((_, _, id), value)| Assigned { value, from: AssignedFrom::Group(id) })
    };
    at(device, AssignedFrom::Device)
        .or_else(|| at(user, AssignedFrom::User))
        .or_else(by_group)
        .or_else(|| at(organization, AssignedFrom::Organization))
}

/// What groups are ordered by, the smallest comes first: local groups, groups of a directory, folders of a directory
/// from the nearest upwards; each by priority.
pub fn rank(group: &Group) -> (GroupOrder, i64, GroupId) {
    (order(group), group.priority, group.id)
}

/// The part of the order that a priority does not change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct GroupOrder(u8, std::cmp::Reverse<u32>);

/// See [`GroupOrder`]: only groups of the same order can change places.
pub fn order(group: &Group) -> GroupOrder {
    let (class, depth) = match &group.directory {
        None => (0, 0),
        Some(DirectoryLink { folder: None, .. }) => (1, 0),
        Some(DirectoryLink { folder: Some(depth), .. }) => (2, *depth),
    };
    GroupOrder(class, std::cmp::Reverse(depth))
}

/// The suite of a device; `None` when nobody assigned one: the device then gets the neutral document.
pub fn effective_suite<'g>(
    device: Option<&Device>,
    user: &User,
    groups: impl IntoIterator<Item = &'g Group>,
    settings: &OrganizationSettings,
) -> Option<Assigned<PolicySuiteId>> {
    effective(device.and_then(|d| d.suite), user.suite, groups, |s| s.suite, settings.default_suite)
}

/// The connection schedule of a device; `None` when nobody chose one. A schedule that does not exist any more was not
/// chosen.
pub fn effective_schedule<'g>(
    device: Option<&Device>,
    user: &User,
    groups: impl IntoIterator<Item = &'g Group>,
    settings: &OrganizationSettings,
    exists: impl Fn(ScheduleId) -> bool,
) -> Option<Assigned<ScheduleId>> {
    let live = |id: Option<ScheduleId>| id.filter(|id| exists(*id));
    let (own, of_user) = (live(device.and_then(|d| d.schedule)), live(user.schedule));
    effective(own, of_user, groups, |s| live(s.schedule), live(settings.default_schedule))
}

/// The ActiveSync server of a user; `None`: our stand-in serves the user. The organization's default server is for
/// users that hands-off enrolment makes, who get it as their own; it does not take users away from the stand-in.
pub fn effective_server<'g>(
    user: &User,
    groups: impl IntoIterator<Item = &'g Group>,
) -> Option<Assigned<ServerId>> {
    effective(None, user.server, groups, |s| s.server, None)
}

/// The liability in force; a device that has no record yet takes its user's.
pub fn effective_liability<'g>(
    device: Option<&Device>,
    user: &User,
    groups: impl IntoIterator<Item = &'g Group>,
    settings: &OrganizationSettings,
) -> Assigned<Liability> {
    let own = device.and_then(|d| d.liability);
    let default = Assigned { value: settings.default_liability, from: AssignedFrom::Organization };
    effective(own, user.liability, groups, |s| s.liability, None).unwrap_or(default)
}
