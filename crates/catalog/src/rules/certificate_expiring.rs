//! C21: the identity certificate is missing, has expired or expires soon.

use super::words::{HOUR, broken, good_until};
use super::{Check, Rule, RuleId, Test};
use crate::{Facts, Field, Kind, Millis, Params, Severity, Target, Value};

pub(super) static RULE: Rule = Rule {
    id: RuleId::CertificateExpiring,
    number: "C21",
    label: "Identity certificate expiring",
    help: "The identity certificate of the device is missing, has expired or expires soon.",
    remedy: "Let the device connect so that it fetches a new certificate.",
    severity: Severity::Warning,
    fields: &[Field {
        key: "days",
        label: "Days before the end",
        help: "Days before the end of the certificate from which on this counts.",
        kind: Kind::Int { min: 0, max: 365, unit: "days", optional: false },
        default: || Value::Int(0),
    }],
    needs: &["identity_expires_at"],
    default_targets: &[Target::NetworkAccess],
    default_on: false,
    fixed: false,
    test: Test::Code(check),
};

fn check(facts: &Facts, params: &Params, now: Millis) -> Check {
    let Some(end) = facts.int("identity_expires_at") else {
        return Check::Unknown { missing: "identity_expires_at" };
    };
    let days = RULE.param(params, "days").as_int().unwrap_or(0);
    let due = end.saturating_sub(days.saturating_mul(24 * HOUR));
    if now < due {
        return good_until(due);
    }
    let says = if now < end { "expires soon" } else { "has expired" };
    broken(format!("The identity certificate {says}."), &["identity_expires_at"], Some(due))
}

#[cfg(test)]
mod tests {
    use super::super::words::{detail, known, params};
    use super::*;
    use crate::FactValue as V;

    #[test]
    fn soon_and_past_are_told_apart() {
        let week = params(&[("days", Value::Int(7))]);
        let (facts, end) = (known(&[("identity_expires_at", V::Int(240 * HOUR))]), 240 * HOUR);
        assert_eq!(check(&facts, &week, 0), Check::Good { next_look: Some(end - 168 * HOUR) });
        assert_eq!(detail(check(&facts, &week, end - 1)), "The identity certificate expires soon.");
        assert_eq!(detail(check(&facts, &week, end)), "The identity certificate has expired.");
    }
}
