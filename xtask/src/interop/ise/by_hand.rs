//! A device that nobody seeded: made known through REST, seen by ISE, blocked, allowed; a MAC that ISE asked for in
//! vain and that is linked; and what the ISE page shows of it all.

use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};

use super::{Context, Site, text};

/// Addresses of the documentation range (RFC 7042 2.1.1): no device of the demonstration has them.
const MAC: &str = "00005E005310";
const LATER: &str = "00005E005311";

pub(super) fn run(context: &Context<'_>, site: &Site<'_>) -> Result<()> {
    let organization = site.product.organization();
    let admins = organization["admins"].as_array().context("no administrators")?;
    let full = admins.iter().find(|a| a["role"] == "full").context("no administrator with the role Full")?;
    let token = site.product.token(text(full, "username")?)?;
    let rest = |method: &str, path: &str, body: Value| site.rest(&token, method, path, &body);

    let domain = text(organization, "domain")?;
    let user =
        json!({ "username": "by.hand", "email": format!("by.hand@{domain}"), "password": "correct horse" });
    let user = rest("POST", "/api/v1/users", user)?;
    let device = json!({
        "user": user["id"], "name": "By hand", "platform": "ios", "macs": ["00:00:5e:00:53:10"],
        "facts": { "imei": "490154203237518", "serial_number": "BYHAND1" },
    });
    let device = rest("POST", "/api/v1/devices", device)?;
    let id = text(&device, "id")?;

    for (criterion, value) in [("macaddress", MAC), ("imei", "490154203237518"), ("username", "by.hand")] {
        let seen = look_up(site, criterion, value)?;
        ensure!(seen.contains("<register_status>true</register_status>"), "{criterion}: {seen}");
        ensure!(seen.contains("<serial_number>BYHAND1</serial_number>"), "{criterion}: {seen}");
    }
    context.step("a device made known by hand is found by MAC, IMEI and user");

    let commands = format!("/api/v1/devices/{id}/commands");
    rest("POST", &commands, json!({ "kind": "block", "note": "Lost & found" }))?;
    let blocked = look_up(site, "macaddress", MAC)?;
    ensure!(blocked.contains("<status>false</status>") && blocked.contains("Lost &amp; found"), "{blocked}");
    ensure!(look_up(site, "compliance", "false")?.contains(MAC), "the poll does not name the blocked device");
    rest("POST", &commands, json!({ "kind": "allow" }))?;
    ensure!(look_up(site, "macaddress", MAC)?.contains("<status>true</status>"), "allowed again");
    context.step("a block reaches look-up and poll at once, with its reason, and so does its end");

    ensure!(!look_up(site, "macaddress", LATER)?.contains("<device>"), "nobody has {LATER} yet");
    let unknown = rest("GET", "/api/v1/ise/unknown-macs", Value::Null)?.to_string();
    ensure!(unknown.contains(LATER), "{LATER} is not listed: {unknown}");
    rest("POST", &format!("/api/v1/ise/unknown-macs/{LATER}/link"), json!({ "device": id }))?;
    ensure!(look_up(site, "macaddress", LATER)?.contains("<device>"), "linked");
    context.step("a MAC that ISE asked for in vain is listed, linked and found");

    let calls = rest("GET", "/api/v1/ise/calls", Value::Null)?.to_string();
    ensure!(calls.contains(LATER) && !calls.contains(site.marked.1), "the list of calls");
    let rows = rest("POST", "/api/v1/ise/self-test", json!({}))?;
    let rows = rows["items"].as_array().context("rows of the self-test")?;
    let failed: Vec<&Value> = rows.iter().filter(|row| row["passed"] != true).collect();
    ensure!(rows.len() >= 13 && failed.is_empty(), "the self-test: {failed:?}");
    context.step(format!("the self-test produces all {} outcomes with a real TLS client", rows.len()));
    Ok(())
}

fn look_up(site: &Site<'_>, criterion: &str, value: &str) -> Result<String> {
    let target =
        format!("/ciscoise/mdmapi/v2/devices/?paging=0&querycriteria={criterion}&value={value}&filter=all");
    let seen = site.curl("GET", &target, Some(site.marked), "")?;
    ensure!(seen.status == 200, "{target}: {}", seen.status);
    site.validate(&seen)?;
    Ok(seen.body)
}
