//! The connectivity watch list: devices whose silence somebody wants to know of.

use catalog::Millis;
use serde::{Deserialize, Serialize};

use super::{DeviceId, OrganizationId, Recipients};

/// Longest silence that can be watched for, minutes: 30 days.
pub const WATCH_MINUTES_MAX: u32 = 43_200;

/// Most contacts in time after which a device leaves the list by itself.
pub const LEAVE_AFTER_MAX: u32 = 1_000;

const MINUTE: Millis = 60_000;

/// Contacts are gathered for some seconds on the node that had them; a silence is one only when those are known.
const GATHERED: Millis = 15_000;

/// A device on the connectivity watch list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Watched {
    /// Organization.
    pub organization: OrganizationId,
    /// The device; it is on the list once.
    pub device: DeviceId,
    /// Grows with every write.
    pub rev: i64,
    /// How long it may be silent, 1 to [`WATCH_MINUTES_MAX`] minutes.
    pub minutes: u32,
    /// Who is told by mail, besides those whom the alert's settings name.
    pub recipients: Recipients,
    /// Leaves the list by itself after so many contacts in time, at most [`LEAVE_AFTER_MAX`]; 0: it stays.
    pub leave_after: u32,
    /// Why it is watched; may be empty.
    pub note: String,
    /// Who put it on the list.
    pub by: String,
    /// When it was put on the list.
    pub since: Millis,
    /// Contacts in time since then, or since it was silent last: one for each span of `minutes`, however often the
    /// device came in it.
    pub good: u32,
    /// The contact that was counted last.
    pub counted_at: Option<Millis>,
    /// It is silent: since this contact, or since it was put on the list.
    pub silent_since: Option<Millis>,
    /// When it is looked at next; `None` while it is silent, until it is heard of.
    pub due_at: Option<Millis>,
}

/// What came of a look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Look {
    /// Nothing to tell.
    Nothing,
    /// It has been silent for too long.
    Silent,
    /// It was heard of again; it had been silent for so long, milliseconds.
    Back(Millis),
}

impl Watched {
    /// How long it may be silent, milliseconds.
    pub fn limit(&self) -> Millis {
        i64::from(self.minutes) * MINUTE
    }

    /// Looks at it: `heard` is its last contact by any channel. Says when it is to be looked at next, in `due_at`.
    pub fn look(&mut self, heard: Option<Millis>, now: Millis) -> Look {
        // A clock that was set back leaves contacts in the future.
        let heard = heard.map(|at| at.min(now));
        let last = heard.unwrap_or(self.since);
        let silent = now - last >= self.limit();
        self.due_at = (!silent).then(|| last + self.limit() + GATHERED);
        match (self.silent_since, silent) {
            (None, true) => {
                (self.silent_since, self.good) = (Some(last), 0);
                Look::Silent
            }
            (Some(since), false) => {
                (self.silent_since, self.good, self.counted_at) = (None, 1, Some(last));
                Look::Back(last - since)
            }
            (None, false) => {
                if heard > self.counted_at.max(Some(self.since)) {
                    (self.good, self.counted_at) = (self.good.saturating_add(1), heard);
                }
                Look::Nothing
            }
            (Some(_), true) => Look::Nothing,
        }
    }

    /// Whether it has been in time often enough to leave the list.
    pub fn is_done(&self) -> bool {
        self.leave_after > 0 && self.good >= self.leave_after && self.silent_since.is_none()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Id;

    fn watched(minutes: u32, leave_after: u32) -> Watched {
        Watched {
            organization: Id::from_uuid(uuid::Uuid::from_u128(1)),
            device: Id::from_uuid(uuid::Uuid::from_u128(2)),
            rev: 1,
            minutes,
            recipients: Recipients::default(),
            leave_after,
            note: String::new(),
            by: String::new(),
            since: 0,
            good: 0,
            counted_at: None,
            silent_since: None,
            due_at: Some(0),
        }
    }

    #[test]
    fn silence_is_told_once_and_so_is_its_end() {
        let mut one = watched(30, 0);
        assert_eq!(one.look(Some(10 * MINUTE), 20 * MINUTE), Look::Nothing);
        let due = one.due_at.expect("it is looked at again");
        assert!((40 * MINUTE..=41 * MINUTE).contains(&due), "{due}");
        assert_eq!(one.look(Some(10 * MINUTE), due), Look::Silent);
        assert_eq!((one.silent_since, one.due_at), (Some(10 * MINUTE), None));
        assert_eq!(one.look(Some(10 * MINUTE), due + MINUTE), Look::Nothing);
        assert_eq!(one.look(Some(70 * MINUTE), 70 * MINUTE), Look::Back(60 * MINUTE));
        assert!(one.silent_since.is_none() && one.due_at > Some(100 * MINUTE));
        // One that never came at all is silent since it was put on the list.
        let mut never = watched(30, 0);
        assert_eq!(never.look(None, 29 * MINUTE), Look::Nothing);
        assert_eq!(never.look(None, 30 * MINUTE), Look::Silent);
        assert_eq!(never.silent_since, Some(0));
    }

    #[test]
    fn contacts_in_time_count_once_for_each_look_and_silence_begins_anew() {
        let mut one = watched(30, 2);
        one.look(Some(10 * MINUTE), 10 * MINUTE);
        one.look(Some(10 * MINUTE), 20 * MINUTE);
        assert_eq!((one.good, one.is_done()), (1, false), "the same contact counts once");
        one.look(Some(30 * MINUTE), 41 * MINUTE);
        assert!(one.is_done());
        one.look(Some(30 * MINUTE), 61 * MINUTE);
        assert!(one.good == 0 && !one.is_done());
        one.look(Some(62 * MINUTE), 62 * MINUTE);
        assert!(one.good == 1 && !one.is_done());
        assert!(!watched(30, 0).is_done(), "it stays");
    }

    #[test]
    fn a_clock_that_was_set_back_neither_alarms_nor_hides_a_silence_for_longer() {
        let mut one = watched(30, 0);
        one.since = 1_000 * MINUTE;
        assert_eq!(one.look(Some(1_000 * MINUTE), 500 * MINUTE), Look::Nothing);
        let due = one.due_at.expect("it is looked at again");
        assert!(due <= 531 * MINUTE, "{due}");
    }
}
