//! C31: an administrator has blocked the device.

use super::words::{GOOD, broken};
use super::{Check, Rule, RuleId};
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
    check,
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
