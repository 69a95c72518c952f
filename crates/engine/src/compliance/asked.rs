//! What waits for the background job: verdicts that a change of something else may have made untrue.
//!
//! Noted when a change is applied, not when the one who made it goes on: he may go away between the two.

use std::collections::HashSet;

use domain::Change;
use domain::model::{GroupId, OrganizationId, UserId};

/// Organizations, groups and users whose devices are to be looked at.
#[derive(Default)]
pub struct Asked {
    organizations: HashSet<OrganizationId>,
    groups: HashSet<(OrganizationId, GroupId)>,
    users: HashSet<(OrganizationId, UserId)>,
}

impl Asked {
    /// All devices of an organization.
    pub(crate) fn organization(&mut self, id: OrganizationId) {
        self.organizations.insert(id);
    }
    /// The devices of a group's members.
    pub(crate) fn group(&mut self, organization: OrganizationId, id: GroupId) {
        self.groups.insert((organization, id));
    }
    /// The devices of a user.
    pub(crate) fn user(&mut self, organization: OrganizationId, id: UserId) {
        self.users.insert((organization, id));
    }
    /// Whatever devices a change concerns besides its own.
    pub(crate) fn note(&mut self, organization: OrganizationId, change: &Change) {
        match change {
            Change::Organization(_)
            | Change::Suite(_)
            | Change::SuiteRemoved(_)
            | Change::Schedule(_)
            | Change::ScheduleRemoved(_)
            | Change::Access(_) => {
                self.organization(organization);
            }
            Change::Group(group) => self.group(organization, group.id),
            Change::User(user) => self.user(organization, user.id),
            _ => {}
        }
    }
    /// Hands everything out.
    pub(crate) fn take(&mut self) -> Asked {
        std::mem::take(self)
    }
    pub(crate) fn organizations(&self) -> impl Iterator<Item = OrganizationId> {
        self.organizations.iter().copied()
    }
    /// Groups of organizations that are not looked at as a whole.
    pub(crate) fn groups(&self) -> impl Iterator<Item = (OrganizationId, GroupId)> {
        self.groups.iter().copied().filter(|(organization, _)| !self.organizations.contains(organization))
    }
    /// Users of organizations that are not looked at as a whole.
    pub(crate) fn users(&self) -> impl Iterator<Item = (OrganizationId, UserId)> {
        self.users.iter().copied().filter(|(organization, _)| !self.organizations.contains(organization))
    }
}
