//! Changes that somebody thinks of, for the question what they would do.

use std::collections::BTreeSet;

use domain::model::{
    Device, DeviceId, Group, GroupId, GroupSettings, PolicyRevision, PolicySuite, PolicySuiteId, Schedule,
    ScheduleId, SuiteValues, User, UserId,
};

use super::AccessEdit;
use super::imagined::Imagined;
use crate::assignment::{Choices, Own};
use crate::devices::Assign;
use crate::groups::order::moved;
use crate::schedules::{ScheduleInput, filled};
use crate::{Error, OrgIndex, Result};

/// A change that somebody thinks of.
#[derive(Debug, Clone)]
pub enum Proposal {
    /// Edits of rules, ticks and exceptions.
    Access(Vec<AccessEdit>),
    /// The draft of a suite is published.
    Publish(PolicySuiteId),
    /// Another suite becomes the organization's default.
    DefaultSuite(PolicySuiteId),
    /// A suite is deleted; whoever has it gets the second one.
    SuiteReplaced(PolicySuiteId, PolicySuiteId),
    /// A connection schedule says something else.
    Schedule(ScheduleId, Box<ScheduleInput>),
    /// Another connection schedule becomes the organization's default.
    DefaultSchedule(ScheduleId),
    /// A connection schedule is deleted; whoever has it gets the second one.
    ScheduleReplaced(ScheduleId, ScheduleId),
    /// Something else is chosen for a user.
    User(UserId, Choices),
    /// Something else is chosen for a device.
    Device(DeviceId, Choices),
    /// Many devices and their users get the same.
    Assign(Vec<DeviceId>, Box<Assign>),
    /// The members of a group get other settings.
    GroupSettings(GroupId, GroupSettings),
    /// A group gets exactly these members.
    GroupMembers(GroupId, BTreeSet<UserId>),
    /// A group gets another place in the order, 1 for the most important one.
    GroupPlace(GroupId, usize),
    /// A group is removed, with its ticks and its exception.
    GroupRemoved(GroupId),
}

impl Proposal {
    /// The organization with the proposal in force, checked like the use case that would carry it out.
    ///
    /// # Errors
    /// [`Error::Invalid`], [`Error::NotFound`], [`Error::Conflict`].
    pub(super) fn imagine(&self, org: &OrgIndex) -> Result<Imagined> {
        let now = Imagined::now(org);
        match self {
            Self::Access(edits) => now.with_access(org, edits),
            Self::Publish(id) => {
                let suite = org.suite(*id).ok_or(Error::NotFound("policy suite"))?;
                Ok(now.with_suite(with_published(suite, suite.draft.clone())))
            }
            Self::DefaultSuite(id) => with_default(org, now, Choices::suite(Some(*id))),
            Self::SuiteReplaced(old, new) => {
                org.suite(*old).ok_or(Error::NotFound("policy suite"))?;
                let new = assignable(org, Choices::suite(Some(*new)))?;
                Ok(now.repointed(org, |own: Own| own.suite == Some(*old), new))
            }
            Self::Schedule(id, input) => {
                let schedule = org.schedule(*id).ok_or(Error::NotFound("connection schedule"))?;
                Ok(now.with_schedule(filled(Schedule::clone(schedule), input)?))
            }
            Self::DefaultSchedule(id) => with_default(org, now, Choices::schedule(Some(*id))),
            Self::ScheduleReplaced(old, new) => {
                assignable(org, Choices::schedule(Some(*old)))?;
                let new = assignable(org, Choices::schedule(Some(*new)))?;
                Ok(now.repointed(org, |own: Own| own.schedule == Some(*old), new))
            }
            Self::User(id, choices) => {
                let mut user = User::clone(org.user(*id).ok_or(Error::NotFound("user"))?);
                assignable(org, *choices)?.give_user(&mut user);
                Ok(now.with_user(user))
            }
            Self::Device(id, choices) => {
                let mut device = Device::clone(org.devices.get(*id).ok_or(Error::NotFound("device"))?);
                assignable(org, *choices)?.give_device(&mut device);
                Ok(now.with_device(device))
            }
            Self::Assign(devices, what) => now.with_assigned(org, devices, what),
            Self::GroupSettings(id, settings) => {
                let group = org.group(*id).ok_or(Error::NotFound("group"))?;
                let (suite, schedule) = (Some(settings.suite), Some(settings.schedule));
                assignable(org, Choices { suite, schedule, liability: None })?;
                Ok(now.with_group(org, Group { settings: settings.clone(), ..Group::clone(group) }))
            }
            Self::GroupMembers(id, members) => with_members(org, now, *id, members),
            Self::GroupPlace(id, place) => {
                org.group(*id).ok_or(Error::NotFound("group"))?;
                if *place == 0 {
                    return Err(Error::invalid("place", "The first place is 1."));
                }
                let moved = moved(org, *id, *place);
                Ok(moved.into_iter().fold(now, |imagined, group| imagined.with_group(org, group)))
            }
            Self::GroupRemoved(id) => {
                org.group(*id).ok_or(Error::NotFound("group"))?;
                Ok(now.without_group(org, *id))
            }
        }
    }
}

fn with_default(org: &OrgIndex, imagined: Imagined, choices: Choices) -> Result<Imagined> {
    let mut settings = org.organization.settings.clone();
    assignable(org, choices)?.give_organization(&mut settings);
    Ok(imagined.with_settings(settings))
}

fn with_members(
    org: &OrgIndex,
    imagined: Imagined,
    id: GroupId,
    members: &BTreeSet<UserId>,
) -> Result<Imagined> {
    org.group(id).ok_or(Error::NotFound("group"))?;
    if members.iter().any(|user| org.user(*user).is_none()) {
        return Err(Error::NotFound("user"));
    }
    let before: BTreeSet<UserId> = org.members(id).map(|user| user.id).collect();
    let moves = before.symmetric_difference(members).map(|user| (*user, members.contains(user)));
    Ok(imagined.with_members(org, id, &moves.collect::<Vec<_>>()))
}

/// Devices get only what is there, and only what is published.
fn assignable(org: &OrgIndex, choices: Choices) -> Result<Choices> {
    if choices.schedule.flatten().is_some_and(|id| org.schedule(id).is_none()) {
        return Err(Error::NotFound("connection schedule"));
    }
    let Some(id) = choices.suite.flatten() else { return Ok(choices) };
    match org.suite(id) {
        None => Err(Error::NotFound("policy suite")),
        Some(suite) if suite.published.is_none() => {
            Err(Error::conflict("Publish the suite first: devices get only what is published."))
        }
        Some(_) => Ok(choices),
    }
}

/// A suite with these values as its next revision.
pub(crate) fn with_published(suite: &PolicySuite, values: SuiteValues) -> PolicySuite {
    let number = suite.published.as_ref().map_or(1, |revision| revision.number + 1);
    let (published_by, note) = (String::new(), String::new());
    let published = PolicyRevision { number, values, published_at: 0, published_by, note };
    PolicySuite { published: Some(published), ..suite.clone() }
}
