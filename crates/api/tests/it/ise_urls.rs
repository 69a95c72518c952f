//! Every form of address that any source shows, with and without the instance, at every mount point.

use crate::ise_fixture::*;

const URLS: &str = include_str!("../../../wire/ise/testdata/samples/urls.txt");
const MOUNTS: [&str; 5] =
    ["/ciscoise", "/ise/mdm/api", "/ciscoise/mdmapi/v1", "/ciscoise/mdmapi/v2", "/ciscoise/mdmapi/v3"];
const IDENTIFIER: &str = "<ise_api><identifier><macaddress>3408BC507C78</macaddress></identifier></ise_api>";
const MESSAGE: &str = "<ise_api><identifier><macaddress>3408BC507C78</macaddress></identifier><message>\
    <message_type>Alert</message_type><message_header>h</message_header><message_body>b</message_body></message></ise_api>";

#[tokio::test]
async fn every_address_is_answered_and_knows_the_device() {
    let house = House::build().await;
    house
        .device(&house.acme, |d| {
            d.guid = uuid::Uuid::parse_str("1f0e5c2a-5a8c-4a53-9a64-2f6f0a6d0b11").unwrap();
            d.macs = vec!["3408BC507C78".into()];
            d.verdict = restricted();
            text(d, "udid", "00008020-0000000000000001");
            text(d, "friendly_name", "LAPTOP-01");
        })
        .await;
    let mut tried = 0;
    for line in URLS.lines().filter(|line| !line.starts_with('#') && !line.trim().is_empty()) {
        let form = line.split(" #").next().unwrap().trim();
        let (method, path) = form.split_once(' ').unwrap();
        for instance in ["", "/acme"] {
            for mount in MOUNTS {
                for slash in ["", "/"] {
                    let mut target = path.trim().replace("{I}", instance).replace("{P}", mount);
                    if !target.contains('?') {
                        target.push_str(slash);
                    }
                    check(&house, method, &target).await;
                    tried += 1;
                }
            }
        }
    }
    assert!(tried >= 22 * 20, "{tried}");
}

async fn check(house: &House, method: &str, target: &str) {
    let body = match method {
        "GET" => "",
        "PUT" => MESSAGE,
        _ if target.contains("batchdevices") => "<ise_api><value>3408BC507C78</value></ise_api>",
        _ => IDENTIFIER,
    };
    let reply = house.call(method, target, Some(&house.acme.ise), body).await;
    assert_eq!(reply.status, 200, "{method} {target}: {}", reply.body);
    let name = one(&reply.body, "name");
    let devices = texts(&reply.body, "device").len();
    match name.as_str() {
        "mdminfo" => {}
        // Nobody is called abcd1234.
        "attributes" if target.contains("username") => assert_eq!(devices, 0, "{target}"),
        // The vendor's sample names the device twice: in the parameter and in the body.
        "attributes" | "action" | "sendmessage" => assert!(devices >= 1, "{target}: {}", reply.body),
        other => panic!("{target}: {other}"),
    }
}

#[tokio::test]
async fn the_version_follows_path_parameters_and_account() {
    let house = House::build().await;
    house.device(&house.acme, |_| {}).await;
    let version = async |target: &str| one(&house.get(&house.acme, target).await.body, "api_version");
    let mac = "querycriteria=macaddress&value=000000000001&filter=all";
    assert_eq!(version("/ciscoise/devices/0/macaddress/000000000001/all").await, "1");
    assert_eq!(version(&format!("/ise/mdm/api/devices/?paging=0&{mac}")).await, "2");
    assert_eq!(version("/ise/mdm/api/devices/?querycriteria=guid&value=x&filter=all").await, "3");
    house.get(&house.acme, "/ciscoise/mdminfo/?ise_api_version=3").await;
    assert_eq!(version(&format!("/ise/mdm/api/devices/?paging=0&{mac}")).await, "3");
    assert_eq!(version(&format!("/ciscoise/mdmapi/v2/devices/?paging=0&{mac}")).await, "2");
    house.get(&house.acme, "/ciscoise/mdminfo/?ise_api_version=2").await;
    assert_eq!(version(&format!("/ise/mdm/api/devices/?paging=0&{mac}")).await, "2");
}
