//! A moment: relative in the text, absolute on hover, machine-readable underneath.
use askama::Template;
use jiff::{Timestamp, tz::TimeZone};

use super::html::parts;

/// A moment as a reader sees it. The script of the page keeps the relative text fresh and shows the
/// absolute one in the viewer's own zone.
#[derive(Debug, Clone, Default, PartialEq, Eq, Template)]
#[template(path = "parts/time.html")]
pub struct Time {
    /// RFC 3339, in UTC.
    pub iso: String,
    /// Absolute text with its zone, shown on hover.
    pub absolute: String,
    /// What stands in the page.
    pub text: String,
    /// Whether `text` is relative and grows old.
    pub relative: bool,
}

const MINUTE: i64 = 60_000;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

impl Time {
    /// A moment seen from `now`, both in milliseconds since 1970: "2 min ago" and "in 3 hr" within 30 days,
    /// the date beyond. A moment outside jiff's range (years ±9999) gives an empty text.
    pub fn relative(at: i64, now: i64, zone: &TimeZone) -> Self {
        let distance = at - now;
        let near = distance.abs() < 30 * DAY;
        let text = if near { relative_text(distance) } else { format_at(at, zone, "%-d %b %Y") };
        Self { text, relative: near, ..Self::absolute(at, zone) }
    }

    /// Date and time of day, to the second: for logs and journals.
    pub fn absolute(at: i64, zone: &TimeZone) -> Self {
        Self {
            iso: Timestamp::from_millisecond(at).map(|stamp| stamp.to_string()).unwrap_or_default(),
            absolute: format_at(at, zone, "%-d %b %Y, %H:%M:%S %Z"),
            text: format_at(at, zone, "%-d %b %H:%M:%S"),
            relative: false,
        }
    }
}

fn format_at(at: i64, zone: &TimeZone, pattern: &str) -> String {
    Timestamp::from_millisecond(at)
        .map(|stamp| stamp.to_zoned(zone.clone()).strftime(pattern).to_string())
        .unwrap_or_default()
}

fn relative_text(distance: i64) -> String {
    let abs = distance.abs();
    let (amount, unit) = match abs {
        0..45_000 => return if distance > 0 { "in a moment".into() } else { "just now".into() },
        45_000..3_570_000 => ((abs + MINUTE / 2) / MINUTE, "min"),
        3_570_000..84_600_000 => ((abs + HOUR / 2) / HOUR, "hr"),
        _ => match (abs + DAY / 2) / DAY {
            1 => (1, "day"),
            days => (days, "days"),
        },
    };
    if distance > 0 { format!("in {amount} {unit}") } else { format!("{amount} {unit} ago") }
}

parts!(Time);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn relative_text_reads_like_speech() {
        let say = |seconds: i64| {
            Time::relative(1_700_000_000_000 + seconds * 1000, 1_700_000_000_000, &TimeZone::UTC).text
        };
        assert_eq!(say(-10), "just now");
        assert_eq!(say(20), "in a moment");
        assert_eq!(say(-125), "2 min ago");
        assert_eq!(say(-3_599), "1 hr ago");
        assert_eq!(say(3 * 3600), "in 3 hr");
        assert_eq!(say(-86_400), "1 day ago");
        assert_eq!(say(-5 * 86_400), "5 days ago");
        assert_eq!(say(-40 * 86_400), "5 Oct 2023");
    }

    #[test]
    fn a_moment_out_of_range_is_empty_rather_than_wrong() {
        let time = Time::relative(i64::MAX / 2, 0, &TimeZone::UTC);
        assert_eq!((time.iso.as_str(), time.text.as_str()), ("", ""));
    }
}
