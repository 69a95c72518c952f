//! The limit on what destroys: a stolen session orders a wipe of every phone, over REST one by one and in bulk and over
//! Cisco ISE, before and after `kill -9`, and once more on a restored backup. No more than the limit may be let through.

use std::fs;

use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};
use simulator::eas::Version;
use simulator::ise;

use super::{Context, Proved};
use crate::bench::stage::{PASSWORD, block_on, each};
use crate::process;
use crate::product::{Installation, Organization, Server, empty_folder};

const NAME: &str = "prove-governor";
const PHONES: usize = 20_000;
const USERS: usize = 4;
/// Devices of one order in bulk, as REST allows.
const MANY: usize = 1_000;

/// A phone's record: its id, and the GUID that ISE names it by.
type Record = (String, String);

pub fn run(context: &Context<'_>) -> Result<Proved> {
    let phones = context.rounds.unwrap_or(PHONES);
    let limit = (phones / 100).max(5);
    let binary = context.binary()?;
    let installation = Installation::start(context.work, binary, NAME, None)?;
    let organization = installation.organization("prove")?;
    let said = installation.order(&[
        "admin",
        "create",
        "ise.prove",
        "--org",
        "prove",
        "--role",
        "none",
        "--ise-admin",
        "--ise-full-wipe",
    ])?;
    let password = said.split_whitespace().last().with_context(|| format!("no password in {said:?}"))?;
    let settings = ise::Settings {
        base_url: installation.base_url.clone(),
        instance: "prove".into(),
        user: "ise.prove".into(),
        password: password.to_owned(),
        version: 3,
        tls: Some(installation.trust()?),
    };
    let records = block_on(enrol(&organization, phones))?;
    let (some, rest) = records.split_at(phones / 3);
    let (more, others) = rest.split_at(phones / 3);
    block_on(async {
        one_by_one(&organization, some).await?;
        in_bulk(&organization, more).await?;
        by_ise(settings, others).await?;
        within(&organization, limit, "over three surfaces").await
    })?;
    let data = installation.data.clone();
    process::kill(context.work, NAME)?;
    drop(installation);
    let server = Server::start(context.work, binary, NAME, &data, &[])?;
    let here = organization.moved(&server.base_url)?;
    block_on(async {
        in_bulk(&here, &records).await?;
        within(&here, limit, "after kill -9").await
    })?;
    let backup = context.work.path("prove-governor.backup");
    // Left over from an earlier run.
    let _ = fs::remove_file(&backup);
    server.order(&["backup", &backup.to_string_lossy()])?;
    drop(server);
    let restored = empty_folder(context.work, "prove-governor-restored")?;
    for file in ["secret.key", "ca.pem", "ca.key"] {
        fs::copy(data.join(file), restored.join(file)).with_context(|| format!("copying {file}"))?;
    }
    crate::shell::finish(
        std::process::Command::new(binary).arg("restore").arg(&backup).arg("--data-dir").arg(&restored),
    )?;
    let server = Server::start(context.work, binary, NAME, &restored, &[])?;
    let here = organization.moved(&server.base_url)?;
    let let_through = block_on(async {
        in_bulk(&here, &records).await?;
        within(&here, limit, "after a restore").await
    })?;
    Ok(Proved {
        count: format!("{phones} wipes over three surfaces, twice more after kill -9 and restore"),
        seen: format!("{let_through} were let through, of {limit} that may be; all others are held"),
    })
}

async fn enrol(organization: &Organization, phones: usize) -> Result<Vec<Record>> {
    for n in 0..USERS {
        organization.user(&format!("u{n}"), PASSWORD).await?;
    }
    let steps = (0..phones).map(|n| {
        let organization = organization.clone();
        async move {
            let mut phone =
                organization.phone(&format!("u{}", n % USERS), PASSWORD, n as u64, Version::V14_1)?;
            let outcome = phone.provision().await?;
            phone.disconnect();
            ensure!(outcome.is_current(), "a phone was not provisioned: {outcome:?}");
            Ok(())
        }
    });
    each(steps.collect()).await?;
    let (mut records, mut cursor) = (Vec::with_capacity(phones), String::new());
    loop {
        let page = organization.rest.get(&format!("/devices?limit=500{cursor}")).await?;
        let items = page["items"].as_array().context("no list of devices")?;
        let text = |item: &Value, key: &str| item[key].as_str().unwrap_or_default().to_owned();
        records.extend(items.iter().map(|item| (text(item, "id"), text(item, "guid"))));
        match page["next"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    ensure!(records.len() == phones, "{} of {phones} phones are known", records.len());
    Ok(records)
}

async fn one_by_one(organization: &Organization, records: &[Record]) -> Result<()> {
    let orders = records.iter().map(|(id, _)| {
        let (rest, path) = (organization.rest.clone(), format!("/devices/{id}/commands"));
        async move { rest.post(&path, &json!({ "kind": "full_wipe" })).await.map(drop) }
    });
    each(orders.collect()).await.map(drop)
}

async fn in_bulk(organization: &Organization, records: &[Record]) -> Result<()> {
    for some in records.chunks(MANY) {
        let ids: Vec<&str> = some.iter().map(|(id, _)| id.as_str()).collect();
        let order = json!({ "devices": ids, "kind": "full_wipe" });
        organization.rest.post("/commands", &order).await?;
    }
    Ok(())
}

async fn by_ise(settings: ise::Settings, records: &[Record]) -> Result<()> {
    let mut client = ise::Client::new(settings)?;
    client.test_connection().await.map_err(anyhow::Error::msg)?;
    for (_, guid) in records {
        client.action(ise::Action::FullWipe, &[ise::Target::Guid(guid.clone())]).await?;
    }
    Ok(())
}

/// How many wipes are let through; more than the limit is a failure.
async fn within(organization: &Organization, limit: usize, when: &str) -> Result<usize> {
    let live = organization.rest.get("/commands").await?;
    let live = live["items"].as_array().context("no list of commands")?;
    let let_through = live.iter().filter(|command| command["state"] != "awaiting_approval").count();
    println!("  {when}: {let_through} of {} orders were let through", live.len());
    ensure!(let_through <= limit, "{when}: {let_through} wipes were let through, {limit} may be");
    Ok(let_through)
}
