//! The flat JSON for other NAC products.

use crate::ise_fixture::*;

#[tokio::test]
async fn posture_is_flat_json() {
    let house = House::build().await;
    let good = house.device(&house.acme, |_| {}).await;
    let bad = house.device(&house.acme, |d| d.verdict = restricted()).await;
    for (mac, enrolled, compliant) in [
        (good.macs[0].as_str(), true, true),
        ("00:00:00:00:00:01", true, true),
        ("00%3a00%3A00-00.0001", true, true),
        (bad.macs[0].as_str(), true, false),
        ("FFFFFFFFFFFE", false, false),
        ("junk", false, false),
    ] {
        let reply = house.get(&house.acme, &format!("/api/nac/v1/devices/{mac}")).await;
        assert_eq!(
            (reply.status, reply.headers["content-type"].to_str().unwrap()),
            (200, "application/json")
        );
        let json: serde_json::Value = serde_json::from_str(&reply.body).unwrap();
        assert_eq!(
            (json["enrolled"].as_bool(), json["compliant"].as_bool()),
            (Some(enrolled), Some(compliant)),
            "{mac}"
        );
    }
    let foreign = house.get(&house.globex, &format!("/api/nac/v1/devices/{}", good.macs[0])).await;
    assert!(foreign.body.contains("\"enrolled\":false"));
}

#[tokio::test]
async fn refusals_are_problem_json() {
    let house = House::build().await;
    let target = "/api/nac/v1/devices/000000000001";
    for (method, target, who, status) in [
        ("GET", target, None, 401),
        ("GET", target, Some(&house.acme.plain), 403),
        ("POST", target, Some(&house.acme.ise), 405),
        ("GET", "/api/nac/v1/", Some(&house.acme.ise), 404),
        ("GET", "/api/nac/v2/devices/1", None, 404),
    ] {
        let reply = house.call(method, target, who, "").await;
        assert_eq!(
            (reply.status, &reply.headers["content-type"]),
            (status, &"application/problem+json".parse().unwrap())
        );
        assert_eq!(serde_json::from_str::<serde_json::Value>(&reply.body).unwrap()["status"], status);
    }
}
