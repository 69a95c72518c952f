//! C09: nothing was heard of the device for some time: for so many hours, or for so many check-ins of its own schedule.

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
    fields: &[
        Field {
            key: "hours",
            label: "Longest silence",
            help: "Hours without contact after which this counts, up to one year.",
            kind: Kind::Int { min: 1, max: 8784, unit: "hours", optional: false },
            default: || Value::Int(168),
        },
        Field {
            key: "check_ins",
            label: "Missed check-ins",
            help: "Counts check-ins that the device missed of its own connection schedule instead of hours. Hours \
                   still count for devices whose schedule expects none.",
            kind: Kind::Int { min: 1, max: 1000, unit: "check-ins", optional: true },
            default: || Value::Unset,
        },
    ],
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
    // The server works it out for the number of check-ins that is set.
    if let (Some(count), Some(due)) = (RULE.param(params, "check_ins").as_int(), facts.int("check_in_limit"))
    {
        if now < due {
            return good_until(due);
        }
        let said = if count == 1 { "A check-in was".into() } else { format!("{count} check-ins were") };
        let detail = format!("{said} missed of the device's connection schedule.");
        return broken(detail, &["last_contact", "check_in_limit"], Some(due));
    }
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

    #[test]
    fn missed_check_ins_count_instead_where_they_are_set_and_expected() {
        let three = params(&[("hours", Value::Int(1)), ("check_ins", Value::Int(3))]);
        let due = 500 + 12 * HOUR;
        let facts = known(&[("last_contact", V::Int(500)), ("check_in_limit", V::Int(due))]);
        assert_eq!(check(&facts, &three, due - 1), Check::Good { next_look: Some(due) });
        let says = "3 check-ins were missed of the device's connection schedule.";
        assert_eq!(detail(check(&facts, &three, due)), says);
        assert!(matches!(check(&facts, &three, due + HOUR), Check::Broken(f) if f.since == Some(due)));
        let hours_only = params(&[("hours", Value::Int(1))]);
        assert_eq!(detail(check(&facts, &hours_only, due)), "No contact for 1 hour or more.");
        let manual = known(&[("last_contact", V::Int(500))]);
        assert_eq!(detail(check(&manual, &three, due)), "No contact for 1 hour or more.");
    }
}
