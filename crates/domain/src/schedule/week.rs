//! The peak times of a week: ranges of minutes on the wall clock.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Minutes of a day.
const DAY_MINUTES: u16 = 1_440;
/// Minutes of a week.
pub const WEEK_MINUTES: u16 = 7 * DAY_MINUTES;
/// More ranges than this nobody enters by hand.
const MOST_RANGES: usize = 7 * 24;

/// A day of the week.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Day {
    /// Monday, on which a week begins.
    Monday,
    /// Tuesday.
    Tuesday,
    /// Wednesday.
    Wednesday,
    /// Thursday.
    Thursday,
    /// Friday.
    Friday,
    /// Saturday.
    Saturday,
    /// Sunday.
    Sunday,
}

impl Day {
    /// All, Monday first.
    pub const ALL: [Day; 7] = [
        Self::Monday,
        Self::Tuesday,
        Self::Wednesday,
        Self::Thursday,
        Self::Friday,
        Self::Saturday,
        Self::Sunday,
    ];
    /// Name shown.
    pub fn label(self) -> &'static str {
        ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"][self as usize]
    }
    /// Stored name, as in JSON.
    pub fn key(self) -> &'static str {
        ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"][self as usize]
    }
    /// The day after.
    fn next(self) -> Day {
        Self::ALL[(self as usize + 1) % 7]
    }
}

/// A time of the day in minutes, 00:00 to 24:00. Written as `07:30`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TimeOfDay(u16);

impl TimeOfDay {
    /// 00:00.
    pub const START: TimeOfDay = TimeOfDay(0);
    /// 24:00.
    pub const END: TimeOfDay = TimeOfDay(DAY_MINUTES);

    /// So many minutes after midnight, at most 1440.
    pub fn new(minutes: u16) -> Option<TimeOfDay> {
        (minutes <= DAY_MINUTES).then_some(TimeOfDay(minutes))
    }
    /// Minutes after midnight.
    pub fn minutes(self) -> u16 {
        self.0
    }
}

impl fmt::Display for TimeOfDay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}:{:02}", self.0 / 60, self.0 % 60)
    }
}

impl std::str::FromStr for TimeOfDay {
    type Err = String;
    /// Reads `7`, `7:30`, `07:30` or `24:00`.
    fn from_str(text: &str) -> Result<Self, String> {
        let (hour, minute) = text.trim().split_once(':').unwrap_or((text.trim(), "00"));
        let number = |text: &str, length: std::ops::RangeInclusive<usize>| {
            let digits = length.contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
            digits.then(|| text.parse::<u16>().ok()).flatten()
        };
        let minutes = number(hour, 1..=2).zip(number(minute, 2..=2)).filter(|(_, minute)| *minute < 60);
        minutes
            .and_then(|(hour, minute)| TimeOfDay::new(hour * 60 + minute))
            .ok_or_else(|| format!("\"{}\" is not a time of the day. Write it as 07:30.", text.trim()))
    }
}

impl Serialize for TimeOfDay {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for TimeOfDay {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

/// A range of peak time that begins on a day. Where `until` is not after `from`, it ends on the day after.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PeakRange {
    /// The day it begins on.
    pub day: Day,
    /// From this time on.
    pub from: TimeOfDay,
    /// Up to this time, which is not in it any more.
    pub until: TimeOfDay,
}

impl PeakRange {
    /// Reads the ranges of one day as a person writes them: `08:00-12:00, 13:00-17:30, 22:00-06:00`.
    ///
    /// # Errors
    /// Says how ranges are written.
    pub fn list(day: Day, text: &str) -> Result<Vec<PeakRange>, WeekError> {
        let wrong = |message: String| WeekError { day, message };
        text.split([',', ';'])
            .map(str::trim)
            .filter(|part| !part.is_empty())
            .map(|part| {
                let (from, until) = part.split_once(['-', '–']).ok_or_else(|| {
                    wrong(format!("\"{part}\" is not a range. Write it as 08:00-17:30, several with commas."))
                })?;
                Ok(PeakRange {
                    day,
                    from: from.parse().map_err(wrong)?,
                    until: until.parse().map_err(wrong)?,
                })
            })
            .collect()
    }

    /// Minutes of the week, from and until; the latter may lie in the next week.
    fn minutes(self) -> (u16, u16) {
        let start = self.day as u16 * DAY_MINUTES;
        let until = if self.until > self.from { self.until.0 } else { self.until.0 + DAY_MINUTES };
        (start + self.from.0, start + until)
    }
}

impl fmt::Display for PeakRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.from, self.until)
    }
}

/// Why peak times were refused, and the day whose field should say so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WeekError {
    /// The day.
    pub day: Day,
    /// In words for who entered them.
    pub message: String,
}

impl fmt::Display for WeekError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.day.label(), self.message)
    }
}

impl std::error::Error for WeekError {}

/// The peak times of a week: ranges in order, each within a day, none touching another of its day.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(try_from = "Vec<PeakRange>", into = "Vec<PeakRange>")]
pub struct Week(Vec<PeakRange>);

impl Week {
    /// Monday to Friday, 07:00 to 19:00.
    pub fn working_hours() -> Week {
        let range = |day: &Day| PeakRange { day: *day, from: TimeOfDay(420), until: TimeOfDay(1_140) };
        Week(Day::ALL[..5].iter().map(range).collect())
    }

    /// Puts ranges in order. What crosses midnight becomes two, what touches becomes one.
    ///
    /// # Errors
    /// For ranges without length and for ranges that overlap: one of them is a mistake.
    pub fn new(ranges: &[PeakRange]) -> Result<Week, WeekError> {
        if let Some(one) = ranges.get(MOST_RANGES) {
            let message = format!("There are more than {MOST_RANGES} ranges in this week.");
            return Err(WeekError { day: one.day, message });
        }
        let mut parts = Vec::with_capacity(ranges.len());
        for range in ranges {
            if range.from == range.until || range.from == TimeOfDay::END {
                let message = format!("{range} has no length. For the whole day write 00:00-24:00.");
                return Err(WeekError { day: range.day, message });
            }
            let crosses = range.until < range.from;
            let until = if crosses { TimeOfDay::END } else { range.until };
            parts.push((PeakRange { until, ..*range }, *range));
            if crosses && range.until > TimeOfDay::START {
                let rest = PeakRange { day: range.day.next(), from: TimeOfDay::START, until: range.until };
                parts.push((rest, *range));
            }
        }
        parts.sort_by_key(|(part, _)| (part.day, part.from));
        let mut week: Vec<PeakRange> = Vec::with_capacity(parts.len());
        let mut before: Option<(PeakRange, PeakRange)> = None;
        for (part, entered) in parts {
            if let Some((last, other)) = before.filter(|(last, _)| last.day == part.day)
                && part.from < last.until
            {
                return Err(overlap(other, entered));
            }
            match week.last_mut().filter(|last| last.day == part.day && last.until == part.from) {
                Some(last) => last.until = part.until,
                None => week.push(part),
            }
            before = Some((part, entered));
        }
        Ok(Week(week))
    }

    /// The ranges, in order, each within its day.
    pub fn ranges(&self) -> &[PeakRange] {
        &self.0
    }
    /// Those of one day.
    pub fn of_day(&self, day: Day) -> impl Iterator<Item = &PeakRange> {
        self.0.iter().filter(move |range| range.day == day)
    }
    /// Those of one day as [`PeakRange::list`] reads them.
    pub fn words(&self, day: Day) -> String {
        self.of_day(day).map(ToString::to_string).collect::<Vec<_>>().join(", ")
    }
    /// Whether a minute of the week (0 to 10079, Monday 00:00 is 0) is peak time.
    pub fn contains(&self, minute: u16) -> bool {
        let at = self.0.partition_point(|range| range.minutes().0 <= minute);
        at.checked_sub(1).is_some_and(|last| minute < self.0[last].minutes().1)
    }
    /// The first minute after this one at which peak time begins or ends, counted from the same Monday: it may lie
    /// in the next week. `None` if there is no peak time.
    pub(super) fn next_edge(&self, minute: u16) -> Option<u16> {
        let edges = || {
            self.0.iter().flat_map(|range| {
                let (from, until) = range.minutes();
                [from, until]
            })
        };
        edges().find(|edge| *edge > minute).or_else(|| edges().next().map(|first| first + WEEK_MINUTES))
    }
}

fn overlap(one: PeakRange, other: PeakRange) -> WeekError {
    let day = if one.day == other.day { "" } else { one.day.label() };
    let message = format!("{other} overlaps {day}{}{one}.", if day.is_empty() { "" } else { " " });
    WeekError { day: other.day, message }
}

impl TryFrom<Vec<PeakRange>> for Week {
    type Error = WeekError;
    fn try_from(ranges: Vec<PeakRange>) -> Result<Self, WeekError> {
        Week::new(&ranges)
    }
}

impl From<Week> for Vec<PeakRange> {
    fn from(week: Week) -> Self {
        week.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn week(entered: &[(Day, &str)]) -> Result<Week, WeekError> {
        let ranges: Result<Vec<_>, _> =
            entered.iter().map(|(day, text)| PeakRange::list(*day, text)).collect();
        Week::new(&ranges?.concat())
    }

    #[test]
    fn ranges_that_touch_are_one_and_midnight_parts_a_range() {
        let shifts =
            week(&[(Day::Monday, "12-17, 08:00-12:00"), (Day::Sunday, "22:00–06:00")]).expect("a week");
        assert_eq!(shifts.words(Day::Monday), "00:00-06:00, 08:00-17:00");
        assert_eq!(shifts.words(Day::Sunday), "22:00-24:00");
        let until_midnight = week(&[(Day::Friday, "22:00-00:00")]).expect("a week");
        assert_eq!(until_midnight.words(Day::Friday), "22:00-24:00");
        assert_eq!(until_midnight.ranges().len(), 1);
        let json = serde_json::to_string(&shifts).expect("JSON");
        assert!(json.contains(r#"{"day":"monday","from":"00:00","until":"06:00"}"#), "{json}");
        assert_eq!(serde_json::from_str::<Week>(&json).expect("a week"), shifts);
    }

    #[test]
    fn what_makes_no_sense_is_refused_on_its_day_in_plain_words() {
        for (entered, day, says) in [
            (
                vec![(Day::Monday, "08:00-12:00, 11:59-13:00")],
                Day::Monday,
                "11:59-13:00 overlaps 08:00-12:00.",
            ),
            (vec![(Day::Monday, "22-6"), (Day::Tuesday, "5-9")], Day::Tuesday, "overlaps Monday 22:00-06:00"),
            (vec![(Day::Sunday, "20-8"), (Day::Monday, "7-9")], Day::Monday, "overlaps"),
            (vec![(Day::Friday, "8-8")], Day::Friday, "no length"),
            (vec![(Day::Friday, "24:00-06:00")], Day::Friday, "no length"),
            (vec![(Day::Friday, "8-25")], Day::Friday, "\"25\" is not a time of the day"),
            (vec![(Day::Friday, "8:60-9")], Day::Friday, "\"8:60\" is not a time"),
            (vec![(Day::Friday, "nine to five")], Day::Friday, "is not a range"),
            (vec![(Day::Friday, "-")], Day::Friday, "is not a time"),
            (vec![(Day::Friday, "9999999999999-4")], Day::Friday, "is not a time"),
        ] {
            let error = week(&entered).expect_err(says);
            assert_eq!(error.day, day, "{error}");
            assert!(error.message.contains(says), "{error}");
        }
        let many = vec![PeakRange { day: Day::Monday, from: TimeOfDay(0), until: TimeOfDay(1) }; 169];
        assert!(Week::new(&many).expect_err("too many").message.contains("more than 168"));
    }

    proptest! {
        #[test]
        fn a_week_contains_what_was_entered_and_nothing_else(
            entered in proptest::collection::vec((0..7_usize, 0..1440_u16, 0..=1440_u16), 0..6)
        ) {
            let ranges: Vec<_> = entered
                .iter()
                .map(|(day, from, until)| PeakRange {
                    day: Day::ALL[*day], from: TimeOfDay(*from), until: TimeOfDay(*until),
                })
                .collect();
            let mut times = vec![0_u8; usize::from(WEEK_MINUTES)];
            for range in &ranges {
                let (from, until) = range.minutes();
                let until = if range.from == range.until { from } else { until };
                (from..until).for_each(|m| times[usize::from(m % WEEK_MINUTES)] += 1);
            }
            let sound = ranges.iter().all(|r| r.from != r.until) && times.iter().all(|t| *t < 2);
            let made = Week::new(&ranges);
            prop_assert_eq!(made.is_ok(), sound);
            if let Ok(week) = made {
                for minute in 0..WEEK_MINUTES {
                    prop_assert_eq!(week.contains(minute), times[usize::from(minute)] == 1);
                }
                prop_assert!(week.ranges().windows(2).all(|p| p[0].day < p[1].day || p[0].until < p[1].from));
                let again: Vec<PeakRange> = week.clone().into();
                prop_assert_eq!(Week::new(&again), Ok(week));
            }
        }
    }
}
