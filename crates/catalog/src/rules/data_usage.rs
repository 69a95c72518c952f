//! C03: the device has used more of its data plan than allowed.

use super::words::{GOOD, broken};
use super::{Check, Rule, RuleId, Test};
use crate::{Facts, Field, Kind, Millis, Params, Severity, Value};

pub(super) static RULE: Rule = Rule {
    id: RuleId::DataUsage,
    number: "C03",
    label: "Data usage over plan",
    help: "The device has used more of its data plan than allowed. It warns; it restricts nothing unless chosen.",
    remedy: "Use a wireless network for large downloads until the plan begins anew.",
    severity: Severity::Informational,
    fields: &[Field {
        key: "percent",
        label: "Share of the plan",
        help: "Percent of the data plan that may be used, 1 to 1000.",
        kind: Kind::Int { min: 1, max: 1000, unit: "percent", optional: false },
        default: || Value::Int(80),
    }],
    needs: &["data_used_percent"],
    default_targets: &[],
    default_on: false,
    fixed: false,
    test: Test::Code(check),
};

fn check(facts: &Facts, params: &Params, _: Millis) -> Check {
    let Some(used) = facts.int("data_used_percent") else {
        return Check::Unknown { missing: "data_used_percent" };
    };
    let allowed = RULE.param(params, "percent").as_int().unwrap_or(80);
    if used < allowed {
        return GOOD;
    }
    broken(format!("{used} percent of the data plan are used."), &["data_used_percent"], None)
}

#[cfg(test)]
mod tests {
    use super::super::words::{detail, known, params};
    use super::*;
    use crate::FactValue as V;

    #[test]
    fn the_share_itself_counts_already() {
        let check = |used| check(&known(&[("data_used_percent", V::Int(used))]), &params(&[]), 0);
        assert_eq!(check(79), GOOD);
        assert_eq!(detail(check(80)), "80 percent of the data plan are used.");
    }
}
