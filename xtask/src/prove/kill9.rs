//! `kill -9` while more than fifty writers write, with a ledger outside the server: whatever was acknowledged must be
//! there after the restart. REST writers make users, devices and orders; phones enrol and acknowledge policies.

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};
use simulator::dice::Dice;
use simulator::eas::{Device, Need, Version};
use tokio::sync::Mutex;
use tokio::task::JoinSet;

use super::{Context, Proved};
use crate::bench::stage::{self, Address, PASSWORD, block_on, each};
use crate::process;
use crate::product::{Installation, Organization, Server};

const NAME: &str = "prove-kill9";
const ROUNDS: usize = 200;
const REST_WRITERS: usize = 24;
const PHONES: usize = 32;
const USERS: usize = 4;

/// What the server has acknowledged.
#[derive(Default)]
struct Ledger {
    /// Path below `/api/v1`, a field, and the value that it was acknowledged with.
    objects: Vec<(String, &'static str, Value)>,
    /// Phones whose policy was acknowledged, with their keys.
    phones: Vec<Device>,
}

pub fn run(context: &Context<'_>) -> Result<Proved> {
    let rounds = context.rounds.unwrap_or(ROUNDS);
    let installation = Installation::start(context.work, context.binary()?, NAME, None)?;
    let organization = installation.organization("prove")?;
    block_on(async {
        for n in 0..USERS {
            organization.user(&format!("u{n}"), PASSWORD).await?;
        }
        Ok(())
    })?;
    let data = installation.data.clone();
    drop(installation);
    let (mut objects, mut phones, mut dice) = (0, 0, Dice::new(9));
    for round in 0..rounds {
        let server = Server::start(context.work, context.binary()?, NAME, &data, &[])?;
        let here = organization.moved(&server.base_url)?;
        let ledger = Arc::new(Mutex::new(Ledger::default()));
        let life = Duration::from_millis(400 + dice.below(1_200));
        block_on(async {
            let mut writers = JoinSet::new();
            for n in 0..REST_WRITERS {
                writers.spawn(write_by_rest(here.clone(), Arc::clone(&ledger), round * REST_WRITERS + n));
            }
            for n in 0..PHONES {
                writers.spawn(enrol(here.clone(), Arc::clone(&ledger), (round * PHONES + n) as u64));
            }
            wait_for_the_first(&ledger).await?;
            tokio::time::sleep(life).await;
            process::kill(context.work, NAME)?;
            // Each writer ends with the connection that the kill broke.
            while writers.join_next().await.is_some() {}
            Ok(())
        })
        .with_context(|| format!("round {round}"))?;
        drop(server);
        let ledger = Arc::try_unwrap(ledger).ok().context("a writer is left")?.into_inner();
        objects += ledger.objects.len();
        phones += ledger.phones.len();
        println!(
            "  round {round}: {} objects, {} phones acknowledged",
            ledger.objects.len(),
            ledger.phones.len()
        );
        let server = Server::start(context.work, context.binary()?, NAME, &data, &[])?;
        let here = organization.moved(&server.base_url)?;
        let address = Address { url: server.base_url.clone(), tls: Some(server.trust()?) };
        block_on(check(&here, &address, ledger)).with_context(|| format!("after round {round}"))?;
        server.order(&["verify-journal"]).with_context(|| format!("the journal after round {round}"))?;
    }
    Ok(Proved {
        count: format!("{rounds} rounds, {} writers", REST_WRITERS + PHONES),
        seen: format!(
            "{objects} objects and orders and {phones} policy keys were acknowledged, all were there; the journal was \
             whole each time"
        ),
    })
}

async fn wait_for_the_first(ledger: &Mutex<Ledger>) -> Result<()> {
    let deadline = Instant::now() + Duration::from_mins(1);
    loop {
        let ledger = ledger.lock().await;
        if !ledger.objects.is_empty() && !ledger.phones.is_empty() {
            return Ok(());
        }
        drop(ledger);
        ensure!(Instant::now() < deadline, "nothing was acknowledged within a minute");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

/// Users, a device of each, a block of each device, until the server is gone.
async fn write_by_rest(organization: Organization, ledger: Arc<Mutex<Ledger>>, writer: usize) -> Result<()> {
    let rest = &organization.rest;
    let note = |path: String, field: &'static str, made: &Value| (path, field, made[field].clone());
    for n in 0.. {
        let name = format!("w{writer}-{n}");
        let user = rest.post("/users", &json!({ "username": name })).await?;
        let id = text(&user, "id")?;
        ledger.lock().await.objects.push(note(format!("/users/{id}"), "username", &user));
        let device =
            rest.post("/devices", &json!({ "user": id, "name": name, "platform": "android" })).await?;
        let id = text(&device, "id")?;
        ledger.lock().await.objects.push(note(format!("/devices/{id}"), "name", &device));
        let order = json!({ "kind": "block", "note": name });
        let command = rest.post(&format!("/devices/{id}/commands"), &order).await?;
        let id = text(&command, "id")?;
        ledger.lock().await.objects.push(note(format!("/commands/{id}"), "kind", &command));
    }
    Ok(())
}

/// One new phone after the other.
async fn enrol(organization: Organization, ledger: Arc<Mutex<Ledger>>, writer: u64) -> Result<()> {
    for n in 0.. {
        let user = format!("u{}", writer as usize % USERS);
        let mut phone = organization.phone(&user, PASSWORD, writer * 10_000 + n, Version::V14_1)?;
        let outcome = phone.provision().await?;
        ensure!(outcome.is_current(), "refused while it runs: {outcome:?}");
        phone.disconnect();
        ledger.lock().await.phones.push(phone);
    }
    Ok(())
}

/// Everything of the ledger is there, and every key is good.
async fn check(organization: &Organization, address: &Address, ledger: Ledger) -> Result<()> {
    let objects = ledger.objects.into_iter().map(|(path, field, value)| {
        let rest = organization.rest.clone();
        async move {
            let read =
                rest.get(&path).await.with_context(|| format!("{path} was acknowledged and is lost"))?;
            ensure!(
                read[field] == value,
                "{path} was acknowledged with {field} {value} and has {}",
                read[field]
            );
            Ok(())
        }
    });
    each(objects.collect()).await?;
    let phones = stage::moved(&ledger.phones, address, PASSWORD)?.into_iter().map(|mut phone| async move {
        let reply = phone.folder_sync().await?;
        ensure!(
            reply.need() == Need::Nothing && reply.status() == Some(1),
            "the key {} of {} was acknowledged and is refused: {reply:?}",
            phone.policy_key,
            phone.device_id
        );
        Ok(())
    });
    each(phones.collect()).await?;
    Ok(())
}

fn text(value: &Value, name: &str) -> Result<String> {
    value[name].as_str().map(str::to_owned).with_context(|| format!("no {name} in {value}"))
}
