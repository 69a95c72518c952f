//! Whether a flood of destructive orders slows mail: how long phones wait at the stand-in while nobody orders anything,
//! and while 20,000 wipes a minute are ordered, nearly all of which are held.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use serde_json::json;
use simulator::eas::Device;
use tokio::task::JoinSet;

use super::Context;
use super::report::Figure;
use super::stage::{self, Road, Stage, block_on};
use crate::product::Organization;

/// Phones that ask all the time.
const ASKING: usize = 32;
/// Phones that are ordered to wipe, one order each.
const ORDERED: usize = 4_000;
/// Between two orders: 20,000 a minute.
const PAUSE: Duration = Duration::from_millis(3);

pub fn run(context: &Context<'_>) -> Result<Vec<Figure>> {
    let stage = Stage::start(context.work, context.binary()?)?;
    let address = stage.address(Road::Plain)?;
    let asking = block_on(stage::provision(stage.phones(&address, "u", ASKING, 700_000)?))?;
    let ordered = block_on(stage::provision(stage.phones(&address, "u", ORDERED, 800_000)?))?;
    let organization = stage.organization.clone();
    let (quiet, busy, orders) = block_on(async {
        let mut ids = Vec::with_capacity(ordered.len());
        for phone in &ordered {
            let device = organization.device(phone).await?;
            ids.push(device["id"].as_str().context("a device without an id")?.to_owned());
        }
        let stop = Arc::new(AtomicBool::new(false));
        let waiting = tokio::spawn(ask(stage::moved(&asking, &address, stage::PASSWORD)?, Arc::clone(&stop)));
        tokio::time::sleep(Duration::from_secs(10)).await;
        stop.store(true, Ordering::Relaxed);
        let quiet = waiting.await??;
        let stop = Arc::new(AtomicBool::new(false));
        let waiting = tokio::spawn(ask(stage::moved(&asking, &address, stage::PASSWORD)?, Arc::clone(&stop)));
        let began = Instant::now();
        order(&organization, &ids).await?;
        let rate = ids.len() as f64 / began.elapsed().as_secs_f64() * 60.0;
        stop.store(true, Ordering::Relaxed);
        Ok((quiet, waiting.await??, rate))
    })?;
    let (quiet, busy) = (percentiles(quiet), percentiles(busy));
    Ok(vec![Figure::alone(
        "orders above the limit",
        format!("FolderSync of {ASKING} phones at the stand-in while {orders:.0} wipes a minute are ordered"),
        format!(
            "median {:.1} ms, p99 {:.1} ms; without orders {:.1} and {:.1} ms",
            busy.0, busy.1, quiet.0, quiet.1
        ),
    )])
}

/// Each phone asks again as soon as it was answered; milliseconds that each waited.
async fn ask(phones: Vec<Device>, stop: Arc<AtomicBool>) -> Result<Vec<f64>> {
    let mut running = JoinSet::new();
    for mut phone in phones {
        let stop = Arc::clone(&stop);
        running.spawn(async move {
            let mut waited = Vec::new();
            while !stop.load(Ordering::Relaxed) {
                let began = Instant::now();
                let reply = phone.folder_sync().await?;
                waited.push(began.elapsed().as_secs_f64() * 1e3);
                ensure!(reply.status() == Some(1), "a phone was refused: {reply:?}");
            }
            Ok::<_, anyhow::Error>(waited)
        });
    }
    let mut all = Vec::new();
    while let Some(waited) = running.join_next().await {
        all.extend(waited??);
    }
    Ok(all)
}

/// One order after the other at a fixed pace, whatever the answers do.
async fn order(organization: &Organization, ids: &[String]) -> Result<()> {
    let mut running = JoinSet::new();
    let mut ticks = tokio::time::interval(PAUSE);
    for id in ids {
        ticks.tick().await;
        let (rest, path) = (organization.rest.clone(), format!("/devices/{id}/commands"));
        running.spawn(async move { rest.post(&path, &json!({ "kind": "full_wipe" })).await.map(drop) });
    }
    while let Some(outcome) = running.join_next().await {
        outcome??;
    }
    Ok(())
}

/// Median and 99th percentile.
fn percentiles(mut all: Vec<f64>) -> (f64, f64) {
    all.sort_by(f64::total_cmp);
    let at = |share: f64| all.get((all.len() as f64 * share) as usize).copied().unwrap_or(f64::NAN);
    (at(0.5), at(0.99))
}
