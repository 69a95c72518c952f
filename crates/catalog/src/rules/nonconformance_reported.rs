//! C29: Android reports nonComplianceDetails.

use super::{Rule, RuleId, Test};
use crate::{Severity, Target};

pub(super) static RULE: Rule = Rule {
    id: RuleId::NonconformanceReported,
    number: "C29",
    label: "Platform reports violations",
    help: "The platform itself reports settings that the device does not follow.",
    remedy: "Open the device policy app and follow its steps.",
    severity: Severity::Warning,
    fields: &[],
    needs: &["nonconforming_settings"],
    default_targets: &[Target::ActivesyncConnections, Target::NetworkAccess],
    default_on: false,
    fixed: false,
    test: Test::Listed { fact: "nonconforming_settings", says: "The device does not follow" },
};

#[cfg(test)]
mod tests {
    use super::super::words::{GOOD, detail, known, params};
    use super::*;
    use crate::FactValue as V;

    #[test]
    fn what_is_listed_is_named() {
        let check = |list: &str| {
            RULE.check(&known(&[("nonconforming_settings", V::Text(list.into()))]), &params(&[]), 0)
        };
        assert_eq!(detail(check("one, two")), "The device does not follow: one, two.");
        assert_eq!(check(" "), GOOD);
    }
}
