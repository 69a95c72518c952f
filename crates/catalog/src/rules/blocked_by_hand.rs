//! C31: an administrator has blocked the device.

use super::words::{GOOD, broken};
use super::{Check, Rule, RuleId, Test};
use crate::{Facts, Millis, Params, Severity, Target};

pub(super) static RULE: Rule = Rule {
    id: RuleId::BlockedByHand,
    number: "C31",
    label: "Blocked by hand",
    help: "An administrator has blocked the device.",
    remedy: "Ask your administrator to allow the device again.",
    severity: Severity::Critical,
    fields: &[],
    needs: &["blocked"],
    default_targets: &[Target::ActivesyncConnections, Target::NetworkAccess],
    default_on: true,
    fixed: false,
    test: Test::Code(check),
};

fn check(facts: &Facts, _: &Params, _: Millis) -> Check {
    match facts.bool("blocked") {
        None => Check::Unknown { missing: "blocked" },
        Some(false) => GOOD,
        Some(true) => {
            let detail = match facts.text("blocked_reason").map(str::trim) {
                Some(reason) if !reason.is_empty() => {
                    format!("An administrator has blocked the device: {reason}")
                }
                _ => "An administrator has blocked the device.".to_owned(),
            };
            broken(detail, &["blocked", "blocked_reason"], facts.int("blocked_since"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::words::{detail, known, params};
    use super::*;
    use crate::FactValue as V;

    #[test]
    fn a_block_is_found_with_its_reason_and_time() {
        let facts = known(&[
            ("blocked", V::Bool(true)),
            ("blocked_reason", V::Text("lost".into())),
            ("blocked_since", V::Int(7)),
        ]);
        let Check::Broken(finding) = check(&facts, &params(&[]), 9) else { panic!("not found") };
        assert_eq!(finding.detail, "An administrator has blocked the device: lost");
        assert_eq!(finding.since, Some(7));
    }

    #[test]
    fn no_block_is_good_and_silence_is_unknown() {
        assert_eq!(check(&known(&[("blocked", V::Bool(false))]), &params(&[]), 9), GOOD);
        assert_eq!(check(&known(&[]), &params(&[]), 9), Check::Unknown { missing: "blocked" });
        let bare = known(&[("blocked", V::Bool(true)), ("blocked_reason", V::Text("  ".into()))]);
        assert_eq!(detail(check(&bare, &params(&[]), 9)), "An administrator has blocked the device.");
    }
}
