//! The network is told at once, proved by FreeRADIUS: when the verdict on Network Access changes, and only then.

use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};
use simulator::eas::Version;

use super::{Context, Scenario, block_on};
use crate::peers::freeradius::{self, ABSENT, PORT, SECRET};
use crate::product::Organization;
use crate::work::Work;

pub static SCENARIO: Scenario = Scenario {
    name: "radius",
    shows: "a device that falls out of compliance is reauthorized by the network within a second, and back",
    peers: &["freeradius"],
    run,
};

const MAC: &str = "0026B424FEB4";
/// Times that the phone falls out of compliance and comes back.
const FLIPS: usize = 20;

fn run(context: &Context<'_>) -> Result<()> {
    let organization = context.installation()?.organization("radius")?;
    let stranger = context.installation()?.organization("radius-two")?;
    block_on(async {
        let device = phone(&organization).await?;
        phone(&stranger).await?;
        let server = server(&organization, SECRET).await?;
        settings(context, &organization, &server).await?;
        flips(context, &organization, &stranger, &device).await?;
        disconnects(context, &organization, &server, &device).await
    })
}

/// A phone with a MAC, in an organization where a jailbreak closes mail and network, and data usage mail only; the
/// path of its record.
async fn phone(organization: &Organization) -> Result<String> {
    organization.suite("Radius", "low", &json!({})).await?;
    organization.user("rita", "a long password").await?;
    let mut phone = organization.phone("rita", "a long password", 1, Version::V16_1)?;
    ensure!(phone.connect().await?.done().is_some(), "the phone connects");
    let record = organization.device(&phone).await?;
    let path = format!("/devices/{}", record["id"].as_str().context("an id")?);
    organization.rest.patch(&path, &json!({ "macs": [MAC] })).await?;
    let on = |rule: &str| json!({ "edit": "rule", "rule": rule, "config": { "on": true } });
    let level = json!({ "edit": "level", "level": { "level": "organization" }, "restrictions": {
        "compromised": ["activesync_connections", "network_access"],
        "data_usage": ["activesync_connections"],
    } });
    let edits = json!({ "edits": [on("compromised"), on("data_usage"), level] });
    organization.rest.post("/access-restrictions/edits", &edits).await?;
    Ok(path)
}

/// Adds FreeRADIUS; the path of its record.
async fn server(organization: &Organization, secret: &str) -> Result<String> {
    let input = json!({
        "name": "Campus", "host": "127.0.0.1", "port": PORT, "secret": secret, "request": "cisco_reauthenticate",
        "nas_identifier": "wlc-1",
    });
    let made = organization.rest.post("/radius-servers", &input).await?;
    ensure!(!made.to_string().contains(SECRET), "the secret is given out: {made}");
    Ok(format!("/radius-servers/{}", made["id"].as_str().context("an id")?))
}

/// Address and secret are told right from wrong by the test.
async fn settings(context: &Context<'_>, organization: &Organization, server: &str) -> Result<()> {
    let test = format!("{server}/test");
    let told = organization.rest.post(&test, &json!({ "mac": ABSENT })).await?;
    ensure!(told["acknowledged"] == false && told["words"] == "Session Context Not Found (503)", "{told}");
    let told = organization.rest.post(&test, &json!({ "mac": MAC })).await?;
    ensure!(told["acknowledged"] == true, "{told}");
    let wrong = self::server_with(organization, "another secret").await?;
    let refused = organization.rest.post(&format!("{wrong}/test"), &json!({ "mac": MAC })).await;
    let words = refused.err().map(|error| error.to_string()).unwrap_or_default();
    ensure!(words.contains("502") && words.contains("no answer from 127.0.0.1"), "{words}");
    organization.rest.delete(&wrong).await?;
    context.step("the test tells a wrong secret from a session that is not there");
    Ok(())
}

async fn server_with(organization: &Organization, secret: &str) -> Result<String> {
    let input =
        json!({ "name": "Wrong", "host": "127.0.0.1", "port": PORT, "secret": secret, "enabled": false });
    let made = organization.rest.post("/radius-servers", &input).await?;
    Ok(format!("/radius-servers/{}", made["id"].as_str().context("an id")?))
}

/// Each change of the network's verdict is one request with everything that identifies the session.
async fn flips(
    context: &Context<'_>,
    organization: &Organization,
    stranger: &Organization,
    device: &str,
) -> Result<()> {
    let before = freeradius::asked(context.work)?.len();
    report(organization, device, "data_used_percent", &json!(95)).await?;
    let mut longest = Duration::ZERO;
    for flip in 0..FLIPS {
        let began = Instant::now();
        report(organization, device, "jail_broken", &json!(flip % 2 == 0)).await?;
        let asked = until_asked(context.work, before + flip + 1).await?;
        longest = longest.max(began.elapsed());
        let last = asked.last().context("a request")?;
        for said in [
            "Packet-Type = CoA-Request",
            "Calling-Station-Id = \"00-26-B4-24-FE-B4\"",
            "NAS-Identifier = \"wlc-1\"",
            "Cisco-AVPair = \"subscriber:command=reauthenticate\"",
            "Event-Timestamp = ",
        ] {
            ensure!(last.contains(said), "{said} is missing in\n{last}");
        }
    }
    let foreign = stranger.rest.get("/devices?q=iphone").await?;
    let other = format!("/devices/{}", foreign["items"][0]["id"].as_str().context("the other phone")?);
    report(stranger, &other, "jail_broken", &json!(true)).await?;
    tokio::time::sleep(Duration::from_millis(500)).await;
    let count = freeradius::asked(context.work)?.len() - before;
    ensure!(
        count == FLIPS,
        "{count} requests for {FLIPS} changes: mail, or another organization, was told as well"
    );
    let told = organization.rest.get("/radius-requests").await?;
    let states = told["items"].as_array().context("a list")?;
    ensure!(states.len() == FLIPS && states.iter().all(|r| r["state"] == "acknowledged"), "{told}");
    context.step(format!(
        "{FLIPS} changes of the verdict were {FLIPS} requests, the slowest noted {} ms after the report began",
        longest.as_millis()
    ));
    Ok(())
}

/// The same by Disconnect-Request, when a device falls out only.
async fn disconnects(
    context: &Context<'_>,
    organization: &Organization,
    server: &str,
    device: &str,
) -> Result<()> {
    let input = json!({
        "name": "Campus", "host": "127.0.0.1", "port": PORT, "request": "disconnect", "on_restore": false,
    });
    organization.rest.put(server, &input).await?;
    let before = freeradius::asked(context.work)?.len();
    for broken in [true, false, true] {
        report(organization, device, "jail_broken", &json!(broken)).await?;
        if broken {
            let count = freeradius::asked(context.work)?.len();
            until_asked(context.work, count.max(before + 1)).await?;
        }
    }
    let asked = until_asked(context.work, before + 2).await?;
    ensure!(asked[before..].iter().all(|one| one.contains("Packet-Type = Disconnect-Request")), "{asked:?}");
    ensure!(asked.len() == before + 2, "coming back was told as well");
    context.step("by Disconnect-Request, and only when a device falls out");
    Ok(())
}

async fn report(organization: &Organization, device: &str, fact: &str, value: &Value) -> Result<()> {
    organization.rest.put(&format!("{device}/facts/{fact}"), &json!({ "value": value })).await?;
    Ok(())
}

async fn until_asked(work: &Work, count: usize) -> Result<Vec<String>> {
    let deadline = Instant::now() + Duration::from_secs(20);
    loop {
        let asked = freeradius::asked(work)?;
        if asked.len() >= count {
            return Ok(asked);
        }
        ensure!(Instant::now() < deadline, "FreeRADIUS was asked {} times, not {count}", asked.len());
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}
