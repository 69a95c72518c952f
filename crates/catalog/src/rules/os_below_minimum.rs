//! C16: the operating system is older than the organization allows, per platform.

use super::words::{GOOD, broken};
use super::{Check, Rule, RuleId};
use crate::{Facts, Field, Kind, Millis, Params, Platform, Severity, Target, Value, compare_versions};

const fn minimum(key: &'static str, label: &'static str) -> Field {
    Field {
        key,
        label,
        help: "Lowest version allowed, such as 17.4; empty allows every version.",
        kind: Kind::Version,
        default: || Value::Text(String::new()),
    }
}

pub(super) static RULE: Rule = Rule {
    id: RuleId::OsBelowMinimum,
    number: "C16",
    label: "Operating system too old",
    help: "The version of the operating system is below the minimum of its platform.",
    remedy: "Install the update of the operating system in the settings of the device, then open the mail app.",
    severity: Severity::Warning,
    fields: &[
        minimum("ios", "iOS and iPadOS, at least"),
        minimum("android", "Android, at least"),
        minimum("windows", "Windows, at least"),
        minimum("windows_phone", "Windows Phone, at least"),
        minimum("blackberry", "BlackBerry, at least"),
        minimum("macos", "macOS, at least"),
    ],
    needs: &["platform", "os_version"],
    default_targets: &[Target::ActivesyncConnections, Target::NetworkAccess],
    default_on: false,
    check,
};

fn check(facts: &Facts, params: &Params, _: Millis) -> Check {
    let Some(platform) = facts.text("platform") else {
        return Check::Unknown { missing: "platform" };
    };
    let minimum = RULE.param(params, platform);
    let Some(minimum) = minimum.as_text().map(str::trim).filter(|m| !m.is_empty()) else {
        return GOOD;
    };
    let order = facts.text("os_version").and_then(|version| compare_versions(version, minimum));
    match order {
        None => Check::Unknown { missing: "os_version" },
        Some(order) if order.is_ge() => GOOD,
        Some(_) => {
            let name = Platform::from_key(platform).unwrap_or_default().label();
            let version = facts.text("os_version").unwrap_or_default();
            broken(
                format!("The device has {name} {version}; at least {minimum} is required."),
                &["platform", "os_version"],
                None,
            )
        }
    }
}
