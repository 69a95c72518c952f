//! C15: location services are off, or there was no fix for some time.

use super::words::{HOUR, broken, good_until, hours};
use super::{Check, Rule, RuleId, Test};
use crate::{Facts, Field, Kind, Millis, Params, Severity, Value};

pub(super) static RULE: Rule = Rule {
    id: RuleId::LocationOff,
    number: "C15",
    label: "Location unknown",
    help: "Location services are off, or the device has not said where it is for longer than allowed.",
    remedy: "Switch location services on for the device app.",
    severity: Severity::Warning,
    fields: &[Field {
        key: "hours",
        label: "Longest silence",
        help: "Hours without a location after which this counts.",
        kind: Kind::Int { min: 1, max: 8784, unit: "hours", optional: false },
        default: || Value::Int(24),
    }],
    needs: &["located_at"],
    default_targets: &[],
    default_on: false,
    fixed: false,
    test: Test::Code(check),
};

fn check(facts: &Facts, params: &Params, now: Millis) -> Check {
    if facts.bool("location_services_on") == Some(false) {
        return broken("Location services are off.", &["location_services_on"], None);
    }
    let Some(last) = facts.int("located_at") else {
        return Check::Unknown { missing: "located_at" };
    };
    let limit = RULE.param(params, "hours").as_int().unwrap_or(24);
    let due = last.saturating_add(limit.saturating_mul(HOUR));
    if now < due {
        return good_until(due);
    }
    broken(format!("No location for {} or more.", hours(limit)), &["located_at"], Some(due))
}

#[cfg(test)]
mod tests {
    use super::super::words::{detail, known, params};
    use super::*;
    use crate::FactValue as V;

    #[test]
    fn a_fix_grows_old_and_services_can_be_off() {
        let facts = known(&[("located_at", V::Int(0))]);
        assert_eq!(check(&facts, &params(&[]), 0), Check::Good { next_look: Some(24 * HOUR) });
        assert_eq!(detail(check(&facts, &params(&[]), 24 * HOUR)), "No location for 24 hours or more.");
        let off = known(&[("location_services_on", V::Bool(false))]);
        assert_eq!(detail(check(&off, &params(&[]), 0)), "Location services are off.");
        assert_eq!(check(&known(&[]), &params(&[]), 0), Check::Unknown { missing: "located_at" });
    }
}
