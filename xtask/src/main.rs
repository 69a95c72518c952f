//! `cargo xtask`: what developers and CI do beyond building and testing.
//!
//! It installs, starts and stops the real servers and clients that the product is tried against
//! (`peers`, `interop`, `e2e`), checks the rules of the house and its documents (`floors`, `manual`), and installs
//! what CI needs (`ci-tools`).

#![cfg_attr(test, expect(clippy::unwrap_used, reason = "a test that cannot go on should say where"))]

mod bench;
mod ci_tools;
mod compliance;
mod e2e;
mod floors;
mod interop;
mod manual;
mod peers;
mod process;
mod product;
mod prove;
mod shell;
mod surfaces;
mod work;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

#[derive(Parser)]
#[command(name = "cargo xtask", about = "What developers and CI do beyond building and testing")]
struct Arguments {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// Real servers and clients of other makers, on loopback.
    Peers {
        #[command(subcommand)]
        what: PeersWhat,
    },
    /// Runs the scenarios against the peers; starts and stops what they need.
    Interop {
        /// Only scenarios whose name contains this.
        #[arg(long)]
        only: Option<String>,
        /// The product's binary; built if not given.
        #[arg(long)]
        binary: Option<PathBuf>,
        /// Names the scenarios and ends.
        #[arg(long)]
        list: bool,
    },
    /// Visits every page of the demonstration in a browser, as every role.
    E2e {
        /// The product's binary; built if not given.
        #[arg(long)]
        binary: Option<PathBuf>,
        /// Only pages with these names.
        names: Vec<String>,
    },
    /// Measures, side by side with peers, and writes docs/benchmarks.md.
    Bench {
        /// Only these; all by default.
        names: Vec<String>,
        /// The product's binary; built with optimisation if not given.
        #[arg(long)]
        binary: Option<PathBuf>,
        /// Pairs or repetitions of each.
        #[arg(long, default_value_t = 5)]
        rounds: usize,
        /// Names the benchmarks and ends.
        #[arg(long)]
        list: bool,
    },
    /// The long proofs; records them in docs/proofs.md.
    Prove {
        /// Only these; all by default.
        names: Vec<String>,
        /// The product's binary; built with optimisation if not given.
        #[arg(long)]
        binary: Option<PathBuf>,
        /// How often, instead of each proof's own number.
        #[arg(long)]
        rounds: Option<usize>,
        /// Names the proofs and ends.
        #[arg(long)]
        list: bool,
    },
    /// Checks that each crate uses only the floors beneath it.
    Floors,
    /// Checks the documents: links, table of contents, configuration reference.
    Manual,
    /// Prints the page of the manual about rules and how each is tried: docs/rules.md.
    Rules,
    /// Installs what CI needs (Debian, as root).
    CiTools,
}

#[derive(Subcommand)]
enum PeersWhat {
    /// Installs what is missing and starts them.
    Up {
        /// Only these, with what they need; all by default.
        names: Vec<String>,
    },
    /// Stops them.
    Down {
        /// Only these; all by default.
        names: Vec<String>,
    },
    /// Says which are installed and which answer.
    Status,
}

fn main() -> ExitCode {
    let outcome = match Arguments::parse().what {
        What::Peers { what: PeersWhat::Up { names } } => peers::up(&names),
        What::Peers { what: PeersWhat::Down { names } } => peers::down(&names),
        What::Peers { what: PeersWhat::Status } => peers::status(),
        What::Interop { only, binary, list } => interop::run(only.as_deref(), binary, list),
        What::E2e { binary, names } => e2e::run(binary, &names),
        What::Bench { names, binary, rounds, list } => bench::run(&names, binary, rounds, list),
        What::Prove { names, binary, rounds, list } => prove::run(&names, binary, rounds, list),
        What::Floors => floors::run(),
        What::Manual => manual::run(),
        What::Rules => {
            print!("{}", compliance::page());
            Ok(())
        }
        What::CiTools => ci_tools::run(),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}
