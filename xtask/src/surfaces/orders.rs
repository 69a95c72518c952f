//! What is ordered over REST, Cisco ISE and by the compliance manager.

use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail, ensure};
use serde_json::{Value, json};
use simulator::ise;

use super::Record;
use crate::bench::stage::each;
use crate::product::{Installation, Organization};

/// Devices of one order in bulk, as REST allows.
const MANY: usize = 1_000;

pub async fn one_by_one(organization: &Organization, records: &[Record]) -> Result<()> {
    let orders = records.iter().map(|(id, _)| {
        let (rest, path) = (organization.rest.clone(), format!("/devices/{id}/commands"));
        async move { rest.post(&path, &json!({ "kind": "full_wipe" })).await.map(drop) }
    });
    each(orders.collect()).await.map(drop)
}

pub async fn in_bulk(organization: &Organization, records: &[Record]) -> Result<()> {
    for some in records.chunks(MANY) {
        let ids: Vec<&str> = some.iter().map(|(id, _)| id.as_str()).collect();
        let order = json!({ "devices": ids, "kind": "full_wipe" });
        organization.rest.post("/commands", &order).await?;
    }
    Ok(())
}

/// Whoever has the command line makes himself accounts: one orders, and the other, made a moment later, would be its
/// second person.
pub async fn by_new_accounts(
    installation: &Installation,
    organization: &Organization,
    slug: &str,
    records: &[Record],
) -> Result<()> {
    in_bulk(organization, records).await?;
    let name = format!("other.{slug}");
    installation.order(&["admin", "create", &name, "--org", slug])?;
    let other = installation.rest_of(&name)?;
    for some in records.chunks(MANY) {
        let ids: Vec<&str> = some.iter().map(|(id, _)| id.as_str()).collect();
        other.post("/commands", &json!({ "devices": ids, "kind": "full_wipe" })).await?;
    }
    let approved = other.post("/approvals/approve", &json!({ "all": true, "code": "000000" })).await;
    let Ok(outcomes) = approved else { return Ok(()) };
    let items = outcomes["items"].as_array().context("no outcomes")?;
    let done = items.iter().filter(|item| item["problem"].is_null()).count();
    ensure!(done == 0, "an account that was just made approved {done} wipes");
    Ok(())
}

pub async fn by_ise(installation: &Installation, slug: &str, records: &[Record]) -> Result<()> {
    let user = format!("ise.{slug}");
    let account =
        ["admin", "create", &user, "--org", slug, "--role", "none", "--ise-admin", "--ise-full-wipe"];
    let said = installation.order(&account)?;
    let password = said.split_whitespace().last().with_context(|| format!("no password in {said:?}"))?;
    let settings = ise::Settings {
        base_url: installation.base_url.clone(),
        instance: slug.to_owned(),
        user,
        password: password.to_owned(),
        version: 3,
        tls: Some(installation.trust()?),
    };
    let mut client = ise::Client::new(settings)?;
    client.test_connection().await.map_err(anyhow::Error::msg)?;
    for (_, guid) in records {
        client.action(ise::Action::FullWipe, &[ise::Target::Guid(guid.clone())]).await?;
    }
    Ok(())
}

/// A rule that every phone breaks, which ends in a full wipe after a minute. It closes nothing that a phone has, so it is
/// not held as a change.
pub async fn by_ladder(organization: &Organization, phones: usize) -> Result<()> {
    let config = json!({
        "on": true, "params": { "platforms": ["ios"] },
        "remediation": { "command": "full_wipe", "after_minutes": 1 },
    });
    let rule = json!({ "edit": "rule", "rule": "managed_by_mail_only", "config": config });
    let ticks = json!({ "managed_by_mail_only": ["file_share"] });
    let level = json!({ "edit": "level", "level": { "level": "organization" }, "restrictions": ticks });
    organization.rest.post("/access-restrictions/edits", &json!({ "edits": [rule, level] })).await?;
    let deadline = Instant::now() + Duration::from_mins(2) + Duration::from_millis(20) * phones as u32;
    loop {
        let live = organization.rest.get("/commands").await?;
        let ordered = live["items"].as_array().map_or(0, Vec::len);
        if ordered >= phones {
            return Ok(());
        }
        if Instant::now() > deadline {
            bail!("the ladder ordered {ordered} of {phones} wipes only");
        }
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
}

/// Users with their devices, one after the other: no more go at once than the limit allows together.
pub async fn remove_users(organization: &Organization, devices: usize, limit: usize) -> Result<()> {
    let mut gone = 0;
    let users = organization.rest.get("/users").await?;
    for user in users["items"].as_array().context("no list of users")? {
        let id = user["id"].as_str().unwrap_or_default();
        let path = format!("/users/{id}?with_devices=true");
        let held = organization.rest.is_held("DELETE", &path, &Value::Null).await?;
        let many = gone + devices > limit;
        ensure!(held == many, "removing {id} after {gone} devices was held: {held}");
        gone += if held { 0 } else { devices };
    }
    Ok(())
}

/// The record of every device. No more go than the limit allows; what comes after is held, and is refused when too much
/// is held already.
pub async fn remove_devices(organization: &Organization, records: &[Record], limit: usize) -> Result<()> {
    let removals = records.iter().map(|(id, _)| {
        let (rest, path) = (organization.rest.clone(), format!("/devices/{id}"));
        async move { Ok(usize::from(rest.delete(&path).await.is_ok())) }
    });
    let gone: usize = each(removals.collect()).await?.into_iter().sum();
    ensure!(gone <= limit, "{gone} records were removed, {limit} may be");
    Ok(())
}
