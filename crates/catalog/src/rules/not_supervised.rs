//! C20: the device is not supervised or fully managed.

use super::{Rule, RuleId, Test};
use crate::{Severity, Target};

pub(super) static RULE: Rule = Rule {
    id: RuleId::NotSupervised,
    number: "C20",
    label: "Not supervised",
    help: "The device is not supervised, or not fully managed.",
    remedy: "Ask your administrator to set the device up again under supervision.",
    severity: Severity::Warning,
    fields: &[],
    needs: &["supervised"],
    default_targets: &[Target::NetworkAccess],
    default_on: false,
    fixed: false,
    test: Test::Flag {
        fact: "supervised",
        bad: false,
        says: "The device is not supervised or not fully managed.",
    },
};

#[cfg(test)]
mod tests {
    use super::super::words::{GOOD, detail, known, params};
    use super::*;
    use crate::FactValue as V;

    #[test]
    fn only_a_known_no_breaks_it() {
        let check = |value| RULE.check(&known(&[("supervised", V::Bool(value))]), &params(&[]), 0);
        assert_eq!(detail(check(false)), "The device is not supervised or not fully managed.");
        assert_eq!(check(true), GOOD);
        let unknown = RULE.check(&known(&[]), &params(&[]), 0);
        assert_eq!(unknown, super::super::Check::Unknown { missing: "supervised" });
    }
}
