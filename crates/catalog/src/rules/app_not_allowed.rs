//! C07: an app is present that is not on the list of allowed ones.

use super::{Rule, RuleId, Test};
use crate::{Severity, Target};

pub(super) static RULE: Rule = Rule {
    id: RuleId::AppNotAllowed,
    number: "C07",
    label: "App not allowed",
    help: "An app is installed that is not on the list of allowed ones.",
    remedy: "Remove the app that is named, or ask your administrator to allow it.",
    severity: Severity::Warning,
    fields: &[],
    needs: &["apps_not_allowed"],
    default_targets: &[Target::ActivesyncConnections, Target::NetworkAccess],
    default_on: false,
    fixed: false,
    test: Test::Listed { fact: "apps_not_allowed", says: "Apps are installed that are not allowed" },
};

#[cfg(test)]
mod tests {
    use super::super::words::{GOOD, detail, known, params};
    use super::*;
    use crate::FactValue as V;

    #[test]
    fn what_is_listed_is_named() {
        let check =
            |list: &str| RULE.check(&known(&[("apps_not_allowed", V::Text(list.into()))]), &params(&[]), 0);
        assert_eq!(detail(check("one, two")), "Apps are installed that are not allowed: one, two.");
        assert_eq!(check(" "), GOOD);
    }
}
