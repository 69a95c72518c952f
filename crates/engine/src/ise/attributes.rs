//! What ISE is told of a device: its verdict on Network Access, and facts.
//!
//! Only rules that restrict Network Access are named. A broken rule that takes only mail away does not throw a
//! phone off the Wi-Fi, where it would have to be to get in order again.

use std::sync::LazyLock;

use catalog::{FACTS, FactId, FactValue, Platform, Target};
use domain::Millis;
use domain::model::{Closed, Device, DeviceState};
use domain::notification::NotificationSettings;

use crate::{Engine, notifications};

/// The attributes of a device. Empty text and `None` mean unknown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attributes<'d> {
    /// Managed now.
    pub registered: bool,
    /// May use the network.
    pub compliant: bool,
    /// Why not.
    pub failure_reason: String,
    /// What its user can do about it.
    pub remediation: String,
    /// Storage is encrypted.
    pub disk_encryption: Option<bool>,
    /// A pass-code is set.
    pub pin_lock: Option<bool>,
    /// Jailbroken or rooted.
    pub jail_broken: Option<bool>,
    /// Maker.
    pub manufacturer: &'d str,
    /// Model.
    pub model: &'d str,
    /// International Mobile Equipment Identity.
    pub imei: &'d str,
    /// Mobile Equipment Identifier.
    pub meid: &'d str,
    /// Apple's unique device identifier.
    pub udid: &'d str,
    /// Serial number.
    pub serial_number: &'d str,
    /// Name and version of the operating system.
    pub os_version: String,
    /// Telephone number.
    pub phone_number: &'d str,
    /// Last contact, milliseconds since 1970.
    pub last_check_in: Option<Millis>,
}

/// Whether the device has a live enrolment.
pub fn is_registered(device: &Device) -> bool {
    device.state == DeviceState::Enrolled
}

/// Whether the device may use the network: enrolled, and no restriction of Network Access in force.
pub fn is_compliant(device: &Device) -> bool {
    is_registered(device) && device.verdict.allows(Target::NetworkAccess)
}

/// Everything ISE can be told of a device. The organization's own words for reasons and remedies are an argument: a
/// page looks them up once, and callers may hold the index.
pub fn attributes<'d>(engine: &Engine, words: &NotificationSettings, device: &'d Device) -> Attributes<'d> {
    let fact = &*FACT;
    let text = |id: Option<FactId>| match id.and_then(|id| device.facts.get(id)).map(|known| &known.value) {
        Some(FactValue::Text(text)) => text.as_str(),
        _ => "",
    };
    let truth = |id: Option<FactId>| match id.and_then(|id| device.facts.get(id)).map(|known| &known.value) {
        Some(FactValue::Bool(truth)) => Some(*truth),
        _ => None,
    };
    let (failure_reason, remediation) = reasons(words, device);
    Attributes {
        registered: is_registered(device),
        compliant: is_compliant(device),
        failure_reason,
        remediation,
        disk_encryption: truth(fact.disk_encryption),
        pin_lock: truth(fact.pin_lock),
        jail_broken: truth(fact.jail_broken),
        manufacturer: text(fact.manufacturer),
        model: text(fact.model),
        imei: text(fact.imei),
        meid: text(fact.meid),
        udid: text(fact.udid),
        serial_number: text(fact.serial_number),
        os_version: operating_system(device.platform, text(fact.os_version)),
        phone_number: text(fact.phone_number),
        last_check_in: crate::presence::last_contact(engine, device),
    }
}

/// Places of the facts, by the names that ISE gives them; found once, since a page asks for thousands.
struct FactIds {
    disk_encryption: Option<FactId>,
    pin_lock: Option<FactId>,
    jail_broken: Option<FactId>,
    manufacturer: Option<FactId>,
    model: Option<FactId>,
    imei: Option<FactId>,
    meid: Option<FactId>,
    udid: Option<FactId>,
    serial_number: Option<FactId>,
    os_version: Option<FactId>,
    phone_number: Option<FactId>,
}

static FACT: LazyLock<FactIds> = LazyLock::new(|| {
    let id = |name: &str| FACTS.iter().position(|fact| fact.ise == Some(name)).map(|at| FactId(at as u16));
    FactIds {
        disk_encryption: id("disk_encryption_on"),
        pin_lock: id("pin_lock_on"),
        jail_broken: id("jail_broken"),
        manufacturer: id("manufacturer"),
        model: id("model"),
        imei: id("imei"),
        meid: id("meid"),
        udid: id("udid"),
        serial_number: id("serial_number"),
        os_version: id("os_version"),
        phone_number: id("phone_number"),
    }
});

/// Failure reason and remediation; both empty for a compliant device.
fn reasons(words: &NotificationSettings, device: &Device) -> (String, String) {
    let fixed = |reason: &str, remedy: &str| (reason.to_owned(), remedy.to_owned());
    match device.state {
        DeviceState::Wiped => {
            return fixed("The device was wiped.", "Ask your administrator to admit it again.");
        }
        DeviceState::Retired => return fixed("The device is no longer managed.", "Enrol the device again."),
        DeviceState::Quarantined => {
            return fixed(
                "The device waits for an administrator to release it.",
                "Ask your administrator to release the device.",
            );
        }
        DeviceState::Enrolled => {}
    }
    let Some(Closed { rules, .. }) = device.verdict.closed(Target::NetworkAccess) else {
        return (String::new(), String::new());
    };
    let (mut reason, mut remedy) = (String::new(), String::new());
    for rule in rules {
        let found = device.verdict.finding(*rule);
        let detail = found.map_or(rule.entry().label, |record| &record.finding.detail);
        let (why, helps) = notifications::words(words, *rule, detail);
        append(&mut reason, why);
        append(&mut remedy, helps);
    }
    (reason, remedy)
}

/// Joins sentences; one that is there already is not said twice.
fn append(text: &mut String, sentence: &str) {
    if text.contains(sentence) {
        return;
    }
    if !text.is_empty() {
        text.push(' ');
    }
    text.push_str(sentence);
}

/// "iOS 17.4": a version alone does not say of what.
fn operating_system(platform: Platform, version: &str) -> String {
    let name = match platform {
        Platform::Ios => "iOS",
        Platform::Android => "Android",
        Platform::Windows => "Windows",
        Platform::WindowsPhone => "Windows Phone",
        Platform::Blackberry => "BlackBerry",
        Platform::Macos => "macOS",
        Platform::Other => "",
    };
    match (name, version) {
        (_, "") => String::new(),
        ("", version) => version.to_owned(),
        (name, version) => format!("{name} {version}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_attribute_of_ise_has_a_fact() {
        let fact = &*FACT;
        for id in [
            fact.disk_encryption,
            fact.pin_lock,
            fact.jail_broken,
            fact.manufacturer,
            fact.model,
            fact.imei,
            fact.meid,
            fact.udid,
            fact.serial_number,
            fact.os_version,
            fact.phone_number,
        ] {
            assert!(id.is_some());
        }
    }

    #[test]
    fn a_sentence_is_said_once() {
        let mut text = String::new();
        for sentence in ["One.", "Two.", "One."] {
            append(&mut text, sentence);
        }
        assert_eq!(text, "One. Two.");
    }

    #[test]
    fn a_version_carries_its_system() {
        assert_eq!(operating_system(Platform::Ios, "17.4"), "iOS 17.4");
        assert_eq!(operating_system(Platform::Other, "9"), "9");
        assert_eq!(operating_system(Platform::Ios, ""), "");
    }
}
