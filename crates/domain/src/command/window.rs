//! The hour of destructive commands that need no second person.
//!
//! It is counted in running time ([`Moment`](crate::model::Moment)) against a mark that never goes back: a clock that is
//! put forward does not empty it, one that is put back does not lock it, and a node that knows an older running time
//! cannot make room in it.

use catalog::Millis;

use crate::model::{Governor, Moment};

/// Length of the window, one hour in milliseconds.
pub const WINDOW: Millis = 3_600_000;

/// Stamps are rounded up to whole seconds, so that the window stays small however much is let through.
const GRAIN: Millis = 1_000;

/// Destructive commands in an hour, or devices in one change, that need no second person where the organization has
/// no limit of its own: five, or one in a hundred of the managed devices, whichever is more.
pub fn default_limit(managed_devices: usize) -> u32 {
    u32::try_from(managed_devices / 100).unwrap_or(u32::MAX).max(5)
}

/// What was let through in the last hour before `mark`.
fn sum(counted: &[(Millis, u32)], mark: Millis) -> u64 {
    counted.iter().filter(|(at, _)| at + WINDOW > mark).map(|(_, count)| u64::from(*count)).sum()
}

/// Counts what is let through now, and forgets what is older than an hour.
fn count(counted: &mut Vec<(Millis, u32)>, mark: Millis, many: u32) {
    counted.retain(|(at, _)| at + WINDOW > mark);
    let stamp = (mark + GRAIN - 1) / GRAIN * GRAIN;
    match counted.last_mut().filter(|(at, _)| *at == stamp) {
        Some((_, count)) => *count = count.saturating_add(many),
        None => counted.push((stamp, many)),
    }
}

/// Nobody knows what was let through between a backup and the moment at which it was restored (`restored_at`, running
/// time), so for an hour nothing is.
fn is_blind(restored_at: Option<Millis>, mark: Millis) -> bool {
    restored_at.is_some_and(|at| mark < at + WINDOW)
}

impl Governor {
    /// How many commands were let through in the last hour before `running`.
    pub fn spent_by(&self, running: Millis) -> u64 {
        sum(&self.spent, self.mark.max(running))
    }

    /// Asks for one more command; true: it is let through, and counted. `restored_at`: running time at which a backup
    /// was restored.
    pub fn admit(&mut self, running: Millis, restored_at: Option<Millis>, limit: u32) -> bool {
        self.mark = self.mark.max(running);
        if is_blind(restored_at, self.mark) || self.spent_by(self.mark) >= u64::from(limit) {
            return false;
        }
        count(&mut self.spent, self.mark, 1);
        true
    }

    /// How many devices lost something by changes that were let through in the last hour before `running`.
    pub fn withdrawn_by(&self, running: Millis) -> u64 {
        sum(&self.withdrawn, self.mark.max(running))
    }

    /// Whether a change that takes something from so many devices may be made without a second person: together with
    /// those of the last hour it takes from no more than the limit.
    pub fn may_withdraw(
        &self,
        running: Millis,
        restored_at: Option<Millis>,
        limit: u32,
        devices: u32,
    ) -> bool {
        let mark = self.mark.max(running);
        let within = self.withdrawn_by(mark) + u64::from(devices) <= u64::from(limit);
        devices == 0 || (within && !is_blind(restored_at, mark))
    }

    /// The same, and counts them if so.
    pub fn withdraw(
        &mut self,
        running: Millis,
        restored_at: Option<Millis>,
        limit: u32,
        devices: u32,
    ) -> bool {
        self.mark = self.mark.max(running);
        let may = self.may_withdraw(running, restored_at, limit, devices);
        if may && devices > 0 {
            count(&mut self.withdrawn, self.mark, devices);
        }
        may
    }

    /// Whether the alarm must be raised for something that is held now: once an hour at most.
    pub fn raise_alarm(&mut self, running: Millis) -> bool {
        self.mark = self.mark.max(running);
        let due = self.alarmed_at.is_none_or(|at| at + WINDOW <= self.mark);
        if due {
            self.alarmed_at = Some(self.mark);
        }
        due
    }

    /// Whether a presented recovery code (its hash) may stand for a second person: it must have been made long enough
    /// before, so that whoever takes over an account cannot make himself one.
    pub fn recovery_code_holds(&self, hash: &str, now: Moment) -> bool {
        self.recovery_code.as_ref().is_some_and(|(known, made)| {
            known == hash && now.is_later_by(super::NEW_ADMINISTRATOR_WAIT, *made)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::OrganizationId;
    use proptest::prelude::*;
    use uuid::Uuid;

    fn governor() -> Governor {
        Governor::new(OrganizationId::from_uuid(Uuid::from_u128(7)))
    }

    #[test]
    fn the_limit_is_five_or_one_in_a_hundred() {
        for (devices, limit) in [(0, 5), (1, 5), (599, 5), (600, 6), (20_000, 200), (100_000, 1_000)] {
            assert_eq!(default_limit(devices), limit, "{devices}");
        }
    }

    #[test]
    fn many_small_changes_count_together_and_apart_from_commands() {
        let mut governor = governor();
        assert!(governor.withdraw(10_500, None, 5, 3));
        assert!(governor.admit(10_500, None, 5), "commands have their own hour");
        assert!(!governor.withdraw(10_600, None, 5, 3), "six together");
        assert!(governor.withdraw(10_600, None, 5, 2));
        assert!(governor.withdraw(10_600, None, 5, 0), "what takes nothing is always let through");
        assert!(!governor.may_withdraw(10_500 + WINDOW, None, 5, 1));
        assert!(governor.withdraw(11_000 + WINDOW, None, 5, 5));
        assert_eq!(governor.withdrawn_by(0), 5, "a running time that goes back makes no room");
        let restored = Some(11_000 + 2 * WINDOW);
        assert!(!governor.withdraw(11_001 + 2 * WINDOW, restored, 5, 1));
        assert!(governor.withdraw(11_000 + 3 * WINDOW, restored, 5, 5));
    }

    #[test]
    fn the_sixth_of_an_hour_is_held_and_an_hour_later_there_is_room_again() {
        let mut governor = governor();
        assert_eq!((0..8).filter(|_| governor.admit(10_500, None, 5)).count(), 5);
        assert!(!governor.admit(10_500 + WINDOW, None, 5), "stamps are rounded up, never down");
        assert!(governor.admit(11_000 + WINDOW, None, 5));
        assert_eq!(governor.spent_by(11_000 + WINDOW), 1);
    }

    #[test]
    fn a_node_that_lags_behind_makes_no_room() {
        let mut governor = governor();
        assert!((0..5).all(|_| governor.admit(WINDOW, None, 5)));
        assert!(!governor.admit(0, None, 5) && !governor.admit(WINDOW - 60_000, None, 5));
        assert_eq!(governor.mark, WINDOW);
    }

    #[test]
    fn after_a_restore_nothing_is_let_through_for_an_hour() {
        let mut governor = governor();
        assert!(!governor.admit(5_000, Some(5_000), 5));
        assert!(!governor.admit(5_000 + WINDOW - 1, Some(5_000), 5));
        assert!(governor.admit(5_000 + WINDOW, Some(5_000), 5));
    }

    #[test]
    fn the_alarm_is_raised_once_an_hour() {
        let mut governor = governor();
        assert!(governor.raise_alarm(0) && !governor.raise_alarm(WINDOW - 1) && governor.raise_alarm(WINDOW));
    }

    #[test]
    fn a_recovery_code_made_today_is_no_second_person() {
        let mut governor = governor();
        let day = super::super::NEW_ADMINISTRATOR_WAIT;
        governor.recovery_code = Some(("aa".into(), Moment { clock: 5, running: 5 }));
        let at = |clock, running| Moment { clock, running };
        assert!(governor.recovery_code_holds("aa", at(5 + day, 5 + day)));
        assert!(!governor.recovery_code_holds("bb", at(5 + day, 5 + day)));
        assert!(!governor.recovery_code_holds("aa", at(5 + 9 * day, 4 + day)));
        assert!(!governor.recovery_code_holds("aa", at(4 + day, 5 + day)));
    }

    proptest! {
        /// Whatever order and pace: no hour of running time ever lets more than the limit through.
        #[test]
        fn no_hour_lets_more_than_the_limit_through(
            steps in prop::collection::vec((0..400_000_i64, -90_000..90_000_i64), 1..200),
            limit in 0..9_u32,
        ) {
            let mut governor = governor();
            let (mut time, mut let_through) = (0, Vec::new());
            for (pause, error) in steps {
                time += pause;
                // A node may lag behind, and never runs ahead of the time that has really passed.
                let seen = (time + error.min(0)).max(0);
                if governor.admit(seen, None, limit) {
                    let_through.push(time);
                }
            }
            for from in &let_through {
                let hour = let_through.iter().filter(|at| (*from..from + WINDOW - 90_000).contains(*at)).count();
                prop_assert!(hour <= limit as usize);
            }
        }
    }
}
