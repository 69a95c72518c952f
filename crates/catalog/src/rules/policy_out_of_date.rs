//! C02: the device does not run the policy that it should.

use super::words::{GOOD, HOUR, broken, good_until, hours};
use super::{Check, Rule, RuleId};
use crate::{Facts, Field, Kind, Millis, Params, Severity, Target, Value};

pub(super) static RULE: Rule = Rule {
    id: RuleId::PolicyOutOfDate,
    number: "C02",
    label: "Policy out of date",
    help: "The device has not fetched the policy that is in force for it, although it had time to.",
    remedy: "Open the mail app and let it synchronize; accept the new settings when asked.",
    severity: Severity::Warning,
    fields: &[Field {
        key: "grace_hours",
        label: "Time to fetch the policy",
        help: "Hours after a change of the policy, or after enrolment, before this counts.",
        kind: Kind::Int { min: 0, max: 720, unit: "hours", optional: false },
        default: || Value::Int(24),
    }],
    needs: &["policy_state", "policy_since"],
    default_targets: &[Target::ActivesyncConnections, Target::NetworkAccess],
    default_on: true,
    check,
};

fn check(facts: &Facts, params: &Params, now: Millis) -> Check {
    let what = match facts.text("policy_state") {
        None => return Check::Unknown { missing: "policy_state" },
        Some("outdated") => "The policy has changed and the device has not fetched it",
        Some("missing") => "The device has not taken a policy yet",
        Some(_) => return GOOD,
    };
    let Some(since) = facts.int("policy_since") else {
        return Check::Unknown { missing: "policy_since" };
    };
    let grace = RULE.param(params, "grace_hours").as_int().unwrap_or(24);
    let due = since.saturating_add(grace.saturating_mul(HOUR));
    if now < due {
        return good_until(due);
    }
    let detail =
        if grace == 0 { format!("{what}.") } else { format!("{what} for {} or more.", hours(grace)) };
    broken(detail, &["policy_state", "policy_since"], Some(since))
}
