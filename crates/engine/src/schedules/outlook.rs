//! What a schedule means in the next time, for its page.

use catalog::{Liability, Permission};
use domain::Millis;
use domain::model::{Schedule, ScheduleZone};
use domain::schedule::Course;

use crate::{Engine, Error, Result, Scope};

/// A stretch of time in which nothing changes.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Stretch {
    /// From.
    pub from: Millis,
    /// Until, not included.
    pub until: Millis,
    /// It is peak time.
    pub peak: bool,
    /// What waits is pushed at once.
    pub pushed: bool,
}

/// What a half means for a device that is heard of now and then not any more.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Outlook {
    /// Which half.
    pub liability: Liability,
    /// Peak and off-peak, in order, without gaps.
    pub stretches: Vec<Stretch>,
    /// When check-ins are due.
    pub due: Vec<Millis>,
    /// How often it is due on a day, on the average of a week.
    pub per_day: u32,
}

/// Both halves from now on, for `hours` hours (at most 336), in the organization's zone or the schedule's own.
///
/// # Errors
/// [`Error::Denied`].
pub fn outlook(engine: &Engine, scope: &Scope, schedule: &Schedule, hours: u16) -> Result<[Outlook; 2]> {
    scope.require(Permission::SchedulesView)?;
    let org = engine.directory.organization(scope.organization()).ok_or(Error::NotFound("organization"))?;
    let time_zone = org.read().organization.settings.time_zone.clone();
    let own = match &schedule.zone {
        ScheduleZone::Named(name) => super::zone(name),
        ScheduleZone::Organization | ScheduleZone::Device => None,
    };
    let zone = own.or_else(|| super::zone(&time_zone)).unwrap_or_default();
    let now = engine.now();
    let until = now + Millis::from(hours.min(336)) * 3_600_000;
    let of = |liability| {
        let course = Course { half: schedule.half(liability), zone: &zone, roaming: false };
        ahead(&course, liability, now, until)
    };
    Ok([of(Liability::Corporate), of(Liability::Individual)])
}

fn ahead(course: &Course<'_>, liability: Liability, now: Millis, until: Millis) -> Outlook {
    let mut stretches: Vec<Stretch> = Vec::new();
    let mut from = now;
    while from < until {
        let end = course.next_edge(from).unwrap_or(until).min(until);
        let (peak, pushed) = (course.is_peak(from), course.pushes(from, None));
        match stretches.last_mut().filter(|last| (last.peak, last.pushed) == (peak, pushed)) {
            Some(last) => last.until = end,
            None => stretches.push(Stretch { from, until: end, peak, pushed }),
        }
        from = end;
    }
    let due = course
        .dues(now)
        .flat_map(|run| (0..run.count).map(move |number| run.first + number * run.interval))
        .take_while(|at| *at < until)
        .collect();
    let week = course.missed(now, now + 7 * 86_400_000);
    Outlook { liability, stretches, due, per_day: (week + 3) / 7 }
}
