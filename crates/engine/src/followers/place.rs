//! How far each follower has come in each organization, as this node knows it.

use std::collections::HashMap;

use domain::model::OrganizationId;

/// A follower (by its number) in an organization.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Key(pub usize, pub OrganizationId);

/// Where a follower stands.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Place {
    /// The cursor in the store.
    pub stored: i64,
    /// The newest entry that needs no more attention; not before `stored`.
    pub seen: i64,
    /// The newest entry there is.
    pub head: i64,
    /// Waits to be run, or runs.
    busy: bool,
}

/// All places, and who is due.
#[derive(Debug, Default)]
pub(super) struct Places {
    /// Whether this node follows at all.
    pub following: bool,
    all: HashMap<Key, Place>,
    due: Vec<Key>,
}

impl Places {
    /// Begins anew: from now on what grows is noted.
    pub fn begin(&mut self) {
        *self = Self { following: true, ..Self::default() };
    }

    /// What the store says of a place, and the newest entry there is. Whoever is behind becomes due.
    pub fn start(&mut self, key: Key, stored: i64, head: i64) {
        self.refresh(key, stored);
        self.grown(key, head, true);
    }

    /// The cursor that the store has.
    pub fn refresh(&mut self, key: Key, stored: i64) {
        let place = self.all.entry(key).or_default();
        place.stored = stored;
        place.seen = place.seen.max(stored);
        place.head = place.head.max(stored);
    }

    /// Follows no more.
    pub fn end(&mut self) {
        *self = Self::default();
    }

    /// There is an entry of this sequence. Answers whether somebody became due.
    pub fn grown(&mut self, key: Key, sequence: i64, wanted: bool) -> bool {
        let place = self.all.entry(key).or_default();
        let next = place.seen + 1 == sequence && place.head < sequence;
        place.head = place.head.max(sequence);
        if next && !wanted {
            place.seen = sequence;
        }
        if place.busy || place.seen >= place.head {
            return false;
        }
        place.busy = true;
        self.due.push(key);
        true
    }

    /// Who has become due since the last time.
    pub fn take_due(&mut self) -> Vec<Key> {
        std::mem::take(&mut self.due)
    }

    /// Where a follower stands.
    pub fn get(&self, key: Key) -> Place {
        self.all.get(&key).copied().unwrap_or_default()
    }

    /// A follower has come to `seen`, and the store knows `stored`. Answers whether there is more to do; if not, it is
    /// no longer busy.
    pub fn moved(&mut self, key: Key, stored: i64, seen: i64) -> bool {
        let place = self.all.entry(key).or_default();
        place.stored = place.stored.max(stored);
        place.seen = place.seen.max(seen);
        place.busy = place.seen < place.head;
        place.busy
    }

    /// The store has a cursor up to here now. A follower that has begun meanwhile finds out by its conflict.
    pub fn stored(&mut self, key: Key, stored: i64) {
        let place = self.all.entry(key).or_default();
        place.stored = place.stored.max(stored);
    }

    /// Places whose cursor in the store lags behind, of followers that are not busy.
    pub fn lagging(&self) -> Vec<(Key, Place)> {
        let lags = |place: &Place| !place.busy && place.stored < place.seen;
        self.all.iter().filter(|(_, place)| lags(place)).map(|(key, place)| (*key, *place)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_nobody_wants_moves_the_place_at_once_and_what_is_wanted_makes_due_once() {
        let mut places = Places::default();
        let (here, there) =
            (Key(0, OrganizationId::new(1, &[1; 10])), Key(0, OrganizationId::new(1, &[2; 10])));
        places.begin();
        places.start(here, 4, 4);
        places.start(there, 2, 3);
        assert_eq!(places.take_due(), [there], "it was behind when this node began");
        assert!(!places.grown(here, 5, false));
        assert_eq!(places.get(here).seen, 5);
        assert_eq!(places.lagging().len(), 1);
        assert!(places.grown(here, 6, true));
        assert!(!places.grown(here, 7, false), "it is due already, and 6 is not done");
        assert_eq!((places.get(here).seen, places.get(here).head), (5, 7));
        assert_eq!(places.take_due(), [here]);
        assert!(places.moved(here, 6, 6), "7 has not been looked at");
        assert!(!places.moved(here, 6, 7));
        assert_eq!(places.lagging(), [(here, Place { stored: 6, seen: 7, head: 7, busy: false })]);
    }

    #[test]
    fn a_gap_in_what_was_heard_is_never_skipped() {
        let mut places = Places::default();
        let key = Key(0, OrganizationId::new(1, &[1; 10]));
        places.begin();
        places.start(key, 4, 4);
        // Another node wrote 5; this one hears of 6 first.
        assert!(places.grown(key, 6, false));
        assert_eq!(places.get(key).seen, 4);
    }
}
