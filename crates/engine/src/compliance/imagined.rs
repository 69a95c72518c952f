//! The organization as it would be after a change that somebody only thinks of.

use std::collections::{BTreeSet, HashSet};
use std::sync::Arc;

use domain::assignment::{Assigned, effective_liability, effective_schedule, effective_suite, rank};
use domain::model::{
    AccessConfig, Device, DeviceId, Group, GroupId, GroupSettings, OrganizationSettings, PolicyRevision,
    PolicySuite, PolicySuiteId, Schedule, ScheduleId, User, UserId,
};
use domain::policy::DocumentClass;

use super::AccessEdit;
use super::edits::{check, check_together, with_edits};
use crate::assignment::Choices;
use crate::devices::Assign;
use crate::policy::DocumentCache;
use crate::schedules::{Plan, ScheduleInput, check_in_limit, filled};
use crate::settle::Around;
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
    /// A group is removed, with its ticks and its exception.
    GroupRemoved(GroupId),
}

/// The organization with a proposal in force.
pub(super) struct Imagined {
    access: Arc<AccessConfig>,
    /// What is different besides the access settings; `None` for nothing.
    proposal: Option<Proposal>,
    /// The organization's settings as they would be.
    settings: OrganizationSettings,
    /// Whom a bulk assignment means, with their users.
    meant: Meant,
    /// A suite in another form than the one stored.
    suite: Option<Arc<PolicySuite>>,
    /// A connection schedule in another form than the one stored.
    schedule: Option<Arc<Schedule>>,
    /// Documents of suites that are not published as they are here: they must never get into the shared cache.
    documents: DocumentCache,
}

#[derive(Default)]
struct Meant {
    devices: HashSet<DeviceId>,
    users: HashSet<UserId>,
}

impl Imagined {
    /// Checks a proposal like the use case that would carry it out.
    ///
    /// # Errors
    /// [`Error::Invalid`], [`Error::NotFound`], [`Error::Conflict`].
    pub(super) fn from(org: &OrgIndex, proposal: &Proposal) -> Result<Self> {
        let mut imagined = Self {
            access: Arc::clone(&org.access),
            proposal: Some(proposal.clone()),
            settings: org.organization.settings.clone(),
            meant: Meant::default(),
            suite: None,
            schedule: None,
            documents: DocumentCache::default(),
        };
        match proposal {
            Proposal::Access(edits) => {
                edits.iter().try_for_each(|edit| check(org, edit))?;
                let new = with_edits(&org.access, edits);
                check_together(&new, edits)?;
                (imagined.access, imagined.proposal) = (Arc::new(new), None);
            }
            Proposal::Publish(id) => {
                let suite = org.suite(*id).ok_or(Error::NotFound("policy suite"))?;
                imagined.suite = Some(Arc::new(with_draft_published(suite)));
            }
            Proposal::DefaultSuite(id) => {
                assignable(org, Choices::suite(Some(*id)))?;
                imagined.settings.default_suite = Some(*id);
            }
            Proposal::SuiteReplaced(old, new) => {
                org.suite(*old).ok_or(Error::NotFound("policy suite"))?;
                assignable(org, Choices::suite(Some(*new)))?;
                replaced(&mut imagined.settings.default_suite, *old, *new);
            }
            Proposal::Schedule(id, input) => {
                let schedule = org.schedule(*id).ok_or(Error::NotFound("connection schedule"))?;
                imagined.schedule = Some(Arc::new(filled(Schedule::clone(schedule), input)?));
            }
            Proposal::DefaultSchedule(id) => {
                assignable(org, Choices::schedule(Some(*id)))?;
                imagined.settings.default_schedule = Some(*id);
            }
            Proposal::ScheduleReplaced(old, new) => {
                assignable(org, Choices::schedule(Some(*old)))?;
                assignable(org, Choices::schedule(Some(*new)))?;
                replaced(&mut imagined.settings.default_schedule, *old, *new);
            }
            Proposal::User(user, choices) => {
                org.user(*user).ok_or(Error::NotFound("user"))?;
                assignable(org, *choices)?;
            }
            Proposal::Device(device, choices) => {
                org.devices.get(*device).ok_or(Error::NotFound("device"))?;
                assignable(org, *choices)?;
            }
            Proposal::Assign(devices, what) => {
                what.check(org)?;
                imagined.meant = meant(org, devices)?;
            }
            Proposal::GroupSettings(group, settings) => {
                org.group(*group).ok_or(Error::NotFound("group"))?;
                let (suite, schedule) = (Some(settings.suite), Some(settings.schedule));
                assignable(org, Choices { suite, schedule, liability: None })?;
            }
            Proposal::GroupMembers(group, members) => {
                org.group(*group).ok_or(Error::NotFound("group"))?;
                if members.iter().any(|user| org.user(*user).is_none()) {
                    return Err(Error::NotFound("user"));
                }
            }
            Proposal::GroupRemoved(group) => {
                org.group(*group).ok_or(Error::NotFound("group"))?;
                let mut access = AccessConfig::clone(&org.access);
                access.levels.retain(|(level, _)| *level != domain::model::Level::Group(*group));
                access.exceptions.retain(|(level, _)| *level != domain::model::Level::Group(*group));
                imagined.access = Arc::new(access);
            }
        }
        Ok(imagined)
    }

    /// What a device's verdict would depend on.
    pub(super) fn around(&self, org: &OrgIndex, device: &Device) -> Around<'_> {
        let (Some(proposal), Some(user)) = (&self.proposal, org.user(device.user)) else {
            return Around::now(org, &self.access, device);
        };
        let (mut device, mut user) = (device.clone(), User::clone(user));
        let mut groups: Vec<Group> = org.groups_of(&user).cloned().collect();
        self.choose(proposal, &mut device, &mut user, &mut groups);
        self.join(org, proposal, &user, &mut groups);
        groups.sort_by_key(rank);
        let suite = effective_suite(Some(&device), &user, &groups, &self.settings).map(|a| a.value);
        let suite = suite.and_then(|id| match &self.suite {
            Some(new) if new.id == id => Some(Arc::clone(new)),
            _ => org.suite(id).cloned(),
        });
        let liability = effective_liability(Some(&device), &user, &groups, &self.settings).value;
        let class = DocumentClass::of_version(device.eas().map_or("", |c| &c.eas.version));
        let plan = || {
            let exists = |id| org.schedule(id).is_some();
            let id = effective_schedule(Some(&device), &user, &groups, &self.settings, exists)?;
            let schedule = match &self.schedule {
                Some(new) if new.id == id.value => new,
                _ => org.schedule(id.value)?,
            };
            Some(Plan::with(org, &device, Assigned { value: Arc::clone(schedule), from: id.from }, liability))
        };
        Around {
            config: &self.access,
            wanted: self.documents.get(suite.as_deref(), liability, class),
            groups: groups.iter().map(|group| group.id).collect(),
            check_in_limit: check_in_limit(&self.access, &device, plan),
            liability: Some(liability),
        }
    }

    /// Gives a device, its user and their groups what the proposal chooses for them.
    fn choose(&self, proposal: &Proposal, device: &mut Device, user: &mut User, groups: &mut [Group]) {
        match proposal {
            Proposal::Device(id, choices) if *id == device.id => choices.give_device(device),
            Proposal::User(id, choices) if *id == user.id => choices.give_user(user),
            Proposal::Assign(_, what) => {
                if self.meant.devices.contains(&device.id) {
                    what.device.give_device(device);
                }
                if self.meant.users.contains(&user.id) {
                    what.user.give_user(user);
                }
            }
            Proposal::SuiteReplaced(old, new) => {
                replaced(&mut device.suite, *old, *new);
                replaced(&mut user.suite, *old, *new);
                for group in groups {
                    replaced(&mut group.settings.suite, *old, *new);
                }
            }
            Proposal::ScheduleReplaced(old, new) => {
                replaced(&mut device.schedule, *old, *new);
                replaced(&mut user.schedule, *old, *new);
                for group in groups {
                    replaced(&mut group.settings.schedule, *old, *new);
                }
            }
            Proposal::GroupSettings(id, settings) => {
                let changed = groups.iter_mut().filter(|group| group.id == *id);
                changed.for_each(|group| group.settings = settings.clone());
            }
            _ => {}
        }
    }

    /// Makes the groups those that the user would be in.
    fn join(&self, org: &OrgIndex, proposal: &Proposal, user: &User, groups: &mut Vec<Group>) {
        let mut be_in = |id: GroupId, is_in: bool| {
            groups.retain(|group| group.id != id);
            groups.extend(org.group(id).filter(|_| is_in).map(|group| Group::clone(group)));
        };
        match proposal {
            Proposal::GroupMembers(id, members) => be_in(*id, members.contains(&user.id)),
            Proposal::GroupRemoved(id) => be_in(*id, false),
            Proposal::Assign(_, what) if self.meant.users.contains(&user.id) => {
                what.join.into_iter().for_each(|id| be_in(id, true));
                what.leave.into_iter().for_each(|id| be_in(id, false));
            }
            _ => {}
        }
    }
}

/// Another thing where the old one was chosen.
fn replaced<T: PartialEq>(chosen: &mut Option<T>, old: T, new: T) {
    if *chosen == Some(old) {
        *chosen = Some(new);
    }
}

/// The devices of a bulk assignment, with their users.
fn meant(org: &OrgIndex, devices: &[DeviceId]) -> Result<Meant> {
    let mut meant = Meant::default();
    for id in devices {
        meant.users.insert(org.devices.get(*id).ok_or(Error::NotFound("device"))?.user);
        meant.devices.insert(*id);
    }
    Ok(meant)
}

/// Devices get only what is there, and only what is published.
fn assignable(org: &OrgIndex, choices: Choices) -> Result<()> {
    if choices.schedule.flatten().is_some_and(|id| org.schedule(id).is_none()) {
        return Err(Error::NotFound("connection schedule"));
    }
    published(org, choices.suite.flatten())
}

/// Devices get only what is published.
fn published(org: &OrgIndex, suite: Option<PolicySuiteId>) -> Result<()> {
    let Some(id) = suite else { return Ok(()) };
    match org.suite(id) {
        None => Err(Error::NotFound("policy suite")),
        Some(suite) if suite.published.is_none() => {
            Err(Error::conflict("Publish the suite first: devices get only what is published."))
        }
        Some(_) => Ok(()),
    }
}

fn with_draft_published(suite: &PolicySuite) -> PolicySuite {
    let number = suite.published.as_ref().map_or(1, |revision| revision.number + 1);
    let published = PolicyRevision {
        number,
        values: suite.draft.clone(),
        published_at: 0,
        published_by: String::new(),
        note: String::new(),
    };
    PolicySuite { published: Some(published), ..suite.clone() }
}
