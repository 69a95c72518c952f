//! C30: commands to the device keep failing.

use super::words::{GOOD, broken};
use super::{Check, Rule, RuleId, Test};
use crate::{Facts, Field, Kind, Millis, Params, Severity, Value};

pub(super) static RULE: Rule = Rule {
    id: RuleId::CommandsFailing,
    number: "C30",
    label: "Commands fail",
    help: "Commands to the device failed more often than allowed, one after the other.",
    remedy: "Restart the device and let it connect; if that does not help, enrol it again.",
    severity: Severity::Warning,
    fields: &[Field {
        key: "count",
        label: "Failures allowed",
        help: "This many failed commands in a row are forgiven; one more counts.",
        kind: Kind::Int { min: 1, max: 1000, unit: "failures", optional: false },
        default: || Value::Int(3),
    }],
    needs: &["failed_commands"],
    default_targets: &[],
    default_on: false,
    fixed: false,
    test: Test::Code(check),
};

fn check(facts: &Facts, params: &Params, _: Millis) -> Check {
    let Some(failed) = facts.int("failed_commands") else {
        return Check::Unknown { missing: "failed_commands" };
    };
    let allowed = RULE.param(params, "count").as_int().unwrap_or(3);
    if failed <= allowed {
        return GOOD;
    }
    broken(format!("{failed} commands in a row failed."), &["failed_commands"], None)
}

#[cfg(test)]
mod tests {
    use super::super::words::{detail, known, params};
    use super::*;
    use crate::FactValue as V;

    #[test]
    fn one_failure_more_than_allowed_counts() {
        let check = |failed| check(&known(&[("failed_commands", V::Int(failed))]), &params(&[]), 0);
        assert_eq!(check(3), GOOD);
        assert_eq!(detail(check(4)), "4 commands in a row failed.");
    }
}
