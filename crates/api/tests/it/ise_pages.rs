//! Polls: paging while devices come and go, sizes, retired devices, and a page of the largest size.

use std::process::{Command, Stdio};

use domain::model::DeviceState;
use engine::organizations;

use crate::ise_fixture::*;

const DAY: i64 = 86_400_000;

async fn settings(house: &House, change: impl FnOnce(&mut domain::model::OrganizationSettings)) {
    let mut settings = organizations::current(&house.engine, &house.acme.admin).unwrap().settings.clone();
    change(&mut settings);
    organizations::edit_settings(&house.engine, &house.acme.admin, settings).await.unwrap();
}

fn poll(paging: &str, rest: &str) -> String {
    format!(
        "/ciscoise/mdmapi/v3/devices/?paging={paging}&querycriteria=compliance&value=false&filter=all{rest}"
    )
}

async fn page(house: &House, paging: &str, rest: &str) -> (Vec<String>, String) {
    let reply = house.get(&house.acme, &poll(paging, rest)).await;
    assert_eq!(reply.status, 200);
    let document = roxmltree::Document::parse(&reply.body).unwrap();
    let names = document
        .descendants()
        .filter(|n| n.has_tag_name("device"))
        .map(|n| n.first_element_child().unwrap().text().unwrap().to_owned())
        .collect();
    (names, one(&reply.body, "paging_info"))
}

#[tokio::test]
async fn nobody_is_lost_or_doubled_while_devices_come_and_go() {
    let house = House::build().await;
    settings(&house, |s| s.ise_page_size = 3).await;
    let mut devices: Vec<_> = (0..10).map(|_| house.blank(&house.acme)).collect();
    for device in &mut devices {
        device.verdict = restricted();
    }
    let ids = house.put(&house.acme, devices).await;

    let (first, token) = page(&house, "0", "").await;
    assert_eq!((first.len(), token.as_str()), (3, "3"));
    // The last of the first page leaves, one of the next leaves, one comes.
    house.change(&house.acme, ids[2], |d| d.verdict = domain::model::Verdict::default()).await;
    house.change(&house.acme, ids[4], |d| d.verdict = domain::model::Verdict::default()).await;
    house.device(&house.acme, |d| d.verdict = restricted()).await;
    let (mut seen, mut token) = (first, token);
    while token != "0" {
        let (names, next) = page(&house, &token, "").await;
        assert!(names.len() <= 3);
        seen.extend(names);
        token = next;
    }
    let expected: Vec<_> = (1..=11).filter(|n| *n != 5).map(|n| format!("{n:012X}")).collect();
    assert_eq!(seen, expected);
    assert_eq!(page(&house, "junk", "").await.0[0], "000000000001", "a token that is none begins anew");
    assert_eq!(page(&house, "2147483647", "").await, (Vec::new(), "0".to_owned()));
}

#[tokio::test]
async fn a_poll_names_every_address_and_never_splits_a_device() {
    let house = House::build().await;
    settings(&house, |s| s.ise_page_size = 4).await;
    for macs in [
        vec!["A0", "A1", "A2"],
        vec!["B0", "B1"],
        vec![],
        vec!["C0", "C1", "C2", "C3", "C4", "C5"],
        vec!["D0"],
    ] {
        house
            .device(&house.acme, |d| {
                d.macs = macs.iter().map(|m| format!("0000000000{m}")).collect();
                d.verdict = restricted();
            })
            .await;
    }
    let by_mac = "&deviceidentifier=macaddress";
    let (names, token) = page(&house, "0", by_mac).await;
    assert_eq!((names.len(), token.as_str()), (3, "1"));
    let (names, token) = page(&house, "1", by_mac).await;
    assert_eq!((names.len(), token.as_str()), (2, "2"), "the one without an address cannot be named");
    let (names, token) = page(&house, "2", by_mac).await;
    assert_eq!((names.len(), token.as_str()), (6, "4"));
    assert_eq!(page(&house, "4", by_mac).await, (vec!["0000000000D0".to_owned()], "0".to_owned()));
    let (names, token) = page(&house, "0", "&deviceidentifier=guid").await;
    assert_eq!((names.len(), token.as_str()), (4, "4"));
}

#[tokio::test]
async fn all_and_compliant_devices_are_told_apart() {
    let house = House::build().await;
    house.device(&house.acme, |_| {}).await;
    house.device(&house.acme, |d| d.verdict = restricted()).await;
    house.device(&house.acme, |d| d.state = DeviceState::Retired).await;
    let count = async |rest: &str| {
        let target = format!("/ciscoise/mdmapi/v3/devices/?paging=0&filter=all{rest}");
        texts(&house.get(&house.acme, &target).await.body, "device").len()
    };
    assert_eq!(count("").await, 2);
    assert_eq!(count("&querycriteria=compliance&value=true").await, 1);
    assert_eq!(count("&querycriteria=compliance&value=false").await, 1);
}

#[tokio::test]
async fn retired_devices_stay_for_a_week_if_the_organization_says_so() {
    let house = House::build().await;
    house.device(&house.acme, |d| d.state = DeviceState::Retired).await;
    assert_eq!(page(&house, "0", "").await.0.len(), 0);
    settings(&house, |s| s.ise_report_retired = true).await;
    let reply = house.get(&house.acme, &poll("0", "")).await.body;
    assert_eq!((one(&reply, "register_status"), one(&reply, "status")), ("false".into(), "false".into()));
    house.clock.advance(7 * DAY + 1);
    assert_eq!(page(&house, "0", "").await.0.len(), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nodes_that_poll_together_share_a_page() {
    let house = House::build().await;
    let devices = (0..600)
        .map(|_| {
            let mut device = house.blank(&house.acme);
            device.verdict = restricted();
            device
        })
        .collect();
    house.put(&house.acme, devices).await;
    let (target, house) = (poll("0", ""), &house);
    let polls = (0..20).map(|_| house.get(&house.acme, &target));
    let replies = futures_util::future::join_all(polls).await;
    assert!(replies.iter().all(|reply| reply.body == replies[0].body));
    assert_eq!(texts(&replies[0].body, "device").len(), 600);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_page_of_the_largest_size_is_streamed_and_valid() {
    let house = House::build().await;
    let mut devices: Vec<_> = (0..5_001).map(|_| house.blank(&house.acme)).collect();
    for device in &mut devices {
        device.verdict = restricted();
        text(device, "model", "M & <M>");
        text(device, "os_version", "17.4");
    }
    for chunk in devices.chunks(500) {
        house.put(&house.acme, chunk.to_vec()).await;
    }
    let reply = house.get(&house.acme, &poll("0", "")).await;
    assert_eq!(reply.status, 200);
    assert!(!reply.headers.contains_key("content-length"), "it is not built as a whole");
    assert_eq!(one(&reply.body, "paging_info"), "5000");
    let names = texts(&reply.body, "macaddress");
    assert_eq!(
        (names.len(), names[0].as_str(), names[4_999].as_str()),
        (5_000, "000000000001", "000000001388")
    );
    assert!(texts(&reply.body, "model").iter().all(|m| m == "M & <M>"));
    validate(&reply.body);
    assert_eq!(page(&house, "5000", "").await, (vec!["000000001389".to_owned()], "0".to_owned()));
}

/// Against the schema, where xmllint is installed.
fn validate(xml: &str) {
    let schema = "../wire/ise/testdata/xsd/devices-response.xsd";
    let child = Command::new("xmllint")
        .args(["--noout", "--schema", schema, "-"])
        .stdin(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn();
    let Ok(mut child) = child else {
        eprintln!("*** xmllint is not installed: THE SCHEMA IS NOT CHECKED ***");
        return;
    };
    std::io::Write::write_all(&mut child.stdin.take().unwrap(), xml.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}
