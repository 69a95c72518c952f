//! Filters as words: how they stand in addresses and in saved views.

use catalog::{Platform, RuleId};
use domain::model::{DeviceState, PolicySuiteId, ScheduleId};

use super::{Filter, Posture};
use crate::policy::PolicyState;

/// The keys of filters. Values of one key are alternatives; all keys must hold.
pub const FILTERS: [&str; 11] = [
    "status", "platform", "state", "finding", "policy", "group", "silent", "suite", "schedule", "overdue",
    "coming",
];

const STATES: [(&str, DeviceState); 4] = [
    ("enrolled", DeviceState::Enrolled),
    ("quarantined", DeviceState::Quarantined),
    ("wiped", DeviceState::Wiped),
    ("retired", DeviceState::Retired),
];

const POLICIES: [PolicyState; 4] =
    [PolicyState::Current, PolicyState::Outdated, PolicyState::Missing, PolicyState::Refused];

/// The key of a state of a record.
pub fn state_key(state: DeviceState) -> &'static str {
    STATES.iter().find(|(_, known)| *known == state).map_or("", |(key, _)| key)
}

/// One value of one filter.
fn one(key: &str, value: &str) -> Option<Filter> {
    Some(match key {
        "status" => Filter::Posture(vec![Posture::from_key(value)?]),
        "platform" => Filter::Platform(vec![Platform::from_key(value)?]),
        "state" => Filter::State(vec![STATES.iter().find(|(key, _)| *key == value)?.1]),
        "finding" => Filter::Finding(vec![RuleId::from_key(value)?]),
        "policy" => Filter::Policy(vec![POLICIES.into_iter().find(|s| s.key() == value)?]),
        "group" => Filter::Group(vec![value.parse().ok()?]),
        "silent" => Filter::SilentHours(value.parse().ok()?),
        "suite" => Filter::Suite(value.parse::<PolicySuiteId>().ok()?),
        "schedule" => Filter::Schedule(value.parse::<ScheduleId>().ok()?),
        "coming" => Filter::Coming(value.parse().ok().filter(|hours| *hours > 0)?),
        "overdue" => Filter::Overdue(value.parse().ok().filter(|missed| *missed > 0)?),
        _ => return None,
    })
}

/// Whether there is such a filter with such a value.
pub fn is_filter(key: &str, value: &str) -> bool {
    one(key, value).is_some()
}

/// The filters of words. Of a key whose values are all unknown an empty filter remains, which no device passes:
/// an address that is misspelt must not show everything.
pub fn filters(words: &[(String, String)]) -> Vec<Filter> {
    let mut all: Vec<Filter> = Vec::new();
    for (key, value) in words {
        let empty = match key.as_str() {
            "status" => Filter::Posture(Vec::new()),
            "platform" => Filter::Platform(Vec::new()),
            "state" => Filter::State(Vec::new()),
            "finding" => Filter::Finding(Vec::new()),
            "policy" => Filter::Policy(Vec::new()),
            "group" => Filter::Group(Vec::new()),
            _ => {
                all.extend(one(key, value));
                continue;
            }
        };
        let kind = std::mem::discriminant(&empty);
        let at = all.iter().position(|f| std::mem::discriminant(f) == kind).unwrap_or_else(|| {
            all.push(empty);
            all.len() - 1
        });
        match (&mut all[at], one(key, value)) {
            (Filter::Posture(list), Some(Filter::Posture(more))) => list.extend(more),
            (Filter::Platform(list), Some(Filter::Platform(more))) => list.extend(more),
            (Filter::State(list), Some(Filter::State(more))) => list.extend(more),
            (Filter::Finding(list), Some(Filter::Finding(more))) => list.extend(more),
            (Filter::Policy(list), Some(Filter::Policy(more))) => list.extend(more),
            (Filter::Group(list), Some(Filter::Group(more))) => list.extend(more),
            _ => {}
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        pairs.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect()
    }

    #[test]
    fn values_of_a_key_are_alternatives() {
        let given =
            words(&[("status", "blocked"), ("silent", "168"), ("status", "wiped"), ("colour", "red")]);
        let expected = [Filter::Posture(vec![Posture::Blocked, Posture::Wiped]), Filter::SilentHours(168)];
        assert_eq!(filters(&given), expected);
    }

    #[test]
    fn an_unknown_value_shows_nothing_rather_than_everything() {
        assert_eq!(filters(&words(&[("platform", "amiga")])), [Filter::Platform(Vec::new())]);
        assert!(!is_filter("platform", "amiga") && is_filter("platform", "ios") && !is_filter("x", "y"));
        for (key, state) in STATES {
            assert_eq!(state_key(state), key);
            assert!(is_filter("state", key));
        }
    }
}
