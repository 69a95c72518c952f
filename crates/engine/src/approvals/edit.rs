//! Changes that may be held, as data: everything that is needed to make them later, and to say what they would do.

use catalog::CommandKind;
use domain::model::{
    Device, DeviceId, DeviceState, GovernorSettings, Group, GroupId, Organization, OrganizationSettings,
    PolicySuiteId, Schedule, ScheduleId, ServerId, SuiteValues, User, UserId, UserImportId, UserState,
};
use serde::{Deserialize, Serialize};

use crate::assignment::{Choices, Own};
use crate::compliance::{AccessEdit, Imagined, with_published};
use crate::devices::{Assign, DeviceEdit};
use crate::groups::GroupInput;
use crate::organizations::OrganizationEdit;
use crate::schedules::ScheduleInput;
use crate::servers::ServerInput;
use crate::users::{UserChange, UserInput};
use crate::{Error, OrgIndex, Result};

/// A change that may withdraw mail or network from many devices. The stored form.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Edit {
    /// The limit itself.
    Limits(GovernorSettings),
    /// Edits of rules, ticks and exceptions.
    Access(Vec<AccessEdit>),
    /// Values of a suite are published; `back_to`: those of an earlier revision.
    Publish { suite: PolicySuiteId, values: Box<SuiteValues>, note: String, back_to: Option<i64> },
    /// A suite becomes the default.
    DefaultSuite(PolicySuiteId),
    /// A suite is deleted; whoever has it gets the other one.
    ReplaceSuite { suite: PolicySuiteId, replacement: PolicySuiteId },
    /// Name, note and settings of a group.
    Group { group: GroupId, input: Box<GroupInput> },
    /// Users join a group (true) or leave it.
    Members { group: GroupId, moves: Vec<(UserId, bool)> },
    /// These become the groups of a user.
    GroupsOf { user: UserId, groups: Vec<GroupId> },
    /// A group gets another place in the order.
    MoveGroup { group: GroupId, place: usize },
    /// A group is removed.
    RemoveGroup(GroupId),
    /// What a user is made of, but for the password.
    User { user: UserId, input: Box<UserInput> },
    /// Users of a file: those with devices that it changes.
    ImportUsers { import: UserImportId, name: String, changes: Vec<(UserId, UserInput, Vec<GroupId>)> },
    /// Many users get the same.
    ChangeUsers { users: Vec<UserId>, what: Box<UserChange> },
    /// A user is removed, with the records of the devices.
    RemoveUser { user: UserId, with_devices: bool },
    /// The same command for some devices, one that takes access and destroys nothing.
    Order { kind: CommandKind, devices: Vec<DeviceId>, note: String },
    /// The record of a device is removed.
    RemoveDevice(DeviceId),
    /// What is entered for a device.
    Device { device: DeviceId, edit: Box<DeviceEdit> },
    /// Many devices and their users get the same.
    Assign { devices: Vec<DeviceId>, what: Box<Assign> },
    /// The settings of the organization.
    Settings(Box<OrganizationSettings>),
    /// What is entered for a mail server.
    Server { server: ServerId, input: Box<ServerInput> },
    /// What a system administrator grants the organization.
    Granted(Box<OrganizationEdit>),
    /// A connection schedule says something else.
    Schedule { schedule: ScheduleId, input: Box<ScheduleInput> },
    /// A connection schedule becomes the default.
    DefaultSchedule(ScheduleId),
    /// A connection schedule is deleted; whoever has it gets the other one.
    ReplaceSchedule { schedule: ScheduleId, replacement: ScheduleId },
}

impl Edit {
    /// The organization with the change made; `None` for one that no device's standing depends on.
    ///
    /// # Errors
    /// [`Error::NotFound`] when what it changes is gone, [`Error::Invalid`] when it cannot be made any more.
    pub fn imagine(&self, org: &OrgIndex) -> Result<Option<Imagined>> {
        let now = Imagined::now(org);
        Ok(Some(match self {
            Self::Limits(_) => return Ok(None),
            Self::Access(edits) => now.with_access(org, edits)?,
            Self::Publish { suite, values, .. } => {
                let suite = org.suite(*suite).ok_or(Error::NotFound("policy suite"))?;
                now.with_suite(with_published(suite, SuiteValues::clone(values)))
            }
            Self::DefaultSuite(id) => with_default(now, org, Choices::suite(Some(*id))),
            Self::ReplaceSuite { suite, replacement } => {
                let has = |own: Own| own.suite == Some(*suite);
                now.repointed(org, has, Choices::suite(Some(*replacement)))
            }
            Self::Group { group, input } => {
                let mut new = Group::clone(org.group(*group).ok_or(Error::NotFound("group"))?);
                crate::groups::edit::fill(&mut new, input);
                now.with_group(org, new)
            }
            Self::Members { group, moves } => now.with_members(org, *group, moves),
            Self::GroupsOf { user, groups } => {
                let mut new = user_of(org, *user)?;
                new.groups.clone_from(groups);
                now.with_user(new)
            }
            Self::MoveGroup { group, place } => crate::groups::order::moved(org, *group, *place)
                .into_iter()
                .fold(now, |imagined, group| imagined.with_group(org, group)),
            Self::RemoveGroup(group) => now.without_group(org, *group),
            Self::User { user, input } => {
                let mut new = user_of(org, *user)?;
                crate::users::fill(&mut new, input);
                now.with_user(new)
            }
            Self::ImportUsers { changes, .. } => crate::imports::imagine(now, org, changes),
            Self::ChangeUsers { users, what } => {
                users.iter().filter_map(|id| org.user(*id)).fold(now, |imagined, user| {
                    let mut user = User::clone(user);
                    what.give(&mut user);
                    imagined.with_user(user)
                })
            }
            // Whoever is removed has no more than who is disabled.
            Self::RemoveUser { user, .. } => now.with_user(disabled(user_of(org, *user)?)),
            Self::Order { kind, devices, .. } => {
                devices.iter().filter_map(|id| org.devices.get(*id)).fold(now, |imagined, device| {
                    let mut device = Device::clone(device);
                    crate::commands::imagine(*kind, &mut device);
                    imagined.with_device(device)
                })
            }
            // Whoever comes back without a record is new, and waits perhaps.
            Self::RemoveDevice(device) => {
                let device = org.devices.get(*device).ok_or(Error::NotFound("device"))?;
                now.with_device(Device { state: DeviceState::Retired, ..Device::clone(device) })
            }
            Self::Device { device, edit } => {
                let mut new = Device::clone(org.devices.get(*device).ok_or(Error::NotFound("device"))?);
                edit.choices().give_device(&mut new);
                now.with_device(new)
            }
            Self::Assign { devices, what } => now.with_assigned(org, devices, what)?,
            Self::Settings(settings) => now.with_settings(OrganizationSettings::clone(settings)),
            Self::Server { server, input } => {
                let old = org.server(*server).ok_or(Error::NotFound("ActiveSync server"))?;
                let input = ServerInput::clone(input);
                now.with_server(org, crate::servers::filled(old, input)?)
            }
            Self::Granted(edit) => granted(now, org, edit)?,
            Self::Schedule { schedule, input } => {
                let old = org.schedule(*schedule).ok_or(Error::NotFound("connection schedule"))?;
                now.with_schedule(crate::schedules::filled(Schedule::clone(old), input)?)
            }
            Self::DefaultSchedule(id) => with_default(now, org, Choices::schedule(Some(*id))),
            Self::ReplaceSchedule { schedule, replacement } => {
                let has = |own: Own| own.schedule == Some(*schedule);
                now.repointed(org, has, Choices::schedule(Some(*replacement)))
            }
        }))
    }

    /// What would be done, in words.
    pub fn words(&self, org: &OrgIndex) -> String {
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
            Self::Assign { devices, .. } => format!("Assign to {} devices and their users", devices.len()),
            Self::Order { kind, devices, .. } => match devices.as_slice() {
                [one] => format!("{}: {}", kind.entry().label, device(one)),
                many => format!("{}: {} devices", kind.entry().label, many.len()),
            },
            Self::RemoveDevice(id) => format!("Remove the record of {}", device(id)),
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

fn user_of(org: &OrgIndex, id: UserId) -> Result<User> {
    org.user(id).map(|user| User::clone(user)).ok_or(Error::NotFound("user"))
}

fn disabled(user: User) -> User {
    User { state: UserState::Disabled, ..user }
}

fn with_default(now: Imagined, org: &OrgIndex, choices: Choices) -> Imagined {
    let mut settings = org.organization.settings.clone();
    choices.give_organization(&mut settings);
    now.with_settings(settings)
}

/// A disabled organization serves nobody, as if all its users were disabled; and phones may look for it under a name
/// that is taken away.
fn granted(now: Imagined, org: &OrgIndex, edit: &OrganizationEdit) -> Result<Imagined> {
    let old = &*org.organization;
    let mut new = Organization::clone(old);
    crate::organizations::grant(&mut new, edit)?;
    let disabled = |imagined: Imagined| {
        org.users().fold(imagined, |imagined, user| imagined.with_user(disabled(User::clone(user))))
    };
    let names = |o: &Organization| (o.mail_domains.clone(), o.login_domains.clone(), o.host_names.clone());
    let now = if old.enabled && !new.enabled { disabled(now) } else { now };
    Ok(if names(old) == names(&new) { now } else { now.with_organization(new) })
}
