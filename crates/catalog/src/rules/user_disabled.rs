//! C25: the user of the device is disabled.

use super::words::{GOOD, broken};
use super::{Check, Rule, RuleId, Test};
use crate::{Facts, Millis, Params, Severity, Target};

pub(super) static RULE: Rule = Rule {
    id: RuleId::UserDisabled,
    number: "C25",
    label: "User disabled",
    help: "The user of the device is disabled, so all of the user's devices are refused everywhere.",
    remedy: "Ask your administrator to enable your account again.",
    severity: Severity::Critical,
    fields: &[],
    needs: &["user_disabled"],
    default_targets: &[Target::ActivesyncConnections, Target::NetworkAccess],
    default_on: true,
    fixed: true,
    test: Test::Code(check),
};

fn check(facts: &Facts, _: &Params, _: Millis) -> Check {
    match facts.bool("user_disabled") {
        None => Check::Unknown { missing: "user_disabled" },
        Some(false) => GOOD,
        Some(true) => broken("The user of the device is disabled.", &["user_disabled"], None),
    }
}

#[cfg(test)]
mod tests {
    use super::super::words::{detail, known, params};
    use super::*;
    use crate::FactValue as V;

    #[test]
    fn a_disabled_user_is_found() {
        let user = |off| known(&[("user_disabled", V::Bool(off))]);
        assert_eq!(detail(check(&user(true), &params(&[]), 9)), "The user of the device is disabled.");
        assert_eq!(check(&user(false), &params(&[]), 9), GOOD);
        assert_eq!(check(&known(&[]), &params(&[]), 9), Check::Unknown { missing: "user_disabled" });
    }
}
