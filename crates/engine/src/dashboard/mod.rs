//! The dashboard: counts, and what needs somebody.

mod days;
mod soon;

use std::collections::BTreeMap;

use catalog::{Permission, Platform, RuleId, Target};
use domain::Millis;
use domain::model::{CommandState, Device, DeviceState, OrganizationId};

pub use days::{KEPT_DAYS, course, keep_today};
pub use soon::{Coming, Overdue};

use crate::devices::{Posture, posture};
use crate::policy::{PolicyState, state_of};
use crate::{Engine, Error, OrgIndex, Result, Scope};

/// The numbers of the first page.
#[derive(Debug, Clone, Default)]
pub struct Dashboard {
    /// Users.
    pub users: usize,
    /// Devices that are enrolled or waiting.
    pub devices: usize,
    /// By the chip's word.
    pub by_posture: Vec<(Posture, usize)>,
    /// By platform, largest first.
    pub by_platform: Vec<(Platform, usize)>,
    /// Findings by rule, most frequent first.
    pub by_rule: Vec<(RuleId, usize)>,
    /// Devices whose mail is stopped by a rule.
    pub mail_stopped: usize,
    /// Devices that Cisco ISE is told are not compliant.
    pub network_stopped: usize,
    /// Devices waiting in quarantine.
    pub quarantined: usize,
    /// Destructive commands that wait for a second administrator.
    pub awaiting_approval: usize,
    /// Commands that wait for their devices.
    pub commands_waiting: usize,
    /// Last contact: within an hour, a day, a week, longer, never.
    pub contact: [usize; 5],
    /// Policy: current, out of date, none yet, refused.
    pub policy: [usize; 4],
    /// Enrolments per day, the last 14 days, oldest first.
    pub enrolments: Vec<usize>,
    /// Devices that lose something if nothing changes.
    pub coming_count: usize,
    /// Those that lose something first.
    pub coming: Vec<Coming>,
    /// Devices that missed a check-in of their connection schedule.
    pub overdue_count: usize,
    /// Those that missed most.
    pub overdue: Vec<Overdue>,
}

/// Counts everything, in one walk over memory.
///
/// # Errors
/// [`Error::Denied`].
pub fn dashboard(engine: &Engine, scope: &Scope) -> Result<Dashboard> {
    scope.require(Permission::DevicesView)?;
    sums(engine, scope.organization())
}

fn sums(engine: &Engine, organization: OrganizationId) -> Result<Dashboard> {
    let org = engine.directory.organization(organization).ok_or(Error::NotFound("organization"))?;
    let (devices, users) = {
        let org = org.read();
        (org.devices.iter().cloned().collect::<Vec<_>>(), org.user_count())
    };
    let now = engine.now();
    let mut sums = Dashboard { users, enrolments: vec![0; 14], ..Dashboard::default() };
    let mut counts = Counts::default();
    // Some at a time: nobody else may wait for the whole fleet.
    for chunk in devices.chunks(512) {
        let org = org.read();
        for device in chunk {
            count(engine, &org, device, now, &mut sums, &mut counts);
        }
    }
    for command in org.read().live_commands().iter().filter(|c| !c.state.is_final()) {
        sums.awaiting_approval += usize::from(command.state == CommandState::AwaitingApproval);
        sums.commands_waiting += usize::from(command.state != CommandState::AwaitingApproval);
    }
    let of = |p: Posture| counts.postures.get(&p).copied().unwrap_or(0);
    sums.by_posture = Posture::ALL.into_iter().map(|p| (p, of(p))).collect();
    sums.by_platform = largest_first(counts.platforms);
    sums.by_rule = largest_first(counts.rules);
    (sums.coming_count, sums.coming) = counts.coming.done();
    (sums.overdue_count, sums.overdue) = counts.overdue.done();
    Ok(sums)
}

#[derive(Default)]
struct Counts {
    postures: BTreeMap<Posture, usize>,
    platforms: BTreeMap<Platform, usize>,
    rules: BTreeMap<RuleId, usize>,
    coming: soon::First<Coming>,
    overdue: soon::First<Overdue>,
}

fn count(
    engine: &Engine,
    org: &OrgIndex,
    device: &Device,
    now: Millis,
    sums: &mut Dashboard,
    counts: &mut Counts,
) {
    *counts.postures.entry(posture(org, device)).or_insert(0) += 1;
    if matches!(device.state, DeviceState::Wiped | DeviceState::Retired) {
        return;
    }
    sums.devices += 1;
    *counts.platforms.entry(device.platform).or_insert(0) += 1;
    for finding in &device.verdict.findings {
        *counts.rules.entry(finding.rule).or_insert(0) += 1;
    }
    sums.mail_stopped += usize::from(!device.verdict.allows(Target::ActivesyncConnections));
    sums.network_stopped += usize::from(!device.verdict.allows(Target::NetworkAccess));
    sums.quarantined += usize::from(device.state == DeviceState::Quarantined);
    sums.contact[bucket(crate::presence::last_contact(engine, device), now)] += 1;
    let policy = match state_of(org, device) {
        PolicyState::Current => 0,
        PolicyState::Outdated => 1,
        PolicyState::Missing => 2,
        PolicyState::Refused => 3,
    };
    sums.policy[policy] += 1;
    counts.coming.offer(Coming::of(device));
    counts.overdue.offer(Overdue::of(engine, org, device));
    let age = device.enrolled_at.map_or(i64::MAX, |at| (now - at) / 86_400_000);
    if (0..14).contains(&age) {
        sums.enrolments[13 - age as usize] += 1;
    }
}

fn bucket(seen: Option<Millis>, now: Millis) -> usize {
    match seen.map(|at| (now - at) / 3_600_000) {
        None => 4,
        Some(0) => 0,
        Some(hours) if hours < 24 => 1,
        Some(hours) if hours < 7 * 24 => 2,
        Some(_) => 3,
    }
}

fn largest_first<K>(counts: BTreeMap<K, usize>) -> Vec<(K, usize)> {
    let mut all: Vec<_> = counts.into_iter().collect();
    all.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    all
}
