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

/// A user with more devices than the limit is not removed at once. `many`: they have.
pub async fn remove_users(organization: &Organization, many: bool) -> Result<()> {
    let users = organization.rest.get("/users").await?;
    for user in users["items"].as_array().context("no list of users")? {
        let id = user["id"].as_str().unwrap_or_default();
        let path = format!("/users/{id}?with_devices=true");
        let held = organization.rest.is_held("DELETE", &path, &Value::Null).await?;
        ensure!(held == many, "removing {id} was held: {held}");
    }
    Ok(())
}

pub async fn remove_devices(organization: &Organization, records: &[Record]) -> Result<()> {
    let removals = records.iter().map(|(id, _)| {
        let (rest, path) = (organization.rest.clone(), format!("/devices/{id}"));
        async move { rest.delete(&path).await.map(drop) }
    });
    each(removals.collect()).await.map(drop)
}
