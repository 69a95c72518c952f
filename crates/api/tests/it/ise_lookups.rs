//! One device, by everything that ISE can know of it.

use catalog::{FactValue, RuleId, Target};
use domain::model::DeviceState;

use crate::ise_fixture::*;

fn by(criterion: &str, value: &str) -> String {
    format!("/ciscoise/mdmapi/v3/devices/?paging=0&querycriteria={criterion}&value={value}&filter=all")
}

#[tokio::test]
async fn a_device_is_found_by_each_key_and_named_as_asked() {
    let house = House::build().await;
    let device = house
        .device(&house.acme, |d| {
            d.macs = vec!["0026B424FEB4".into(), "0026B424FEB5".into()];
            d.aliases = vec![uuid::Uuid::from_u128(77)];
            text(d, "imei", "490154203237518");
            text(d, "meid", "A000001234567F");
            text(d, "udid", "00008020-ABC");
            text(d, "friendly_name", "Anna's iPad");
            text(d, "manufacturer", "Apple");
            text(d, "model", "iPad <&> 12");
            text(d, "os_version", "17.4");
            fact(d, "pin_lock_on", FactValue::Bool(true));
            fact(d, "jail_broken", FactValue::Bool(false));
        })
        .await;
    let guid = device.guid.to_string();
    let alias = uuid::Uuid::from_u128(77).to_string();
    for (criterion, value, element, echoed) in [
        ("macaddress", "0026B424FEB5", "macaddress", "0026B424FEB5"),
        ("macaddress", "00:26:b4:24:fe:b4", "macaddress", "0026B424FEB4"),
        ("guid", guid.as_str(), "guid", guid.as_str()),
        ("guid", &guid.to_uppercase(), "guid", &guid.to_uppercase()),
        ("guid", alias.as_str(), "guid", alias.as_str()),
        ("imei", "490154203237518", "macaddress", "0026B424FEB4"),
        ("meid", "a000001234567f", "macaddress", "0026B424FEB4"),
        ("udid", "00008020-abc", "macaddress", "0026B424FEB4"),
        ("guidhn", "anna%27s%20ipad", "guidhn", "anna's ipad"),
        ("username", "anna", "macaddress", "0026B424FEB4"),
        ("username", "ACME%5Canna", "macaddress", "0026B424FEB4"),
        ("username", "Anna@acme.test", "macaddress", "0026B424FEB4"),
    ] {
        let reply = house.get(&house.acme, &by(criterion, value)).await;
        let document = roxmltree::Document::parse(&reply.body).unwrap();
        let first = document
            .descendants()
            .find(|n| n.has_tag_name("device"))
            .unwrap_or_else(|| panic!("{criterion}"));
        let name = first.first_element_child().unwrap();
        assert_eq!((name.tag_name().name(), name.text()), (element, Some(echoed)), "{criterion}");
    }
    let reply = house.get(&house.acme, &by("macaddress", "0026B424FEB4")).await.body;
    for (element, value) in [
        ("register_status", "true"),
        ("status", "true"),
        ("failure_reason", ""),
        ("pin_lock_on", "true"),
        ("jail_broken", "false"),
        ("manufacturer", "Apple"),
        ("model", "iPad <&> 12"),
        ("os_version", "iOS 17.4"),
        ("imei", "490154203237518"),
        ("serial_number", ""),
        ("guid", &guid),
        ("macaddresses", "0026B424FEB4,0026B424FEB5"),
        ("lastCheckinTimeStamp", &house.clock.now().to_string()),
    ] {
        assert_eq!(one(&reply, element), value, "{element}");
    }
    assert!(texts(&reply, "disk_encryption_on").is_empty(), "an unknown truth is left out");
}

#[tokio::test]
async fn what_nobody_is_gives_an_empty_list() {
    let house = House::build().await;
    house.device(&house.acme, |d| text(d, "imei", "1")).await;
    house.device(&house.acme, |d| d.state = DeviceState::Retired).await;
    for target in [
        by("macaddress", "FFFFFFFFFFFE"),
        by("macaddress", "junk"),
        by("macaddress", "000000000002"),
        by("guid", "not-a-uuid"),
        by("guid", "1f0e5c2a-5a8c-4a53-9a64-0000000000ff"),
        by("imei", "2"),
        by("username", "nobody"),
        "/ciscoise/devices/0/macaddress/FFFFFFFFFFFE/all".to_owned(),
    ] {
        let reply = house.get(&house.acme, &target).await;
        assert_eq!(reply.status, 200, "{target}");
        assert!(reply.body.contains("<deviceList></deviceList>"), "{target}: {}", reply.body);
    }
}

#[tokio::test]
async fn devices_of_another_organization_do_not_exist() {
    let house = House::build().await;
    let theirs = house
        .device(&house.globex, |d| {
            d.verdict = restricted();
            text(d, "imei", "490154203237518");
        })
        .await;
    for target in [
        by("macaddress", &theirs.macs[0]),
        by("guid", &theirs.guid.to_string()),
        by("imei", "490154203237518"),
        by("username", "anna"),
        by("compliance", "false"),
        "/ciscoise/devices/0/all".to_owned(),
    ] {
        assert_eq!(texts(&house.get(&house.acme, &target).await.body, "device").len(), 0, "{target}");
        assert_eq!(texts(&house.get(&house.globex, &target).await.body, "device").len(), 1, "{target}");
    }
    let body = format!("<ise_api><identifier><guid>{}</guid></identifier></ise_api>", theirs.guid);
    let wipe = house.call("POST", "/ciscoise/action/corporate_wipe", Some(&house.acme.ise), &body).await;
    assert_eq!(one(&wipe.body, "action_status"), "false");
    assert!(
        house.engine.directory().organization(house.globex.id).unwrap().read().live_commands().is_empty()
    );
}

#[tokio::test]
async fn only_restrictions_of_network_access_make_a_device_not_compliant() {
    let house = House::build().await;
    let mail_only = verdict(
        &[(RuleId::PolicyOutOfDate, "The policy is old.")],
        &[(Target::ActivesyncConnections, RuleId::PolicyOutOfDate)],
    );
    let both = verdict(
        &[(RuleId::PolicyOutOfDate, "The policy is old."), (RuleId::BlockedByHand, "Lost & found.")],
        &[
            (Target::ActivesyncConnections, RuleId::PolicyOutOfDate),
            (Target::NetworkAccess, RuleId::BlockedByHand),
        ],
    );
    let mail = house.device(&house.acme, |d| d.verdict = mail_only).await;
    let blocked = house.device(&house.acme, |d| d.verdict = both).await;

    let reply = house.get(&house.acme, &by("macaddress", &mail.macs[0])).await.body;
    assert_eq!((one(&reply, "status"), one(&reply, "failure_reason")), ("true".into(), String::new()));
    let reply = house.get(&house.acme, &by("macaddress", &blocked.macs[0])).await.body;
    assert_eq!(one(&reply, "status"), "false");
    assert_eq!(one(&reply, "failure_reason"), "Lost & found.");
    assert_eq!(one(&reply, "remediation"), RuleId::BlockedByHand.entry().remedy);
}

#[tokio::test]
async fn a_block_by_hand_reaches_ise_at_once() {
    let house = House::build().await;
    let device = house.device(&house.acme, |_| {}).await;
    let ask = by("macaddress", &device.macs[0]);
    assert_eq!(one(&house.get(&house.acme, &ask).await.body, "status"), "true");
    let poll = by("compliance", "false");
    assert_eq!(texts(&house.get(&house.acme, &poll).await.body, "device").len(), 0);
    let order = |kind| engine::commands::Order { device: device.id, kind, note: "Lost in a taxi".into() };
    engine::commands::order(&house.engine, &house.acme.admin, order(catalog::CommandKind::Block))
        .await
        .unwrap();
    let reply = house.get(&house.acme, &ask).await.body;
    assert_eq!(one(&reply, "status"), "false");
    assert!(one(&reply, "failure_reason").contains("Lost in a taxi"), "{reply}");
    // The poll a moment ago must not be what this one is answered from.
    assert_eq!(texts(&house.get(&house.acme, &poll).await.body, "device").len(), 1);
    engine::commands::order(&house.engine, &house.acme.admin, order(catalog::CommandKind::Allow))
        .await
        .unwrap();
    assert_eq!(one(&house.get(&house.acme, &ask).await.body, "status"), "true");
}

#[tokio::test]
async fn a_device_that_is_not_enrolled_is_neither_registered_nor_compliant() {
    let house = House::build().await;
    for state in [DeviceState::Quarantined, DeviceState::Wiped] {
        let device = house.device(&house.acme, |d| d.state = state).await;
        let reply = house.get(&house.acme, &by("macaddress", &device.macs[0])).await.body;
        assert_eq!((one(&reply, "register_status"), one(&reply, "status")), ("false".into(), "false".into()));
        assert!(!one(&reply, "failure_reason").is_empty());
    }
}

#[tokio::test]
async fn a_dock_answers_for_the_device_that_checked_in_last() {
    let house = House::build().await;
    let now = house.clock.now();
    let mut ids = Vec::new();
    for age in [3_000, 1_000, 2_000] {
        let device = house
            .device(&house.acme, |d| {
                d.macs = vec!["0026B424FEB4".into()];
                d.last_contact_at = Some(now - age);
                text(d, "friendly_name", "same name");
            })
            .await;
        ids.push(device.guid.to_string());
    }
    let reply = house.get(&house.acme, &by("macaddress", "0026B424FEB4")).await.body;
    assert_eq!(one(&reply, "guid"), ids[1]);
    let reply = house.get(&house.acme, &by("guidhn", "same%20name")).await.body;
    assert_eq!(texts(&reply, "device").len(), 0, "a name that several chose names nobody");
}

#[tokio::test]
async fn a_filter_leaves_only_what_was_asked_for() {
    let house = House::build().await;
    let device = house.device(&house.acme, |d| text(d, "model", "iPhone16,1")).await;
    let target = format!(
        "/ciscoise/mdmapi/v2/devices/0/macaddress/{}/register_status+compliance_status",
        device.macs[0]
    );
    let reply = house.get(&house.acme, &target).await.body;
    assert_eq!((one(&reply, "register_status"), one(&reply, "status")), ("true".into(), "true".into()));
    assert!(texts(&reply, "model").is_empty());
}

#[tokio::test]
async fn a_batch_answers_for_those_that_are_known() {
    let house = House::build().await;
    let devices: Vec<_> = (0..500).map(|_| house.blank(&house.acme)).collect();
    let mut macs: Vec<String> = devices.iter().map(|d| d.macs[0].clone()).collect();
    house.put(&house.acme, devices).await;
    macs.push("FFFFFFFFFFFE".into());
    let values = macs.join("</value><value>");
    let body = format!("<ise_api><query><values><value>{values}</value></values></query></ise_api>");
    let target = "/ciscoise/mdmapi/v2/batchdevices/?paging=0&querycriteria=macaddress&filter=all";
    let reply = house.call("POST", target, Some(&house.acme.ise), &body).await;
    assert_eq!(reply.status, 200);
    assert_eq!(texts(&reply.body, "macaddress"), macs[..500]);
}
