//! C06: an app is present that is on the list of unwanted ones.

use super::{Rule, RuleId, Test};
use crate::{Severity, Target};

pub(super) static RULE: Rule = Rule {
    id: RuleId::UnwantedApp,
    number: "C06",
    label: "Unwanted app",
    help: "An app is installed that the organization does not want.",
    remedy: "Remove the app that is named.",
    severity: Severity::Warning,
    fields: &[],
    needs: &["unwanted_apps"],
    default_targets: &[Target::ActivesyncConnections, Target::NetworkAccess],
    default_on: false,
    fixed: false,
    test: Test::Listed { fact: "unwanted_apps", says: "Unwanted apps are installed" },
};

#[cfg(test)]
mod tests {
    use super::super::words::{GOOD, detail, known, params};
    use super::*;
    use crate::FactValue as V;

    #[test]
    fn what_is_listed_is_named() {
        let check =
            |list: &str| RULE.check(&known(&[("unwanted_apps", V::Text(list.into()))]), &params(&[]), 0);
        assert_eq!(detail(check("one, two")), "Unwanted apps are installed: one, two.");
        assert_eq!(check(" "), GOOD);
    }
}
