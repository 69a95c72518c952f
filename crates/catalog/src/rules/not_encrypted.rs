//! C05: the storage of the device is not encrypted.

use super::{Rule, RuleId, Test};
use crate::{Severity, Target};

pub(super) static RULE: Rule = Rule {
    id: RuleId::NotEncrypted,
    number: "C05",
    label: "Not encrypted",
    help: "The storage of the device is not encrypted.",
    remedy: "Switch on encryption in the security settings of the device.",
    severity: Severity::Critical,
    fields: &[],
    needs: &["disk_encryption_on"],
    default_targets: &[Target::ActivesyncConnections, Target::NetworkAccess],
    default_on: false,
    fixed: false,
    test: Test::Flag {
        fact: "disk_encryption_on",
        bad: false,
        says: "The storage of the device is not encrypted.",
    },
};

#[cfg(test)]
mod tests {
    use super::super::words::{GOOD, detail, known, params};
    use super::*;
    use crate::FactValue as V;

    #[test]
    fn only_a_known_no_breaks_it() {
        let check = |value| RULE.check(&known(&[("disk_encryption_on", V::Bool(value))]), &params(&[]), 0);
        assert_eq!(detail(check(false)), "The storage of the device is not encrypted.");
        assert_eq!(check(true), GOOD);
        let unknown = RULE.check(&known(&[]), &params(&[]), 0);
        assert_eq!(unknown, super::super::Check::Unknown { missing: "disk_encryption_on" });
    }
}
