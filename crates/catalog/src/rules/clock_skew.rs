//! C28: the clock of the device is wrong.

use super::words::{GOOD, broken};
use super::{Check, Rule, RuleId, Test};
use crate::{Facts, Field, Kind, Millis, Params, Severity, Value};

pub(super) static RULE: Rule = Rule {
    id: RuleId::ClockSkew,
    number: "C28",
    label: "Clock wrong",
    help: "The clock of the device differs from the server by more than allowed.",
    remedy: "Let the device set date and time by itself.",
    severity: Severity::Informational,
    fields: &[Field {
        key: "minutes",
        label: "Difference allowed",
        help: "Minutes that the clock may be fast or slow.",
        kind: Kind::Int { min: 1, max: 1440, unit: "minutes", optional: false },
        default: || Value::Int(5),
    }],
    needs: &["clock_skew_seconds"],
    default_targets: &[],
    default_on: false,
    fixed: false,
    test: Test::Code(check),
};

fn check(facts: &Facts, params: &Params, _: Millis) -> Check {
    let Some(seconds) = facts.int("clock_skew_seconds") else {
        return Check::Unknown { missing: "clock_skew_seconds" };
    };
    let allowed = RULE.param(params, "minutes").as_int().unwrap_or(5);
    if seconds.saturating_abs() <= allowed.saturating_mul(60) {
        return GOOD;
    }
    broken(format!("The clock is wrong by {seconds} seconds."), &["clock_skew_seconds"], None)
}

#[cfg(test)]
mod tests {
    use super::super::words::{detail, known, params};
    use super::*;
    use crate::FactValue as V;

    #[test]
    fn fast_and_slow_clocks_are_wrong_alike() {
        let check = |skew| check(&known(&[("clock_skew_seconds", V::Int(skew))]), &params(&[]), 0);
        assert_eq!(check(-300), GOOD);
        assert_eq!(detail(check(-301)), "The clock is wrong by -301 seconds.");
        assert!(matches!(check(i64::MIN), Check::Broken(_)));
    }
}
