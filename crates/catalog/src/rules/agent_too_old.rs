//! C28: the device app is older than the organization allows.

use std::cmp::Ordering;

use super::words::{GOOD, broken, version_field};
use super::{Check, Rule, RuleId, Test};
use crate::{Facts, Millis, Params, Severity, Target, compare_versions};

pub(super) static RULE: Rule = Rule {
    id: RuleId::AgentTooOld,
    number: "C28",
    label: "Device app too old",
    help: "The version of the device app is below the lowest one allowed.",
    remedy: "Update the device app in the app store.",
    severity: Severity::Warning,
    fields: &[version_field(
        "version",
        "Device app, at least",
        "Lowest version allowed, such as 3.2; empty allows every version.",
    )],
    needs: &["agent_version"],
    default_targets: &[Target::NetworkAccess],
    default_on: false,
    fixed: false,
    test: Test::Code(check),
};

fn check(facts: &Facts, params: &Params, _: Millis) -> Check {
    let limit = RULE.param(params, "version");
    let Some(limit) = limit.as_text().map(str::trim).filter(|limit| !limit.is_empty()) else {
        return GOOD;
    };
    let version = facts.text("agent_version").unwrap_or_default();
    match compare_versions(version, limit) {
        None => Check::Unknown { missing: "agent_version" },
        Some(Ordering::Less) => broken(
            format!("The device app is version {version}; at least {limit} is required."),
            &["agent_version"],
            None,
        ),
        Some(_) => GOOD,
    }
}

#[cfg(test)]
mod tests {
    use super::super::words::{detail, known, params};
    use super::*;
    use crate::{FactValue as V, Value};

    #[test]
    fn versions_are_compared_by_their_numbers() {
        let limit = params(&[("version", Value::Text("3.10".into()))]);
        let check = |version: &str| check(&known(&[("agent_version", V::Text(version.into()))]), &limit, 0);
        assert_eq!(check("3.10"), GOOD);
        assert_eq!(check("3.11"), GOOD);
        assert_eq!(detail(check("3.9")), "The device app is version 3.9; at least 3.10 is required.");
        assert_eq!(check("new"), Check::Unknown { missing: "agent_version" });
        assert_eq!(super::check(&known(&[]), &params(&[]), 0), GOOD, "no limit, nothing to know");
    }
}
