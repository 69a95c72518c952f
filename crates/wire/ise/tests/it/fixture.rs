//! Files, a device that is known completely, and XML as a list that does not depend on indentation.

use std::fs;
use std::path::PathBuf;

use wire_ise::answer::{self, DeviceAttributes, MdmInfo};
use wire_ise::{ApiVersion, Filter, Identifier, Mac};

pub const GUID: &str = "1f0e5c2a-5a8c-4a53-9a64-2f6f0a6d0b11";
pub const MAC: Mac = Mac::from_octets([0x34, 0x08, 0xBC, 0x50, 0x7C, 0x78]);
pub const MACS: [Mac; 2] = [Mac::from_octets([0x02, 0xA0, 0xC9, 0x14, 0xC8, 0x29]), MAC];

pub const INFO: MdmInfo<'_> = MdmInfo {
    redirect_url: "https://mdm.example.test/enroll",
    query_max_size: 5000,
    messaging_support: true,
    vendor: "Example Vendor",
    product_name: "Example MDM",
    product_version: "3.0.1",
};

/// The device of the samples, compliant.
pub const DEVICE: DeviceAttributes<'_> = DeviceAttributes {
    registered: Some(true),
    compliant: Some(true),
    failure_reason: "",
    remediation: "",
    disk_encryption: Some(true),
    pin_lock: Some(true),
    jail_broken: Some(false),
    manufacturer: "Apple",
    model: "iPad & Keyboard <10.2\">",
    imei: "490154203237518",
    meid: "",
    udid: "00008020-0000000000000001",
    serial_number: "TESTSERIAL01",
    os_version: "iPadOS 17.4",
    phone_number: "+15550100",
    last_check_in: Some(1_760_000_000_000),
    guid: GUID,
    macs: &MACS,
};

pub fn testdata() -> PathBuf {
    PathBuf::from("testdata")
}

pub fn sample(name: &str) -> String {
    fs::read_to_string(testdata().join("samples").join(name)).unwrap()
}

/// Every sample file and its bytes, in order of name.
pub fn all_samples() -> Vec<(String, Vec<u8>)> {
    let mut samples: Vec<_> = fs::read_dir(testdata().join("samples"))
        .unwrap()
        .map(|entry| entry.unwrap())
        .map(|entry| (entry.file_name().into_string().unwrap(), fs::read(entry.path()).unwrap()))
        .collect();
    samples.sort();
    assert!(samples.len() > 10, "the samples are there");
    samples
}

pub fn page(
    version: ApiVersion,
    paging_info: u32,
    devices: &[(Identifier<'_>, DeviceAttributes<'_>)],
) -> Vec<u8> {
    let mut out = Vec::new();
    answer::page_start(&mut out, version, paging_info);
    for (identifier, attributes) in devices {
        answer::device(&mut out, version, identifier, attributes, Filter::ALL);
    }
    answer::page_end(&mut out);
    out
}

/// Elements in document order with depth and, for leaves, text.
pub fn outline(xml: &str) -> Vec<(usize, String, String)> {
    let document = roxmltree::Document::parse(xml).unwrap_or_else(|e| panic!("{e}: {xml}"));
    document
        .descendants()
        .filter(roxmltree::Node::is_element)
        .map(|node| {
            let leaf = !node.children().any(|child| child.is_element());
            let text = if leaf { node.text().unwrap_or_default() } else { "" };
            (node.ancestors().count(), node.tag_name().name().to_owned(), text.to_owned())
        })
        .collect()
}
