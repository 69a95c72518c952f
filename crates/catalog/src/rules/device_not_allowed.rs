//! C17: the device type or model is not allowed.

use super::words::{GOOD, broken};
use super::{Check, Rule, RuleId, Test};
use crate::{Facts, Field, Kind, Millis, Params, Severity, Target, Value};

const DENY: i64 = 0;
const ALLOW: i64 = 1;

pub(super) static RULE: Rule = Rule {
    id: RuleId::DeviceNotAllowed,
    number: "C17",
    label: "Device not allowed",
    help: "The device type or model is on the list of those forbidden, or is not on the list of those allowed.",
    remedy: "Use a device that your organization allows for mail, or ask your administrator.",
    severity: Severity::Warning,
    fields: &[
        Field {
            key: "mode",
            label: "The lists name devices that are",
            help: "Forbidden: everything else is allowed. Allowed: everything else is forbidden; with both lists empty, nothing is.",
            kind: Kind::Choice(&[(DENY, "forbidden"), (ALLOW, "allowed")]),
            default: || Value::Int(DENY),
        },
        Field {
            key: "types",
            label: "Device types",
            help: "DeviceType as ActiveSync names it, one a line; * stands for anything, capitals do not matter: iPhone, Samsung*.",
            kind: Kind::List { max_items: 200, max_len: 100, item: "device type" },
            default: || Value::List(Vec::new()),
        },
        Field {
            key: "models",
            label: "Models",
            help: "Model as the device names it, one a line; * stands for anything, capitals do not matter: SM-G9*.",
            kind: Kind::List { max_items: 200, max_len: 100, item: "model" },
            default: || Value::List(Vec::new()),
        },
    ],
    needs: &["device_type", "model"],
    default_targets: &[Target::ActivesyncConnections, Target::NetworkAccess],
    default_on: false,
    fixed: false,
    test: Test::Code(check),
};

fn check(facts: &Facts, params: &Params, _: Millis) -> Check {
    let (types, models) = (RULE.param(params, "types"), RULE.param(params, "models"));
    let (types, models) = (types.as_list(), models.as_list());
    if types.is_empty() && models.is_empty() {
        return GOOD;
    }
    let (device_type, model) = (facts.text("device_type"), facts.text("model"));
    let hit = |patterns: &[String], text: Option<&str>| {
        text.is_some_and(|t| patterns.iter().any(|p| matches(p, t)))
    };
    let listed = hit(types, device_type) || hit(models, model);
    let allow = RULE.param(params, "mode").as_int() == Some(ALLOW);
    // A list that names the device settles it. Otherwise an unknown text might still have been on its list.
    if !listed && !types.is_empty() && device_type.is_none() {
        return Check::Unknown { missing: "device_type" };
    }
    if !listed && !models.is_empty() && model.is_none() {
        return Check::Unknown { missing: "model" };
    }
    if listed == allow {
        return GOOD;
    }
    let name = model.or(device_type).unwrap_or("This device");
    let why =
        if allow { "is not on the list of allowed devices" } else { "is on the list of forbidden devices" };
    broken(format!("{name} {why}."), &["device_type", "model"], None)
}

/// Whether a text matches a pattern in which `*` stands for anything; capitals do not matter.
///
/// Greedy with one step back, so that the time grows with the product of the lengths and no further.
fn matches(pattern: &str, text: &str) -> bool {
    let pattern: Vec<char> = pattern.trim().to_lowercase().chars().collect();
    let text: Vec<char> = text.trim().to_lowercase().chars().collect();
    let (mut p, mut t) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while t < text.len() {
        if pattern.get(p) == Some(&'*') {
            star = Some((p, t));
            p += 1;
        } else if pattern.get(p) == Some(&text[t]) {
            p += 1;
            t += 1;
        } else if let Some((at, from)) = star {
            star = Some((at, from + 1));
            p = at + 1;
            t = from + 1;
        } else {
            return false;
        }
    }
    pattern[p..].iter().all(|c| *c == '*')
}

#[cfg(test)]
mod tests {
    use super::super::words::{detail, known, params};
    use super::*;
    use crate::FactValue as V;

    fn list(items: &[&str]) -> Value {
        Value::List(items.iter().map(|i| (*i).to_owned()).collect())
    }

    fn device() -> Facts {
        known(&[("device_type", V::Text("SamsungDevice".into())), ("model", V::Text("SM-G991B".into()))])
    }

    #[test]
    fn stars_stand_for_anything() {
        for (pattern, text, hit) in [
            ("SM-G9*", "sm-g991b", true),
            ("*", "", true),
            ("*tab*", "Galaxy Tab S", true),
            ("iPhone", "iPhone16,1", false),
            ("a*b*c", "aXXbYYc", true),
            ("a*b*c", "aXXbYY", false),
            ("", "x", false),
        ] {
            assert_eq!(matches(pattern, text), hit, "{pattern} {text}");
        }
        assert!(!matches(&"*a".repeat(50), &"a".repeat(49)));
    }

    #[test]
    fn forbidden_devices_are_found() {
        let deny = params(&[("models", list(&["SM-G99*"]))]);
        assert_eq!(detail(check(&device(), &deny, 0)), "SM-G991B is on the list of forbidden devices.");
        assert_eq!(check(&device(), &params(&[("models", list(&["SM-A*"]))]), 0), GOOD);
    }

    #[test]
    fn only_allowed_devices_pass() {
        let allow = |items: &[&str]| params(&[("mode", Value::Int(ALLOW)), ("types", list(items))]);
        assert_eq!(check(&device(), &allow(&["samsung*"]), 0), GOOD);
        assert_eq!(
            detail(check(&device(), &allow(&["iPhone"]), 0)),
            "SM-G991B is not on the list of allowed devices."
        );
        assert_eq!(check(&device(), &allow(&[]), 0), GOOD);
    }

    #[test]
    fn an_unknown_model_is_unknown_unless_the_type_settles_it() {
        let facts = known(&[("device_type", V::Text("iPhone".into()))]);
        let both = |mode| {
            params(&[("mode", Value::Int(mode)), ("types", list(&["iPhone"])), ("models", list(&["SM*"]))])
        };
        assert_eq!(check(&facts, &both(ALLOW), 0), GOOD);
        assert!(matches!(check(&facts, &both(DENY), 0), Check::Broken(_)));
        assert_eq!(
            check(&facts, &params(&[("models", list(&["SM*"]))]), 0),
            Check::Unknown { missing: "model" }
        );
        assert_eq!(check(&known(&[]), &both(DENY), 0), Check::Unknown { missing: "device_type" });
    }
}
