//! What waits for the background job: verdicts that a change of something else may have made untrue.
//!
//! Noted when a change is applied, not when the one who made it goes on: he may go away between the two.

use std::collections::{HashMap, HashSet};

use domain::Change;
use domain::model::{GroupId, OrganizationId, UserId};

/// Organizations, groups and users whose devices are to be looked at.
#[derive(Default)]
pub struct Asked {
    /// With the ticket of the newest wish, so that looking for an older one does not strike it out.
    organizations: HashMap<OrganizationId, u64>,
    tickets: u64,
    groups: HashSet<(OrganizationId, GroupId)>,
    users: HashSet<(OrganizationId, UserId)>,
}

impl Asked {
    /// All devices of an organization.
    pub(crate) fn organization(&mut self, id: OrganizationId) {
        self.tickets += 1;
        self.organizations.insert(id, self.tickets);
    }
    /// The newest wish for all devices of an organization, if they are still to be looked at.
    pub(crate) fn ticket(&self, id: OrganizationId) -> Option<u64> {
        self.organizations.get(&id).copied()
    }
    /// All devices of an organization were looked at after this ticket was read.
    pub(crate) fn done(&mut self, id: OrganizationId, ticket: u64) {
        if self.ticket(id) == Some(ticket) {
            self.organizations.remove(&id);
        }
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
    /// Hands everything out. Organizations stay noted until they are [`done`](Asked::done): somebody else may wait
    /// for the same.
    pub(crate) fn take(&mut self) -> Asked {
        let kept =
            Asked { organizations: self.organizations.clone(), tickets: self.tickets, ..Asked::default() };
        std::mem::replace(self, kept)
    }
    pub(crate) fn organizations(&self) -> impl Iterator<Item = OrganizationId> {
        self.organizations.keys().copied()
    }
    /// Groups of organizations that are not looked at as a whole.
    pub(crate) fn groups(&self) -> impl Iterator<Item = (OrganizationId, GroupId)> {
        self.groups.iter().copied().filter(|(organization, _)| !self.organizations.contains_key(organization))
    }
    /// Users of organizations that are not looked at as a whole.
    pub(crate) fn users(&self) -> impl Iterator<Item = (OrganizationId, UserId)> {
        self.users.iter().copied().filter(|(organization, _)| !self.organizations.contains_key(organization))
    }
}
