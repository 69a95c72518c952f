//! One running `notifymdm serve`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};

use crate::process;
use crate::shell::finish;
use crate::work::Work;

/// A server on a free loopback port; it is stopped when this is dropped.
pub struct Server {
    work: Work,
    name: String,
    binary: PathBuf,
    /// Its data directory.
    pub data: PathBuf,
    /// `https://127.0.0.1:port`.
    pub base_url: String,
    /// The root certificate that it made.
    pub root_pem: Vec<u8>,
}

/// An empty folder for data.
pub fn empty_folder(work: &Work, name: &str) -> Result<PathBuf> {
    let data = work.path(name);
    if data.exists() {
        fs::remove_dir_all(&data).with_context(|| format!("emptying {}", data.display()))?;
    }
    fs::create_dir_all(&data)?;
    Ok(data)
}

impl Server {
    /// Starts `serve` and waits until it listens. `name` is for its log and process number.
    pub fn start(work: &Work, binary: &Path, name: &str, data: &Path, more: &[&str]) -> Result<Server> {
        Server::start_in(work, binary, name, data, more, &[])
    }

    /// The same with variables of its environment.
    pub fn start_in(
        work: &Work,
        binary: &Path,
        name: &str,
        data: &Path,
        more: &[&str],
        environment: &[(&str, String)],
    ) -> Result<Server> {
        // Left over from a run that was cut off.
        process::stop(work, name)?;
        let port = process::free_port()?;
        let mut command = Command::new(binary);
        command.args(["serve", "--listen", &format!("127.0.0.1:{port}"), "--data-dir"]).arg(data).args(more);
        command.envs(environment.iter().map(|(name, value)| (name, value)));
        process::start(work, name, &mut command)?;
        let mut server = Server {
            work: work.clone(),
            name: name.to_owned(),
            binary: binary.to_owned(),
            data: data.to_owned(),
            base_url: format!("https://127.0.0.1:{port}"),
            root_pem: Vec::new(),
        };
        let deadline = Instant::now() + Duration::from_mins(1);
        while !process::answers(port) {
            server.must_live()?;
            if Instant::now() > deadline {
                bail!("{name} does not listen after a minute; it said:\n{}", server.said());
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        let root = data.join("ca.pem");
        server.root_pem = fs::read(&root).with_context(|| format!("reading {}", root.display()))?;
        Ok(server)
    }

    /// Fails with its last words if it has ended.
    pub fn must_live(&self) -> Result<()> {
        if process::running(&self.work, &self.name).is_none() {
            bail!("{} ended; it said:\n{}", self.name, self.said());
        }
        Ok(())
    }

    /// TLS settings that trust only its own root.
    pub fn trust(&self) -> Result<Arc<simulator::http::TlsClient>> {
        Ok(simulator::http::trust(&self.root_pem)?)
    }

    /// Runs a command of the command line, which the running server carries out; what it printed.
    pub fn order(&self, arguments: &[&str]) -> Result<String> {
        self.order_with(arguments, &[])
    }

    /// The same with variables of the command's environment.
    pub fn order_with(&self, arguments: &[&str], environment: &[(&str, &str)]) -> Result<String> {
        let mut command = Command::new(&self.binary);
        command.args(arguments).arg("--data-dir").arg(&self.data);
        finish(command.envs(environment.iter().copied()))
    }

    /// A REST token for an administrator of an organization, for a month.
    pub fn token(&self, username: &str) -> Result<String> {
        let said = self.order(&["admin", "token", username, "--days", "30"])?;
        let token = said.trim().strip_prefix("token ").with_context(|| format!("no token in {said:?}"))?;
        Ok(token.to_owned())
    }

    /// The most memory that it has had so far, in KiB (`VmHWM` of proc(5)).
    pub fn peak_memory(&self) -> Result<u64> {
        let pid = process::running(&self.work, &self.name).context("it does not run")?;
        let status = fs::read_to_string(format!("/proc/{pid}/status"))?;
        let line = status.lines().find_map(|l| l.strip_prefix("VmHWM:")).context("no VmHWM")?;
        Ok(line.trim().trim_end_matches("kB").trim().parse()?)
    }

    /// The last lines of its log.
    pub fn said(&self) -> String {
        let log = fs::read_to_string(self.work.path(&format!("logs/{}.log", self.name))).unwrap_or_default();
        let lines: Vec<&str> = log.lines().collect();
        lines[lines.len().saturating_sub(30)..].join("\n")
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Err(error) = process::stop(&self.work, &self.name) {
            eprintln!("stopping {}: {error:#}", self.name);
        }
    }
}
