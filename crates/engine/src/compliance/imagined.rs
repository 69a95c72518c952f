//! The organization as it would be after a change that somebody only thinks of.

use std::collections::BTreeSet;
use std::sync::Arc;

use domain::assignment::{effective_liability, effective_suite, rank};
use domain::model::{
    AccessConfig, Device, DeviceId, Group, GroupId, GroupSettings, PolicyRevision, PolicySuite,
    PolicySuiteId, User, UserId,
};
use domain::policy::DocumentClass;

use super::AccessEdit;
use super::edits::{check, check_together, with_edits};
use crate::policy::DocumentCache;
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
    /// A user gets a suite of their own, or none.
    UserSuite(UserId, Option<PolicySuiteId>),
    /// A device gets a suite of its own, or none.
    DeviceSuite(DeviceId, Option<PolicySuiteId>),
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
    /// A suite in another form than the one stored.
    suite: Option<Arc<PolicySuite>>,
    /// Documents of suites that are not published as they are here: they must never get into the shared cache.
    documents: DocumentCache,
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
            suite: None,
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
            Proposal::DefaultSuite(id) => published(org, Some(*id))?,
            Proposal::UserSuite(user, id) => {
                org.user(*user).ok_or(Error::NotFound("user"))?;
                published(org, *id)?;
            }
            Proposal::DeviceSuite(device, id) => {
                org.devices.get(*device).ok_or(Error::NotFound("device"))?;
                published(org, *id)?;
            }
            Proposal::GroupSettings(group, settings) => {
                org.group(*group).ok_or(Error::NotFound("group"))?;
                published(org, settings.suite)?;
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
        let groups = groups_of(org, proposal, user);
        let mut settings = org.organization.settings.clone();
        if let Proposal::DefaultSuite(id) = proposal {
            settings.default_suite = Some(*id);
        }
        let (mut own, mut users) = (device.suite, user.suite);
        match proposal {
            Proposal::DeviceSuite(id, suite) if *id == device.id => own = *suite,
            Proposal::UserSuite(id, suite) if *id == user.id => users = *suite,
            _ => {}
        }
        let user = User { suite: users, ..User::clone(user) };
        let with_suite = Device { suite: own, ..device.clone() };
        let suite = effective_suite(Some(&with_suite), &user, &groups, &settings).map(|a| a.value);
        let suite = suite.and_then(|id| match &self.suite {
            Some(new) if new.id == id => Some(Arc::clone(new)),
            _ => org.suite(id).cloned(),
        });
        let liability = effective_liability(Some(device), &user, &groups, &settings).value;
        let class = DocumentClass::of_version(device.eas().map_or("", |c| &c.eas.version));
        Around {
            config: &self.access,
            wanted: self.documents.get(suite.as_deref(), liability, class),
            groups: groups.iter().map(|group| group.id).collect(),
            liability: Some(liability),
        }
    }
}

/// The groups that a user would be in, as they would be, the most important one first.
fn groups_of(org: &OrgIndex, proposal: &Proposal, user: &User) -> Vec<Group> {
    let mut groups: Vec<Group> = org.groups_of(user).cloned().collect();
    match proposal {
        Proposal::GroupSettings(id, settings) => {
            let changed = groups.iter_mut().filter(|group| group.id == *id);
            changed.for_each(|group| group.settings = settings.clone());
        }
        Proposal::GroupMembers(id, members) => {
            groups.retain(|group| group.id != *id);
            groups.extend(org.group(*id).filter(|_| members.contains(&user.id)).map(|g| Group::clone(g)));
        }
        Proposal::GroupRemoved(id) => groups.retain(|group| group.id != *id),
        _ => {}
    }
    groups.sort_by_key(rank);
    groups
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
