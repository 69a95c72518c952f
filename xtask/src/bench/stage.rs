//! The product on a stage: an organization with stand-in users and users of the constant mail server, phones of
//! theirs, and the seeded installation of many devices.

use std::future::Future;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use serde_json::Value;
use simulator::eas::{Credentials, Device, Model, Setup, Version};
use simulator::http::TlsClient;
use tokio::task::JoinSet;

use super::gauge::Side;
use super::upstream::Upstream;
use crate::process;
use crate::product::{Installation, Organization, Server};
use crate::shell::finish;
use crate::work::Work;

/// Stand-in users; many devices each, because making a password costs on purpose.
pub const USERS: usize = 10;
/// Password of all users.
pub const PASSWORD: &str = "Bench-pass-2030";
const NAME: &str = "bench-product";
/// Phones that sign in at the same time.
const AT_ONCE: usize = 32;

/// A running product with the organization `bench`.
pub struct Stage {
    work: Work,
    binary: PathBuf,
    server: Option<Server>,
    /// The organization, reached over TLS.
    pub organization: Organization,
    /// `http://127.0.0.1:port`.
    pub plain_url: String,
    /// The constant mail server.
    pub upstream: Upstream,
}

/// Which road phones take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Road {
    Plain,
    Tls,
}

impl Stage {
    /// Sets everything up in an empty folder.
    pub fn start(work: &Work, binary: &Path) -> Result<Stage> {
        let upstream = Upstream::start()?;
        process::stop(work, NAME)?;
        let installation = Installation::start(work, binary, NAME, None)?;
        let organization = installation.organization("bench")?;
        block_on(async {
            let users = (1..=USERS).map(|n| {
                let organization = organization.clone();
                async move { organization.user(&format!("u{n}"), PASSWORD).await }
            });
            each(users.collect()).await?;
            organization.server(&upstream.url(), Value::Null).await
        })?;
        let data = installation.data.clone();
        drop(installation);
        let plain_url = format!("http://127.0.0.1:{}", process::free_port()?);
        let mut stage = Stage {
            work: work.clone(),
            binary: binary.to_owned(),
            server: None,
            organization,
            plain_url,
            upstream,
        };
        stage.serve(&data)?;
        Ok(stage)
    }

    /// The same data in a new process, whose memory holds nothing of what was before.
    pub fn restart(&mut self) -> Result<()> {
        let data = self.server()?.data.clone();
        self.server = None;
        self.serve(&data)
    }

    fn serve(&mut self, data: &Path) -> Result<()> {
        let address = self.plain_url.trim_start_matches("http://");
        let more = ["--plain-listen", address, "--trusted-proxy", "127.0.0.1/32"];
        let server = Server::start(&self.work, &self.binary, NAME, data, &more)?;
        self.organization = self.organization.moved(&server.base_url)?;
        self.server = Some(server);
        Ok(())
    }

    fn server(&self) -> Result<&Server> {
        self.server.as_ref().context("the product does not run")
    }

    /// Its processes.
    pub fn side(&self) -> Result<Side> {
        side(&self.work, NAME)
    }

    /// Where phones of a road go.
    pub fn address(&self, road: Road) -> Result<Address> {
        let server = self.server()?;
        Ok(match road {
            Road::Plain => Address { url: self.plain_url.clone(), tls: None },
            Road::Tls => Address { url: server.base_url.clone(), tls: Some(server.trust()?) },
        })
    }

    /// Phones of the users `PREFIX1`, `PREFIX2` … in turn.
    pub fn phones(&self, address: &Address, prefix: &str, count: usize, seed: u64) -> Result<Vec<Device>> {
        (0..count)
            .map(|n| {
                let user = self.organization.address(&format!("{prefix}{}", n % USERS + 1));
                phone(address, &user, PASSWORD, seed + n as u64)
            })
            .collect()
    }
}

/// A server's address with what is needed to trust it.
#[derive(Clone)]
pub struct Address {
    pub url: String,
    pub tls: Option<Arc<TlsClient>>,
}

/// An iPhone with version 14.1.
pub fn phone(address: &Address, user: &str, password: &str, seed: u64) -> Result<Device> {
    let model = Model::named("iphone").context("the make is known")?;
    Ok(Device::new(Setup {
        base_url: address.url.clone(),
        tls: address.tls.clone(),
        user: user.to_owned(),
        credentials: Credentials::basic(user, password),
        device_id: model.device_id(seed),
        model,
        version: Version::V14_1,
    })?)
}

/// The same phones at another address, with the keys that they have.
pub fn moved(phones: &[Device], address: &Address, password: &str) -> Result<Vec<Device>> {
    phones
        .iter()
        .map(|old| {
            let mut new = phone(address, &old.user, password, 0)?;
            new.device_id.clone_from(&old.device_id);
            new.policy_key = old.policy_key;
            new.folders.clone_from(&old.folders);
            Ok(new)
        })
        .collect()
}

/// Lets all phones provision.
pub async fn provision(phones: Vec<Device>) -> Result<Vec<Device>> {
    let steps = phones.into_iter().map(|mut phone| async move {
        let outcome = phone.provision().await?;
        ensure!(outcome.is_current(), "{} was not provisioned: {outcome:?}", phone.device_id);
        phone.disconnect();
        Ok(phone)
    });
    each(steps.collect()).await
}

/// Runs steps, some at a time, to the end of all or the first failure; the outcomes in no order.
pub async fn each<T: Send + 'static>(
    steps: Vec<impl Future<Output = Result<T>> + Send + 'static>,
) -> Result<Vec<T>> {
    let (mut running, mut done) = (JoinSet::new(), Vec::with_capacity(steps.len()));
    for step in steps {
        if running.len() >= AT_ONCE {
            done.extend(running.join_next().await.transpose()?.transpose()?);
        }
        running.spawn(step);
    }
    while let Some(outcome) = running.join_next().await {
        done.push(outcome??);
    }
    Ok(done)
}

/// Runs asynchronous steps.
pub fn block_on<T>(steps: impl Future<Output = Result<T>>) -> Result<T> {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?.block_on(steps)
}

/// The processes of something started under a name.
pub fn side(work: &Work, name: &str) -> Result<Side> {
    Ok(Side::of(process::running(work, name).with_context(|| format!("{name} does not run"))?))
}

/// Waits a little for memory to be given back and queues to empty.
pub async fn settle() {
    tokio::time::sleep(Duration::from_secs(6)).await;
}

/// An installation with many devices, made by the engine's example; made once and then kept.
pub struct Seeded {
    /// Data directory.
    pub data: PathBuf,
    /// What the example printed.
    pub facts: Value,
    /// Devices in it.
    pub devices: usize,
}

impl Seeded {
    /// Makes it unless it is there.
    pub fn open(work: &Work, devices: usize) -> Result<Seeded> {
        let data = work.path(&format!("bench-{devices}"));
        let note = work.path(&format!("bench-{devices}.json"));
        if !note.exists() {
            if data.exists() {
                std::fs::remove_dir_all(&data)?;
            }
            println!("seeding {devices} devices");
            let program = match std::env::var_os("NOTIFYMDM_SEED") {
                Some(path) => PathBuf::from(path),
                None => build_example("engine", "seed_devices")?,
            };
            let facts = finish(Command::new(program).arg(&data).args([&devices.to_string(), "2"]))?;
            std::fs::write(&note, facts)?;
        }
        Ok(Seeded { data, facts: serde_json::from_slice(&std::fs::read(&note)?)?, devices })
    }

    /// The MAC address of a device.
    pub fn mac(&self, n: u64) -> String {
        format!("02{:010X}", n % self.devices as u64)
    }

    /// User name and password of the ISE Admin.
    pub fn ise(&self) -> Result<(String, String)> {
        let text = |name: &str| self.facts["ise"][name].as_str().map(str::to_owned).context("no ISE account");
        Ok((text("username")?, text("password")?))
    }
}

/// Builds an example with optimisation; the path of its program.
pub fn build_example(package: &str, name: &str) -> Result<PathBuf> {
    println!("building {name} of {package}");
    let said = finish(
        Command::new("cargo")
            .args(["build", "--release", "--quiet", "--message-format", "json", "--package", package])
            .args(["--example", name]),
    )?;
    said.lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok())
        .filter(|m| m["target"]["name"] == name)
        .find_map(|m| m["executable"].as_str().map(PathBuf::from))
        .with_context(|| format!("cargo built no {name}"))
}
