//! What several rules need: constructors of checks and findings.

use super::{Check, Finding};
use crate::Millis;

/// One hour in milliseconds.
pub(super) const HOUR: Millis = 3_600_000;

/// In order, and time alone changes nothing.
pub(super) const GOOD: Check = Check::Good { next_look: None };

/// In order until `at`, when it must be looked at again.
pub(super) fn good_until(at: Millis) -> Check {
    Check::Good { next_look: Some(at) }
}

/// Broken.
pub(super) fn broken(detail: impl Into<String>, evidence: &[&str], since: Option<Millis>) -> Check {
    Check::Broken(Finding {
        detail: detail.into(),
        evidence: evidence.iter().map(|key| (*key).to_owned()).collect(),
        since,
    })
}

/// "1 hour", "5 hours", "2 days": hours as a person says them.
pub(super) fn hours(count: i64) -> String {
    match count {
        1 => "1 hour".into(),
        n if n >= 48 && n % 24 == 0 => format!("{} days", n / 24),
        n => format!("{n} hours"),
    }
}
