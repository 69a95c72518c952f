//! C14: the device keeps failing to sign in.

use super::words::{GOOD, HOUR, broken, good_until, hours};
use super::{Check, Rule, RuleId, Test};
use crate::{Facts, Field, Kind, Millis, Params, Severity, Target, Value};

pub(super) static RULE: Rule = Rule {
    id: RuleId::AuthFailures,
    number: "C14",
    label: "Failed sign-ins",
    help: "ActiveSync sign-ins of the device failed more often than allowed within some hours, without a good one in \
           between.",
    remedy: "Enter the current password in the account settings of the mail app.",
    severity: Severity::Warning,
    fields: &[
        Field {
            key: "count",
            label: "Failures allowed",
            help: "This many failed sign-ins are forgiven; one more counts.",
            kind: Kind::Int { min: 1, max: MOST, unit: "failures", optional: false },
            default: || Value::Int(10),
        },
        Field {
            key: "hours",
            label: "Within",
            help: "Hours after which a failed sign-in is forgotten, up to thirty days.",
            kind: Kind::Int { min: 1, max: 720, unit: "hours", optional: false },
            default: || Value::Int(24),
        },
    ],
    needs: &["recent_failures", "recent_failures_until"],
    default_targets: &[Target::NetworkAccess],
    default_on: false,
    fixed: false,
    test: Test::Code(check),
};

/// Most failures that can be allowed.
const MOST: i64 = 100;

/// Times of failed sign-ins that are kept of a device: those that the rule can ask for, and one more.
pub const AUTH_FAILURES_KEPT: usize = MOST as usize + 1;

/// How far back failed sign-ins count, in milliseconds.
pub fn auth_failure_window(params: &Params) -> Millis {
    RULE.param(params, "hours").as_int().unwrap_or(24).saturating_mul(HOUR)
}

/// The facts hold the failures within the window as of their last refresh, and when the oldest of them leaves it.
fn check(facts: &Facts, params: &Params, _: Millis) -> Check {
    let Some(count) = facts.int("recent_failures") else {
        return Check::Unknown { missing: "recent_failures" };
    };
    let allowed = RULE.param(params, "count").as_int().unwrap_or(10);
    let until = facts.int("recent_failures_until");
    if count <= allowed {
        return until.filter(|_| count > 0).map_or(GOOD, good_until);
    }
    let window = hours(RULE.param(params, "hours").as_int().unwrap_or(24));
    let detail = format!("More than {allowed} sign-ins failed within {window}.");
    match broken(detail, &["recent_failures"], None) {
        Check::Broken(finding) => Check::Broken(super::Finding { until, ..finding }),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::super::words::{detail, known, params};
    use super::*;
    use crate::FactValue as V;

    #[test]
    fn one_failure_more_than_allowed_counts() {
        let three = params(&[("count", Value::Int(3)), ("hours", Value::Int(48))]);
        let failures = |n| known(&[("recent_failures", V::Int(n)), ("recent_failures_until", V::Int(5))]);
        assert_eq!(check(&failures(3), &three, 0), good_until(5));
        assert_eq!(check(&known(&[("recent_failures", V::Int(0))]), &three, 0), GOOD);
        assert_eq!(detail(check(&failures(4), &three, 0)), "More than 3 sign-ins failed within 2 days.");
        assert!(matches!(check(&failures(4), &three, 0), Check::Broken(f) if f.until == Some(5)));
        assert_eq!(check(&known(&[]), &three, 0), Check::Unknown { missing: "recent_failures" });
        assert_eq!(auth_failure_window(&three), 48 * HOUR);
        assert_eq!(auth_failure_window(&params(&[])), 24 * HOUR);
    }
}
