//! `doctor`: what an engineer would check on a Friday, with what to do about each.

use std::net::{SocketAddr, TcpListener};
use std::os::unix::net::UnixStream;
use std::process::ExitCode;
use std::time::{Duration, SystemTime};

use store::{Location, SecretKey, Store};
use transport::tls::Certificate;

use crate::acme;
use crate::config::{Acme, Config};
use crate::doctor_names;

/// How a check ended.
pub enum Verdict {
    /// Nothing to do.
    Good(String),
    /// It works, but somebody should look at it.
    Warn(String),
    /// It does not work.
    Bad(String),
}

use Verdict::{Bad, Good, Warn};

/// Runs all checks; 0 when nothing is bad, 2 otherwise.
pub async fn run(config: &Config) -> anyhow::Result<ExitCode> {
    let mut checks: Vec<(&str, Verdict)> = vec![
        ("data directory", directory(config)),
        ("key file", key_file(config)),
        ("clock", clock(config)),
        ("certificate", certificate(config)),
    ];
    for (name, verdict) in doctor_names::check(config).await {
        checks.push((Box::leak(name.into_boxed_str()), verdict));
    }
    let ports = [
        ("--listen", Some(config.listen)),
        ("--plain-listen", config.plain_listen),
        ("--admin-listen", config.admin_listen),
        ("ACME's http_listen", config.acme.as_ref().map(|acme| acme.http_listen)),
    ];
    for (name, address) in ports {
        if let Some(address) = address {
            checks.push((name, port(config, address)));
        }
    }
    checks.push(("database", database(config).await));
    if let Some(acme) = &config.acme {
        checks.push(("certificate by ACME", public_certificate(config, acme).await));
    }
    for (name, verdict) in servers(config).await {
        checks.push((Box::leak(name.into_boxed_str()), verdict));
    }
    let mut bad = false;
    for (name, verdict) in checks {
        let (sign, text) = match verdict {
            Good(text) => ("ok  ", text),
            Warn(text) => ("warn", text),
            Bad(text) => {
                bad = true;
                ("BAD ", text)
            }
        };
        println!("{sign}  {name}: {text}");
    }
    Ok(if bad { ExitCode::from(2) } else { ExitCode::SUCCESS })
}

fn directory(config: &Config) -> Verdict {
    use std::os::unix::fs::PermissionsExt;
    match std::fs::metadata(&config.data_dir) {
        Err(_) => Warn(format!("{} does not exist yet; serve makes it", config.data_dir.display())),
        Ok(meta) if meta.permissions().mode() & 0o007 != 0 => Warn(format!(
            "{} can be entered by everybody; chmod 750 it (keys inside are protected, logs may not be)",
            config.data_dir.display()
        )),
        Ok(_) => Good(config.data_dir.display().to_string()),
    }
}

fn key_file(config: &Config) -> Verdict {
    if !config.data_dir.exists() {
        return Warn("made at the first start; keep a copy apart from the backups".into());
    }
    match SecretKey::open(&config.data_dir) {
        Ok(_) => Good("secret.key can be read".into()),
        Err(error) => Bad(error.to_string()),
    }
}

/// A clock that is far off shows as a certificate or database from the future.
#[expect(clippy::disallowed_methods, reason = "the system clock itself is what is looked at")]
fn clock(config: &Config) -> Verdict {
    let newest = ["ca.pem", "notifymdm.db", "secret.key"]
        .iter()
        .filter_map(|name| std::fs::metadata(config.data_dir.join(name)).and_then(|m| m.modified()).ok())
        .max();
    match newest.and_then(|at| at.duration_since(SystemTime::now()).ok()) {
        Some(ahead) if ahead > Duration::from_mins(1) => Bad(format!(
            "files are {} s in the future: the clock of this host is behind; set up NTP",
            ahead.as_secs()
        )),
        _ => Good("not behind what was written before".into()),
    }
}

fn certificate(config: &Config) -> Verdict {
    let (cert, key, own) = match &config.tls {
        Some((cert, key)) => (cert.clone(), key.clone(), false),
        None => (config.data_dir.join("server.pem"), config.data_dir.join("server.key"), true),
    };
    if own && !cert.exists() {
        return Warn("made at the first start, signed by the installation's own authority".into());
    }
    let certificate = match Certificate::from_files(&cert, &key) {
        Ok(certificate) => certificate,
        Err(error) => return Bad(error.to_string()),
    };
    let Some(Ok((_, parsed))) =
        certificate.chain().first().map(|der| x509_parser::parse_x509_certificate(der))
    else {
        return Bad(format!("{} is not a certificate", cert.display()));
    };
    let days = parsed.validity().time_to_expiration().map_or(-1, time::Duration::whole_days);
    match days {
        ..0 => Bad(format!(
            "{} has expired; replace the file, the running server takes it by itself",
            cert.display()
        )),
        0..30 if !own => Warn(format!("{} ends in {days} days", cert.display())),
        _ if certificate.chain().len() == 1 && !own => Warn(format!(
            "{days} days left, but the file holds no intermediate certificate: Cisco ISE needs the whole chain"
        )),
        _ => Good(format!("{days} days left")),
    }
}

/// The certificate of the ACME authority, and how the last order went.
async fn public_certificate(config: &Config, acme: &Acme) -> Verdict {
    let Some(engine) = engine(config).await else {
        return Warn("known when the database can be read".into());
    };
    let now = engine.now();
    let ago = |at: i64| format!("{} minutes ago", (now - at) / 60_000);
    let kept = match acme::certificate(&engine, acme).await {
        Ok(kept) => kept,
        Err(error) => return Bad(error.to_string()),
    };
    let failure = acme::failure(&engine, acme).await.ok().flatten();
    let failed = failure.map(|failure| {
        format!("the last order failed {}: {}. It is tried again by itself.", ago(failure.at), failure.why)
    });
    match (kept, failed) {
        (None, Some(failed)) => Bad(format!("none yet, our own is used; {failed}")),
        (None, None) => Warn("none yet; ordered when the server starts".into()),
        (Some(kept), failed) if kept.not_after <= now => {
            Bad(format!("it ended {}; {}", ago(kept.not_after), failed.unwrap_or_default()))
        }
        (Some(kept), Some(failed)) => Warn(format!("{} left, but {failed}", time_left(kept.not_after - now))),
        (Some(kept), None) => Good(format!("{} left", time_left(kept.not_after - now))),
    }
}

fn time_left(millis: i64) -> String {
    match millis / 86_400_000 {
        0..2 => format!("{} hours", millis / 3_600_000),
        days => format!("{days} days"),
    }
}

fn port(config: &Config, address: SocketAddr) -> Verdict {
    match TcpListener::bind(address) {
        Ok(_) => Good(format!("{address} is free")),
        Err(_) if UnixStream::connect(config.data_dir.join("control.sock")).is_ok() => {
            Good(format!("{address} is in use (the server is running)"))
        }
        Err(error) => Bad(format!(
            "{address}: {error}; another program has the port, or the address is not on this host"
        )),
    }
}

async fn database(config: &Config) -> Verdict {
    let Ok(key) = SecretKey::open(&config.data_dir) else {
        return Bad("not opened without the key file".into());
    };
    let mut options = config.store_options(key);
    options.read_only = true;
    if let Location::Sqlite(dir) = &options.location
        && !dir.join("notifymdm.db").exists()
    {
        return Warn("SQLite; made at the first start".into());
    }
    match Store::open(options).await {
        Ok(_) => Good(
            if config.database_url.is_some() { "PostgreSQL answers" } else { "SQLite can be read" }.into(),
        ),
        Err(error) => Bad(error.to_string()),
    }
}

/// An engine that only looks; none without a database that can be read.
async fn engine(config: &Config) -> Option<std::sync::Arc<engine::Engine>> {
    let (mut options, key) = crate::stores::options(config).ok()?;
    options.read_only = true;
    let store = Store::open(options).await.ok()?;
    let clock = std::sync::Arc::new(engine::SystemClock::default());
    engine::Engine::open(engine::Options { store, clock, secret_key: key }).await.ok()
}

/// Every ActiveSync server of every organization.
async fn servers(config: &Config) -> Vec<(String, Verdict)> {
    let Some(engine) = engine(config).await else { return Vec::new() };
    let mut found = Vec::new();
    for org in engine.directory().all() {
        let servers = org.read().servers();
        for server in servers {
            let upstreams = transport::Upstreams::new(transport::UpstreamConfig::default());
            let report =
                clients::mail::test(&upstreams, std::sync::Arc::clone(&server), None, engine.now()).await;
            let words: Vec<_> = report
                .checks
                .iter()
                .filter(|check| check.grade != clients::mail::Grade::Good)
                .map(|check| format!("{}: {}", check.name, check.words))
                .collect();
            let verdict = match (report.is_usable(), words.is_empty()) {
                (true, true) => Good(server.url.clone()),
                (true, false) => Warn(words.join(" ")),
                (false, _) => Bad(words.join(" ")),
            };
            found.push((format!("ActiveSync server {}", server.name), verdict));
        }
    }
    found
}
