//! C01: the operating system is jailbroken or rooted.

use super::{Rule, RuleId, Test};
use crate::{Severity, Target};

pub(super) static RULE: Rule = Rule {
    id: RuleId::Compromised,
    number: "C01",
    label: "Compromised",
    help: "The operating system is jailbroken or rooted.",
    remedy: "Restore the original operating system, then enrol the device again.",
    severity: Severity::Critical,
    fields: &[],
    needs: &["jail_broken"],
    default_targets: &[Target::ActivesyncConnections, Target::NetworkAccess],
    default_on: true,
    fixed: false,
    test: Test::Flag {
        fact: "jail_broken",
        bad: true,
        says: "The operating system is jailbroken or rooted.",
    },
};

#[cfg(test)]
mod tests {
    use super::super::words::{GOOD, detail, known, params};
    use super::*;
    use crate::FactValue as V;

    #[test]
    fn only_a_known_yes_breaks_it() {
        let check = |value| RULE.check(&known(&[("jail_broken", V::Bool(value))]), &params(&[]), 0);
        assert_eq!(detail(check(true)), "The operating system is jailbroken or rooted.");
        assert_eq!(check(false), GOOD);
        let unknown = RULE.check(&known(&[]), &params(&[]), 0);
        assert_eq!(unknown, super::super::Check::Unknown { missing: "jail_broken" });
    }
}
