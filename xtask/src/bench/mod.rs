//! Benchmarks: ours and a peer's side by side in one run on one machine, in turn, into `docs/benchmarks.md`.
//!
//! Ratios taken in the same minutes count, of processor time before throughput. A run with an error or a wrong answer
//! is void. Nothing here can fail a build by its timing.

mod codec;
mod evaluate;
mod flip;
mod gauge;
mod governor;
mod grid;
mod ise;
mod ldap;
mod load;
mod parked;
mod provision;
mod proxies;
mod relay;
mod report;
pub mod stage;
mod upstream;

use std::cell::OnceCell;
use std::path::{Path, PathBuf};

use anyhow::{Result, bail};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::product;
use crate::work::Work;
use report::{Circumstances, Figure};
pub use report::{commit, document};

/// What a benchmark gets.
pub struct Context<'a> {
    /// The work folder.
    pub work: &'a Work,
    /// Pairs or repetitions; at least five count.
    pub rounds: usize,
    given: Option<PathBuf>,
    built: OnceCell<PathBuf>,
}

impl Context<'_> {
    /// The product with optimisation; built when first asked for.
    pub fn binary(&self) -> Result<&Path> {
        if self.built.get().is_none() {
            let path = product::optimised(self.given.clone())?;
            return Ok(self.built.get_or_init(|| path));
        }
        Ok(self.built.get().map_or(Path::new(""), PathBuf::as_path))
    }
}

struct Bench {
    name: &'static str,
    shows: &'static str,
    run: fn(&Context<'_>) -> Result<Vec<Figure>>,
}

static BENCHES: [Bench; 15] = [
    Bench { name: "codec", shows: "instructions of the WBXML codec", run: codec::run },
    Bench { name: "relay", shows: "processor time of a relayed Sync, beside nginx", run: relay::run },
    Bench {
        name: "parked-stand-in",
        shows: "memory of a Ping waiting at the stand-in",
        run: parked::stand_in,
    },
    Bench { name: "woken", shows: "5,000 Pings answered after one publication", run: parked::woken },
    Bench { name: "ise-look-up", shows: "look-ups among 100,000 devices", run: ise::look_ups },
    Bench { name: "ise-poll", shows: "the poll of 100,000 devices", run: ise::poll },
    Bench { name: "cold-start", shows: "first answer with 100,000 devices", run: ise::cold_start },
    Bench {
        name: "parked-relay",
        shows: "memory of a relayed Ping, beside nginx and haproxy",
        run: parked::relayed,
    },
    Bench { name: "evaluate", shows: "a rule changed for 100,000 devices, and what if", run: evaluate::run },
    Bench {
        name: "flip",
        shows: "a device that falls out of compliance, seen by everybody",
        run: flip::flip,
    },
    Bench { name: "coa", shows: "from a check-in to the CoA packet", run: flip::coa },
    Bench { name: "grid", shows: "pages of 100,000 devices in any order", run: grid::run },
    Bench { name: "ldap", shows: "50,000 users of a directory, at first and again", run: ldap::run },
    Bench { name: "governor", shows: "phones while 20,000 wipes a minute are ordered", run: governor::run },
    Bench { name: "provision", shows: "processor time of a Provision, beside Horde", run: provision::run },
];

/// `cargo xtask bench`.
pub fn run(names: &[String], binary: Option<PathBuf>, rounds: usize, list: bool) -> Result<()> {
    if list {
        for bench in &BENCHES {
            println!("{:<16} {}", bench.name, bench.shows);
        }
        return Ok(());
    }
    if let Some(name) = names.iter().find(|n| !BENCHES.iter().any(|b| b.name == n.as_str())) {
        bail!("there is no benchmark {name:?}; `--list` names them");
    }
    let work = Work::open()?;
    crate::shell::apt_install(&["wrk", "nginx", "haproxy", "openssl"])?;
    let context = Context { work: &work, rounds, given: binary, built: OnceCell::new() };
    let mut failed = Vec::new();
    for bench in BENCHES.iter().filter(|b| names.is_empty() || names.iter().any(|n| n == b.name)) {
        println!("{}: {}", bench.name, bench.shows);
        let at = Circumstances::now()?;
        match (bench.run)(&context) {
            Ok(figures) => report::publish(&figures, &at)?,
            Err(error) => {
                println!("  void: {error:#}");
                failed.push(bench.name);
            }
        }
    }
    if !failed.is_empty() {
        bail!("void: {}", failed.join(", "));
    }
    Ok(())
}

/// `Authorization` of a name and password (RFC 7617).
fn basic(user: &str, password: &str) -> String {
    format!("Basic {}", STANDARD.encode(format!("{user}:{password}")))
}
