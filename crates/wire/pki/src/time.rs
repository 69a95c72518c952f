//! UTCTime and GeneralizedTime (RFC 5280, 4.1.2.5) as milliseconds since 1970.

use crate::Millis;
use crate::der::{tag, tlv};

const DAY: i64 = 86_400_000;

/// Reads a time; fractions of a second are dropped, and only UTC is read.
pub fn read(tag_: u8, text: &[u8]) -> Option<Millis> {
    let text = std::str::from_utf8(text).ok()?.strip_suffix('Z')?;
    let (year, rest) = match tag_ {
        tag::UTC_TIME => {
            let year = number(text.get(..2)?)?;
            (if year < 50 { 2000 + year } else { 1900 + year }, text.get(2..)?)
        }
        tag::GENERALIZED_TIME => (number(text.get(..4)?)?, text.get(4..)?),
        _ => return None,
    };
    let rest = rest.split('.').next()?;
    let part = |at: usize| rest.get(at..at + 2).and_then(number);
    let (month, day, hour, minute) = (part(0)?, part(2)?, part(4)?, part(6)?);
    // quirk: UTCTime without seconds is BER, and some old authorities write it.
    let second = if rest.len() == 8 { 0 } else { part(8)? };
    let long_enough = rest.len() == 10 || rest.len() == 8;
    let in_range = (1..=12).contains(&month)
        && (1..=31).contains(&day)
        && hour < 24
        && minute < 60
        && second < 61
        && long_enough;
    in_range
        .then(|| days(year, month, day) * DAY + hour * 3_600_000 + minute * 60_000 + second.min(59) * 1_000)
}

/// A time as certificates have it: UTCTime to the end of 2049, GeneralizedTime beyond.
pub fn write(millis: Millis) -> Vec<u8> {
    let (year, month, day) = date(millis.div_euclid(DAY));
    let seconds = millis.rem_euclid(DAY) / 1_000;
    let rest =
        format!("{month:02}{day:02}{:02}{:02}{:02}Z", seconds / 3_600, seconds / 60 % 60, seconds % 60);
    if (1950..2050).contains(&year) {
        tlv(tag::UTC_TIME, format!("{:02}{rest}", year % 100).as_bytes())
    } else {
        tlv(tag::GENERALIZED_TIME, format!("{:04}{rest}", year.clamp(0, 9999)).as_bytes())
    }
}

fn number(text: &str) -> Option<i64> {
    text.bytes().all(|b| b.is_ascii_digit()).then(|| text.parse().ok())?
}

/// Days from 1970-01-01 to a date of the Gregorian calendar.
fn days(year: i64, month: i64, day: i64) -> i64 {
    let shifted = if month <= 2 { year - 1 } else { year };
    let era = shifted.div_euclid(400);
    let of_era = shifted.rem_euclid(400);
    let of_year = (153 * (month + if month > 2 { -3 } else { 9 }) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

/// The date of a day.
fn date(days: i64) -> (i64, i64, i64) {
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let of_era = shifted.rem_euclid(146_097);
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
    (year_of_era + era * 400 + i64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_and_come_back() {
        assert_eq!(read(tag::UTC_TIME, b"700101000000Z"), Some(0));
        assert_eq!(read(tag::UTC_TIME, b"7001010000Z"), Some(0));
        assert_eq!(read(tag::GENERALIZED_TIME, b"20261122191623Z"), Some(1_795_374_983_000));
        assert_eq!(read(tag::GENERALIZED_TIME, b"20261122191623.5Z"), Some(1_795_374_983_000));
        for millis in [0, -1_000, 951_782_400_000, 1_795_374_983_000, 2_524_608_000_000, 4_102_444_800_000] {
            let written = write(millis);
            assert_eq!(read(written[0], &written[2..]), Some(millis), "{millis}");
        }
        for bad in
            ["", "Z", "261122191623", "26112219162Z", "261322191623Z", "2611221916230Z", "26112219 623Z"]
        {
            assert_eq!(read(tag::UTC_TIME, bad.as_bytes()), None, "{bad}");
        }
    }
}
