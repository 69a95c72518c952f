//! Which suite a device has, and whether it runs it.

use std::sync::Arc;

use domain::model::{Device, PolicySuite, User};
use domain::policy::{AssignedFrom, PolicyState, PolicyStatus, effective_suite, policy_status};

use crate::OrgIndex;

/// The suite in force and where it comes from.
pub fn suite_of(org: &OrgIndex, user: &User, device: &Device) -> (Option<Arc<PolicySuite>>, AssignedFrom) {
    match effective_suite(Some(device), user, &org.organization.settings) {
        Some(assigned) => (org.suite(assigned.value).cloned(), assigned.from),
        None => (None, AssignedFrom::Organization),
    }
}

/// State of the device's policy now, for the protocol version it last spoke; `None` without an ActiveSync channel.
pub fn status_of(org: &OrgIndex, device: &Device) -> Option<PolicyStatus> {
    let eas = &device.eas()?.eas;
    let wanted = super::document_for(org, device, &eas.version);
    Some(policy_status(eas, &wanted.digest))
}

/// The same in one word; a device without a channel has none.
pub fn state_of(org: &OrgIndex, device: &Device) -> PolicyState {
    status_of(org, device).map_or(PolicyState::Missing, |s| s.state)
}
