//! Opening the store, and the commands that work on a whole database.

use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::{Context, ensure};
use engine::{Engine, SystemClock};
use store::{Location, Options, SecretKey, Store};

use crate::config::Config;

/// Opens the store and fills the engine.
pub async fn open(config: &Config) -> anyhow::Result<Arc<Engine>> {
    let (options, key) = options(config)?;
    let store = Store::open(options).await.map_err(anyhow::Error::msg)?;
    let engine =
        Engine::open(engine::Options { store, clock: Arc::new(SystemClock::default()), secret_key: key })
            .await
            .map_err(anyhow::Error::msg)?;
    Ok(engine)
}

/// Key file and store options of the installation.
pub fn options(config: &Config) -> anyhow::Result<(Options, SecretKey)> {
    let key = SecretKey::open(&config.data_dir)
        .with_context(|| format!("cannot use the data directory {}", config.data_dir.display()))?;
    Ok((config.store_options(key.clone()), key))
}

/// `restore FILE`. The key file of the backed-up installation must be in place first: with another key the backup's
/// secrets and the journal's seals could not be read.
pub async fn restore(config: &Config, file: &Path) -> anyhow::Result<()> {
    let key = config.data_dir.join("secret.key");
    ensure!(
        key.exists(),
        "put the key file of the backed-up installation at {} first (backups do not contain it)",
        key.display()
    );
    let (options, _) = options(config)?;
    let report = store::restore(file, options).await?;
    println!("{report}");
    Ok(())
}

/// `migrate-store --to URL`.
pub async fn migrate(config: &Config, to: &str) -> anyhow::Result<()> {
    let (from, key) = options(config)?;
    let target = Options::new(Location::Postgres(to.to_owned()), key);
    let report = store::copy(from, target).await?;
    println!("{report}");
    println!(
        "Start the server with --database-url from now on, and with the same data directory (it holds the key file)."
    );
    Ok(())
}

/// `verify-journal`: 0 when nothing is wrong, 2 when something is.
pub async fn verify_journal(config: &Config) -> anyhow::Result<ExitCode> {
    let (mut options, _) = options(config)?;
    options.read_only = true;
    let store = Store::open(options).await.map_err(anyhow::Error::msg)?;
    let report = store::verify_journal(&store).await?;
    println!("{report}");
    Ok(if report.problems.is_empty() { ExitCode::SUCCESS } else { ExitCode::from(2) })
}
