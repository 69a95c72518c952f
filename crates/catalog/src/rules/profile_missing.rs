//! C19: a required profile or restriction is missing.

use super::{Rule, RuleId, Test};
use crate::{Severity, Target};

pub(super) static RULE: Rule = Rule {
    id: RuleId::ProfileMissing,
    number: "C19",
    label: "Required profile missing",
    help: "A required profile or restriction is not on the device.",
    remedy: "Let the device connect, and accept the profile that it offers.",
    severity: Severity::Warning,
    fields: &[],
    needs: &["profiles_missing"],
    default_targets: &[Target::ActivesyncConnections, Target::NetworkAccess],
    default_on: false,
    fixed: false,
    test: Test::Listed { fact: "profiles_missing", says: "Required profiles are missing" },
};

#[cfg(test)]
mod tests {
    use super::super::words::{GOOD, detail, known, params};
    use super::*;
    use crate::FactValue as V;

    #[test]
    fn what_is_listed_is_named() {
        let check =
            |list: &str| RULE.check(&known(&[("profiles_missing", V::Text(list.into()))]), &params(&[]), 0);
        assert_eq!(detail(check("one, two")), "Required profiles are missing: one, two.");
        assert_eq!(check(" "), GOOD);
    }
}
