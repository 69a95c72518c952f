//! C11: management profile, administration app or work profile are gone.

use super::{Rule, RuleId, Test};
use crate::{Severity, Target};

pub(super) static RULE: Rule = Rule {
    id: RuleId::ManagementRemoved,
    number: "C11",
    label: "Management removed",
    help: "The management profile or the administration app was removed from the device.",
    remedy: "Enrol the device again.",
    severity: Severity::Critical,
    fields: &[],
    needs: &["management_present"],
    default_targets: &[Target::ActivesyncConnections, Target::NetworkAccess],
    default_on: true,
    fixed: false,
    test: Test::Flag {
        fact: "management_present",
        bad: false,
        says: "The management of the device was removed.",
    },
};

#[cfg(test)]
mod tests {
    use super::super::words::{GOOD, detail, known, params};
    use super::*;
    use crate::FactValue as V;

    #[test]
    fn only_a_known_no_breaks_it() {
        let check = |value| RULE.check(&known(&[("management_present", V::Bool(value))]), &params(&[]), 0);
        assert_eq!(detail(check(false)), "The management of the device was removed.");
        assert_eq!(check(true), GOOD);
        let unknown = RULE.check(&known(&[]), &params(&[]), 0);
        assert_eq!(unknown, super::super::Check::Unknown { missing: "management_present" });
    }
}
