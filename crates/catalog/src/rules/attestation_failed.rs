//! C22: the attestation of the platform failed.

use super::{Rule, RuleId, Test};
use crate::{Severity, Target};

pub(super) static RULE: Rule = Rule {
    id: RuleId::AttestationFailed,
    number: "C22",
    label: "Integrity not proved",
    help: "The platform's proof of integrity failed.",
    remedy: "Install all updates, restart the device, and open the device app.",
    severity: Severity::Critical,
    fields: &[],
    needs: &["integrity_proved"],
    default_targets: &[Target::ActivesyncConnections, Target::NetworkAccess],
    default_on: false,
    fixed: false,
    test: Test::Flag { fact: "integrity_proved", bad: false, says: "The proof of integrity failed." },
};

#[cfg(test)]
mod tests {
    use super::super::words::{GOOD, detail, known, params};
    use super::*;
    use crate::FactValue as V;

    #[test]
    fn only_a_known_no_breaks_it() {
        let check = |value| RULE.check(&known(&[("integrity_proved", V::Bool(value))]), &params(&[]), 0);
        assert_eq!(detail(check(false)), "The proof of integrity failed.");
        assert_eq!(check(true), GOOD);
        let unknown = RULE.check(&known(&[]), &params(&[]), 0);
        assert_eq!(unknown, super::super::Check::Unknown { missing: "integrity_proved" });
    }
}
