//! Dues against a brute-force oracle: walk minute by minute, ask another library for the wall clock of each, and count.

use domain::model::{RoamingMode, ScheduleHalf};
use domain::schedule::{Course, Day, Interval, PeakRange, TimeOfDay, Week};
use engine::schedules::zone;
use jiff::Timestamp;
use jiff::tz::TimeZone;

const MINUTE: i64 = 60_000;
const DAY: i64 = 1_440;
/// Minutes walked for each case.
const WALKED: i64 = 9 * DAY;

/// Zones with the changes that hurt: both hemispheres, half an hour, two hours, quarters, a skipped day, a change at
/// midnight, one that is ahead in winter, and none at all.
const ZONES: [&str; 14] = [
    "Europe/Berlin",
    "America/New_York",
    "Australia/Lord_Howe",
    "Australia/Adelaide",
    "America/St_Johns",
    "Asia/Kolkata",
    "Asia/Kathmandu",
    "Pacific/Chatham",
    "Pacific/Apia",
    "America/Santiago",
    "Asia/Beirut",
    "Europe/Dublin",
    "Antarctica/Troll",
    "Africa/Casablanca",
];

struct Dice(u64);

impl Dice {
    fn below(&mut self, n: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % n
    }
    fn interval(&mut self) -> Interval {
        let all: Vec<_> = Interval::all().collect();
        all[self.below(all.len() as u64) as usize]
    }
    /// Ranges that do not overlap; some cross midnight, some begin where another ends.
    fn ranges(&mut self) -> Vec<PeakRange> {
        let mut entered = Vec::new();
        for _ in 0..self.below(12) {
            let from = TimeOfDay::new((self.below(96) * 15) as u16).unwrap();
            let until = TimeOfDay::new((self.below(1_441)) as u16).unwrap();
            let range = PeakRange { day: Day::ALL[self.below(7) as usize], from, until };
            entered.push(range);
            if Week::new(&entered).is_err() {
                entered.pop();
            }
        }
        entered
    }
    /// A moment shortly before the clock of the zone is changed, or any.
    fn start(&mut self, zone: &TimeZone) -> i64 {
        let any = Timestamp::from_second(1_100_000_000 + self.below(1_200_000_000) as i64).unwrap();
        let change = zone.following(any).next().filter(|_| self.below(4) > 0);
        let at = change.map_or(any, |change| change.timestamp()).as_millisecond();
        at.div_euclid(MINUTE) * MINUTE - self.below(3 * DAY as u64) as i64 * MINUTE
    }
}

/// Whether a moment lies in what was entered, by the wall clock of jiff and no code of ours.
fn entered_at(ranges: &[PeakRange], zone: &TimeZone, at: i64) -> bool {
    let local = zone.to_datetime(Timestamp::from_millisecond(at).unwrap());
    let today = i64::from(local.weekday().to_monday_zero_offset());
    let minute = i64::from(local.hour()) * 60 + i64::from(local.minute());
    ranges.iter().any(|range| {
        let (from, until) = (i64::from(range.from.minutes()), i64::from(range.until.minutes()));
        let until = if until > from { until } else { until + DAY };
        let day = Day::ALL.iter().position(|day| *day == range.day).unwrap() as i64;
        // Today's range, yesterday's that crosses midnight.
        [0, 1].iter().any(|ago| (day + ago) % 7 == today && (from..until).contains(&(minute + ago * DAY)))
    })
}

#[test]
fn dues_are_those_that_a_walk_minute_by_minute_finds() {
    let mut dice = Dice(20_261_122);
    let (mut cases, mut dues_seen, mut changes_seen) = (0, 0, 0);
    for name in ZONES.iter().cycle().take(14 * 12) {
        let (data, zone) = (zone(name).unwrap(), TimeZone::get(name).unwrap());
        let ranges = dice.ranges();
        let half = ScheduleHalf {
            peak: Week::new(&ranges).unwrap(),
            peak_interval: dice.interval(),
            off_peak_interval: dice.interval(),
            roaming: [RoamingMode::AsNormal, RoamingMode::OffPeak, RoamingMode::Manual]
                [dice.below(3) as usize],
            ..ScheduleHalf::default()
        };
        let roaming = dice.below(4) == 0;
        let course = Course { half: &half, zone: &data, roaming };
        let last = dice.start(&zone);
        let mut dues = Vec::new();
        let (mut before, mut peak_before) = (last, None);
        for minute in 0..=WALKED {
            let at = last + minute * MINUTE;
            let away = roaming && half.roaming != RoamingMode::AsNormal;
            let peak = !away && entered_at(&ranges, &zone, at);
            assert_eq!(course.is_peak(at), peak, "{name} at {at}: {ranges:?}");
            changes_seen += usize::from(peak_before.is_some_and(|before| before != peak));
            peak_before = Some(peak);
            let interval = if peak { half.peak_interval } else { half.off_peak_interval };
            let interval = interval.millis().filter(|_| !(roaming && half.roaming == RoamingMode::Manual));
            if interval.is_some_and(|interval| at - before >= interval) {
                dues.push(at);
                before = at;
            }
        }
        let end = last + WALKED * MINUTE;
        let said: Vec<_> = course
            .dues(last)
            .flat_map(|run| (0..run.count).map(move |n| run.first + n * run.interval))
            .take_while(|at| *at <= end)
            .collect();
        assert_eq!(said, dues, "{name} from {last}: {half:?}");
        assert_eq!(course.missed(last, end) as usize, dues.len(), "{name}");
        for (number, due) in dues.iter().enumerate().step_by(7) {
            assert_eq!(course.nth_due(last, number as u32 + 1), Some(*due), "{name}");
            assert_eq!(course.next_due(last, due - 1), Some(*due), "{name}");
            assert_eq!(course.missed(last, due - 1) as usize, number, "{name}");
        }
        cases += 1;
        dues_seen += dues.len();
    }
    assert_eq!(cases, 168);
    assert!(dues_seen > 10_000 && changes_seen > 1_000, "{dues_seen} dues, {changes_seen} changes");
}

#[test]
fn zones_are_known_by_name_alone() {
    assert!(zone("europe/BERLIN").is_some());
    for bad in ["", "Mars/Olympus", "../../etc/passwd", "Europe/Berlin\0", "UTC+25", "organization"] {
        assert!(zone(bad).is_none(), "{bad:?}");
    }
    let berlin = zone("Europe/Berlin").unwrap();
    // 2026-03-29 01:00 UTC.
    let change = 1_774_746_000_000;
    assert_eq!(berlin.next_change(change - 1), Some(change));
    assert_eq!(
        (berlin.local(change - 1) - change + 1, berlin.local(change) - change),
        (3_600_000, 7_200_000)
    );
}
