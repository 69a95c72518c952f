//! C18: the liability of the device is not allowed.

use super::words::{GOOD, broken};
use super::{Check, Rule, RuleId, Test};
use crate::{Facts, Field, Kind, Millis, Params, Severity, Target, Value};

pub(super) static RULE: Rule = Rule {
    id: RuleId::LiabilityNotAllowed,
    number: "C18",
    label: "Liability not allowed",
    help: "Devices of this liability are not allowed.",
    remedy: "Use a device of the company.",
    severity: Severity::Warning,
    fields: &[
        Field {
            key: "corporate",
            label: "Corporate devices are allowed",
            help: "Whether devices of corporate liability are in order.",
            kind: Kind::Bool,
            default: || Value::Bool(true),
        },
        Field {
            key: "individual",
            label: "Individual devices are allowed",
            help: "Whether devices of individual liability are in order.",
            kind: Kind::Bool,
            default: || Value::Bool(true),
        },
    ],
    needs: &["liability"],
    default_targets: &[Target::ActivesyncConnections, Target::NetworkAccess],
    default_on: false,
    fixed: false,
    test: Test::Code(check),
};

fn check(facts: &Facts, params: &Params, _: Millis) -> Check {
    let Some(liability) = facts.text("liability") else {
        return Check::Unknown { missing: "liability" };
    };
    if RULE.param(params, liability) != Value::Bool(false) {
        return GOOD;
    }
    broken(format!("The device is of {liability} liability, which is not allowed."), &["liability"], None)
}

#[cfg(test)]
mod tests {
    use super::super::words::{detail, known, params};
    use super::*;
    use crate::FactValue as V;

    #[test]
    fn each_liability_has_its_own_switch() {
        let company_only = params(&[("individual", Value::Bool(false))]);
        let check = |of: &str| check(&known(&[("liability", V::Text(of.into()))]), &company_only, 0);
        assert_eq!(
            detail(check("individual")),
            "The device is of individual liability, which is not allowed."
        );
        assert_eq!(check("corporate"), GOOD);
    }
}
