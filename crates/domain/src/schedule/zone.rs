//! A time zone as data: what the wall clock shows is ahead of UTC by so much, from then on by so much.

use catalog::Millis;

/// Offsets of a wall clock to UTC, in seconds east of Greenwich, and when they change.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Zone {
    first: i32,
    changes: Vec<(Millis, i32)>,
}

impl Zone {
    /// A zone that began with the offset `first`; `changes` are the moments from which another one holds, in order.
    pub fn new(first: i32, changes: Vec<(Millis, i32)>) -> Zone {
        debug_assert!(changes.windows(2).all(|pair| pair[0].0 < pair[1].0), "changes are in order");
        Zone { first, changes }
    }
    /// A clock that is never changed.
    pub fn fixed(seconds: i32) -> Zone {
        Zone { first: seconds, changes: Vec::new() }
    }
    /// The wall clock at a moment, as milliseconds since 1970 began on that clock.
    pub fn local(&self, at: Millis) -> Millis {
        let known = self.changes.partition_point(|(since, _)| *since <= at);
        let seconds = known.checked_sub(1).map_or(self.first, |last| self.changes[last].1);
        at.saturating_add(Millis::from(seconds) * 1_000)
    }
    /// When the clock is changed next, if it is.
    pub fn next_change(&self, at: Millis) -> Option<Millis> {
        self.changes.get(self.changes.partition_point(|(since, _)| *since <= at)).map(|(since, _)| *since)
    }
}
