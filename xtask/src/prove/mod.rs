//! Proofs: the long counts of what CI does in short, recorded with the commit in `docs/proofs.md`.

mod console;
mod durability;
pub mod explain;
mod governor;
mod kill9;
mod mutations;
mod nodes;
mod package;
pub mod what_if;

use std::cell::OnceCell;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};

use crate::bench::{commit, document};
use crate::product;
use crate::shell::run as shell;
use crate::work::Work;

/// What a proof gets.
pub struct Context<'a> {
    /// The work folder.
    pub work: &'a Work,
    /// Rounds, instead of the proof's own number.
    pub rounds: Option<usize>,
    given: Option<PathBuf>,
    built: OnceCell<PathBuf>,
}

impl Context<'_> {
    /// The product; built when first asked for.
    pub fn binary(&self) -> Result<&Path> {
        if self.built.get().is_none() {
            let path = product::optimised(self.given.clone())?;
            return Ok(self.built.get_or_init(|| path));
        }
        Ok(self.built.get().map_or(Path::new(""), PathBuf::as_path))
    }
}

/// What was proved: how often, and what was seen.
pub struct Proved {
    /// How often, or how many.
    pub count: String,
    /// What was seen, in a few words.
    pub seen: String,
}

struct Proof {
    name: &'static str,
    shows: &'static str,
    run: fn(&Context<'_>) -> Result<Proved>,
}

static PROOFS: [Proof; 10] = [
    Proof { name: "kill9", shows: "nothing acknowledged is lost by kill -9 under load", run: kill9::run },
    Proof { name: "durability", shows: "the flush comes before the answer", run: durability::run },
    Proof { name: "package", shows: "the Debian package installs, upgrades and goes", run: package::run },
    Proof { name: "mutations", shows: "mutated messages do no harm to the codecs", run: mutations::run },
    Proof { name: "two-nodes", shows: "what one node did is in force at the other", run: nodes::run },
    Proof {
        name: "governor",
        shows: "no surface lets more wipes through than the limit",
        run: governor::run,
    },
    Proof {
        name: "moved-clock",
        shows: "time that only the clock shows lets no more wipes through",
        run: governor::by_clock,
    },
    Proof {
        name: "explain",
        shows: "who is shut out has a reason, and is let in again when it is mended",
        run: explain::run,
    },
    Proof {
        name: "what-if",
        shows: "what is foretold of a change is what ActiveSync and Cisco ISE answer after it",
        run: what_if::run,
    },
    Proof { name: "console", shows: "every list opens quickly with 100,000 devices", run: console::run },
];

/// Where chance begins: `NOTIFYMDM_DICE`, to see a failure again, or any number.
fn seed() -> Result<u64> {
    match std::env::var("NOTIFYMDM_DICE") {
        Ok(text) => text.parse().with_context(|| format!("NOTIFYMDM_DICE is {text:?}, not a number")),
        Err(_) => Ok(u64::from(std::process::id())),
    }
}

/// `cargo xtask prove`.
pub fn run(names: &[String], binary: Option<PathBuf>, rounds: Option<usize>, list: bool) -> Result<()> {
    if list {
        for proof in &PROOFS {
            println!("{:<12} {}", proof.name, proof.shows);
        }
        return Ok(());
    }
    if let Some(name) = names.iter().find(|n| !PROOFS.iter().any(|p| p.name == n.as_str())) {
        bail!("there is no proof {name:?}; `--list` names them");
    }
    let work = Work::open()?;
    let context = Context { work: &work, rounds, given: binary, built: OnceCell::new() };
    let mut failed = Vec::new();
    for proof in PROOFS.iter().filter(|p| names.is_empty() || names.iter().any(|n| n == p.name)) {
        println!("{}: {}", proof.name, proof.shows);
        let (count, outcome) = match (proof.run)(&context) {
            Ok(proved) => (proved.count, format!("good: {}", proved.seen)),
            Err(error) => {
                failed.push(proof.name);
                ("–".to_owned(), format!("FAILED: {error:#}").replace('\n', " "))
            }
        };
        println!("  {count}: {outcome}");
        record(proof.name, &count, &outcome)?;
    }
    if !failed.is_empty() {
        bail!("failed: {}", failed.join(", "));
    }
    Ok(())
}

/// Adds a row to the runs, which are the last table of the document.
fn record(name: &str, count: &str, outcome: &str) -> Result<()> {
    let path = document("proofs.md");
    let mut text = fs::read_to_string(&path).with_context(|| format!("reading {}", path.display()))?;
    let date = shell("date", &["-u", "+%Y-%m-%d"])?;
    text += &format!("| {} | {} | {name} | {count} | {outcome} |\n", date.trim(), commit());
    fs::write(&path, text).with_context(|| format!("writing {}", path.display()))
}
