//! What a waiting Ping keeps in memory: at the stand-in, and relayed, beside nginx and haproxy; and how soon all are
//! answered when the policy changes.

use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail, ensure};
use serde_json::{Value, json};
use simulator::eas::Device;
use tokio::task::JoinSet;

use super::gauge::{Side, percentile, slab};
use super::report::Figure;
use super::stage::{self, Address, PASSWORD, Road, Stage, block_on, settle};
use super::{Context, proxies};

/// Seconds that a Ping waits.
const HEARTBEAT: u32 = 900;
const PARKED: usize = 3_000;
const WOKEN: usize = 5_000;
/// Parked before the first look at the memory.
const WARM_UP: usize = 50;

/// What each parked Ping adds, in KiB.
struct Growth {
    user: f64,
    /// Of the whole machine, so of both ends of each connection.
    kernel: f64,
}

type Pings = JoinSet<(Device, Result<u32, String>, Instant)>;

/// At the stand-in, plain and TLS.
pub fn stand_in(context: &Context<'_>) -> Result<Vec<Figure>> {
    let mut stage = Stage::start(context.work, context.binary()?)?;
    let phones = known(&stage, "u", PARKED)?;
    let mut figures = Vec::new();
    for (road, row, name) in [
        (Road::Plain, "parked Ping at the stand-in, plain", "plain"),
        (Road::Tls, "parked Ping at the stand-in, TLS", "TLS"),
    ] {
        stage.restart()?;
        let moved = stage::moved(&phones, &stage.address(road)?, PASSWORD)?;
        let grown = block_on(grow(&stage.side()?, moved))?;
        figures.push(Figure::alone(
            row,
            format!(
                "{PARKED} Pings parked at the stand-in, {name}; kernel {:.1} KiB both ends",
                grown.kernel
            ),
            format!("{:.2} KiB", grown.user),
        ));
    }
    Ok(figures)
}

/// Relayed, plain and TLS, beside the proxies.
pub fn relayed(context: &Context<'_>) -> Result<Vec<Figure>> {
    let mut stage = Stage::start(context.work, context.binary()?)?;
    let phones = known(&stage, "m", PARKED)?;
    let mut figures = Vec::new();
    for (road, row, name) in [
        (Road::Plain, "parked Ping relayed, user memory, plain", "plain"),
        (Road::Tls, "parked Ping relayed, user memory, TLS", "TLS"),
    ] {
        stage.restart()?;
        let moved = stage::moved(&phones, &stage.address(road)?, PASSWORD)?;
        let ours = block_on(grow(&stage.side()?, moved))?;
        let mut peers = Vec::new();
        for (peer, start) in
            [("nginx", proxies::nginx as fn(&_, &_) -> Result<_>), ("haproxy", proxies::haproxy)]
        {
            let proxy = start(context.work, &stage.upstream)?;
            let address = match road {
                Road::Plain => Address { url: format!("http://127.0.0.1:{}", proxy.plain), tls: None },
                Road::Tls => Address {
                    url: format!("https://127.0.0.1:{}", proxy.tls),
                    tls: Some(simulator::http::trust(&std::fs::read(
                        proxies::certificate(context.work)?.0,
                    )?)?),
                },
            };
            let moved = stage::moved(&phones, &address, PASSWORD)?;
            peers.push((peer, block_on(grow(&proxy.side, moved))?));
        }
        let least = peers.iter().map(|(_, g)| g.user).fold(f64::INFINITY, f64::min);
        figures.push(Figure {
            row,
            what: format!("{PARKED} Pings relayed, {name}; kernel {:.1} KiB all ends", ours.kernel),
            ours: format!("{:.2} KiB", ours.user),
            peer: peers.iter().map(|(n, g)| format!("{n} {:.2} KiB", g.user)).collect::<Vec<_>>().join(", "),
            ratio: format!("{:.2} × the smaller", ours.user / least),
        });
    }
    Ok(figures)
}

/// Everybody waits; one publication; when has the last one its answer?
pub fn woken(context: &Context<'_>) -> Result<Vec<Figure>> {
    let stage = Stage::start(context.work, context.binary()?)?;
    let phones = known(&stage, "u", WOKEN)?;
    block_on(async {
        let mut pings = JoinSet::new();
        for phone in phones {
            park(&mut pings, phone);
            // Handshakes one after another; a burst of them is not what is measured here.
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        settle().await;
        still_parked(&mut pings)?;
        let rest = &stage.organization.rest;
        let suites = rest.get("/policy-suites").await?;
        let suites = suites["items"].as_array().context("no suites")?;
        let suite = suites.iter().find(|s| s["is_default"] == true).context("no default suite")?;
        let path = format!("/policy-suites/{}", suite["id"].as_str().unwrap_or_default());
        edit(&stage, &path).await?;
        let (start, used) = (Instant::now(), stage.side()?.micros()?);
        rest.post(&format!("{path}/publish"), &json!({})).await?;
        let published = start.elapsed();
        let mut took = Vec::with_capacity(WOKEN);
        while let Some(ping) = pings.join_next().await {
            let (_, outcome, at) = ping?;
            outcome.map_err(anyhow::Error::msg)?;
            took.push((at - start).as_secs_f64());
        }
        let used = (stage.side()?.micros()? - used) / 1000;
        ensure!(took.len() == WOKEN, "{} answers", took.len());
        let last = took.iter().copied().fold(0.0, f64::max);
        Ok(vec![Figure::alone(
            "5,000 parked Pings woken",
            format!(
                "{WOKEN} parked TLS Pings, one publication by REST ({:.2} s until its answer); half of them answered \
                 after {:.2} s; {used} ms of processor time",
                published.as_secs_f64(),
                percentile(&took, 0.5)
            ),
            format!("{last:.2} s"),
        )])
    })
}

/// Another least length of the password in both columns.
async fn edit(stage: &Stage, path: &str) -> Result<()> {
    let rest = &stage.organization.rest;
    let read = rest.get(path).await?;
    let mut draft = read["draft"].clone();
    for column in ["corporate", "individual"] {
        let length = draft[column]["password.min_length"].as_i64().unwrap_or(4);
        draft[column]["password.min_length"] = Value::from(if length == 7 { 8 } else { 7 });
    }
    let edit = json!({ "name": read["name"], "description": read["description"], "draft": draft });
    rest.put(path, &edit).await?;
    Ok(())
}

/// Phones that are provisioned and known.
fn known(stage: &Stage, prefix: &str, count: usize) -> Result<Vec<Device>> {
    let phones = stage.phones(&stage.address(Road::Plain)?, prefix, count, 100_000)?;
    println!("  provisioning {count} phones");
    block_on(stage::provision(phones))
}

async fn grow(side: &Side, phones: Vec<Device>) -> Result<Growth> {
    let (mut pings, mut before) = (JoinSet::new(), (0, 0));
    let count = phones.len();
    for (n, phone) in phones.into_iter().enumerate() {
        if n == WARM_UP {
            settle().await;
            before = (side.pss()?, slab()?);
        }
        park(&mut pings, phone);
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    settle().await;
    still_parked(&mut pings)?;
    let after = (side.pss()?, slab()?);
    let each = |before: u64, after: u64| (after as f64 - before as f64) / (count - WARM_UP) as f64;
    Ok(Growth { user: each(before.0, after.0), kernel: each(before.1, after.1) })
}

fn park(pings: &mut Pings, mut phone: Device) {
    pings.spawn(async move {
        let answer = phone.ping(HEARTBEAT).await;
        let outcome = match answer {
            Ok(answer) => Ok(u32::from(answer.reply.http)),
            Err(error) => Err(error.to_string()),
        };
        (phone, outcome, Instant::now())
    });
}

fn still_parked(pings: &mut Pings) -> Result<()> {
    match pings.try_join_next().transpose()? {
        None => Ok(()),
        Some((phone, outcome, _)) => bail!("the Ping of {} did not wait: {outcome:?}", phone.device_id),
    }
}
