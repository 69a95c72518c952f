//! C24: the current terms of use were not accepted.

use super::{Rule, RuleId, Test};
use crate::{Severity, Target};

pub(super) static RULE: Rule = Rule {
    id: RuleId::TermsNotAccepted,
    number: "C24",
    label: "Terms not accepted",
    help: "The current terms of use were not accepted.",
    remedy: "Open the self-service portal and accept the terms of use.",
    severity: Severity::Warning,
    fields: &[],
    needs: &["terms_accepted"],
    default_targets: &[Target::NetworkAccess],
    default_on: false,
    fixed: false,
    test: Test::Flag {
        fact: "terms_accepted",
        bad: false,
        says: "The current terms of use are not accepted.",
    },
};

#[cfg(test)]
mod tests {
    use super::super::words::{GOOD, detail, known, params};
    use super::*;
    use crate::FactValue as V;

    #[test]
    fn only_a_known_no_breaks_it() {
        let check = |value| RULE.check(&known(&[("terms_accepted", V::Bool(value))]), &params(&[]), 0);
        assert_eq!(detail(check(false)), "The current terms of use are not accepted.");
        assert_eq!(check(true), GOOD);
        let unknown = RULE.check(&known(&[]), &params(&[]), 0);
        assert_eq!(unknown, super::super::Check::Unknown { missing: "terms_accepted" });
    }
}
