//! What a change is, in words: in one line for lists and headings, and line by line with what was before.

mod access;
mod fields;
mod lines;

use domain::model::{DeviceId, GovernorSettings, GroupId, PolicySuiteId, ScheduleId, UserId};

use super::Edit;
use crate::OrgIndex;

/// One thing that a change makes different.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Line {
    /// What it is about.
    pub label: String,
    /// What holds now; empty where that says nothing.
    pub before: String,
    /// What would hold.
    pub after: String,
}

impl Line {
    fn new(label: impl Into<String>, before: impl Into<String>, after: impl Into<String>) -> Self {
        Self { label: label.into(), before: before.into(), after: after.into() }
    }
    /// Where nothing was before, or it does not matter.
    fn only(label: impl Into<String>, after: impl Into<String>) -> Self {
        Self::new(label, String::new(), after)
    }
}

impl Edit {
    /// What would be done, in one line.
    pub(crate) fn words(&self, org: &OrgIndex) -> String {
        let suite = |id: &PolicySuiteId| org.suite(*id).map_or_else(String::new, |s| s.name.clone());
        let group = |id: &GroupId| org.group(*id).map_or_else(String::new, |g| g.name.clone());
        let user = |id: &UserId| org.user(*id).map_or_else(String::new, |u| u.display_name.clone());
        let schedule = |id: &ScheduleId| org.schedule(*id).map_or_else(String::new, |s| s.name.clone());
        let device = |id: &DeviceId| org.devices.get(*id).map_or_else(String::new, |d| d.name.clone());
        match self {
            Self::Limits(new) => limit_words(new, org),
            Self::Access(_) => "Change access restrictions".into(),
            Self::Publish { suite: id, back_to: None, .. } => format!("Publish the suite “{}”", suite(id)),
            Self::Publish { suite: id, back_to: Some(revision), .. } => {
                format!("Go back to revision {revision} of the suite “{}”", suite(id))
            }
            Self::DefaultSuite(id) => format!("Make “{}” the default suite", suite(id)),
            Self::ReplaceSuite { suite: id, replacement } => {
                format!("Delete the suite “{}”, replaced by “{}”", suite(id), suite(replacement))
            }
            Self::Group { group: id, .. } => format!("Edit the group “{}”", group(id)),
            Self::Members { group: id, moves } => {
                let join = moves.iter().filter(|(_, is_in)| *is_in).count();
                format!("Group “{}”: {join} join, {} leave", group(id), moves.len() - join)
            }
            Self::GroupRule { group: id, .. } => format!("Change the rule of the group “{}”", group(id)),
            Self::GroupsOf { user: id, .. } => format!("Change the groups of {}", user(id)),
            Self::MoveGroup { group: id, place } => {
                format!("Move the group “{}” to place {place}", group(id))
            }
            Self::RemoveGroup(id) => format!("Remove the group “{}”", group(id)),
            Self::User { user: id, .. } => format!("Edit the user {}", user(id)),
            Self::ImportUsers { name, .. } => format!("Import users from {name}"),
            Self::ChangeUsers { users, .. } => format!("Change {} users", users.len()),
            Self::RemoveUser { user: id, .. } => format!("Remove the user {}", user(id)),
            Self::Device { device: id, .. } => format!("Edit the device {}", device(id)),
            Self::Gone { directory, disable, remove } => {
                let name = org.directory(*directory).map_or("", |server| server.name.as_str());
                format!(
                    "{} users are gone from the directory “{name}”, or disabled in it",
                    disable.len() + remove.len()
                )
            }
            Self::Assign { devices, .. } => format!("Assign to {} devices and their users", devices.len()),
            Self::Order { kind, devices, .. } => match devices.as_slice() {
                [one] => format!("{}: {}", kind.entry().label, device(one)),
                many => format!("{}: {} devices", kind.entry().label, many.len()),
            },
            Self::RemoveDevice(id) => format!("Remove the record of {}", device(id)),
            Self::Terms(terms) => format!("Publish version {} of the terms of use", terms.version),
            Self::Settings(_) => "Change the settings of the organization".into(),
            Self::Server { server, .. } => {
                let name = org.server(*server).map_or("", |server| server.name.as_str());
                format!("Change the mail server “{name}”")
            }
            Self::Granted(edit) if edit.enabled == Some(false) => "Disable the organization".into(),
            Self::Granted(_) => "Change the domains and host names of the organization".into(),
            Self::Schedule { schedule: id, .. } => format!("Change the schedule “{}”", schedule(id)),
            Self::DefaultSchedule(id) => format!("Make “{}” the default schedule", schedule(id)),
            Self::ReplaceSchedule { schedule: id, replacement } => {
                format!("Delete the schedule “{}”, replaced by “{}”", schedule(id), schedule(replacement))
            }
        }
    }
}

fn limit_words(new: &GovernorSettings, org: &OrgIndex) -> String {
    let wanted = new.limit.unwrap_or_else(|| domain::command::default_limit(org.devices.len()));
    let relays = new.always_relay && !org.organization.settings.governor.always_relay;
    let relay = if relays { "; relay every wipe of the mail server" } else { "" };
    format!("Raise the limit from {} to {wanted}{relay}", crate::governor::limit(org))
}
