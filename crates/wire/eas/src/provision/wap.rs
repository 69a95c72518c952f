//! The policy document of version 2.5: text in the WAP provisioning format of Windows Mobile (MS-ASPROV
//! 2.2.2.24.2).
//!
//! It can say whether a password is needed, when the device locks, after how many wrong passwords it wipes
//! itself, how often the password is asked again, and how long and complex it is. Everything else is unknown
//! to 2.5.

use std::fmt::Write as _;

use super::document::DocValue;
use super::elements::ElementInfo;
use crate::codepages::token::provision as t;

const LOCK: &str = r"HKLM\Comm\Security\Policy\LASSD\AE\{50C13377-C66D-400C-889E-C316FC4AB374}";
const WIPE: &str = r"HKLM\Comm\Security\Policy\LASSD";
const PASSWORD: &str = r"HKLM\Comm\Security\Policy\LASSD\LAP\lap_pw";

/// From this many seconds on, or without a number, a device never locks by itself.
const NEVER_LOCK: i64 = 9999;

/// Writes the document from the values that are set.
pub(super) fn write<'a>(values: impl Iterator<Item = (&'a ElementInfo, &'a DocValue)> + Clone) -> String {
    let find = |token| values.clone().find(|(element, _)| element.token == token).map(|(_, value)| value);
    let on = |token| find(token) == Some(&DocValue::Bool(true));
    let number = |token| match find(token) {
        Some(DocValue::Integer(number)) => Some(*number),
        _ => None,
    };
    let required = on(t::DEVICE_PASSWORD_ENABLED);
    let mut out = String::from("<wap-provisioningdoc>");
    // Policy 4131 is inverted: 0 means that a password is required.
    characteristic(&mut out, "SecurityPolicy", &[("4131", i64::from(!required))]);
    if required {
        out.push_str("<characteristic type=\"Registry\">");
        let lock = number(t::MAX_INACTIVITY_TIME_DEVICE_LOCK).filter(|seconds| *seconds < NEVER_LOCK);
        let minutes = lock.map_or(0, |seconds| (seconds + 59) / 60);
        characteristic(
            &mut out,
            LOCK,
            &[("AEFrequencyType", i64::from(lock.is_some())), ("AEFrequencyValue", minutes)],
        );
        if let Some(attempts) = number(t::MAX_DEVICE_PASSWORD_FAILED_ATTEMPTS) {
            characteristic(&mut out, WIPE, &[("DeviceWipeThreshold", attempts)]);
        }
        if let Some(length) = number(t::MIN_DEVICE_PASSWORD_LENGTH) {
            characteristic(&mut out, PASSWORD, &[("MinimumPasswordLength", length)]);
        }
        // 0 asks for letters and digits, 2 leaves the choice to the user.
        let complexity = if on(t::ALPHANUMERIC_DEVICE_PASSWORD_REQUIRED) { 0 } else { 2 };
        characteristic(&mut out, PASSWORD, &[("PasswordComplexity", complexity)]);
        out.push_str("</characteristic>");
    }
    out.push_str("</wap-provisioningdoc>");
    out
}

fn characteristic(out: &mut String, kind: &str, parameters: &[(&str, i64)]) {
    let _ = write!(out, "<characteristic type=\"{kind}\">");
    for (name, value) in parameters {
        let _ = write!(out, "<parm name=\"{name}\" value=\"{value}\"/>");
    }
    out.push_str("</characteristic>");
}
