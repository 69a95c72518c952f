//! C10: the device is known by its ActiveSync partnership alone.

use super::words::{GOOD, broken};
use super::{Check, Rule, RuleId, Test};
use crate::{Facts, Field, Kind, Millis, Params, Severity, Value};

pub(super) static RULE: Rule = Rule {
    id: RuleId::ManagedByMailOnly,
    number: "C10",
    label: "Mail account only",
    help: "The device is known by its mail account alone, where its platform offers more.",
    remedy: "Enrol the device with the management profile or the device app.",
    severity: Severity::Informational,
    fields: &[Field {
        key: "platforms",
        label: "Platforms that need more",
        help: "Keys of the platforms, such as ios and android, whose devices must be managed by more than a mail account.",
        kind: Kind::List { max_items: 16, max_len: 32, item: "platform" },
        default: || Value::List(Vec::new()),
    }],
    needs: &["platform", "management"],
    default_targets: &[],
    default_on: false,
    fixed: false,
    test: Test::Code(check),
};

fn check(facts: &Facts, params: &Params, _: Millis) -> Check {
    let Some(platform) = facts.text("platform") else {
        return Check::Unknown { missing: "platform" };
    };
    let Some(management) = facts.text("management") else {
        return Check::Unknown { missing: "management" };
    };
    let asked = RULE.param(params, "platforms");
    if management != "activesync" || !asked.as_list().iter().any(|p| p.trim().eq_ignore_ascii_case(platform))
    {
        return GOOD;
    }
    broken("The device is managed by its mail account alone.", &["platform", "management"], None)
}

#[cfg(test)]
mod tests {
    use super::super::words::{detail, known, params};
    use super::*;
    use crate::FactValue as V;

    #[test]
    fn only_the_platforms_that_are_named_need_more() {
        let asked = params(&[("platforms", Value::List(vec!["iOS".into()]))]);
        let check = |platform: &str, by: &str| {
            let facts = known(&[("platform", V::Text(platform.into())), ("management", V::Text(by.into()))]);
            check(&facts, &asked, 0)
        };
        assert_eq!(detail(check("ios", "activesync")), "The device is managed by its mail account alone.");
        assert_eq!(check("ios", "apple"), GOOD);
        assert_eq!(check("android", "activesync"), GOOD);
    }
}
