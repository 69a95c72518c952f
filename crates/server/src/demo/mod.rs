//! `serve --demo`: two organizations, a small mail server and some hundred simulated phones, over real sockets.
//!
//! What the demo made is described in `demo.json` in the data directory; a second start goes on with the same.

mod describe;
mod people;
mod seed;

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
    if empty || dir.join(FILE).exists() || dir.join(".demo").exists() {
        std::fs::write(dir.join(".demo"), "This data directory belongs to the demo.\n")?;
        return Ok(());
    }
    bail!("{} holds real data. Start the demo in an empty directory: --demo --data-dir DIR", dir.display())
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
