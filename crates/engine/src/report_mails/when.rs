//! When a task is due next.

use domain::Millis;
use domain::model::Recurrence;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};

/// The first moment after `after` that a recurrence means, on the clocks of a zone. A time that clocks skip is taken
/// when they have skipped it; of one that comes twice, the first. `None` beyond the end of the calendar.
pub fn next(when: Recurrence, zone: &TimeZone, after: Millis) -> Option<Millis> {
    let today = Timestamp::from_millisecond(after).ok()?.to_zoned(zone.clone()).date();
    let (hour, minute) = (i8::try_from(when.minute() / 60).ok()?, i8::try_from(when.minute() % 60).ok()?);
    // The same day of the next month but one is 62 days away at most.
    (0..=62_i64)
        .filter_map(|days| today.checked_add(days.days()).ok())
        .filter(|date| is_meant(when, *date))
        .filter_map(|date| date.at(hour, minute, 0, 0).to_zoned(zone.clone()).ok())
        .map(|moment| moment.timestamp().as_millisecond())
        .find(|at| *at > after)
}

fn is_meant(when: Recurrence, date: Date) -> bool {
    match when {
        Recurrence::Day { .. } => true,
        Recurrence::Week { weekday, .. } => date.weekday().to_monday_one_offset().unsigned_abs() == weekday,
        Recurrence::Month { day, .. } => {
            let last = date.days_in_month().unsigned_abs();
            date.day().unsigned_abs() == day.min(last)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Millis {
        let zone = TimeZone::get("Europe/Berlin").expect("a zone");
        let moment: jiff::civil::DateTime = text.parse().expect("a moment");
        moment.to_zoned(zone).expect("in the zone").timestamp().as_millisecond()
    }

    fn after(when: Recurrence, text: &str) -> Millis {
        next(when, &TimeZone::get("Europe/Berlin").expect("a zone"), at(text)).expect("a next time")
    }

    #[test]
    fn a_day_a_week_a_month() {
        let daily = Recurrence::Day { minute: 7 * 60 + 30 };
        assert_eq!(after(daily, "2026-11-22T07:29"), at("2026-11-22T07:30"));
        assert_eq!(after(daily, "2026-11-22T07:30"), at("2026-11-23T07:30"), "after it, not at it");
        let mondays = Recurrence::Week { weekday: 1, minute: 0 };
        assert_eq!(after(mondays, "2026-11-22T12:00"), at("2026-11-23T00:00"));
        assert_eq!(after(mondays, "2026-11-23T00:00"), at("2026-11-30T00:00"));
        let ends = Recurrence::Month { day: 31, minute: 60 };
        assert_eq!(after(ends, "2026-11-22T12:00"), at("2026-11-30T01:00"), "the last day of a short month");
        assert_eq!(after(ends, "2026-11-30T01:00"), at("2026-12-31T01:00"));
        assert_eq!(after(ends, "2027-01-31T01:00"), at("2027-02-28T01:00"));
    }

    #[test]
    fn clocks_that_are_set() {
        let at_half_past_two = Recurrence::Day { minute: 150 };
        // 2027-03-28 has no half past two: it is half past three.
        assert_eq!(after(at_half_past_two, "2027-03-28T00:00"), at("2027-03-28T03:30"));
        // 2026-10-25 has two: the first one.
        let first = after(at_half_past_two, "2026-10-25T00:00");
        assert_eq!(first, at("2026-10-25T02:30"));
        let zone = TimeZone::get("Europe/Berlin").expect("a zone");
        assert_eq!(next(at_half_past_two, &zone, first), Some(at("2026-10-26T02:30")), "once a day");
    }
}
