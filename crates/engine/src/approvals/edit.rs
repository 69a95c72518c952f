//! Changes that may be held, as data: everything that is needed to make them later, and to say what they would do.

use catalog::CommandKind;
use domain::model::{
    Device, DeviceId, DeviceState, DirectoryServerId, GovernorSettings, Group, GroupId, MemberRule,
    Organization, OrganizationSettings, PolicySuiteId, Schedule, ScheduleId, ServerId, SuiteValues,
    TermsInForce, User, UserId, UserImportId, UserState,
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

/// A change that may withdraw mail or network from devices, as it is asked about, held, and made. The stored form.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Edit {
    /// The limit itself.
    Limits(GovernorSettings),
    /// Edits of rules, ticks and exceptions.
    Access(Vec<AccessEdit>),
    /// Values of a suite are published.
    Publish {
        /// The suite.
        suite: PolicySuiteId,
        /// The values.
        values: Box<SuiteValues>,
        /// Why.
        note: String,
        /// The earlier revision that they are those of.
        back_to: Option<i64>,
    },
    /// A suite becomes the default.
    DefaultSuite(PolicySuiteId),
    /// A suite is deleted.
    ReplaceSuite {
        /// The suite.
        suite: PolicySuiteId,
        /// What whoever has it gets.
        replacement: PolicySuiteId,
    },
    /// Name, note and settings of a group.
    Group {
        /// The group.
        group: GroupId,
        /// What was entered.
        input: Box<GroupInput>,
    },
    /// Users join a group or leave it.
    Members {
        /// The group.
        group: GroupId,
        /// Who, and whether he joins.
        moves: Vec<(UserId, bool)>,
    },
    /// These become the groups of a user.
    GroupsOf {
        /// The user.
        user: UserId,
        /// All groups that he is in then.
        groups: Vec<GroupId>,
    },
    /// A group finds its members by this rule from now on; `None`: they are chosen by hand.
    GroupRule {
        /// The group.
        group: GroupId,
        /// The rule.
        rule: Option<Box<MemberRule>>,
    },
    /// A group gets another place in the order.
    MoveGroup {
        /// The group.
        group: GroupId,
        /// The place, 1 for the most important one; one beyond the end is the end.
        place: usize,
    },
    /// A group is removed, with its ticks and its exception.
    RemoveGroup(GroupId),
    /// What a user is made of, but for the password.
    User {
        /// The user.
        user: UserId,
        /// What was entered.
        input: Box<UserInput>,
        /// All groups that he is in then; `None`: those that he is in now.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        groups: Option<Vec<GroupId>>,
    },
    /// Users of a file.
    ImportUsers {
        /// The import.
        import: UserImportId,
        /// Name of the file.
        name: String,
        /// Those with devices that it changes, with what they are then and the groups they are in.
        changes: Vec<(UserId, UserInput, Vec<GroupId>)>,
    },
    /// Many users get the same.
    ChangeUsers {
        /// The users.
        users: Vec<UserId>,
        /// What they get.
        what: Box<UserChange>,
    },
    /// A user is removed.
    RemoveUser {
        /// The user.
        user: UserId,
        /// The records of the devices go too.
        with_devices: bool,
    },
    /// The same command for some devices, one that takes access and destroys nothing.
    Order {
        /// The command.
        kind: CommandKind,
        /// For which devices.
        devices: Vec<DeviceId>,
        /// Why.
        note: String,
    },
    /// The record of a device is removed.
    RemoveDevice(DeviceId),
    /// These users are gone from their directory, or disabled in it.
    Gone {
        /// The directory.
        directory: DirectoryServerId,
        /// Those who are disabled.
        disable: Vec<UserId>,
        /// Those who are removed, with the records of their devices.
        remove: Vec<UserId>,
    },
    /// What is entered for a device.
    Device {
        /// The device.
        device: DeviceId,
        /// What was entered.
        edit: Box<DeviceEdit>,
    },
    /// Many devices and their users get the same.
    Assign {
        /// The devices.
        devices: Vec<DeviceId>,
        /// What they and their users get.
        what: Box<Assign>,
    },
    /// A version of the terms of use is published.
    Terms(TermsInForce),
    /// The settings of the organization.
    Settings(Box<OrganizationSettings>),
    /// What is entered for a mail server.
    Server {
        /// The server.
        server: ServerId,
        /// What was entered.
        input: Box<ServerInput>,
    },
    /// What a system administrator grants the organization.
    Granted(Box<OrganizationEdit>),
    /// A connection schedule says something else.
    Schedule {
        /// The schedule.
        schedule: ScheduleId,
        /// What was entered.
        input: Box<ScheduleInput>,
    },
    /// A connection schedule becomes the default.
    DefaultSchedule(ScheduleId),
    /// A connection schedule is deleted.
    ReplaceSchedule {
        /// The schedule.
        schedule: ScheduleId,
        /// What whoever has it gets.
        replacement: ScheduleId,
    },
}

impl Edit {
    /// The organization with the change made; `None` for one that no device's standing depends on.
    ///
    /// # Errors
    /// [`Error::NotFound`] when what it changes is gone, [`Error::Invalid`] when it cannot be made any more.
    pub(crate) fn imagine(&self, org: &OrgIndex) -> Result<Option<Imagined>> {
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
            Self::GroupRule { rule: None, .. } => return Ok(None),
            Self::GroupRule { group, rule: Some(rule) } => {
                now.with_members(org, *group, &crate::groups::rule::imagined_moves(org, *group, rule))
            }
            Self::MoveGroup { group, place } => crate::groups::order::moved(org, *group, *place)
                .into_iter()
                .fold(now, |imagined, group| imagined.with_group(org, group)),
            Self::RemoveGroup(group) => now.without_group(org, *group),
            Self::User { user, input, groups } => {
                let mut new = user_of(org, *user)?;
                crate::users::fill(&mut new, input);
                if let Some(groups) = groups {
                    new.groups.clone_from(groups);
                }
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
            Self::Gone { disable, remove, .. } => disable
                .iter()
                .chain(remove)
                .filter_map(|id| org.user(*id))
                .fold(now, |imagined, user| imagined.with_user(disabled(User::clone(user)))),
            Self::Device { device, edit } => {
                let mut new = Device::clone(org.devices.get(*device).ok_or(Error::NotFound("device"))?);
                edit.choices().give_device(&mut new);
                now.with_device(new)
            }
            Self::Assign { devices, what } => now.with_assigned(org, devices, what)?,
            Self::Terms(terms) => now.with_terms(terms.clone()),
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
