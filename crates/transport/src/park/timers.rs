//! Deadlines of everything in a lot: one ordered set, one timer of the runtime.

use std::{
    collections::BTreeSet,
    time::{Duration, Instant},
};

use crate::slab::Key;

/// Deadlines are rounded up to this, so that neighbours are served by one wake-up.
const GRAIN: u64 = 25;

/// A moment in milliseconds since the lot was made.
pub(crate) type Moment = u64;

#[derive(Debug)]
pub(crate) struct Timers {
    start: Instant,
    set: BTreeSet<(Moment, Key)>,
}

impl Timers {
    pub(crate) fn new() -> Self {
        Self { start: Instant::now(), set: BTreeSet::new() }
    }

    /// The grain in which `instant` lies, never earlier.
    pub(crate) fn moment(&self, instant: Instant) -> Moment {
        let exact = instant.saturating_duration_since(self.start).as_millis() as u64 + 1;
        exact.next_multiple_of(GRAIN)
    }

    pub(crate) fn set(&mut self, moment: Moment, key: Key) {
        self.set.insert((moment, key));
    }

    pub(crate) fn cancel(&mut self, moment: Moment, key: Key) {
        self.set.remove(&(moment, key));
    }

    /// When something is due next.
    pub(crate) fn next(&self) -> Option<Instant> {
        self.set.first().map(|(moment, _)| self.start + Duration::from_millis(*moment))
    }

    /// Takes one that is due.
    pub(crate) fn pop_due(&mut self, now: Instant) -> Option<Key> {
        let (moment, key) = *self.set.first()?;
        if self.start + Duration::from_millis(moment) > now {
            return None;
        }
        self.set.remove(&(moment, key));
        Some(key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::slab::Slab;

    #[test]
    fn deadlines_come_in_order_and_never_early() {
        let (mut timers, mut slab) = (Timers::new(), Slab::new());
        let (late, early, cancelled) = (slab.insert(()), slab.insert(()), slab.insert(()));
        let now = Instant::now();
        let at = |timers: &Timers, millis| timers.moment(now + Duration::from_millis(millis));
        let (first, second) = (at(&timers, 100), at(&timers, 300));
        timers.set(second, late);
        timers.set(first, early);
        timers.set(first, cancelled);
        timers.cancel(first, cancelled);
        assert_eq!(timers.pop_due(now + Duration::from_millis(99)), None);
        let next = timers.next().unwrap();
        assert!(next >= now + Duration::from_millis(100) && next <= now + Duration::from_millis(130));
        assert_eq!(timers.pop_due(now + Duration::from_millis(200)), Some(early));
        assert_eq!(timers.pop_due(now + Duration::from_millis(200)), None);
        assert_eq!(timers.pop_due(now + Duration::from_millis(400)), Some(late));
        assert_eq!(timers.next(), None);
    }
}
