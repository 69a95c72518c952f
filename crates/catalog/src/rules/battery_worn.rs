//! C26: the battery does not hold any more.

use super::words::{GOOD, broken};
use super::{Check, Rule, RuleId, Test};
use crate::{Facts, Field, Kind, Millis, Params, Severity, Value};

pub(super) static RULE: Rule = Rule {
    id: RuleId::BatteryWorn,
    number: "C26",
    label: "Battery worn out",
    help: "The battery holds less of its first capacity than it should. It warns; it restricts nothing unless chosen.",
    remedy: "Ask your administrator to have the battery replaced.",
    severity: Severity::Informational,
    fields: &[Field {
        key: "percent",
        label: "Battery health, at least",
        help: "Percent of its first capacity that the battery must still hold.",
        kind: Kind::Int { min: 1, max: 100, unit: "percent", optional: false },
        default: || Value::Int(70),
    }],
    needs: &["battery_health_percent"],
    default_targets: &[],
    default_on: false,
    fixed: false,
    test: Test::Code(check),
};

fn check(facts: &Facts, params: &Params, _: Millis) -> Check {
    let Some(health) = facts.int("battery_health_percent") else {
        return Check::Unknown { missing: "battery_health_percent" };
    };
    if health >= RULE.param(params, "percent").as_int().unwrap_or(70) {
        return GOOD;
    }
    broken(
        format!("The battery holds {health} percent of its first capacity."),
        &["battery_health_percent"],
        None,
    )
}

#[cfg(test)]
mod tests {
    use super::super::words::{detail, known, params};
    use super::*;
    use crate::FactValue as V;

    #[test]
    fn a_battery_is_worn_below_the_limit() {
        let check = |health| check(&known(&[("battery_health_percent", V::Int(health))]), &params(&[]), 0);
        assert_eq!(check(70), GOOD);
        assert_eq!(detail(check(69)), "The battery holds 69 percent of its first capacity.");
    }
}
