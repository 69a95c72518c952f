//! Pages of the list of 100,000 devices by REST: every kind of order, filter and search, on both databases. One page at a
//! time, as an administrator turns them; what is measured is the whole request, TLS and JSON included.

use std::fs;
use std::path::PathBuf;
use std::process::Command;
use std::time::Instant;

use anyhow::{Context as _, Result, ensure};
use serde_json::Value;

use super::Context;
use super::gauge::percentile;
use super::report::Figure;
use super::stage::{Seeded, block_on, build_example, side};
use crate::peers::postgres;
use crate::process;
use crate::product::{Rest, Server};
use crate::shell::finish;

const DEVICES: usize = 100_000;
const NAME: &str = "bench-grid";
/// Pages of each kind and round.
const PAGES: usize = 25;

/// What is asked: orders by text, number, time and version, filters of every sort, searches that find all, few and none.
const KINDS: &[&str] = &[
    "",
    "sort=name",
    "sort=-user",
    "sort=os_version",
    "sort=-model",
    "sort=posture",
    "sort=suite",
    "sort=-serial_number&cursor=5000",
    "platform=ios&sort=-os_version",
    "posture=compliant",
    "posture=restricted&sort=user",
    "state=enrolled&sort=last_contact",
    "silent_hours=24&sort=model",
    "q=iphone",
    "q=u17&sort=name",
    "q=nothing-is-called-so",
];

/// `bench grid`.
pub fn run(context: &Context<'_>) -> Result<Vec<Figure>> {
    process::stop(context.work, NAME)?;
    let embedded = Seeded::open(context.work, DEVICES)?;
    let token = embedded.facts["token"].as_str().context("no token")?;
    let mut figures = vec![measure(context, "SQLite", &embedded.data, token, &[])?];
    crate::shell::apt_install(postgres::PEER.packages)?;
    (postgres::PEER.start)(context.work)?;
    let url = postgres::fresh_database("bench_grid")?;
    let data = context.work.path("bench-grid-postgres");
    let program = match std::env::var_os("NOTIFYMDM_SEED") {
        Some(path) => PathBuf::from(path),
        None => build_example("engine", "seed_devices")?,
    };
    println!("seeding {DEVICES} devices on PostgreSQL");
    let facts =
        finish(Command::new(program).arg(&data).args([&DEVICES.to_string(), "2", "--database", &url]))?;
    let facts: Value = serde_json::from_str(&facts)?;
    let token = facts["token"].as_str().context("no token")?;
    figures.push(measure(context, "PostgreSQL", &data, token, &["--database-url", &url])?);
    (postgres::PEER.stop)(context.work)?;
    fs::remove_dir_all(&data)?;
    Ok(figures)
}

fn measure(
    context: &Context<'_>,
    engine: &str,
    data: &std::path::Path,
    token: &str,
    more: &[&str],
) -> Result<Figure> {
    let server = Server::start(context.work, context.binary()?, NAME, data, more)?;
    let rest = Rest::new(&server.base_url, server.trust()?, token)?;
    let cost = side(context.work, NAME)?;
    let mut took = Vec::new();
    let mut slowest = (0.0_f64, "");
    let before = cost.micros()?;
    block_on(async {
        for round in 0..=context.rounds {
            for kind in KINDS {
                let mut own = Vec::with_capacity(PAGES);
                for _ in 0..PAGES {
                    let began = Instant::now();
                    let page = rest.get(&format!("/devices?limit=50&{kind}")).await?;
                    own.push(began.elapsed().as_secs_f64() * 1_000.0);
                    ensure!(page["total"].as_u64().is_some(), "{kind}: {page}");
                }
                // The first round warms everything up.
                if round > 0 {
                    let middle = percentile(&own, 0.5);
                    slowest = if middle > slowest.0 { (middle, kind) } else { slowest };
                    took.extend(own);
                } else {
                    println!("  {engine} {kind:<40} {:.1} ms", percentile(&own, 0.5));
                }
            }
        }
        Ok(())
    })?;
    let pages = PAGES * KINDS.len() * (context.rounds + 1);
    let each = (cost.micros()? - before) as f64 / pages as f64 / 1_000.0;
    let (half, most) = (percentile(&took, 0.5), percentile(&took, 0.99));
    drop(server);
    Ok(Figure::alone(
        if engine == "SQLite" { "page of 100,000 devices" } else { "page of 100,000 devices, PostgreSQL" },
        format!(
            "{} orders, filters and searches by REST, 50 rows each; slowest kind {:?} with {:.1} ms",
            KINDS.len(),
            slowest.1,
            slowest.0
        ),
        format!("p50 {half:.1} ms, p99 {most:.1} ms, {each:.1} ms CPU"),
    ))
}
