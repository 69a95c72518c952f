//! Everything we write is valid by the schemas. `xmllint` decides if it is installed; the checks that do not
//! need it always run.

use std::io::{ErrorKind, Write};
use std::process::{Command, Stdio};

use wire_ise::answer::{self, DeviceAttributes, MdmInfo, Outcome};
use wire_ise::{ApiVersion, Filter, Identifier, IdentifierKind, Mac};

use crate::fixture::{DEVICE, GUID, INFO, MAC, outline, sample, testdata};

/// One answer and the schema it belongs to.
type Written = (&'static str, Vec<u8>);

fn awkward() -> DeviceAttributes<'static> {
    DeviceAttributes {
        model: "\0]]>&<'\"\r\u{FFFF}",
        phone_number: "PDA 2",
        last_check_in: Some(-5),
        macs: &[MAC; 9],
        ..DEVICE
    }
}

fn answers() -> Vec<Written> {
    let mut all = Vec::new();
    for version in ApiVersion::ALL {
        let mut out = Vec::new();
        answer::mdm_info(&mut out, version, &INFO);
        all.push(("mdminfo.xsd", out));

        let mut out = Vec::new();
        let odd =
            MdmInfo { redirect_url: "https://mdm.example.test/o/acme?a=b&c=d", query_max_size: 0, ..INFO };
        answer::mdm_info(&mut out, version, &odd);
        all.push(("mdminfo.xsd", out));

        all.extend(pages(version).into_iter().map(|page| ("devices-response.xsd", page)));

        let results = || {
            let text = |kind, text| Identifier::Text(kind, text);
            [
                (Identifier::Mac(MAC), Outcome::Accepted),
                (text(IdentifierKind::Guid, GUID), Outcome::Refused("<unknown> & \"retired\"")),
                (text(IdentifierKind::GuidHn, "PC-1"), Outcome::Accepted),
                (text(IdentifierKind::Udid, "u"), Outcome::Accepted),
                (text(IdentifierKind::Imei, "1"), Outcome::Accepted),
                (text(IdentifierKind::Meid, "2"), Outcome::Accepted),
            ]
        };
        let mut out = Vec::new();
        answer::action(&mut out, version, results());
        all.push(("action-response.xsd", out));
        let mut out = Vec::new();
        answer::send_message(&mut out, version, results());
        all.push(("sendmessage-response.xsd", out));
    }
    all
}

/// Empty, filtered in every way, and of the largest size.
fn pages(version: ApiVersion) -> Vec<Vec<u8>> {
    let page = |paging, devices: &[DeviceAttributes<'_>], filter| {
        let mut out = Vec::new();
        answer::page_start(&mut out, version, paging);
        for (i, device) in devices.iter().enumerate() {
            let octets = (i as u32).to_be_bytes();
            let mac = Mac::from_octets([2, 0, octets[0], octets[1], octets[2], octets[3]]);
            answer::device(&mut out, version, &Identifier::Mac(mac), device, filter);
        }
        answer::page_end(&mut out);
        out
    };
    let filters = ["register_status", "compliance+model", "guid", "macaddresses", "lastCheckinTimeStamp"];
    let mut pages: Vec<_> =
        filters.iter().map(|text| page(0, &[DEVICE, awkward()], Filter::parse(text))).collect();
    pages.push(page(0, &[], Filter::ALL));
    pages.push(page(0, &[DeviceAttributes::default(), awkward()], Filter::ALL));
    pages.push(page(2_147_483_647, &vec![DEVICE; 5000], Filter::ALL));
    pages
}

/// `None` if xmllint is not installed.
fn xmllint(schema: &str, xml: &[u8]) -> Option<Result<(), String>> {
    let started = Command::new("xmllint")
        .args(["--noout", "--nonet", "--schema"])
        .arg(testdata().join("xsd").join(schema))
        .arg("-")
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn();
    let mut child = match started {
        Err(error) if error.kind() == ErrorKind::NotFound => return None,
        other => other.unwrap(),
    };
    child.stdin.take().unwrap().write_all(xml).unwrap();
    let output = child.wait_with_output().unwrap();
    let report = || String::from_utf8_lossy(&output.stderr).into_owned();
    Some(if output.status.success() { Ok(()) } else { Err(report()) })
}

#[test]
fn xmllint_finds_every_answer_valid() {
    let written = answers();
    for (schema, xml) in &written {
        let Some(verdict) = xmllint(schema, xml) else {
            eprintln!(
                "SKIPPED: xmllint is not installed; {} answers were not validated by the schemas",
                written.len()
            );
            return;
        };
        verdict.unwrap_or_else(|report| panic!("{schema}: {report}"));
    }
    // The schemas do refuse something: a page is not an mdminfo, and a wrong word is no truth.
    let (_, page) = written.iter().find(|(schema, _)| *schema == "devices-response.xsd").unwrap();
    assert!(xmllint("mdminfo.xsd", page).unwrap().is_err());
    let wrong = sample("10-devices-v3-by-guid.response.xml").replace("<status>true", "<status>True");
    assert!(xmllint("devices-response.xsd", wrong.as_bytes()).unwrap().is_err());
}

const DEVICE_ORDER: [&str; 19] = [
    "register_status",
    "compliance",
    "status",
    "failure_reason",
    "remediation",
    "disk_encryption_on",
    "pin_lock_on",
    "jail_broken",
    "manufacturer",
    "model",
    "imei",
    "meid",
    "udid",
    "serial_number",
    "os_version",
    "phone_number",
    "lastCheckinTimeStamp",
    "guid",
    "macaddresses",
];

#[test]
fn the_structure_is_that_of_the_version() {
    for version in ApiVersion::ALL {
        let mut out = Vec::new();
        answer::page_start(&mut out, version, 3);
        answer::device(&mut out, version, &Identifier::Mac(MAC), &DEVICE, Filter::ALL);
        answer::page_end(&mut out);
        let outline = outline(std::str::from_utf8(&out).unwrap());
        let names: Vec<_> = outline.iter().map(|(_, name, _)| name.as_str()).collect();
        let attributes = names.iter().position(|name| *name == "attributes").unwrap();
        let head: &[&str] = match version {
            ApiVersion::V3 => &[
                "ise_api",
                "name",
                "api_version",
                "paging_info",
                "server_busy_wait_seconds",
                "deviceList",
                "device",
                "macaddress",
            ],
            _ => &["ise_api", "name", "api_version", "paging_info", "deviceList", "device", "macaddress"],
        };
        assert_eq!(names[..attributes], *head);
        let count = if version == ApiVersion::V3 { DEVICE_ORDER.len() } else { DEVICE_ORDER.len() - 3 };
        assert_eq!(names[attributes + 1..], DEVICE_ORDER[..count], "version {}", version.number());
        assert_eq!(outline[2].2, version.number().to_string());
    }
}

#[test]
fn an_error_says_its_reason() {
    let mut out = Vec::new();
    answer::error(&mut out, ApiVersion::V2, "no <such> device");
    let names: Vec<_> =
        outline(std::str::from_utf8(&out).unwrap()).into_iter().map(|(_, name, text)| (name, text)).collect();
    let expected =
        [("ise_api", ""), ("name", "error"), ("api_version", "2"), ("failure_reason", "no <such> device")];
    assert_eq!(names, expected.map(|(name, text)| (name.to_owned(), text.to_owned())));
}
