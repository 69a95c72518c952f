//! The scenarios: real peers on loopback, the product between them, and a verdict per scenario.
//!
//! A scenario is one file with one [`Scenario`]. It says which peers it needs,
//! takes its steps, and fails with words. Peers are started before and stopped after, also on failure.
//! Nothing is skipped: what cannot be started is a failure.

mod acme;
mod canary;
mod codec;
mod demo;
mod direct_horde;
mod direct_sogo;
mod foretold;
mod gateway;
mod ise;
pub mod ldap;
mod matrix;
mod nodes;
mod oidc;
mod pyactivesync;
mod radius;
mod rules;
mod smtp;
mod stage;
mod surfaces;

use std::cell::RefCell;
use std::path::PathBuf;
use std::time::Instant;

use anyhow::{Result, bail};

use crate::peers;
use crate::product::{Installation, Product};
use crate::work::Work;
use stage::Stage;

/// One scenario.
pub struct Scenario {
    /// Name for `--only`.
    pub name: &'static str,
    /// What it shows.
    pub shows: &'static str,
    /// Peers that must be up.
    pub peers: &'static [&'static str],
    /// Takes the steps.
    pub run: fn(&Context<'_>) -> Result<()>,
}

/// What a scenario works with.
pub struct Context<'a> {
    /// The work folder.
    pub work: &'a Work,
    stage: &'a Stage,
    steps: RefCell<Vec<String>>,
}

impl Context<'_> {
    /// The product with its demonstration data, started when the first scenario asks for it.
    pub fn product(&self) -> Result<&Product> {
        self.stage.demo()
    }

    /// The product from an empty data directory, on SQLite; each scenario makes an organization of its own in it.
    pub fn installation(&self) -> Result<&Installation> {
        self.stage.installation()
    }

    /// The product's binary, for scenarios that start it themselves.
    pub fn binary(&self) -> Result<&std::path::Path> {
        self.stage.binary()
    }

    /// Notes a step that went well.
    pub fn step(&self, what: impl Into<String>) {
        let what = what.into();
        println!("    ✓ {what}");
        self.steps.borrow_mut().push(what);
    }
}

/// Runs steps that speak over sockets.
fn block_on<T>(steps: impl Future<Output = Result<T>>) -> Result<T> {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?.block_on(steps)
}

/// Those with the demonstration come last: its phones keep the machine busy.
static SCENARIOS: [&Scenario; 23] = [
    &codec::SCENARIO,
    &acme::SCENARIO,
    &direct_sogo::SCENARIO,
    &direct_horde::SCENARIO,
    &pyactivesync::SCENARIO,
    &gateway::sogo::SCENARIO,
    &gateway::horde::SCENARIO,
    &gateway::modern::SCENARIO,
    &gateway::discovery::SCENARIO,
    &gateway::large::SCENARIO,
    &matrix::SCENARIO,
    &nodes::SCENARIO,
    &radius::SCENARIO,
    &ldap::SCENARIO,
    &oidc::SCENARIO,
    &surfaces::SCENARIO,
    &canary::SCENARIO,
    &smtp::SCENARIO,
    &rules::SCENARIO,
    &foretold::EXPLAIN,
    &foretold::WHAT_IF,
    &demo::SCENARIO,
    &ise::SCENARIO,
];

/// `cargo xtask interop`.
pub fn run(only: Option<&str>, binary: Option<PathBuf>, list: bool) -> Result<()> {
    let chosen: Vec<&Scenario> =
        SCENARIOS.into_iter().filter(|s| only.is_none_or(|o| s.name.contains(o))).collect();
    if list {
        for scenario in chosen {
            println!("{:<20} {}", scenario.name, scenario.shows);
        }
        return Ok(());
    }
    if chosen.is_empty() {
        bail!("no scenario has {:?} in its name; `--list` names them", only.unwrap_or_default());
    }
    let work = Work::open()?;
    println!("work folder: {}", work.root().display());
    let wanted: Vec<&str> = chosen.iter().flat_map(|s| s.peers).copied().collect();
    let _running = if wanted.is_empty() { None } else { Some(peers::start(&work, &wanted)?) };
    let stage = Stage::new(&work, binary);
    let results = chosen.iter().map(|s| (*s, attempt(&work, &stage, s))).collect::<Vec<_>>();
    report(&results)
}

struct Verdict {
    seconds: f64,
    steps: usize,
    failure: Option<String>,
}

fn attempt(work: &Work, stage: &Stage, scenario: &Scenario) -> Verdict {
    println!("{}: {}", scenario.name, scenario.shows);
    let started = Instant::now();
    let context = Context { work, stage, steps: RefCell::default() };
    let outcome = (scenario.run)(&context);
    let failure = outcome.err().map(|e| format!("{e:#}"));
    if let Some(failure) = &failure {
        println!("    ✗ {failure}");
    }
    Verdict { seconds: started.elapsed().as_secs_f64(), steps: context.steps.borrow().len(), failure }
}

fn report(results: &[(&Scenario, Verdict)]) -> Result<()> {
    println!("\n{:<20} {:<8} {:>6} {:>8}", "scenario", "verdict", "steps", "seconds");
    for (scenario, verdict) in results {
        let word = if verdict.failure.is_some() { "FAILED" } else { "ok" };
        println!("{:<20} {:<8} {:>6} {:>8.1}", scenario.name, word, verdict.steps, verdict.seconds);
    }
    let failed: Vec<String> =
        results.iter().filter_map(|(s, v)| Some(format!("{}: {}", s.name, v.failure.as_ref()?))).collect();
    if !failed.is_empty() {
        bail!("{} of {} scenarios failed\n  {}", failed.len(), results.len(), failed.join("\n  "));
    }
    Ok(())
}
