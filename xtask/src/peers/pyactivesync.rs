//! pyactivesync: an independent client (16.1, plain queries, HTTPS only).

use std::process::Command;

use anyhow::Result;

use super::Peer;
use crate::shell::{finish, run};
use crate::work::Work;

const VERSION: &str = "pyactivesync==0.17.0";

pub static PEER: Peer = Peer {
    name: "pyactivesync",
    purpose: "independent client",
    packages: &["python3-venv"],
    needs: &[],
    port: None,
    start,
    stop: |_| Ok(()),
};

fn start(work: &Work) -> Result<()> {
    let folder = work.text("pyactivesync");
    if !work.path("pyactivesync/bin/pyactivesync").exists() {
        run("python3", &["-m", "venv", &folder])?;
        run(&format!("{folder}/bin/pip"), &["install", "-q", VERSION])?;
    }
    Ok(())
}

/// A server and an account to be used through the client.
pub struct Account<'a> {
    /// `host:port`, TLS.
    pub server: &'a str,
    /// File with the root certificate to trust.
    pub root: &'a str,
    /// User name.
    pub user: &'a str,
    /// Password.
    pub password: &'a str,
    /// Device identifier.
    pub device_id: &'a str,
}

/// Runs a command of its command line (`list-folders`, `sync`, `fetch`, `send`, `ping`); what it printed.
pub fn command(work: &Work, account: &Account<'_>, command: &str, more: &[&str]) -> Result<String> {
    finish(
        Command::new(work.path("pyactivesync/bin/pyactivesync"))
            .env("REQUESTS_CA_BUNDLE", account.root)
            .arg(command)
            .args(["--server", account.server, "--username", account.user, "--password", account.password])
            .args(["--device-id", account.device_id])
            .args(more),
    )
}
