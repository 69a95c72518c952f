//! Which attributes of a device an answer carries.
//!
//! The sources spell the names differently (`compliance_status`, `compliance`, "Compliance Status"), and a
//! `+` between two names arrives as a blank. So names are read without regard to case, blanks, hyphens and
//! underscores.

/// An attribute of a device, in the order of the answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Attribute {
    /// Whether there is a live enrolment.
    RegisterStatus,
    /// Status, failure reason and remediation.
    Compliance,
    /// Storage encryption.
    DiskEncryption,
    /// Device password set.
    PinLock,
    /// Rooted or jail-broken.
    JailBroken,
    /// Maker.
    Manufacturer,
    /// Model.
    Model,
    /// International Mobile Equipment Identity.
    Imei,
    /// Mobile Equipment Identifier.
    Meid,
    /// Vendor's unique device id.
    Udid,
    /// Serial number.
    SerialNumber,
    /// Name and version of the operating system.
    OsVersion,
    /// Telephone number.
    PhoneNumber,
    /// Time of the last check-in (version 3).
    LastCheckin,
    /// The device's GUID (version 3).
    Guid,
    /// Its MAC addresses (version 3).
    MacAddresses,
}

/// Names in lower case without blanks, hyphens and underscores. `period` (days) is listed by version 3
/// without a meaning; like every unknown name it selects nothing.
const NAMES: &[(&str, Attribute)] = &[
    ("registerstatus", Attribute::RegisterStatus),
    ("registrationstatus", Attribute::RegisterStatus),
    ("deviceregisterstatus", Attribute::RegisterStatus),
    ("register", Attribute::RegisterStatus),
    ("registered", Attribute::RegisterStatus),
    ("compliancestatus", Attribute::Compliance),
    ("compliantstatus", Attribute::Compliance),
    ("devicecompliantstatus", Attribute::Compliance),
    ("compliance", Attribute::Compliance),
    ("status", Attribute::Compliance),
    ("failurereason", Attribute::Compliance),
    ("compliancefailurereason", Attribute::Compliance),
    ("remediation", Attribute::Compliance),
    ("complianceremediation", Attribute::Compliance),
    ("diskencryptionon", Attribute::DiskEncryption),
    ("diskencryptionstatus", Attribute::DiskEncryption),
    ("diskencryption", Attribute::DiskEncryption),
    ("pinlockon", Attribute::PinLock),
    ("pinlockstatus", Attribute::PinLock),
    ("pinlock", Attribute::PinLock),
    ("jailbroken", Attribute::JailBroken),
    ("jailbrokenstatus", Attribute::JailBroken),
    ("manufacturer", Attribute::Manufacturer),
    ("model", Attribute::Model),
    ("imei", Attribute::Imei),
    ("meid", Attribute::Meid),
    ("udid", Attribute::Udid),
    ("uid", Attribute::Udid),
    ("serialnumber", Attribute::SerialNumber),
    ("serial", Attribute::SerialNumber),
    ("osversion", Attribute::OsVersion),
    ("phonenumber", Attribute::PhoneNumber),
    ("lastcheckintimestamp", Attribute::LastCheckin),
    ("lastcheckin", Attribute::LastCheckin),
    ("guid", Attribute::Guid),
    ("macaddresses", Attribute::MacAddresses),
    ("macaddress", Attribute::MacAddresses),
];

/// The most words that one name is spelled with ("last check in timestamp").
const MAX_WORDS: usize = 4;

/// A set of attributes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Filter(u32);

impl Filter {
    /// Every attribute that the version has.
    pub const ALL: Self = Self(u32::MAX);

    /// Reads a filter: `all`, or names joined by `+`, blanks or commas. Names nobody knows are passed over;
    /// if no name is known the filter is [`Filter::ALL`], as ISE can do nothing with an empty device.
    ///
    /// ```
    /// use wire_ise::{Attribute, Filter};
    /// let filter = Filter::parse("register_status+Compliance Status");
    /// assert!(filter.contains(Attribute::Compliance) && !filter.contains(Attribute::Imei));
    /// ```
    pub fn parse(text: &str) -> Self {
        let words: Vec<String> = text
            .split(|c: char| c == '+' || c == ',' || c.is_whitespace())
            .map(|word| {
                word.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect()
            })
            .filter(|word: &String| !word.is_empty())
            .collect();
        let mut chosen = Self(0);
        let mut at = 0;
        while at < words.len() {
            if words[at] == "all" {
                return Self::ALL;
            }
            let (used, found) = longest_name(&words[at..]);
            if let Some(attribute) = found {
                chosen = chosen.with(attribute);
            }
            at += used;
        }
        if chosen.0 == 0 { Self::ALL } else { chosen }
    }

    /// This set and one attribute more.
    pub const fn with(self, attribute: Attribute) -> Self {
        Self(self.0 | 1 << attribute as u32)
    }

    /// Whether the attribute belongs in the answer.
    pub const fn contains(self, attribute: Attribute) -> bool {
        self.0 & 1 << attribute as u32 != 0
    }
}

/// The longest name that the first words spell together, and how many words that takes (1 if none).
fn longest_name(words: &[String]) -> (usize, Option<Attribute>) {
    for count in (1..=words.len().min(MAX_WORDS)).rev() {
        let name = words[..count].concat();
        if let Some((_, attribute)) = NAMES.iter().find(|(known, _)| *known == name) {
            return (count, Some(*attribute));
        }
    }
    (1, None)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn only(attributes: &[Attribute]) -> Filter {
        attributes.iter().fold(Filter(0), |set, a| set.with(*a))
    }

    #[test]
    fn names_are_read_in_every_spelling_and_joint() {
        let expected = only(&[Attribute::RegisterStatus, Attribute::Compliance]);
        for text in [
            "register_status+compliance_status",
            "register_status compliance_status",
            "register_status,compliance",
            "Register Status,Compliance Status",
            "Register Status Compliance Status",
            "REGISTER-STATUS+Compliance",
            "  registered , , status ",
        ] {
            assert_eq!(Filter::parse(text), expected, "{text}");
        }
        assert_eq!(Filter::parse("last check in timestamp"), only(&[Attribute::LastCheckin]));
    }

    #[test]
    fn all_is_all_and_so_is_what_nobody_knows() {
        for text in ["all", "ALL", "", "period", "?", "model+all"] {
            assert_eq!(Filter::parse(text), Filter::ALL, "{text}");
        }
        assert_eq!(Filter::parse("period+model"), only(&[Attribute::Model]));
    }
}
