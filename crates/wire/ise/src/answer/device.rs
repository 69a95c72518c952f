//! One `device` element.

use super::escape::{boolean, decimal, end, start, text};
use super::identifier;
use crate::{ApiVersion, Attribute, Filter, Identifier, IdentifierKind, Mac};

/// Most MAC addresses that `macaddresses` may hold.
pub const MAX_MACS: usize = 5;
/// Times that are 13 digits long in milliseconds: September 2001 to November 2286.
const THIRTEEN_DIGITS: std::ops::RangeInclusive<i64> = 1_000_000_000_000..=9_999_999_999_999;
/// Room for a device of ordinary texts, so that the buffer grows at most once.
const USUAL_BYTES: usize = 1024;

/// What is known about a device. An unknown text is empty and gives an empty element; an unknown truth is
/// `None` and its element is left out, since an empty one has no documented meaning.
#[derive(Debug, Clone, Copy, Default)]
pub struct DeviceAttributes<'a> {
    /// Whether there is a live enrolment.
    pub registered: Option<bool>,
    /// Whether the device may use the network.
    pub compliant: Option<bool>,
    /// Which criteria it fails, empty if compliant.
    pub failure_reason: &'a str,
    /// What its user can do about it.
    pub remediation: &'a str,
    /// Whether storage is encrypted.
    pub disk_encryption: Option<bool>,
    /// Whether a password is set.
    pub pin_lock: Option<bool>,
    /// Whether it is rooted or jail-broken.
    pub jail_broken: Option<bool>,
    /// Maker.
    pub manufacturer: &'a str,
    /// Model.
    pub model: &'a str,
    /// International Mobile Equipment Identity.
    pub imei: &'a str,
    /// Mobile Equipment Identifier.
    pub meid: &'a str,
    /// Vendor's unique device id.
    pub udid: &'a str,
    /// Serial number.
    pub serial_number: &'a str,
    /// Name and version of the operating system, in any form.
    pub os_version: &'a str,
    /// Telephone number, in any form.
    pub phone_number: &'a str,
    /// Time of the last check-in in milliseconds since 1970 (version 3).
    pub last_check_in: Option<i64>,
    /// The device's GUID (version 3): 1 to 127 bytes, or empty if it has none.
    pub guid: &'a str,
    /// Its MAC addresses (version 3); of more than [`MAX_MACS`] the first are written, and always the one in
    /// the identifier.
    pub macs: &'a [Mac],
}

/// Writes one device of a page. `asked` names it: repeat the question where the question named one device
/// ([`crate::Lookup::echo`]). In a poll by MAC address write the device once for each of its addresses.
pub fn device(
    out: &mut Vec<u8>,
    version: ApiVersion,
    asked: &Identifier<'_>,
    attributes: &DeviceAttributes<'_>,
    filter: Filter,
) {
    out.reserve(USUAL_BYTES);
    out.extend_from_slice(b"<device>");
    identifier(out, asked);
    out.extend_from_slice(b"<attributes>");
    states(out, attributes, filter);
    texts(out, attributes, filter);
    if version == ApiVersion::V3 {
        version_3(out, asked, attributes, filter);
    }
    out.extend_from_slice(b"</attributes></device>");
}

fn states(out: &mut Vec<u8>, of: &DeviceAttributes<'_>, filter: Filter) {
    state(out, filter.contains(Attribute::RegisterStatus), "register_status", of.registered);
    if let Some(compliant) = of.compliant.filter(|_| filter.contains(Attribute::Compliance)) {
        start(out, "compliance");
        boolean(out, "status", compliant);
        text(out, "failure_reason", of.failure_reason);
        text(out, "remediation", of.remediation);
        end(out, "compliance");
    }
    state(out, filter.contains(Attribute::DiskEncryption), "disk_encryption_on", of.disk_encryption);
    state(out, filter.contains(Attribute::PinLock), "pin_lock_on", of.pin_lock);
    state(out, filter.contains(Attribute::JailBroken), "jail_broken", of.jail_broken);
}

fn state(out: &mut Vec<u8>, wanted: bool, element: &str, value: Option<bool>) {
    if let Some(value) = value.filter(|_| wanted) {
        boolean(out, element, value);
    }
}

fn texts(out: &mut Vec<u8>, of: &DeviceAttributes<'_>, filter: Filter) {
    let elements = [
        (Attribute::Manufacturer, "manufacturer", of.manufacturer),
        (Attribute::Model, "model", of.model),
        (Attribute::Imei, "imei", of.imei),
        (Attribute::Meid, "meid", of.meid),
        (Attribute::Udid, "udid", of.udid),
        (Attribute::SerialNumber, "serial_number", of.serial_number),
        (Attribute::OsVersion, "os_version", of.os_version),
        (Attribute::PhoneNumber, "phone_number", of.phone_number),
    ];
    for (attribute, element, value) in elements {
        if filter.contains(attribute) {
            text(out, element, value);
        }
    }
}

fn version_3(out: &mut Vec<u8>, asked: &Identifier<'_>, of: &DeviceAttributes<'_>, filter: Filter) {
    if filter.contains(Attribute::LastCheckin) {
        start(out, "lastCheckinTimeStamp");
        if let Some(time) = of.last_check_in.filter(|time| THIRTEEN_DIGITS.contains(time)) {
            decimal(out, time.unsigned_abs());
        }
        end(out, "lastCheckinTimeStamp");
    }
    // Obligatory where the question was not the GUID, whatever the filter says; never empty.
    let guid_wanted = filter.contains(Attribute::Guid) || asked.kind() != IdentifierKind::Guid;
    if guid_wanted && !of.guid.is_empty() {
        text(out, "guid", of.guid);
    }
    if filter.contains(Attribute::MacAddresses) {
        start(out, "macaddresses");
        mac_list(out, asked, of.macs);
        end(out, "macaddresses");
    }
}

fn mac_list(out: &mut Vec<u8>, asked: &Identifier<'_>, macs: &[Mac]) {
    let head = &macs[..macs.len().min(MAX_MACS)];
    // The address that was asked for takes the last place if there would be none left for it.
    let pushed_out = match asked {
        Identifier::Mac(mac) if macs.contains(mac) && !head.contains(mac) => Some(mac),
        _ => None,
    };
    let kept = head.len() - usize::from(pushed_out.is_some());
    for (i, mac) in head[..kept].iter().chain(pushed_out).enumerate() {
        if i > 0 {
            out.push(b',');
        }
        out.extend_from_slice(mac.text().as_bytes());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(
        version: ApiVersion,
        asked: &Identifier<'_>,
        of: &DeviceAttributes<'_>,
        filter: Filter,
    ) -> String {
        let mut out = Vec::new();
        device(&mut out, version, asked, of, filter);
        String::from_utf8(out).expect("UTF-8")
    }

    fn mac(last: u8) -> Mac {
        Mac::from_octets([0, 0, 0, 0, 0, last])
    }

    #[test]
    fn unknown_truths_are_left_out_and_unknown_texts_are_empty() {
        let nothing = DeviceAttributes::default();
        let v2 = written(ApiVersion::V2, &Identifier::Mac(mac(1)), &nothing, Filter::ALL);
        assert_eq!(
            v2,
            "<device><macaddress>000000000001</macaddress><attributes><manufacturer></manufacturer><model></model>\
             <imei></imei><meid></meid><udid></udid><serial_number></serial_number><os_version></os_version>\
             <phone_number></phone_number></attributes></device>"
        );
        let v3 = written(
            ApiVersion::V3,
            &Identifier::Mac(mac(1)),
            &nothing,
            Filter::parse("lastCheckinTimeStamp,guid,macaddresses"),
        );
        assert!(v3.contains("<attributes><lastCheckinTimeStamp></lastCheckinTimeStamp><macaddresses></macaddresses></attributes>"), "{v3}");
    }

    #[test]
    fn a_filter_leaves_only_what_it_names_but_the_guid_stays_where_it_is_obligatory() {
        let known = DeviceAttributes {
            registered: Some(true),
            compliant: Some(false),
            guid: "g",
            model: "m",
            ..Default::default()
        };
        let filter = Filter::parse("register_status");
        let by_mac = written(ApiVersion::V3, &Identifier::Mac(mac(1)), &known, filter);
        assert!(
            by_mac.ends_with(
                "<attributes><register_status>true</register_status><guid>g</guid></attributes></device>"
            ),
            "{by_mac}"
        );
        let by_guid = written(ApiVersion::V3, &Identifier::Text(IdentifierKind::Guid, "G"), &known, filter);
        assert!(
            by_guid.starts_with("<device><guid>G</guid>") && !by_guid.contains("<guid>g</guid>"),
            "{by_guid}"
        );
        let version_2 = written(ApiVersion::V2, &Identifier::Mac(mac(1)), &known, filter);
        assert!(!version_2.contains("guid"), "{version_2}");
    }

    #[test]
    fn five_addresses_at_most_and_always_the_one_that_was_asked_for() {
        let macs: Vec<Mac> = (1..=7).map(mac).collect();
        let known = DeviceAttributes { macs: &macs, ..Default::default() };
        let list = |asked: &Identifier<'_>| {
            let xml = written(ApiVersion::V3, asked, &known, Filter::parse("macaddresses"));
            xml.split(['<', '>']).skip_while(|part| *part != "macaddresses").nth(1).map(str::to_owned)
        };
        let first = "000000000001,000000000002,000000000003,000000000004";
        assert_eq!(list(&Identifier::Text(IdentifierKind::Guid, "g")), Some(format!("{first},000000000005")));
        assert_eq!(list(&Identifier::Mac(mac(2))), Some(format!("{first},000000000005")));
        assert_eq!(list(&Identifier::Mac(mac(7))), Some(format!("{first},000000000007")));
        assert_eq!(list(&Identifier::Mac(mac(9))), Some(format!("{first},000000000005")));
    }

    #[test]
    fn a_time_that_is_not_thirteen_digits_is_unknown() {
        for (time, expected) in [
            (Some(1_760_000_000_000), "1760000000000"),
            (Some(999_999_999_999), ""),
            (Some(-1), ""),
            (Some(i64::MIN), ""),
            (Some(10_000_000_000_000), ""),
            (None, ""),
        ] {
            let known = DeviceAttributes { last_check_in: time, ..Default::default() };
            let xml = written(ApiVersion::V3, &Identifier::Mac(mac(1)), &known, Filter::parse("lastcheckin"));
            assert!(
                xml.contains(&format!("<lastCheckinTimeStamp>{expected}</lastCheckinTimeStamp>")),
                "{xml}"
            );
        }
    }
}
