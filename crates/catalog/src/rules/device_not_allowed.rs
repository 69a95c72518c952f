//! C17: the device type or model is not allowed.

use super::words::{GOOD, broken};
use super::{Check, Rule, RuleId};
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
    check,
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
