//! Sums over the devices of an organization that pages show, kept as devices and users come, change and go: what a
//! page of a hundred thousand devices asks for must not be counted by walking over them.

use std::collections::HashMap;

use catalog::{Liability, RuleId};
use domain::assignment::effective;
use domain::mail::MailAddress;
use domain::model::{Device, EasState, GroupId, PolicySuiteId, ScheduleId, User};
use domain::policy::DocumentClass;

use crate::OrgIndex;

/// Everything that the policy and the schedule of a device follow from, short of the organization's defaults and the
/// suites themselves. Thousands of devices share one.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct PolicyGroup {
    /// The device's own suite.
    pub device_suite: Option<PolicySuiteId>,
    /// Its user's suite.
    pub user_suite: Option<PolicySuiteId>,
    /// The device's own connection schedule.
    pub device_schedule: Option<ScheduleId>,
    /// Its user's connection schedule.
    pub user_schedule: Option<ScheduleId>,
    /// Its user's groups. What they say is looked up when it is asked for, so that nothing is counted anew when it
    /// changes for ten thousand members.
    pub groups: Vec<GroupId>,
    /// The device's own liability.
    pub device_liability: Option<Liability>,
    /// Its user's liability.
    pub user_liability: Option<Liability>,
    /// Class of documents that it speaks; `None` without an ActiveSync channel.
    pub class: Option<DocumentClass>,
    /// Digest of what it acknowledged, and whether it must be fetched again since.
    applied: Option<(String, bool)>,
    /// Digest of what it refused, unless a refresh was ordered since.
    refused: Option<String>,
}

impl PolicyGroup {
    fn of(device: &Device, user: Option<&User>) -> Self {
        let eas = device.eas().map(|channel| &channel.eas);
        let ordered_after = |eas: &EasState, at| eas.refresh_after.is_some_and(|refresh| refresh >= at);
        Self {
            device_suite: device.suite,
            user_suite: user.and_then(|u| u.suite),
            device_schedule: device.schedule,
            user_schedule: user.and_then(|u| u.schedule),
            groups: user.map(|u| u.groups.clone()).unwrap_or_default(),
            device_liability: device.liability,
            user_liability: user.and_then(|u| u.liability),
            class: eas.map(|eas| DocumentClass::of_version(&eas.version)),
            applied: eas.and_then(|eas| {
                let applied = eas.applied.as_ref()?;
                Some((applied.digest.clone(), ordered_after(eas, applied.at)))
            }),
            refused: eas.and_then(|eas| {
                eas.refused_at.filter(|at| !ordered_after(eas, *at))?;
                eas.refused_digest.clone()
            }),
        }
    }

    /// The suite in force.
    pub fn suite(&self, org: &OrgIndex) -> Option<PolicySuiteId> {
        let default = org.organization.settings.default_suite;
        let groups = org.groups_named(&self.groups);
        effective(self.device_suite, self.user_suite, groups, |s| s.suite, default).map(|a| a.value)
    }

    /// The connection schedule in force.
    pub fn schedule(&self, org: &OrgIndex) -> Option<ScheduleId> {
        let default = org.organization.settings.default_schedule;
        let live = |id: Option<ScheduleId>| id.filter(|id| org.schedule(*id).is_some());
        let groups = org.groups_named(&self.groups);
        let (device, user) = (live(self.device_schedule), live(self.user_schedule));
        effective(device, user, groups, |s| live(s.schedule), live(default)).map(|a| a.value)
    }

    /// The liability in force.
    pub fn liability(&self, org: &OrgIndex) -> Liability {
        let default = org.organization.settings.default_liability;
        let groups = org.groups_named(&self.groups);
        effective(self.device_liability, self.user_liability, groups, |s| s.liability, None)
            .map_or(default, |a| a.value)
    }
}

/// The sums.
#[derive(Default)]
pub struct Tally {
    /// Devices by what their policy follows from; with the channel of one of them, by which all are decided alike.
    policies: HashMap<PolicyGroup, (usize, EasState)>,
    /// Users by their own suite.
    users: HashMap<PolicySuiteId, usize>,
    /// Users by their own schedule.
    scheduled: HashMap<ScheduleId, usize>,
    /// Devices that break a rule.
    rules: HashMap<RuleId, usize>,
    /// Users to whom no mail can be sent.
    without_address: usize,
}

impl Tally {
    /// Devices by what their policy follows from: how many, and the channel of one of them.
    pub fn policies(&self) -> impl Iterator<Item = (&PolicyGroup, usize, &EasState)> {
        self.policies.iter().map(|(group, (count, channel))| (group, *count, channel))
    }
    /// Users with a suite of their own.
    pub fn users_with(&self, suite: PolicySuiteId) -> usize {
        self.users.get(&suite).copied().unwrap_or(0)
    }
    /// Users with a schedule of their own.
    pub fn users_scheduled(&self, schedule: ScheduleId) -> usize {
        self.scheduled.get(&schedule).copied().unwrap_or(0)
    }
    /// Devices that break a rule now.
    pub fn breaking(&self, rule: RuleId) -> usize {
        self.rules.get(&rule).copied().unwrap_or(0)
    }

    /// Users to whom no mail can be sent, since they have no address or a wrong one.
    pub fn without_address(&self) -> usize {
        self.without_address
    }

    /// A device came, changed or went; each with its user, if that one is known yet.
    pub(super) fn device(
        &mut self,
        old: Option<(&Device, Option<&User>)>,
        new: Option<(&Device, Option<&User>)>,
    ) {
        if let (Some((old, _)), Some((new, _))) = (old, new)
            && counts_alike(old, new)
        {
            return;
        }
        if let Some((device, user)) = old {
            self.take_policy(device, user);
            for finding in &device.verdict.findings {
                less(&mut self.rules, &finding.rule, |count| count);
            }
        }
        if let Some((device, user)) = new {
            self.add_policy(device, user);
            for finding in &device.verdict.findings {
                *self.rules.entry(finding.rule).or_default() += 1;
            }
        }
    }
    /// A user came, changed or went; `devices` are theirs.
    pub(super) fn user<'d>(
        &mut self,
        old: Option<&User>,
        new: Option<&User>,
        devices: impl Iterator<Item = &'d Device>,
    ) {
        let unreachable = |user: Option<&User>| user.is_some_and(|u| u.email.parse::<MailAddress>().is_err());
        self.without_address -= usize::from(unreachable(old)).min(self.without_address);
        self.without_address += usize::from(unreachable(new));
        let suite = |user: Option<&User>| user.and_then(|u| u.suite);
        let liability = |user: Option<&User>| user.and_then(|u| u.liability);
        let groups = |user: Option<&User>| user.map_or(&[][..], |u| &u.groups).to_vec();
        if let Some(id) = suite(old) {
            less(&mut self.users, &id, |count| count);
        }
        if let Some(id) = suite(new) {
            *self.users.entry(id).or_default() += 1;
        }
        let schedule = |user: Option<&User>| user.and_then(|u| u.schedule);
        if let Some(id) = schedule(old) {
            less(&mut self.scheduled, &id, |count| count);
        }
        if let Some(id) = schedule(new) {
            *self.scheduled.entry(id).or_default() += 1;
        }
        let same = suite(old) == suite(new) && schedule(old) == schedule(new);
        if same && liability(old) == liability(new) && groups(old) == groups(new) {
            return;
        }
        for device in devices {
            self.take_policy(device, old);
            self.add_policy(device, new);
        }
    }

    fn add_policy(&mut self, device: &Device, user: Option<&User>) {
        let channel = || device.eas().map(|c| c.eas.clone()).unwrap_or_default();
        self.policies.entry(PolicyGroup::of(device, user)).or_insert_with(|| (0, channel())).0 += 1;
    }
    fn take_policy(&mut self, device: &Device, user: Option<&User>) {
        less(&mut self.policies, &PolicyGroup::of(device, user), |(count, _)| count);
    }
}

/// Most writes change nothing that is counted.
fn counts_alike(a: &Device, b: &Device) -> bool {
    let rules = |d: &Device| d.verdict.findings.iter().map(|f| f.rule).collect::<Vec<_>>();
    let policy = |d: &Device| {
        d.eas().map(|c| {
            let EasState { version, applied, refresh_after, refused_at, refused_digest, .. } = &c.eas;
            (version.clone(), applied.clone(), *refresh_after, *refused_at, refused_digest.clone())
        })
    };
    a.user == b.user
        && a.suite == b.suite
        && a.schedule == b.schedule
        && a.liability == b.liability
        && rules(a) == rules(b)
        && policy(a) == policy(b)
}

/// One less; nothing is left behind at none.
fn less<K: std::hash::Hash + Eq, V>(map: &mut HashMap<K, V>, key: &K, count: fn(&mut V) -> &mut usize) {
    if let Some(value) = map.get_mut(key) {
        let count = count(value);
        *count = count.saturating_sub(1);
        if *count == 0 {
            map.remove(key);
        }
    }
}
