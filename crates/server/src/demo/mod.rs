//! `serve --demo`: two organizations, a small mail server and some hundred simulated phones, over real sockets.
//!
//! What the demo made is described in `demo.json` in the data directory; a second start goes on with the same.

mod describe;
mod people;
mod seed;

use std::fs::File;
use std::io::ErrorKind;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, bail};
use engine::Engine;
use simulator::eas::{Credentials, MODELS};
use simulator::fleet::{Fleet, Mischief, PhonePlan, Plan};
use simulator::mailserver::{MailServer, Options};

use crate::app::App;
use crate::config::Config;
use crate::identity;
use describe::Description;

const FILE: &str = "demo.json";

/// Says whose the directory is, from before it is filled.
const MARK: &str = ".demo";

/// The running demo.
pub struct Demo {
    fleets: Vec<Fleet>,
    /// Kept alive: it stops when it is dropped.
    _mail: MailServer,
}

impl Demo {
    /// Switches the phones off.
    pub async fn stop(self) {
        for fleet in self.fleets {
            fleet.stop().await;
        }
    }
}

/// The demo runs in an empty directory or in one that it made itself, never beside real data.
pub fn check_directory(dir: &Path) -> anyhow::Result<()> {
    let empty = std::fs::read_dir(dir)?.next().is_none();
    let (described, marked) = (dir.join(FILE).exists(), dir.join(MARK).exists());
    if !(empty || described || marked) {
        bail!(
            "{} holds real data. Start the demo in an empty directory: --demo --data-dir DIR",
            dir.display()
        );
    }
    if marked && !described {
        start_over(dir)?;
    }
    std::fs::write(dir.join(MARK), "This data directory belongs to the demo.\n")?;
    Ok(())
}

/// Somebody stopped the demo while it was being filled. Without the description nobody knows its passwords, so the
/// half-filled database is of no use: it is filled anew.
fn start_over(dir: &Path) -> anyhow::Result<()> {
    let lock = File::options().write(true).create(true).truncate(false).open(dir.join("notifymdm.lock"))?;
    if lock.try_lock().is_err() {
        // Somebody is filling it just now; opening the store says so.
        return Ok(());
    }
    for name in ["notifymdm.db", "notifymdm.db-wal", "notifymdm.db-shm"] {
        match std::fs::remove_file(dir.join(name)) {
            Err(error) if error.kind() != ErrorKind::NotFound => return Err(error.into()),
            _ => {}
        }
    }
    Ok(())
}

/// Seeds what is missing and switches the phones on.
pub async fn start(config: &Config, engine: &Arc<Engine>, app: &App) -> anyhow::Result<Demo> {
    let address = app.listeners.first().context("no listener")?.local_addr();
    let base_url = format!("https://{address}");
    let mail = MailServer::start(Options::default()).await?;
    let mail_url = format!("http://{}/Microsoft-Server-ActiveSync", mail.address());
    let path = config.data_dir.join(FILE);
    let mut description = match std::fs::read(&path) {
        Ok(bytes) => serde_json::from_slice::<Description>(&bytes)
            .with_context(|| format!("{} is damaged", path.display()))?,
        Err(_) => seed::seed(engine, &mail_url).await?,
    };
    description.base_url.clone_from(&base_url);
    seed::point_to_mail_server(engine, &mail_url).await?;
    for organization in &description.organizations {
        for user in organization.users.iter().filter(|u| u.mail != "stand-in") {
            mail.control().add_user(&user.username, &user.password, &user.email);
        }
    }
    seed::refresh(engine, &mut description);
    identity::secret(&path, &serde_json::to_vec_pretty(&description)?)?;
    let ca = std::fs::read(config.data_dir.join("ca.pem"))?;
    let tls = simulator::http::trust(&ca)?;
    let fleets = description
        .organizations
        .iter()
        .map(|organization| {
            let mut plan = Plan::new(&base_url, Some(Arc::clone(&tls)), phones(organization));
            plan.ramp = Duration::from_secs(20);
            plan.mischief = Mischief::lively();
            Fleet::start(plan)
        })
        .collect();
    describe::tell(&description, &path);
    Ok(Demo { fleets, _mail: mail })
}

fn phones(organization: &describe::DemoOrganization) -> Vec<PhonePlan> {
    organization
        .devices
        .iter()
        .filter(|d| d.simulated)
        .filter_map(|device| {
            let user = organization.users.iter().find(|u| u.username == device.user)?;
            let name = format!("{}@{}", user.username, organization.domain);
            Some(PhonePlan {
                user: name.clone(),
                credentials: Credentials::basic(&name, &user.password),
                device_id: device.eas_device_id.clone(),
                model: MODELS.iter().find(|m| m.key == device.model)?,
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_demo_that_was_stopped_while_it_was_filled_starts_over() {
        let place = tempfile::tempdir().expect("a directory");
        let dir = place.path();
        let database = dir.join("notifymdm.db");
        check_directory(dir).expect("empty");
        std::fs::write(&database, "half").expect("written");
        std::fs::write(dir.join("secret.key"), "key").expect("written");
        // Not while somebody else is filling it.
        let lock = File::options().write(true).create(true).truncate(false).open(dir.join("notifymdm.lock"));
        let lock = lock.expect("opened");
        lock.lock().expect("locked");
        check_directory(dir).expect("the demo's");
        assert!(database.exists());
        drop(lock);
        check_directory(dir).expect("the demo's");
        assert!(!database.exists() && dir.join("secret.key").exists());
        // What is described is whole.
        std::fs::write(&database, "whole").expect("written");
        std::fs::write(dir.join(FILE), "{}").expect("written");
        check_directory(dir).expect("the demo's");
        assert!(database.exists());
    }

    #[test]
    fn real_data_is_never_touched() {
        let place = tempfile::tempdir().expect("a directory");
        std::fs::write(place.path().join("notifymdm.db"), "real").expect("written");
        let error = check_directory(place.path()).expect_err("refused").to_string();
        assert!(error.contains("real data"), "{error}");
        assert!(place.path().join("notifymdm.db").exists() && !place.path().join(MARK).exists());
    }
}
