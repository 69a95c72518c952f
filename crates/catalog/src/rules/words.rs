//! What several rules need: constructors of checks and findings.

use std::cmp::Ordering;

use super::{Check, Finding, Params, Rule};
use crate::{Facts, Field, Kind, Millis, Platform, Value, compare_versions};

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
        until: None,
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

/// A parameter that takes a version, or nothing.
pub(super) const fn version_field(key: &'static str, label: &'static str, help: &'static str) -> Field {
    Field { key, label, help, kind: Kind::Version, default: || Value::Text(String::new()) }
}

/// Compares the version of the operating system with the limit that the rule has for the platform; without a limit
/// every version is in order. `fits` gets the order, the version and the limit, `wanted` says the limit in words.
pub(super) fn check_version(
    rule: &Rule,
    facts: &Facts,
    params: &Params,
    fits: fn(Ordering, &str, &str) -> bool,
    wanted: fn(&str) -> String,
) -> Check {
    let Some(platform) = facts.text("platform") else {
        return Check::Unknown { missing: "platform" };
    };
    let limit = rule.param(params, platform);
    let Some(limit) = limit.as_text().map(str::trim).filter(|limit| !limit.is_empty()) else {
        return GOOD;
    };
    let version = facts.text("os_version").unwrap_or_default();
    match compare_versions(version, limit) {
        None => Check::Unknown { missing: "os_version" },
        Some(order) if fits(order, version, limit) => GOOD,
        Some(_) => {
            let name = Platform::from_key(platform).unwrap_or_default().label();
            let detail = format!("The device has {name} {version}; {}.", wanted(limit));
            broken(detail, &["platform", "os_version"], None)
        }
    }
}

/// A device of which only these facts are known.
#[cfg(test)]
pub(super) fn known(facts: &[(&str, crate::FactValue)]) -> crate::Facts {
    let mut known = crate::Facts::default();
    for (key, value) in facts {
        let id = crate::fact(key).expect("a fact of the catalogue");
        known.set(id, crate::KnownFact { value: value.clone(), source: crate::Source::Server, at: 0 });
    }
    known
}

/// Parameters from pairs.
#[cfg(test)]
pub(super) fn params(pairs: &[(&str, crate::Value)]) -> super::Params {
    super::Params(pairs.iter().map(|(key, value)| ((*key).to_owned(), value.clone())).collect())
}

/// The detail of a finding, or what came instead.
#[cfg(test)]
pub(super) fn detail(check: Check) -> String {
    match check {
        Check::Broken(finding) => finding.detail,
        other => format!("{other:?}"),
    }
}

#[cfg(test)]
mod tests {
    use super::hours;

    #[test]
    fn hours_are_said_as_a_person_would() {
        assert_eq!(
            [hours(1), hours(36), hours(47), hours(48), hours(168)],
            ["1 hour", "36 hours", "47 hours", "2 days", "7 days"]
        );
    }
}
