//! C16: the operating system is newer than the organization has approved, per platform.

use super::words::{check_version, version_field};
use super::{Check, Rule, RuleId, Test};
use crate::{Facts, Millis, Params, Severity};

const HELP: &str = "Highest version allowed, such as 18.2; empty allows every version.";

pub(super) static RULE: Rule = Rule {
    id: RuleId::OsAboveMaximum,
    number: "C16",
    label: "Operating system too new",
    help: "The version of the operating system is above the maximum of its platform.",
    remedy: "Ask your administrator when this version will be approved.",
    severity: Severity::Informational,
    fields: &[
        version_field("ios", "iOS and iPadOS, at most", HELP),
        version_field("android", "Android, at most", HELP),
        version_field("windows", "Windows, at most", HELP),
        version_field("macos", "macOS, at most", HELP),
    ],
    needs: &["platform", "os_version"],
    default_targets: &[],
    default_on: false,
    fixed: false,
    test: Test::Code(check),
};

fn check(facts: &Facts, params: &Params, _: Millis) -> Check {
    check_version(
        &RULE,
        facts,
        params,
        |order, version, maximum| order.is_le() || begins_with(version, maximum),
        |maximum| format!("at most {maximum} is allowed"),
    )
}

/// Whether the version is a later part of the maximum: 17.4.1 belongs to "at most 17.4".
fn begins_with(version: &str, maximum: &str) -> bool {
    let numbers = |text| crate::version_numbers(text).unwrap_or_default();
    numbers(version).starts_with(&numbers(maximum))
}

#[cfg(test)]
mod tests {
    use super::super::words::{GOOD, detail, known, params};
    use super::*;
    use crate::{FactValue as V, Value};

    #[test]
    fn the_maximum_includes_its_own_updates() {
        let maxima = params(&[("ios", Value::Text("17.4".into()))]);
        let check = |version: &str| {
            let facts =
                known(&[("platform", V::Text("ios".into())), ("os_version", V::Text(version.into()))]);
            check(&facts, &maxima, 0)
        };
        assert_eq!(check("17.4.1"), GOOD);
        assert_eq!(check("17.3"), GOOD);
        assert_eq!(detail(check("17.10")), "The device has iOS and iPadOS 17.10; at most 17.4 is allowed.");
        assert_eq!(check("none"), Check::Unknown { missing: "os_version" });
    }
}
