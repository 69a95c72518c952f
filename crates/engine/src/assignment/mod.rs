//! What is in force for a user or device, and who chose it, from memory; and choosing it.

mod choices;
mod repoint;

use std::sync::Arc;

use catalog::Liability;
use domain::assignment::{self, Assigned, AssignedFrom};
use domain::model::{ActiveSyncServer, Device, PolicySuite, Schedule, User};

use crate::OrgIndex;

pub use choices::Choices;
pub(crate) use choices::Own;
pub(crate) use repoint::{Holders, make_default, repoint};

/// The suite in force and where it comes from; without a device the one that a new device of the user would get.
pub fn suite_of(
    org: &OrgIndex,
    user: &User,
    device: Option<&Device>,
) -> (Option<Arc<PolicySuite>>, AssignedFrom) {
    let settings = &org.organization.settings;
    match assignment::effective_suite(device, user, org.groups_of(user), settings) {
        Some(assigned) => (org.suite(assigned.value).cloned(), assigned.from),
        None => (None, AssignedFrom::Organization),
    }
}

/// The connection schedule in force and where it comes from; `None` when nobody chose one.
pub fn schedule_of(org: &OrgIndex, user: &User, device: Option<&Device>) -> Option<Assigned<Arc<Schedule>>> {
    let settings = &org.organization.settings;
    let exists = |id| org.schedule(id).is_some();
    let Assigned { value, from } =
        assignment::effective_schedule(device, user, org.groups_of(user), settings, exists)?;
    Some(Assigned { value: Arc::clone(org.schedule(value)?), from })
}

/// The mail server of a user and where it comes from; `None`: our stand-in serves the user.
pub fn server_of(org: &OrgIndex, user: &User) -> Option<Assigned<Arc<ActiveSyncServer>>> {
    let Assigned { value, from } = assignment::effective_server(user, org.groups_of(user))?;
    Some(Assigned { value: Arc::clone(org.server(value)?), from })
}

/// The liability in force; without a device the one that a new device of the user would have.
pub fn liability_of(org: &OrgIndex, user: &User, device: Option<&Device>) -> Assigned<Liability> {
    assignment::effective_liability(device, user, org.groups_of(user), &org.organization.settings)
}
