//! C09: nothing was heard of the device for some time.

use super::words::{HOUR, broken, good_until, hours};
use super::{Check, Rule, RuleId, Test};
use crate::{Facts, Field, Kind, Millis, Params, Severity, Target, Value};

pub(super) static RULE: Rule = Rule {
    id: RuleId::NoContact,
    number: "C09",
    label: "No contact",
    help: "The device has not been heard of for longer than allowed.",
    remedy: "Open the mail app with a network connection and let it synchronize.",
    severity: Severity::Warning,
    fields: &[Field {
        key: "hours",
        label: "Longest silence",
        help: "Hours without contact after which this counts, up to one year.",
        kind: Kind::Int { min: 1, max: 8784, unit: "hours", optional: false },
        default: || Value::Int(168),
    }],
    needs: &["last_contact"],
    default_targets: &[Target::NetworkAccess],
    default_on: false,
    fixed: false,
    test: Test::Code(check),
};

fn check(facts: &Facts, params: &Params, now: Millis) -> Check {
    let Some(last) = facts.int("last_contact") else {
        return Check::Unknown { missing: "last_contact" };
    };
    let limit = RULE.param(params, "hours").as_int().unwrap_or(168);
    let due = last.saturating_add(limit.saturating_mul(HOUR));
    if now < due {
        return good_until(due);
    }
    broken(format!("No contact for {} or more.", hours(limit)), &["last_contact"], Some(due))
}

#[cfg(test)]
mod tests {
    use super::super::words::{detail, known, params};
    use super::*;
    use crate::FactValue as V;

    #[test]
    fn silence_counts_from_the_last_contact_on() {
        let day = params(&[("hours", Value::Int(24))]);
        let facts = known(&[("last_contact", V::Int(500))]);
        let due = 500 + 24 * HOUR;
        assert_eq!(check(&facts, &day, due - 1), Check::Good { next_look: Some(due) });
        assert_eq!(detail(check(&facts, &day, due)), "No contact for 24 hours or more.");
        assert!(matches!(check(&facts, &day, due + HOUR), Check::Broken(f) if f.since == Some(due)));
        assert_eq!(check(&known(&[]), &day, 0), Check::Unknown { missing: "last_contact" });
    }
}
