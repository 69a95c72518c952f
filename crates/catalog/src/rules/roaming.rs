//! C12: the device is roaming.

use super::words::{GOOD, HOUR, broken, good_until};
use super::{Check, Rule, RuleId, Test};
use crate::{Facts, Field, Kind, Millis, Params, Severity, Value};

pub(super) static RULE: Rule = Rule {
    id: RuleId::Roaming,
    number: "C12",
    label: "Roaming",
    help: "The device is in a foreign network, for longer than allowed.",
    remedy: "Switch data roaming off, or use a wireless network.",
    severity: Severity::Informational,
    fields: &[Field {
        key: "hours",
        label: "Hours allowed",
        help: "Hours of roaming after which this counts; 0 counts at once.",
        kind: Kind::Int { min: 0, max: 8784, unit: "hours", optional: false },
        default: || Value::Int(0),
    }],
    needs: &["roaming_since"],
    default_targets: &[],
    default_on: false,
    fixed: false,
    test: Test::Code(check),
};

fn check(facts: &Facts, params: &Params, now: Millis) -> Check {
    if facts.bool("roaming") == Some(false) {
        return GOOD;
    }
    let Some(since) = facts.int("roaming_since") else {
        return Check::Unknown { missing: "roaming_since" };
    };
    let allowed = RULE.param(params, "hours").as_int().unwrap_or(0);
    let due = since.saturating_add(allowed.saturating_mul(HOUR));
    if now < due {
        return good_until(due);
    }
    broken("The device is roaming.", &["roaming_since"], Some(due))
}

#[cfg(test)]
mod tests {
    use super::super::words::{detail, known, params};
    use super::*;
    use crate::FactValue as V;

    #[test]
    fn roaming_counts_after_its_hours() {
        let two = params(&[("hours", Value::Int(2))]);
        let facts = known(&[("roaming", V::Bool(true)), ("roaming_since", V::Int(0))]);
        assert_eq!(check(&facts, &two, 0), Check::Good { next_look: Some(2 * HOUR) });
        assert_eq!(detail(check(&facts, &two, 2 * HOUR)), "The device is roaming.");
        assert_eq!(check(&known(&[("roaming", V::Bool(false))]), &two, 0), GOOD);
    }
}
