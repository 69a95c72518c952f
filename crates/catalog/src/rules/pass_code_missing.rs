//! C04: the device is not locked by a pass-code.

use super::{Rule, RuleId, Test};
use crate::{Severity, Target};

pub(super) static RULE: Rule = Rule {
    id: RuleId::PassCodeMissing,
    number: "C04",
    label: "No pass-code",
    help: "The device is not locked by a pass-code.",
    remedy: "Set a pass-code in the settings of the device.",
    severity: Severity::Critical,
    fields: &[],
    needs: &["pin_lock_on"],
    default_targets: &[Target::ActivesyncConnections, Target::NetworkAccess],
    default_on: false,
    fixed: false,
    test: Test::Flag { fact: "pin_lock_on", bad: false, says: "The device has no pass-code." },
};

#[cfg(test)]
mod tests {
    use super::super::words::{GOOD, detail, known, params};
    use super::*;
    use crate::FactValue as V;

    #[test]
    fn only_a_known_no_breaks_it() {
        let check = |value| RULE.check(&known(&[("pin_lock_on", V::Bool(value))]), &params(&[]), 0);
        assert_eq!(detail(check(false)), "The device has no pass-code.");
        assert_eq!(check(true), GOOD);
        let unknown = RULE.check(&known(&[]), &params(&[]), 0);
        assert_eq!(unknown, super::super::Check::Unknown { missing: "pin_lock_on" });
    }
}
