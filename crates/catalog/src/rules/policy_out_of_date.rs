//! C02: the device does not run the policy that it should.

use super::words::{GOOD, HOUR, broken, good_until, hours};
use super::{Check, Rule, RuleId, Test};
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
    fixed: false,
    test: Test::Code(check),
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

#[cfg(test)]
mod tests {
    use super::super::words::{detail, known, params};
    use super::*;
    use crate::FactValue as V;

    fn state(text: &str) -> Facts {
        known(&[("policy_state", V::Text(text.into())), ("policy_since", V::Int(1_000))])
    }

    #[test]
    fn there_is_time_to_fetch_the_policy() {
        let two = params(&[("grace_hours", Value::Int(2))]);
        let due = 1_000 + 2 * HOUR;
        assert_eq!(check(&state("outdated"), &two, due - 1), Check::Good { next_look: Some(due) });
        assert!(detail(check(&state("outdated"), &two, due)).contains("for 2 hours or more"));
        assert!(
            detail(check(&state("missing"), &params(&[]), 1_000 + 24 * HOUR)).contains("not taken a policy")
        );
    }

    #[test]
    fn no_grace_counts_at_once() {
        let none = params(&[("grace_hours", Value::Int(0))]);
        assert!(
            matches!(check(&state("outdated"), &none, 1_000), Check::Broken(f) if f.since == Some(1_000))
        );
    }

    #[test]
    fn a_current_or_refused_policy_is_not_out_of_date() {
        assert_eq!(check(&state("current"), &params(&[]), i64::MAX), GOOD);
        assert_eq!(check(&state("refused"), &params(&[]), i64::MAX), GOOD);
    }

    #[test]
    fn unknown_states_are_unknown() {
        assert_eq!(check(&known(&[]), &params(&[]), 0), Check::Unknown { missing: "policy_state" });
        let half = known(&[("policy_state", V::Text("outdated".into()))]);
        assert_eq!(check(&half, &params(&[]), 0), Check::Unknown { missing: "policy_since" });
    }
}
