//! What to enter as the polling interval in ISE: start with 0, and if at all, poll as often as devices check in.

use std::collections::VecDeque;

use catalog::Permission;
use domain::Millis;

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
    /// The interval to enter if polling is wanted, in minutes.
    pub minutes: Option<i64>,
    /// What to do, in one or two sentences.
    pub words: String,
}

/// Advice from what was observed.
///
/// # Errors
/// [`Error::Denied`].
pub fn advice(engine: &Engine, scope: &Scope) -> Result<Advice> {
    scope.require(Permission::IseView)?;
    let check_in = check_in_interval(engine, scope)?;
    let minutes = check_in.map(|i| (i / 60_000).clamp(*ENTERABLE.start(), *ENTERABLE.end()));
    let desk = engine.ise.desk(scope.organization());
    let polls = desk.polls.lock();
    let observed = polls.interval();
    Ok(Advice {
        polls: polls.calls,
        last_poll_at: (polls.calls > 0).then_some(polls.last),
        observed_interval: observed,
        check_in_interval: check_in,
        minutes,
        words: words(polls.calls, observed, minutes),
    })
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
    fn advice_compares_polls_with_check_ins() {
        assert!(words(0, None, None).starts_with("Enter 0"));
        assert!(words(0, None, Some(60)).starts_with("ISE does not poll."));
        assert!(words(9, Some(15 * 60_000), Some(240)).contains("enter 240, and not less than 120"));
        assert!(words(9, Some(240 * 60_000), Some(30)).contains("act sooner"));
        assert!(words(9, Some(60 * 60_000), Some(60)).contains("fits"));
    }
}
