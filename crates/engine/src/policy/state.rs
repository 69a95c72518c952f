//! Whether a device runs its suite.

use domain::model::Device;
use domain::policy::{PolicyState, PolicyStatus, policy_status};

use crate::OrgIndex;

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
