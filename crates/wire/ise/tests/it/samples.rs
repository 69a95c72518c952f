//! Samples that are answers are written again; samples that are requests are read.

use wire_ise::answer::{self, DeviceAttributes, Outcome};
use wire_ise::{ApiVersion, Identifier, IdentifierKind, Lookup, Mac, body};

use crate::fixture::{DEVICE, GUID, INFO, MAC, outline, page, sample};

const BY_GUID: Identifier<'_> = Identifier::Text(IdentifierKind::Guid, GUID);
const BY_MAC: Identifier<'_> = Identifier::Mac(MAC);

/// Compares element by element. Blanks alone are indentation, also in the list that has no devices.
fn same(written: &[u8], name: &str) {
    let list = |xml: &str| {
        let mut list = outline(xml);
        list.iter_mut().filter(|(_, _, text)| text.trim().is_empty()).for_each(|(_, _, text)| text.clear());
        list
    };
    assert_eq!(list(std::str::from_utf8(written).unwrap()), list(&sample(name)), "{name}");
}

#[test]
fn mdminfo_is_written_like_the_samples() {
    for (version, name) in ApiVersion::ALL.into_iter().zip([
        "03-mdminfo-v1.response.xml",
        "02-mdminfo-v2.response.xml",
        "01-mdminfo-v3.response.xml",
    ]) {
        let mut out = Vec::new();
        answer::mdm_info(&mut out, version, &INFO);
        same(&out, name);
    }
}

#[test]
fn look_ups_are_written_like_the_samples() {
    let restricted = DeviceAttributes {
        compliant: Some(false),
        failure_reason: "Passcode not set; network access restricted",
        remediation: "Set a passcode of 6 digits or more",
        pin_lock: Some(false),
        ..DEVICE
    };
    same(&page(ApiVersion::V3, 0, &[(BY_GUID, DEVICE)]), "10-devices-v3-by-guid.response.xml");
    same(&page(ApiVersion::V3, 0, &[(BY_MAC, DEVICE)]), "11-devices-v3-by-macaddress.response.xml");
    same(&page(ApiVersion::V2, 0, &[(BY_MAC, restricted)]), "12-devices-v2-by-macaddress.response.xml");
    same(&page(ApiVersion::V1, 0, &[(BY_MAC, DEVICE)]), "13-devices-v1-by-macaddress.response.xml");
    same(&page(ApiVersion::V3, 0, &[]), "14-devices-not-enrolled.response.xml");
}

#[test]
fn a_page_of_a_poll_is_written_like_the_sample() {
    let restricted = DeviceAttributes {
        compliant: Some(false),
        failure_reason: "Encryption off",
        remediation: "Turn on storage encryption",
        pin_lock: Some(false),
        ..DEVICE
    };
    same(
        &page(ApiVersion::V3, 417_000_002, &[(BY_GUID, restricted)]),
        "15-noncompliant-page1-of-2.response.xml",
    );
}

#[test]
fn results_are_written_like_the_samples() {
    let mut out = Vec::new();
    answer::action(&mut out, ApiVersion::V3, [(BY_GUID, Outcome::Accepted)]);
    same(&out, "32-action-v3.response.xml");

    out.clear();
    let refused = Outcome::Refused("Full wipe is not permitted on a personally owned device");
    answer::action(&mut out, ApiVersion::V2, [(BY_MAC, refused)]);
    same(&out, "33-action-v2-refused.response.xml");

    out.clear();
    let read = body::message(sample("40-sendmessage-v2.request.xml").as_bytes()).unwrap();
    let outcomes = [Outcome::Accepted, Outcome::Refused("Unknown device")];
    let results = read.devices.iter().map(|device| device.echo().unwrap()).zip(outcomes);
    answer::send_message(&mut out, ApiVersion::V2, results);
    same(&out, "41-sendmessage-v2.response.xml");
}

#[test]
fn requests_of_the_samples_are_read() {
    let values = body::batch(sample("20-batchdevices.request.guess.xml").as_bytes()).unwrap();
    let texts: Vec<_> = values.iter().map(|value| value.text.as_str()).collect();
    assert_eq!(texts, ["3408BC507C78", "02A0C914C829"]);

    let by_guid = body::identifiers(sample("30-action-v3.request.xml").as_bytes()).unwrap();
    assert!(matches!(&by_guid[..], [Lookup::Guid(guid)] if guid.canonical() == GUID));
    let by_mac = body::identifiers(sample("31-action-v2.request.xml").as_bytes()).unwrap();
    assert_eq!(by_mac, [Lookup::Mac(MAC)]);

    let message = body::message(sample("40-sendmessage-v2.request.xml").as_bytes()).unwrap();
    assert_eq!(message.devices, [Lookup::Mac(MAC), Lookup::Mac(Mac::parse("02A0C914C829").unwrap())]);
    assert_eq!((message.kind.as_str(), message.header.as_str()), ("Alert", "Action needed"));
    assert!(message.text.starts_with("Your device will lose network access"));
}

#[test]
fn a_page_is_the_same_whether_or_not_it_is_cut_into_chunks() {
    let mut whole = Vec::new();
    let mut sent = Vec::new();
    let mut chunk = Vec::new();
    for out in [&mut whole, &mut chunk] {
        answer::page_start(out, ApiVersion::V3, 9);
    }
    for _ in 0..50 {
        answer::device(&mut whole, ApiVersion::V3, &BY_GUID, &DEVICE, wire_ise::Filter::ALL);
        answer::device(&mut chunk, ApiVersion::V3, &BY_GUID, &DEVICE, wire_ise::Filter::ALL);
        sent.append(&mut chunk);
    }
    answer::page_end(&mut whole);
    answer::page_end(&mut sent);
    assert_eq!(whole, sent);
}
