//! What a schedule means for one device: when it is due, how often it did not come, whether things are pushed to it.
//!
//! A device is due at the first moment at which its last contact is as long ago as the interval *of that moment*.
//! So a device that came by in the night is due when the peak time begins, if that is long enough ago for the
//! shorter interval, and a device that came by at the end of the peak time is left alone for the longer one. A
//! check-in that is missed counts as the last contact for the next one.

use catalog::Millis;

use super::{WEEK_MINUTES, Zone};
use crate::model::{DeviceId, RoamingMode, ScheduleHalf};

/// Dues are not looked for further ahead than this: four years.
const HORIZON: Millis = 4 * 366 * 86_400_000;
const MINUTE: Millis = 60_000;
const WEEK: Millis = WEEK_MINUTES as Millis * MINUTE;
/// 1970 began on a Thursday.
const MONDAY: Millis = 3 * 86_400_000;

/// A schedule's half, the clock it is read by, and whether the device is in a foreign network.
#[derive(Debug, Clone, Copy)]
pub struct Course<'a> {
    /// What the schedule says.
    pub half: &'a ScheduleHalf,
    /// The clock.
    pub zone: &'a Zone,
    /// The device is in a foreign network.
    pub roaming: bool,
}

impl<'a> Course<'a> {
    /// Whether it is peak time for the device.
    pub fn is_peak(&self, at: Millis) -> bool {
        let away = self.roaming && self.half.roaming != RoamingMode::AsNormal;
        !away && self.half.peak.contains((self.of_week(at) / MINUTE) as u16)
    }

    /// The time between two check-ins at this moment, milliseconds; `None` when none is expected.
    pub fn interval(&self, at: Millis) -> Option<Millis> {
        if self.roaming && self.half.roaming == RoamingMode::Manual {
            return None;
        }
        if self.is_peak(at) { self.half.peak_interval.millis() } else { self.half.off_peak_interval.millis() }
    }

    /// Whether what waits for the device is pushed at this moment; `battery` in percent, if it is known.
    pub fn pushes(&self, at: Millis, battery: Option<i64>) -> bool {
        let away = self.roaming && self.half.roaming == RoamingMode::Manual;
        let low = battery.is_some_and(|percent| percent < i64::from(self.half.low_battery));
        let wanted = if self.is_peak(at) { self.half.push_peak } else { self.half.push_off_peak };
        wanted && !away && !low
    }

    /// When the device is due next after `now`, if it does not come before.
    pub fn next_due(&self, last: Millis, now: Millis) -> Option<Millis> {
        // What is due after a check-in was missed follows from the one that was missed.
        self.dues(last).find_map(|dues| dues.after(now))
    }

    /// The moment of the `count`th check-in (1 is the next one) that a device misses that does not come any more.
    pub fn nth_due(&self, last: Millis, count: u32) -> Option<Millis> {
        let mut left = i64::from(count.max(1));
        for dues in self.dues(last) {
            if left <= dues.count {
                return Some(dues.first + (left - 1) * dues.interval);
            }
            left -= dues.count;
        }
        None
    }

    /// How many check-ins were due since the last contact, up to `now`.
    pub fn missed(&self, last: Millis, now: Millis) -> u32 {
        let passed = self.dues(last).take_while(|dues| dues.first <= now);
        let count: i64 = passed.map(|dues| ((now - dues.first) / dues.interval + 1).min(dues.count)).sum();
        u32::try_from(count).unwrap_or(u32::MAX)
    }

    /// All dues of a device that was last heard of at `last`, in runs of equal intervals.
    pub fn dues(&self, last: Millis) -> impl Iterator<Item = Dues> + use<'a> {
        let this = *self;
        let mut at = last;
        let mut before = last;
        std::iter::from_fn(move || {
            while at < last.saturating_add(HORIZON) {
                let end = this.next_edge(at).unwrap_or(last.saturating_add(HORIZON));
                let interval = this.interval(at);
                let start = std::mem::replace(&mut at, end);
                let Some(interval) = interval else { continue };
                let first = start.max(before + interval);
                if first < end {
                    let count = (end - 1 - first) / interval + 1;
                    before = first + (count - 1) * interval;
                    return Some(Dues { first, interval, count });
                }
            }
            None
        })
    }

    /// The first moment after this one at which peak time begins or ends, or the clock is changed.
    pub fn next_edge(&self, at: Millis) -> Option<Millis> {
        let of_week = self.of_week(at);
        let edge = self.half.peak.next_edge((of_week / MINUTE) as u16);
        let edge = edge.map(|edge| at + Millis::from(edge) * MINUTE - of_week);
        edge.into_iter().chain(self.zone.next_change(at)).min()
    }

    /// Milliseconds since Monday 00:00 on the wall clock.
    fn of_week(&self, at: Millis) -> Millis {
        self.zone.local(at).saturating_add(MONDAY).rem_euclid(WEEK)
    }
}

/// Moments at which a device is due: `count` of them, `interval` milliseconds apart, from `first` on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Dues {
    /// The first.
    pub first: Millis,
    /// From one to the next.
    pub interval: Millis,
    /// How many, at least one.
    pub count: i64,
}

impl Dues {
    /// The first of them after a moment.
    fn after(&self, now: Millis) -> Option<Millis> {
        let passed = if now < self.first { 0 } else { (now - self.first) / self.interval + 1 };
        (passed < self.count).then(|| self.first + passed * self.interval)
    }
}

/// A delay of 0 to `window` milliseconds for a device that is due at `due`: devices that are due at the same time are
/// spread evenly, and every node of an installation spreads them alike.
pub fn spread(device: DeviceId, due: Millis, window: Millis) -> Millis {
    // splitmix64: every bit of the result depends on every bit of the id and of the time.
    let (high, low) = device.uuid().as_u64_pair();
    let mut mixed = (high ^ low.rotate_left(32) ^ due as u64).wrapping_add(0x9e37_79b9_7f4a_7c15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    ((mixed ^ (mixed >> 31)) % (window.max(0) as u64 + 1)) as Millis
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schedule::Interval;

    const HOUR: Millis = 3_600_000;
    /// Monday, 5 January 2026, 00:00 UTC.
    const START: Millis = 1_767_571_200_000;

    fn half() -> ScheduleHalf {
        ScheduleHalf {
            peak_interval: Interval::from_key("15m").expect("a choice"),
            off_peak_interval: Interval::from_key("4h").expect("a choice"),
            low_battery: 20,
            push_off_peak: false,
            ..ScheduleHalf::default()
        }
    }

    #[test]
    fn the_interval_of_the_moment_counts() {
        let (half, zone) = (half(), Zone::default());
        let course = Course { half: &half, zone: &zone, roaming: false };
        let due = |hour: Millis, minute: Millis| {
            let last = START + hour * HOUR + minute * MINUTE;
            course.next_due(last, last).map(|at| (at - START) / MINUTE)
        };
        assert_eq!(due(8, 0), Some(8 * 60 + 15), "in peak time");
        assert_eq!(due(6, 30), Some(7 * 60), "peak time begins");
        assert_eq!(due(6, 50), Some(7 * 60 + 5), "too short before it");
        assert_eq!(due(18, 50), Some(22 * 60 + 50), "peak time ends");
        assert_eq!(due(18, 45), Some(22 * 60 + 45), "at its end it is over");
        let last = START + 8 * HOUR;
        assert_eq!(course.missed(last, last + HOUR), 4);
        assert_eq!(course.nth_due(last, 4), Some(last + HOUR));
        assert_eq!(course.next_due(last, last + HOUR), Some(last + HOUR + 15 * MINUTE));
    }

    #[test]
    fn abroad_and_on_a_low_battery_less_is_asked() {
        let zone = Zone::default();
        let noon = START + 12 * HOUR;
        let abroad = |change: fn(&mut ScheduleHalf)| {
            let mut half = half();
            change(&mut half);
            let course = Course { half: &half, zone: &zone, roaming: true };
            let pushes = [None, Some(20), Some(19)].map(|battery| course.pushes(noon, battery));
            (course.is_peak(noon), course.next_due(noon, noon).map(|at| at - noon), pushes)
        };
        assert_eq!(abroad(|_| ()), (true, Some(15 * MINUTE), [true, true, false]));
        assert_eq!(abroad(|h| h.roaming = RoamingMode::OffPeak), (false, Some(4 * HOUR), [false; 3]));
        let manual = |half: &mut ScheduleHalf| {
            half.roaming = RoamingMode::Manual;
            half.push_off_peak = true;
        };
        assert_eq!(abroad(manual), (false, None, [false; 3]));
    }

    #[test]
    fn dues_are_spread_evenly_and_alike() {
        let device = |n: u128| DeviceId::from_uuid(uuid::Uuid::from_u128((n << 80) | 7));
        let mut tenths = [0; 10];
        for n in 0..10_000 {
            let delay = spread(device(n), START, 59_999);
            assert_eq!(delay, spread(device(n), START, 59_999));
            tenths[(delay / 6_000) as usize] += 1;
        }
        assert!(tenths.iter().all(|count| (800..1_200).contains(count)), "{tenths:?}");
        assert_eq!(spread(device(1), START, 0), 0);
    }
}
