//! C23: developer options or unknown sources are on, or Play Protect is off.

use super::words::{GOOD, broken};
use super::{Check, Rule, RuleId, Test};
use crate::{Facts, Field, Kind, Millis, Params, Severity, Target, Value};

pub(super) static RULE: Rule = Rule {
    id: RuleId::DeveloperOptions,
    number: "C23",
    label: "Developer options",
    help: "Developer options, apps from unknown sources, or a switched-off Play Protect weaken the device.",
    remedy: "Switch off developer options and unknown sources, and switch on Play Protect.",
    severity: Severity::Warning,
    fields: &[
        Field {
            key: "developer_options",
            label: "Developer options",
            help: "Whether developer options or debugging over USB count.",
            kind: Kind::Bool,
            default: || Value::Bool(true),
        },
        Field {
            key: "unknown_sources",
            label: "Unknown sources",
            help: "Whether apps from unknown sources being allowed counts.",
            kind: Kind::Bool,
            default: || Value::Bool(true),
        },
        Field {
            key: "play_protect",
            label: "Play Protect",
            help: "Whether a switched-off Play Protect counts.",
            kind: Kind::Bool,
            default: || Value::Bool(true),
        },
    ],
    needs: &["developer_options_on", "unknown_sources_on", "play_protect_on"],
    default_targets: &[Target::ActivesyncConnections, Target::NetworkAccess],
    default_on: false,
    fixed: false,
    test: Test::Code(check),
};

/// Parameter, fact, the value that is wrong, and the words for it.
const PARTS: [(&str, &str, bool, &str); 3] = [
    ("developer_options", "developer_options_on", true, "developer options are on"),
    ("unknown_sources", "unknown_sources_on", true, "apps from unknown sources are allowed"),
    ("play_protect", "play_protect_on", false, "Play Protect is off"),
];

fn check(facts: &Facts, params: &Params, _: Millis) -> Check {
    let asked = PARTS.iter().filter(|part| RULE.param(params, part.0) == Value::Bool(true));
    let (mut wrong, mut evidence, mut missing) = (Vec::new(), Vec::new(), None);
    for (_, fact, bad, says) in asked {
        match facts.bool(fact) {
            Some(value) if value == *bad => {
                wrong.push(*says);
                evidence.push(*fact);
            }
            Some(_) => {}
            None => missing = missing.or(Some(*fact)),
        }
    }
    match (wrong.is_empty(), missing) {
        (false, _) => broken(format!("On the device {}.", wrong.join(", ")), &evidence, None),
        (true, Some(missing)) => Check::Unknown { missing },
        (true, None) => GOOD,
    }
}

#[cfg(test)]
mod tests {
    use super::super::words::{detail, known, params};
    use super::*;
    use crate::FactValue as V;

    #[test]
    fn what_is_wrong_is_named_even_if_the_rest_is_unknown() {
        let wrong = known(&[("developer_options_on", V::Bool(true)), ("play_protect_on", V::Bool(false))]);
        let says = "On the device developer options are on, Play Protect is off.";
        assert_eq!(detail(check(&wrong, &params(&[]), 0)), says);
        let one = params(&[("unknown_sources", Value::Bool(false)), ("play_protect", Value::Bool(false))]);
        assert_eq!(check(&known(&[("developer_options_on", V::Bool(false))]), &one, 0), GOOD);
        let unknown = Check::Unknown { missing: "developer_options_on" };
        assert_eq!(check(&known(&[]), &params(&[]), 0), unknown);
    }
}
