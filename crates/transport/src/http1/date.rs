//! The `Date` header (RFC 9110 section 6.6.1), rendered once a second and thread.

use std::{
    cell::Cell,
    time::{SystemTime, UNIX_EPOCH},
};

const DAYS: [&str; 7] = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"];
const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// Length of an IMF-fixdate.
const LENGTH: usize = 29;

thread_local! {
    static RENDERED: Cell<(u64, [u8; LENGTH])> = const { Cell::new((0, [b' '; LENGTH])) };
}

/// The date of now, as in `Sun, 06 Nov 1994 08:49:37 GMT`.
#[expect(clippy::disallowed_methods, reason = "a header of every answer; nothing is decided by it")]
pub(crate) fn http_date() -> [u8; LENGTH] {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    RENDERED.with(|rendered| {
        if rendered.get().0 != now {
            rendered.set((now, render(now)));
        }
        rendered.get().1
    })
}

fn render(seconds: u64) -> [u8; LENGTH] {
    let days = seconds / 86_400;
    let (year, month, day) = civil(days);
    let second = seconds % 86_400;
    let text = format!(
        "{}, {day:02} {} {year:04} {:02}:{:02}:{:02} GMT",
        DAYS[(days % 7) as usize],
        MONTHS[month],
        second / 3600,
        second / 60 % 60,
        second % 60,
    );
    let mut out = [b' '; LENGTH];
    for (to, from) in out.iter_mut().zip(text.bytes()) {
        *to = from;
    }
    out
}

/// Year, month from 0, and day from 1 of a day counted from 1970-01-01.
fn civil(mut days: u64) -> (u64, usize, u64) {
    let mut year = 1970;
    let leap = |year: u64| year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    loop {
        let length = if leap(year) { 366 } else { 365 };
        if days < length {
            break;
        }
        days -= length;
        year += 1;
    }
    let february = if leap(year) { 29 } else { 28 };
    for (month, length) in [31, february, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31].into_iter().enumerate() {
        if days < length {
            return (year, month, days + 1);
        }
        days -= length;
    }
    (year + 1, 0, 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_of_the_specification_and_of_leap_years() {
        for (seconds, text) in [
            (0, "Thu, 01 Jan 1970 00:00:00 GMT"),
            (784_111_777, "Sun, 06 Nov 1994 08:49:37 GMT"),
            (951_782_400, "Tue, 29 Feb 2000 00:00:00 GMT"),
            (1_798_761_599, "Thu, 31 Dec 2026 23:59:59 GMT"),
        ] {
            assert_eq!(String::from_utf8_lossy(&render(seconds)), text);
        }
    }
}
