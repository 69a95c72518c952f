//! C16: the operating system is older than the organization allows, per platform.

use super::words::{check_version, version_field};
use super::{Check, Rule, RuleId, Test};
use crate::{Facts, Millis, Params, Severity, Target};

const HELP: &str = "Lowest version allowed, such as 17.4; empty allows every version.";

pub(super) static RULE: Rule = Rule {
    id: RuleId::OsBelowMinimum,
    number: "C16",
    label: "Operating system too old",
    help: "The version of the operating system is below the minimum of its platform.",
    remedy: "Install the update of the operating system in the settings of the device, then open the mail app.",
    severity: Severity::Warning,
    fields: &[
        version_field("ios", "iOS and iPadOS, at least", HELP),
        version_field("android", "Android, at least", HELP),
        version_field("windows", "Windows, at least", HELP),
        version_field("windows_phone", "Windows Phone, at least", HELP),
        version_field("blackberry", "BlackBerry, at least", HELP),
        version_field("macos", "macOS, at least", HELP),
    ],
    needs: &["platform", "os_version"],
    default_targets: &[Target::ActivesyncConnections, Target::NetworkAccess],
    default_on: false,
    fixed: false,
    test: Test::Code(check),
};

fn check(facts: &Facts, params: &Params, _: Millis) -> Check {
    check_version(
        &RULE,
        facts,
        params,
        |order, _, _| order.is_ge(),
        |minimum| format!("at least {minimum} is required"),
    )
}

#[cfg(test)]
mod tests {
    use super::super::words::{GOOD, detail, known, params};
    use super::*;
    use crate::{FactValue as V, Value};

    fn device(platform: &str, version: &str) -> Facts {
        known(&[("platform", V::Text(platform.into())), ("os_version", V::Text(version.into()))])
    }

    #[test]
    fn each_platform_has_its_own_minimum() {
        let minima = params(&[
            ("ios", Value::Text("17.9".into())),
            ("android", Value::Text("14.0.1".into())),
            ("windows", Value::Text("10.0.19045".into())),
        ]);
        let check = |platform, version| check(&device(platform, version), &minima, 0);
        assert_eq!(check("ios", "17.10"), GOOD);
        assert_eq!(
            detail(check("ios", "17.4.1")),
            "The device has iOS and iPadOS 17.4.1; at least 17.9 is required."
        );
        assert!(matches!(check("android", "Android 14"), Check::Broken(_)));
        assert_eq!(check("android", "14.0.1"), GOOD);
        assert_eq!(check("windows", "10.0.19045.3803"), GOOD);
        assert!(matches!(check("windows", "10.0.9200"), Check::Broken(_)));
        assert_eq!(check("blackberry", "1"), GOOD);
        assert_eq!(check("other", "1"), GOOD);
        assert_eq!(check("ios", "unknown"), Check::Unknown { missing: "os_version" });
    }

    #[test]
    fn what_is_not_known_matters_only_where_there_is_a_minimum() {
        let minimum = params(&[("ios", Value::Text("17".into()))]);
        assert_eq!(check(&known(&[]), &minimum, 0), Check::Unknown { missing: "platform" });
        let bare = known(&[("platform", V::Text("ios".into()))]);
        assert_eq!(check(&bare, &minimum, 0), Check::Unknown { missing: "os_version" });
        assert_eq!(check(&bare, &params(&[]), 0), GOOD);
    }
}
