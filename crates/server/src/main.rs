//! The `notifymdm` binary: configuration, certificates, listeners, wiring, command line.

mod acme;
mod app;
mod background;
mod certificates;
mod cli;
mod config;
mod control;
mod demo;
mod doctor;
mod doctor_names;
mod front;
mod host;
mod identity;
mod operations;
mod serve;
mod shelf;
mod stores;
mod surroundings;

use std::process::ExitCode;

use clap::Parser;

/// Parked connections free their buffers in bursts; this allocator gives memory back by itself.
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

fn main() -> ExitCode {
    let cli = cli::Cli::parse();
    // One crypto provider for every TLS user in the process.
    if rustls::crypto::aws_lc_rs::default_provider().install_default().is_err() {
        eprintln!("notifymdm: the crypto library could not be set up");
        return ExitCode::from(1);
    }
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("notifymdm: cannot start threads: {error}");
            return ExitCode::from(1);
        }
    };
    match runtime.block_on(cli::run(cli)) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("notifymdm: {error:#}");
            ExitCode::from(1)
        }
    }
}
