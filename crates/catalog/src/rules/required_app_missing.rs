//! C08: a required app is missing or too old.

use super::{Rule, RuleId, Test};
use crate::{Severity, Target};

pub(super) static RULE: Rule = Rule {
    id: RuleId::RequiredAppMissing,
    number: "C08",
    label: "Required app missing",
    help: "A required app is missing or too old.",
    remedy: "Install or update the app that is named.",
    severity: Severity::Warning,
    fields: &[],
    needs: &["required_apps_missing"],
    default_targets: &[Target::NetworkAccess],
    default_on: false,
    fixed: false,
    test: Test::Listed { fact: "required_apps_missing", says: "Required apps are missing or too old" },
};

#[cfg(test)]
mod tests {
    use super::super::words::{GOOD, detail, known, params};
    use super::*;
    use crate::FactValue as V;

    #[test]
    fn what_is_listed_is_named() {
        let check = |list: &str| {
            RULE.check(&known(&[("required_apps_missing", V::Text(list.into()))]), &params(&[]), 0)
        };
        assert_eq!(detail(check("one, two")), "Required apps are missing or too old: one, two.");
        assert_eq!(check(" "), GOOD);
    }
}
