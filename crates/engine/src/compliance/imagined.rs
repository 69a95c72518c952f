//! The organization as it would be after a change that is not made (yet): what would be different, laid over what is.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use domain::assignment::{Assigned, effective_liability, effective_schedule, effective_suite, rank};
use domain::model::{
    AccessConfig, ActiveSyncServer, Device, DeviceId, Group, GroupId, Level, Organization,
    OrganizationSettings, PolicySuite, PolicySuiteId, Schedule, ScheduleId, ServerId, TermsInForce, User,
    UserId, UserState,
};
use domain::policy::DocumentClass;

use super::AccessEdit;
use super::edits::{check, check_together, with_edits};
use crate::assignment::{Choices, Own, server_of};
use crate::devices::Assign;
use crate::devices::assign::fill;
use crate::groups::put_in;
use crate::policy::DocumentCache;
use crate::schedules::{Plan, check_in_limit};
use crate::settle::Around;
use crate::{Error, OrgIndex, Result};

/// The organization with something different. What is not said to be different is as it is.
pub(crate) struct Imagined {
    access: Arc<AccessConfig>,
    pub(super) settings: OrganizationSettings,
    /// Domains and host names; `None`: as they are.
    pub(super) organization: Option<Organization>,
    terms: Option<TermsInForce>,
    pub(super) servers: HashMap<ServerId, Arc<ActiveSyncServer>>,
    suites: HashMap<PolicySuiteId, Arc<PolicySuite>>,
    schedules: HashMap<ScheduleId, Arc<Schedule>>,
    /// `None`: the group is gone.
    groups: HashMap<GroupId, Option<Arc<Group>>>,
    users: HashMap<UserId, Arc<User>>,
    devices: HashMap<DeviceId, Arc<Device>>,
    /// Documents of suites that are not published as they are here: they must never get into the shared cache.
    documents: DocumentCache,
    touched: Touched,
}

/// Whose devices may stand differently.
#[derive(Default)]
struct Touched {
    everybody: bool,
    /// Something is different that decides where and whether users get mail.
    mail: bool,
    users: BTreeSet<UserId>,
    devices: BTreeSet<DeviceId>,
}

impl Imagined {
    /// Everything as it is.
    pub(crate) fn now(org: &OrgIndex) -> Self {
        Self {
            access: Arc::clone(&org.access),
            settings: org.organization.settings.clone(),
            organization: None,
            terms: org.organization.terms.clone(),
            servers: HashMap::new(),
            suites: HashMap::new(),
            schedules: HashMap::new(),
            groups: HashMap::new(),
            users: HashMap::new(),
            devices: HashMap::new(),
            documents: DocumentCache::default(),
            touched: Touched::default(),
        }
    }

    /// With edits of the access settings.
    ///
    /// # Errors
    /// As the edits themselves.
    pub(crate) fn with_access(mut self, org: &OrgIndex, edits: &[AccessEdit]) -> Result<Self> {
        edits.iter().try_for_each(|edit| check(org, edit))?;
        let new = with_edits(&self.access, edits);
        check_together(&new, edits)?;
        self.access = Arc::new(new);
        for edit in edits {
            match edit {
                AccessEdit::Rule { .. } => self.touched.everybody = true,
                AccessEdit::Level { level, .. } | AccessEdit::Exception { level, .. } => {
                    self.touch(org, level);
                }
            }
        }
        Ok(self)
    }

    fn touch(&mut self, org: &OrgIndex, level: &Level) {
        match level {
            Level::Organization | Level::Platform(_) => self.touched.everybody = true,
            Level::Group(id) => self.touched.users.extend(org.members(*id).map(|user| user.id)),
            Level::User(id) => drop(self.touched.users.insert(*id)),
            Level::Device(id) => drop(self.touched.devices.insert(*id)),
        }
    }

    /// With other settings of the organization.
    pub(crate) fn with_settings(mut self, settings: OrganizationSettings) -> Self {
        let accepts = |s: &OrganizationSettings| {
            (s.allow_non_provisionable, s.allow_partial_policy, s.allow_external_management)
        };
        let decides = |s: &OrganizationSettings| (Own::organization(s), s.time_zone.clone(), accepts(s));
        self.touched.everybody |= decides(&self.settings) != decides(&settings);
        self.touched.mail |= accepts(&self.settings) != accepts(&settings);
        self.settings = settings;
        self
    }

    /// With other domains or host names.
    pub(crate) fn with_organization(mut self, organization: Organization) -> Self {
        self.organization = Some(organization);
        (self.touched.everybody, self.touched.mail) = (true, true);
        self
    }

    /// With other terms of use in force.
    pub(crate) fn with_terms(mut self, terms: TermsInForce) -> Self {
        self.terms = Some(terms);
        self.touched.everybody = true;
        self
    }

    /// With a mail server in another form.
    pub(crate) fn with_server(mut self, org: &OrgIndex, server: ActiveSyncServer) -> Self {
        let has = |user: &&Arc<User>| server_of(org, user).is_some_and(|known| known.value.id == server.id);
        self.touched.users.extend(org.users().filter(has).map(|user| user.id));
        self.servers.insert(server.id, Arc::new(server));
        self.touched.mail = true;
        self
    }

    /// With a suite in another form.
    pub(crate) fn with_suite(mut self, suite: PolicySuite) -> Self {
        self.suites.insert(suite.id, Arc::new(suite));
        self.touched.everybody = true;
        self
    }

    /// With a connection schedule in another form.
    pub(crate) fn with_schedule(mut self, schedule: Schedule) -> Self {
        self.schedules.insert(schedule.id, Arc::new(schedule));
        self.touched.everybody = true;
        self
    }

    /// With a group in another form.
    pub(crate) fn with_group(mut self, org: &OrgIndex, group: Group) -> Self {
        self.touch(org, &Level::Group(group.id));
        self.touched.mail = true;
        self.groups.insert(group.id, Some(Arc::new(group)));
        self
    }

    /// Without a group, and without its ticks and its exception.
    pub(crate) fn without_group(mut self, org: &OrgIndex, id: GroupId) -> Self {
        self.touch(org, &Level::Group(id));
        self.touched.mail = true;
        self.groups.insert(id, None);
        let mut access = AccessConfig::clone(&self.access);
        access.levels.retain(|(level, _)| *level != Level::Group(id));
        access.exceptions.retain(|(level, _)| *level != Level::Group(id));
        self.access = Arc::new(access);
        self
    }

    /// With a user in another form, groups included.
    pub(crate) fn with_user(mut self, user: User) -> Self {
        self.touched.users.insert(user.id);
        self.touched.mail = true;
        self.users.insert(user.id, Arc::new(user));
        self
    }

    /// With a device in another form.
    pub(crate) fn with_device(mut self, device: Device) -> Self {
        self.touched.devices.insert(device.id);
        self.devices.insert(device.id, Arc::new(device));
        self
    }

    /// With something else for everybody who chose one thing, the organization's default included.
    pub(crate) fn repointed(mut self, org: &OrgIndex, has: impl Fn(Own) -> bool, choices: Choices) -> Self {
        if has(Own::organization(&self.settings)) {
            let mut settings = self.settings.clone();
            choices.give_organization(&mut settings);
            self = self.with_settings(settings);
        }
        for user in org.users().filter(|user| has(Own::user(user))) {
            let mut user = User::clone(user);
            choices.give_user(&mut user);
            self = self.with_user(user);
        }
        for device in org.devices.iter().filter(|device| has(Own::device(device))) {
            let mut device = Device::clone(device);
            choices.give_device(&mut device);
            self = self.with_device(device);
        }
        for group in org.groups().iter().filter(|group| has(Own::group(&group.settings))) {
            let mut group = Group::clone(group);
            choices.give_group(&mut group.settings);
            self = self.with_group(org, group);
        }
        self
    }

    /// With some devices and their users given the same.
    ///
    /// # Errors
    /// As the assignment itself.
    pub(crate) fn with_assigned(
        mut self,
        org: &OrgIndex,
        devices: &[DeviceId],
        what: &Assign,
    ) -> Result<Self> {
        what.check(org)?;
        let mut owners = BTreeSet::new();
        for id in devices {
            let mut device = Device::clone(org.devices.get(*id).ok_or(Error::NotFound("device"))?);
            owners.insert(device.user);
            if !what.device.is_empty() {
                what.device.give_device(&mut device);
                self = self.with_device(device);
            }
        }
        for user in owners.into_iter().filter_map(|id| org.user(id)) {
            let mut user = User::clone(user);
            fill(&mut user, what);
            for (group, is_in) in [(what.join, true), (what.leave, false)] {
                if let Some(group) = group {
                    put_in(&mut user, group, is_in);
                }
            }
            self = self.with_user(user);
        }
        Ok(self)
    }

    /// With users in a group or out of it.
    pub(crate) fn with_members(mut self, org: &OrgIndex, id: GroupId, moves: &[(UserId, bool)]) -> Self {
        for (user, is_in) in moves {
            if let Some(user) = org.user(*user) {
                let mut user = User::clone(user);
                put_in(&mut user, id, *is_in);
                self = self.with_user(user);
            }
        }
        self
    }

    /// Whether anybody's mail may come from elsewhere, or not at all.
    pub(super) fn touches_mail(&self) -> bool {
        self.touched.mail
    }

    pub(super) fn user_of<'a>(&'a self, org: &'a OrgIndex, id: UserId) -> Option<&'a Arc<User>> {
        self.users.get(&id).or_else(|| org.user(id))
    }

    /// The devices that may stand differently than they do; no other one needs a look.
    pub(super) fn candidates(&self, org: &OrgIndex) -> Vec<Arc<Device>> {
        if self.touched.everybody {
            return org.devices.iter().cloned().collect();
        }
        let named = self.touched.devices.iter().filter_map(|id| org.devices.get(*id));
        let of_users = self.touched.users.iter().flat_map(|user| org.devices.of_user(*user));
        let all: HashMap<DeviceId, _> = named.chain(of_users).map(|device| (device.id, device)).collect();
        all.into_values().cloned().collect()
    }

    /// A device as it would be, before it is settled.
    pub(super) fn device(&self, device: &Device) -> Device {
        self.devices.get(&device.id).map_or_else(|| device.clone(), |other| Device::clone(other))
    }

    /// What the verdict of a device (as it would be) would depend on.
    pub(super) fn around(&self, org: &OrgIndex, device: &Device) -> Around<'_> {
        let Some(user) = self.user_of(org, device.user) else {
            return Around::now(org, &self.access, device);
        };
        let groups = self.groups_of(org, user);
        let ranked = || groups.iter().copied();
        let suite = effective_suite(Some(device), user, ranked(), &self.settings);
        let suite = suite.and_then(|a| self.suites.get(&a.value).or_else(|| org.suite(a.value)));
        let liability = effective_liability(Some(device), user, ranked(), &self.settings).value;
        let class = DocumentClass::of_version(device.eas().map_or("", |c| &c.eas.version));
        let plan = || {
            let exists = |id| org.schedule(id).is_some();
            let chosen = effective_schedule(Some(device), user, ranked(), &self.settings, exists)?;
            let schedule = self.schedules.get(&chosen.value).or_else(|| org.schedule(chosen.value))?;
            let assigned = Assigned { value: Arc::clone(schedule), from: chosen.from };
            Some(Plan::with(&self.settings.time_zone, device, assigned, liability))
        };
        Around {
            config: &self.access,
            wanted: self.documents.get(suite.map(Arc::as_ref), liability, class),
            groups: groups.iter().map(|group| group.id).collect(),
            liability: Some(liability),
            user_disabled: user.state == UserState::Disabled,
            terms_accepted: self.terms.as_ref().and_then(|terms| terms.accepted_by(user, liability)),
            check_in_limit: check_in_limit(&self.access, device, plan),
            site: crate::groups::site_name(org, device),
        }
    }

    /// The groups that a user would be in, the most important one first.
    pub(super) fn groups_of<'a>(&'a self, org: &'a OrgIndex, user: &User) -> Vec<&'a Group> {
        let one = |id: &GroupId| match self.groups.get(id) {
            Some(other) => other.as_deref(),
            None => org.group(*id).map(Arc::as_ref),
        };
        let mut groups: Vec<&Group> = user.groups.iter().filter_map(one).collect();
        groups.sort_by_key(|group| rank(group));
        groups
    }
}
