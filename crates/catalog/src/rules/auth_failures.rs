//! C14: the device keeps failing to sign in.

use super::words::{GOOD, broken};
use super::{Check, Rule, RuleId};
use crate::{Facts, Field, Kind, Millis, Params, Severity, Target, Value};

pub(super) static RULE: Rule = Rule {
    id: RuleId::AuthFailures,
    number: "C14",
    label: "Failed sign-ins",
    help: "ActiveSync sign-ins of the device failed more often than allowed, without a good one in between.",
    remedy: "Enter the current password in the account settings of the mail app.",
    severity: Severity::Warning,
    fields: &[Field {
        key: "count",
        label: "Failures allowed",
        help: "This many failed sign-ins in a row are forgiven; one more counts.",
        kind: Kind::Int { min: 1, max: 1000, unit: "failures", optional: false },
        default: || Value::Int(10),
    }],
    needs: &["auth_failures"],
    default_targets: &[Target::NetworkAccess],
    default_on: false,
    fixed: false,
    check,
};

fn check(facts: &Facts, params: &Params, _: Millis) -> Check {
    let Some(count) = facts.int("auth_failures") else {
        return Check::Unknown { missing: "auth_failures" };
    };
    let allowed = RULE.param(params, "count").as_int().unwrap_or(10);
    if count <= allowed {
        return GOOD;
    }
    broken(
        format!("More than {allowed} sign-ins in a row failed."),
        &["auth_failures"],
        facts.int("auth_failing_since"),
    )
}

#[cfg(test)]
mod tests {
    use super::super::words::{detail, known, params};
    use super::*;
    use crate::FactValue as V;

    #[test]
    fn one_failure_more_than_allowed_counts() {
        let three = params(&[("count", Value::Int(3))]);
        let failures = |n| known(&[("auth_failures", V::Int(n)), ("auth_failing_since", V::Int(5))]);
        assert_eq!(check(&failures(3), &three, 0), GOOD);
        assert_eq!(detail(check(&failures(4), &three, 0)), "More than 3 sign-ins in a row failed.");
        assert!(matches!(check(&failures(4), &three, 0), Check::Broken(f) if f.since == Some(5)));
        assert_eq!(check(&known(&[]), &three, 0), Check::Unknown { missing: "auth_failures" });
    }
}
