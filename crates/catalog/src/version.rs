//! Versions of operating systems, compared number by number.

use std::cmp::Ordering;

/// Numbers of a version that count.
const MOST: usize = 8;

/// The numbers of a version: the first dotted group in the text, at most eight numbers.
///
/// ```
/// # use catalog::version_numbers;
/// assert_eq!(version_numbers("Android 14"), Some(vec![14]));
/// assert_eq!(version_numbers("iOS 17.10.1 21H16"), Some(vec![17, 10, 1]));
/// assert_eq!(version_numbers("unknown"), None);
/// ```
pub fn version_numbers(text: &str) -> Option<Vec<u32>> {
    read(text).map(|(numbers, count)| numbers[..count].to_vec())
}

/// The numbers, padded with zeros, and how many there are.
fn read(text: &str) -> Option<([u32; MOST], usize)> {
    let bytes = text.as_bytes();
    let start = bytes.iter().position(u8::is_ascii_digit)?;
    let length = bytes[start..].iter().position(|b| !b.is_ascii_digit() && *b != b'.');
    let end = length.map_or(bytes.len(), |length| start + length);
    let (mut numbers, mut count) = ([0; MOST], 0);
    for number in text[start..end].split('.').filter(|n| !n.is_empty()).take(MOST) {
        numbers[count] = number.parse().ok()?;
        count += 1;
    }
    Some((numbers, count))
}

/// Compares two versions; missing numbers count as zero. `None` if either has no number.
///
/// ```
/// # use catalog::compare_versions;
/// # use std::cmp::Ordering;
/// assert_eq!(compare_versions("17.10", "17.9"), Some(Ordering::Greater));
/// assert_eq!(compare_versions("Android 14", "14.0"), Some(Ordering::Equal));
/// ```
pub fn compare_versions(left: &str, right: &str) -> Option<Ordering> {
    Some(read(left)?.0.cmp(&read(right)?.0))
}

/// Whether a text is a dotted version as an administrator would enter one: `17`, `17.4`, `10.0.19045.1`.
pub(crate) fn is_plain_version(text: &str) -> bool {
    text.len() <= 32
        && text.split('.').all(|n| n.parse::<u32>().is_ok() && n.bytes().all(|b| b.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_compare_by_number_and_not_by_letter() {
        for (left, order, right) in [
            ("17.10", Ordering::Greater, "17.9"),
            ("Android 14", Ordering::Less, "14.0.1"),
            ("10.0.19045.3803", Ordering::Greater, "10.0.19045"),
            ("10.0.9200", Ordering::Less, "10.0.19045"),
            ("16", Ordering::Equal, "16.0.0"),
            ("iOS 9.3.5 13G36", Ordering::Less, "10"),
        ] {
            assert_eq!(compare_versions(left, right), Some(order), "{left} {right}");
        }
        assert_eq!(compare_versions("unknown", "1"), None);
        assert_eq!(compare_versions("99999999999", "1"), None);
    }

    #[test]
    fn plain_versions_are_digits_and_dots() {
        for good in ["17", "17.4", "10.0.19045.1"] {
            assert!(is_plain_version(good), "{good}");
        }
        for bad in ["", "17.", "iOS 17", "+1", "1..2", "99999999999"] {
            assert!(!is_plain_version(bad), "{bad}");
        }
    }
}
