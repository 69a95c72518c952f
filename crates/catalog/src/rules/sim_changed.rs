//! C13: the SIM was changed or removed.

use super::{Rule, RuleId, Test};
use crate::Severity;

pub(super) static RULE: Rule = Rule {
    id: RuleId::SimChanged,
    number: "C13",
    label: "SIM changed",
    help: "The SIM is another one than at enrolment, or there is none.",
    remedy: "Put the company SIM back, or ask your administrator to accept the new one.",
    severity: Severity::Warning,
    fields: &[],
    needs: &["sim_changed"],
    default_targets: &[],
    default_on: false,
    fixed: false,
    test: Test::Flag { fact: "sim_changed", bad: true, says: "The SIM was changed or removed." },
};

#[cfg(test)]
mod tests {
    use super::super::words::{GOOD, detail, known, params};
    use super::*;
    use crate::FactValue as V;

    #[test]
    fn only_a_known_yes_breaks_it() {
        let check = |value| RULE.check(&known(&[("sim_changed", V::Bool(value))]), &params(&[]), 0);
        assert_eq!(detail(check(true)), "The SIM was changed or removed.");
        assert_eq!(check(false), GOOD);
        let unknown = RULE.check(&known(&[]), &params(&[]), 0);
        assert_eq!(unknown, super::super::Check::Unknown { missing: "sim_changed" });
    }
}
