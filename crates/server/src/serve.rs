//! `serve`: from an empty directory to a running server, and down again.

use std::io::IsTerminal;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use anyhow::Context;
use engine::{Engine, SystemClock, sign_in};
use store::{SecretKey, Store};
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

use crate::app::{self, App};
use crate::certificates;
use crate::config::Config;
use crate::{acme, background, control, demo, identity, surroundings};

/// Parked requests and running ones get this long at the end.
const DRAIN: Duration = Duration::from_secs(20);

/// Runs the server until it is told to stop.
pub async fn serve(config: Config, with_demo: bool) -> anyhow::Result<ExitCode> {
    logging();
    store::private_directory(&config.data_dir)
        .with_context(|| format!("cannot make the data directory {}", config.data_dir.display()))?;
    if with_demo {
        demo::check_directory(&config.data_dir)?;
    }
    let root = identity::root(&config.data_dir)?;
    let key = SecretKey::open(&config.data_dir)?;
    let store = Store::open(config.store_options(key.clone())).await?;
    // Taken before the index fills: nothing that another node writes meanwhile is missed.
    let heads = store.heads().await?;
    let engine =
        Engine::open(engine::Options { store, clock: Arc::new(SystemClock::default()), secret_key: key })
            .await
            .map_err(anyhow::Error::msg)?;
    engine.allow_internal_targets(config.internal_targets.clone());
    engine.stands(surroundings::of(&config));
    if let Some(plan) = &config.backup {
        engine.backs_up(plan.clone());
    }
    if let Some(calls) = config.check_ins_per_second {
        engine::schedules::set_rate(&engine, calls.get());
    }
    let watch = background::follow(&engine, heads)?;
    let stop = CancellationToken::new();
    let jobs = background::start(&engine, &stop);
    let control = control::listen(&config, Arc::clone(&engine))?;
    let app = app::start(&config, &engine, root)?;
    acme::start(&config, &engine, &app.shelf, &stop)?;
    certificates::start(&config, &engine, &app.shelf, &stop);
    announce(&config, &engine, &app).await?;
    let demo = if with_demo { Some(demo::start(&config, &engine, &app).await?) } else { None };

    until_stopped(&config, &app).await?;

    tracing::info!("stopping");
    app.faces.operations.set_ready(false);
    if let Some(demo) = demo {
        demo.stop().await;
    }
    for listener in app.listeners {
        listener.shutdown(DRAIN).await;
    }
    stop.cancel();
    control.abort();
    drop(app.workers);
    for job in jobs {
        // A job that panicked has been logged by the runtime; the others end by themselves.
        let _ = job.await;
    }
    background::flush(&engine).await;
    drop(watch);
    Ok(ExitCode::SUCCESS)
}

fn logging() {
    use tracing_subscriber::EnvFilter;
    let filter = EnvFilter::try_from_env("NOTIFYMDM_LOG").unwrap_or_else(|_| EnvFilter::new("info"));
    let json = std::env::var("NOTIFYMDM_LOG_FORMAT").is_ok_and(|f| f == "json");
    let builder = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_target(false)
        .with_ansi(std::io::stderr().is_terminal())
        .with_writer(std::io::stderr);
    // A second subscriber (in tests) is refused, and that is fine.
    let _ = if json { builder.json().try_init() } else { builder.try_init() };
}

/// Waits for SIGTERM or SIGINT; reloads certificates on SIGHUP and when their files change.
async fn until_stopped(config: &Config, app: &App) -> anyhow::Result<()> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut hangup = signal(SignalKind::hangup())?;
    let mut look = tokio::time::interval(Duration::from_secs(10));
    let mut seen = changed_at(config);
    loop {
        tokio::select! {
            _ = terminate.recv() => return Ok(()),
            _ = interrupt.recv() => return Ok(()),
            _ = hangup.recv() => reload(config, app),
            _ = look.tick() => {
                let now = changed_at(config);
                if now != seen {
                    seen = now;
                    reload(config, app);
                }
            }
        }
    }
}

fn changed_at(config: &Config) -> Option<[SystemTime; 2]> {
    let (cert, key) = config.tls.as_ref()?;
    let at = |path| std::fs::metadata(path).and_then(|m| m.modified()).ok();
    Some([at(cert)?, at(key)?])
}

/// A certificate that cannot be read leaves the old one in use.
fn reload(config: &Config, app: &App) {
    match identity::server_certificate(config) {
        Ok(certificate) => {
            app.shelf.put_own(certificate);
            tracing::info!("certificates reloaded");
        }
        Err(error) => tracing::error!(%error, "the certificates were not reloaded; the old ones stay in use"),
    }
}

/// Says where to go, and how the first administrator comes in.
async fn announce(config: &Config, engine: &Engine, app: &App) -> anyhow::Result<()> {
    let address = app.listeners.first().map_or(config.listen, transport::Running::local_addr);
    let console = if config.listen_serves_console() {
        Some(address)
    } else {
        config.admin_listen.and(app.listeners.last().map(transport::Running::local_addr))
    };
    println!("NotifyMDM {} serves devices on https://{address}", env!("CARGO_PKG_VERSION"));
    match console {
        Some(console) => println!("Console: https://{console}/dashboard"),
        None => println!(
            "Console and REST are off on a public address. Add --admin-listen 127.0.0.1:8444 (or --console-on-listen)."
        ),
    }
    println!("Root certificate: {}", config.data_dir.join("ca.pem").display());
    if sign_in::needs_setup(engine) {
        let token = sign_in::setup_token(engine).await.map_err(anyhow::Error::msg)?;
        if let Some(console) = console {
            println!("First administrator (this link works once): https://{console}/dashboard/setup/{token}");
        } else {
            println!("First administrator: notifymdm admin create NAME");
        }
    }
    Ok(())
}
