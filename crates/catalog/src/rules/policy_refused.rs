//! The device refused its policy, or could apply only a part of it (acknowledgement status, MS-ASPROV 2.2.2.54).

use super::words::{GOOD, broken};
use super::{Check, Rule, RuleId, Test};
use crate::{Facts, Field, Kind, Millis, Params, Severity, Target, Value};

pub(super) static RULE: Rule = Rule {
    id: RuleId::PolicyRefused,
    number: "C30",
    label: "Policy refused or applied in part",
    help: "The device said that it did not apply the policy, or only a part of it.",
    remedy: "Accept the security settings that the mail app offers; remove and add the account if it no longer asks.",
    severity: Severity::Critical,
    fields: &[
        Field {
            key: "partly",
            label: "Applied in part counts too",
            help: "Also when the device applied a part of the policy (acknowledgement status 2).",
            kind: Kind::Bool,
            default: || Value::Bool(false),
        },
        Field {
            key: "external",
            label: "Managed elsewhere counts too",
            help: "Also when the device says that somebody else manages it (acknowledgement status 4).",
            kind: Kind::Bool,
            default: || Value::Bool(false),
        },
    ],
    needs: &["policy_ack_status"],
    default_targets: &[Target::ActivesyncConnections, Target::NetworkAccess],
    default_on: true,
    fixed: false,
    test: Test::Code(check),
};

fn check(facts: &Facts, params: &Params, _: Millis) -> Check {
    let ticked = |key| RULE.param(params, key).as_bool().unwrap_or(false);
    let detail = match facts.int("policy_ack_status") {
        None => return Check::Unknown { missing: "policy_ack_status" },
        Some(3) => "The device refused the policy.",
        Some(2) if ticked("partly") => "The device applied only a part of the policy.",
        Some(4) if ticked("external") => "The device says that a third party manages it.",
        Some(_) => return GOOD,
    };
    broken(detail, &["policy_ack_status"], facts.int("policy_acknowledged_at"))
}

#[cfg(test)]
mod tests {
    use super::super::words::{detail, known, params};
    use super::*;
    use crate::FactValue as V;

    #[test]
    fn each_status_of_the_acknowledgement() {
        let both = params(&[("partly", Value::Bool(true)), ("external", Value::Bool(true))]);
        let none = params(&[]);
        let status = |n| known(&[("policy_ack_status", V::Int(n)), ("policy_acknowledged_at", V::Int(5))]);
        assert_eq!(check(&status(1), &both, 0), GOOD);
        assert_eq!(check(&status(2), &none, 0), GOOD);
        assert_eq!(check(&status(4), &none, 0), GOOD);
        assert_eq!(detail(check(&status(2), &both, 0)), "The device applied only a part of the policy.");
        assert_eq!(detail(check(&status(3), &none, 0)), "The device refused the policy.");
        assert_eq!(detail(check(&status(4), &both, 0)), "The device says that a third party manages it.");
        assert!(matches!(check(&status(3), &none, 0), Check::Broken(f) if f.since == Some(5)));
        assert_eq!(check(&known(&[]), &none, 0), Check::Unknown { missing: "policy_ack_status" });
    }
}
