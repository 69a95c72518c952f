//! What to enter as the polling interval in ISE: start with 0, and if at all, poll as often as devices check in.

use std::collections::VecDeque;

use catalog::{Liability, Permission};
use domain::Millis;
use domain::model::ScheduleId;

use super::is_registered;
use crate::presence::last_contact;
use crate::{Engine, Error, Result, Scope};

/// Polls of the several nodes of one ISE come together: closer than this is the same round.
const ROUND: Millis = 60_000;
/// Rounds remembered.
const ROUNDS: usize = 16;
/// Devices silent for longer say nothing about how often the others check in.
const SILENT: Millis = 7 * 86_400_000;
/// Devices looked at to estimate the check-in interval.
const SAMPLE: usize = 2_000;
/// What ISE lets an administrator enter, in minutes.
const ENTERABLE: std::ops::RangeInclusive<i64> = 15..=1_440;

/// When polls began.
#[derive(Default)]
pub(super) struct Polls {
    rounds: VecDeque<Millis>,
    last: Millis,
    calls: u64,
}

impl Polls {
    /// Notes the first page of a poll for devices that are not compliant.
    pub(super) fn note(&mut self, now: Millis) {
        self.calls += 1;
        if self.rounds.is_empty() || now - self.last >= ROUND {
            if self.rounds.len() == ROUNDS {
                self.rounds.pop_front();
            }
            self.rounds.push_back(now);
        }
        self.last = now;
    }

    /// The usual time between two rounds; needs two of them.
    fn interval(&self) -> Option<Millis> {
        let gaps = self.rounds.iter().zip(self.rounds.iter().skip(1)).map(|(a, b)| b - a);
        median(gaps.collect())
    }
}

fn median(mut values: Vec<Millis>) -> Option<Millis> {
    values.sort_unstable();
    values.get(values.len() / 2).copied()
}

/// Advice on the polling interval.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Advice {
    /// Polls since this node started.
    pub polls: u64,
    /// When the last one came.
    pub last_poll_at: Option<Millis>,
    /// The usual time between two rounds of polls.
    pub observed_interval: Option<Millis>,
    /// About how often devices check in, estimated from when they were last heard of.
    pub check_in_interval: Option<Millis>,
    /// What the connection schedules in force say, the shortest interval first.
    pub in_force: Vec<InForce>,
    /// The interval to enter if polling is wanted, in minutes.
    pub minutes: Option<i64>,
    /// What to do, in one or two sentences.
    pub words: String,
}

/// A half of a connection schedule that devices go by.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct InForce {
    /// The schedule.
    pub schedule: ScheduleId,
    /// Its name.
    pub name: String,
    /// Which half.
    pub liability: Liability,
    /// Its shortest time between two check-ins, milliseconds.
    pub interval: Millis,
    /// Devices that go by it.
    pub devices: usize,
    /// ISE polls in less than half of that time: it learns nothing new in between.
    pub polled_too_often: bool,
}

/// Advice from what was observed.
///
/// # Errors
/// [`Error::Denied`].
pub fn advice(engine: &Engine, scope: &Scope) -> Result<Advice> {
    scope.require(Permission::IseView)?;
    let check_in = check_in_interval(engine, scope)?;
    let mut in_force = in_force(engine, scope)?;
    let desk = engine.ise.desk(scope.organization());
    let polls = desk.polls.lock();
    let observed = polls.interval();
    for half in &mut in_force {
        half.polled_too_often = observed.is_some_and(|observed| observed * 2 < half.interval);
    }
    // What is asked of devices counts; what they are seen to do where nothing is asked of them.
    let period = in_force.first().map(|half| half.interval).or(check_in);
    let minutes = period.map(|i| (i / 60_000).clamp(*ENTERABLE.start(), *ENTERABLE.end()));
    Ok(Advice {
        polls: polls.calls,
        last_poll_at: (polls.calls > 0).then_some(polls.last),
        observed_interval: observed,
        check_in_interval: check_in,
        minutes,
        words: words(polls.calls, observed, minutes) + &too_often(&in_force),
        in_force,
    })
}

/// The halves that devices go by, the shortest interval first.
fn in_force(engine: &Engine, scope: &Scope) -> Result<Vec<InForce>> {
    let mut all = Vec::new();
    for (schedule, used) in crate::schedules::in_use(engine, scope)? {
        for (liability, devices) in
            [(Liability::Corporate, used.corporate), (Liability::Individual, used.individual)]
        {
            let half = schedule.half(liability);
            let shortest =
                [half.peak_interval, half.off_peak_interval].iter().filter_map(|i| i.millis()).min();
            all.extend(shortest.filter(|_| devices > 0).map(|interval| InForce {
                schedule: schedule.id,
                name: schedule.name.clone(),
                liability,
                interval,
                devices,
                polled_too_often: false,
            }));
        }
    }
    all.sort_by(|a, b| a.interval.cmp(&b.interval).then_with(|| a.name.cmp(&b.name)));
    Ok(all)
}

/// Which schedules ISE overtakes, in a sentence; empty if it overtakes none.
fn too_often(in_force: &[InForce]) -> String {
    let overtaken: Vec<_> = in_force
        .iter()
        .filter(|half| half.polled_too_often)
        .map(|half| format!("{} ({}, {} minutes)", half.name, half.liability.key(), half.interval / 60_000))
        .collect();
    if overtaken.is_empty() {
        return String::new();
    }
    format!(" Polls are less than half of the check-in period apart for devices of {}.", overtaken.join(", "))
}

fn words(polls: u64, observed: Option<Millis>, minutes: Option<i64>) -> String {
    let Some(minutes) = minutes else {
        return "Enter 0 as the polling interval to begin with: ISE asks for a device whenever it opens a session. \
                There are no check-ins yet from which an interval could be advised."
            .into();
    };
    match observed.map(|i| i / 60_000) {
        None if polls == 0 => format!(
            "ISE does not poll. That is the best beginning: it asks for a device whenever it opens a session. If \
             sessions last for days, enter {minutes} minutes, which is about how often devices check in."
        ),
        None => format!(
            "One poll was seen, so the interval is not known yet. Devices check in about every {minutes} minutes; \
             polling more often tells ISE nothing new."
        ),
        Some(observed) if observed * 2 < minutes => format!(
            "ISE polls about every {observed} minutes, but devices check in only about every {minutes}. Nothing new \
             is learnt in between: enter {minutes}, and not less than {}.",
            (minutes / 2).max(*ENTERABLE.start())
        ),
        Some(observed) if observed > minutes * 2 => format!(
            "ISE polls about every {observed} minutes. Devices check in about every {minutes}: entering that lets \
             ISE act sooner on sessions that are open."
        ),
        Some(observed) => {
            format!("ISE polls about every {observed} minutes, which fits how often devices check in.")
        }
    }
}

/// If a device checks in every T, the time since its last check-in is anything from 0 to T: half of the devices
/// are below T/2.
fn check_in_interval(engine: &Engine, scope: &Scope) -> Result<Option<Millis>> {
    let org = engine.directory.organization(scope.organization()).ok_or(Error::NotFound("organization"))?;
    let now = engine.now();
    let org = org.read();
    let ages = org
        .devices
        .iter()
        .filter(|device| is_registered(device))
        .filter_map(|device| Some(now - last_contact(engine, device)?))
        .filter(|age| (0..SILENT).contains(age))
        .take(SAMPLE)
        .collect();
    Ok(median(ages).map(|age| age * 2))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn polls_of_several_nodes_are_one_round() {
        let mut polls = Polls::default();
        for round in 0..4 {
            for node in 0..3 {
                polls.note(1_000_000_000_000 + round * 14_400_000 + node * 2_000);
            }
        }
        assert_eq!(polls.calls, 12);
        assert_eq!(polls.interval(), Some(14_400_000));
        assert_eq!(Polls::default().interval(), None);
    }

    #[test]
    fn schedules_that_ise_overtakes_are_named() {
        let half = |name: &str, minutes: Millis, polled_too_often| InForce {
            schedule: ScheduleId::from_uuid(uuid::Uuid::nil()),
            name: name.into(),
            liability: Liability::Corporate,
            interval: minutes * 60_000,
            devices: 1,
            polled_too_often,
        };
        assert_eq!(too_often(&[half("Shifts", 15, false)]), "");
        let said = too_often(&[half("Shifts", 15, false), half("Default", 240, true)]);
        assert!(said.ends_with("for devices of Default (corporate, 240 minutes)."), "{said}");
    }

    #[test]
    fn advice_compares_polls_with_check_ins() {
        assert!(words(0, None, None).starts_with("Enter 0"));
        assert!(words(0, None, Some(60)).starts_with("ISE does not poll."));
        assert!(words(9, Some(15 * 60_000), Some(240)).contains("enter 240, and not less than 120"));
        assert!(words(9, Some(240 * 60_000), Some(30)).contains("act sooner"));
        assert!(words(9, Some(60 * 60_000), Some(60)).contains("fits"));
    }
}
