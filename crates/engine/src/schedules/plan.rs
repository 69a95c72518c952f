//! What follows from its schedule for one device.

use std::sync::Arc;

use catalog::{Liability, RuleId};
use domain::Millis;
use domain::assignment::{Assigned, AssignedFrom};
use domain::compliance::rule_config;
use domain::model::{AccessConfig, Device, DeviceState, Schedule, ScheduleZone};
use domain::schedule::{Course, Zone};

use super::zone;
use crate::assignment::{liability_of, schedule_of};
use crate::{Engine, OrgIndex};

/// A check-in counts as missed so long after it was due: devices do not come to the second.
pub const MISSED_AFTER: Millis = 5 * 60_000;

/// The schedule in force for a device, with everything that its meaning depends on.
#[derive(Debug, Clone)]
pub struct Plan {
    /// The schedule.
    pub schedule: Arc<Schedule>,
    /// Where that was chosen.
    pub from: AssignedFrom,
    /// Which half holds.
    pub liability: Liability,
    /// Name of the time zone that it is read by.
    pub zone_name: String,
    /// The device is in a foreign network.
    pub roaming: bool,
    zone: Arc<Zone>,
}

impl Plan {
    /// The plan of a device; `None` if nobody chose a schedule for it.
    pub fn of(org: &OrgIndex, device: &Device) -> Option<Plan> {
        let user = org.user(device.user)?;
        let assigned = schedule_of(org, user, Some(device))?;
        let liability = liability_of(org, user, Some(device)).value;
        Some(Self::with(&org.organization.settings.time_zone, device, assigned, liability))
    }

    /// The plan of a device that goes by this schedule. `organization`: the organization's time zone.
    pub(crate) fn with(
        organization: &str,
        device: &Device,
        assigned: Assigned<Arc<Schedule>>,
        liability: Liability,
    ) -> Plan {
        let Assigned { value: schedule, from } = assigned;
        let (zone_name, zone) = zone_of(&schedule, device, organization);
        let roaming = device.facts.bool("roaming") == Some(true);
        Plan { schedule, from, liability, zone_name, roaming, zone }
    }

    /// What the schedule says for this device.
    pub fn course(&self) -> Course<'_> {
        Course { half: self.schedule.half(self.liability), zone: &self.zone, roaming: self.roaming }
    }
}

/// A zone that is not known any more is read as the organization's, and that one as UTC.
fn zone_of(schedule: &Schedule, device: &Device, organization: &str) -> (String, Arc<Zone>) {
    let own = match &schedule.zone {
        ScheduleZone::Organization => None,
        ScheduleZone::Device => device.facts.text("time_zone").map(str::trim),
        ScheduleZone::Named(name) => Some(name.as_str()),
    };
    let named = own.into_iter().chain([organization]).find_map(|name| Some((name.to_owned(), zone(name)?)));
    named.unwrap_or_else(|| ("UTC".into(), Arc::new(Zone::fixed(0))))
}

/// How a device stands to its schedule now.
#[derive(Debug, Clone)]
pub struct Standing {
    /// What it goes by.
    pub plan: Plan,
    /// When it is due next, if it does not come before; `None` when no check-in is expected.
    pub next_due: Option<Millis>,
    /// Check-ins that it missed since it was last heard of.
    pub missed: u32,
    /// It is peak time for it.
    pub peak: bool,
    /// What waits for it is pushed at once.
    pub pushed: bool,
}

/// How a device stands to its schedule; `None` for one that is not expected to come: not enrolled, or without schedule.
pub fn standing(engine: &Engine, org: &OrgIndex, device: &Device) -> Option<Standing> {
    let plan = expected(device).then(|| Plan::of(org, device))??;
    let now = engine.now();
    let last = heard(engine, device, now).unwrap_or(now);
    let course = plan.course();
    let next_due = course.next_due(last, now);
    let missed = course.missed(last, now - MISSED_AFTER);
    let (peak, pushed) = (course.is_peak(now), course.pushes(now, device.facts.int("battery_percent")));
    Some(Standing { plan, next_due, missed, peak, pushed })
}

/// Whether what waits for a device is to be pushed to it now; it is where no schedule says otherwise.
pub fn pushes(org: &OrgIndex, device: &Device, now: Millis) -> bool {
    let battery = device.facts.int("battery_percent");
    Plan::of(org, device).is_none_or(|plan| plan.course().pushes(now, battery))
}

/// Whether check-ins are expected of a device at all.
pub(super) fn expected(device: &Device) -> bool {
    device.state == DeviceState::Enrolled
}

/// When a device was last heard of. `None` if all that is known lies in the future, since the clock was set back.
pub(super) fn heard(engine: &Engine, device: &Device, now: Millis) -> Option<Millis> {
    let known = [engine.presence.last(device.id), device.last_contact_at];
    if known.iter().all(Option::is_none) {
        return Some(device.created_at).filter(|at| *at <= now);
    }
    known.into_iter().flatten().filter(|at| *at <= now).max()
}

/// When the rule "no contact" finds that too many check-ins were missed; `None` while it counts hours, or no check-in
/// is expected.
pub(crate) fn check_in_limit(
    config: &AccessConfig,
    device: &Device,
    plan: impl FnOnce() -> Option<Plan>,
) -> Option<Millis> {
    let rule = RuleId::NoContact.entry();
    let config = rule_config(config, rule);
    let count = rule.param(&config.params, "check_ins").as_int().filter(|_| config.on)?;
    let plan = expected(device).then(plan)??;
    let due = plan.course().nth_due(device.last_contact_at?, u32::try_from(count).unwrap_or(u32::MAX))?;
    Some(due + MISSED_AFTER)
}
