//! Dates as property lists write them: `2026-11-22T19:16:23Z`.

use crate::Millis;

const DAY: i64 = 86_400_000;

/// Reads a date; a fraction of a second is dropped.
pub(crate) fn read(text: &str) -> Option<Millis> {
    let text = text.trim();
    let (date, time) = text.strip_suffix('Z')?.split_once('T')?;
    let number = |part: &str, digits: usize| {
        (part.len() == digits && part.bytes().all(|b| b.is_ascii_digit()))
            .then(|| part.parse::<i64>().ok())?
    };
    let mut date = date.split('-');
    let (year, month, day) = (number(date.next()?, 4)?, number(date.next()?, 2)?, number(date.next()?, 2)?);
    let mut time = time.split('.').next()?.split(':');
    let (hour, minute, second) =
        (number(time.next()?, 2)?, number(time.next()?, 2)?, number(time.next()?, 2)?);
    let whole = date.next().is_none() && time.next().is_none();
    let good = whole
        && (1..=12).contains(&month)
        && (1..=31).contains(&day)
        && hour < 24
        && minute < 60
        && second < 61;
    good.then(|| days(year, month, day) * DAY + hour * 3_600_000 + minute * 60_000 + second.min(59) * 1_000)
}

/// Writes a date of the years 0 to 9999; others become the nearest of them.
pub(crate) fn write(millis: Millis) -> String {
    let millis = millis.clamp(-62_167_219_200_000, 253_402_300_799_000);
    let (year, month, day) = date(millis.div_euclid(DAY));
    let seconds = millis.rem_euclid(DAY) / 1_000;
    format!(
        "{year:04}-{month:02}-{day:02}T{:02}:{:02}:{:02}Z",
        seconds / 3_600,
        seconds / 60 % 60,
        seconds % 60
    )
}

/// Days from 1970-01-01 to a date of the Gregorian calendar.
fn days(year: i64, month: i64, day: i64) -> i64 {
    let shifted = if month <= 2 { year - 1 } else { year };
    let of_era = shifted.rem_euclid(400);
    let of_year = (153 * (month + if month > 2 { -3 } else { 9 }) + 2) / 5 + day - 1;
    shifted.div_euclid(400) * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

/// The date of a day.
fn date(days: i64) -> (i64, i64, i64) {
    let shifted = days + 719_468;
    let of_era = shifted.rem_euclid(146_097);
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    (year_of_era + shifted.div_euclid(146_097) * 400 + i64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_read_and_come_back() {
        assert_eq!(read("1970-01-01T00:00:00Z"), Some(0));
        assert_eq!(read("2026-11-22T19:16:23.25Z"), read("2026-11-22T19:16:23Z"));
        for text in
            ["2026-11-22T19:16:23Z", "2024-02-29T23:59:59Z", "1901-01-01T00:00:00Z", "9999-12-31T23:59:59Z"]
        {
            assert_eq!(write(read(text).expect("a date")), text);
        }
        for bad in [
            "",
            "2026-11-22",
            "2026-11-22T19:16:23",
            "2026-13-22T19:16:23Z",
            "26-11-22T19:16:23Z",
            "2026-11-22T24:00:00Z",
        ] {
            assert_eq!(read(bad), None, "{bad}");
        }
        assert_eq!(write(i64::MAX), "9999-12-31T23:59:59Z");
    }
}
