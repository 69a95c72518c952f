//! oidc-provider on Node: an identity provider with the OpenID Foundation's certificates of conformance.

use std::path::Path;
use std::process::Command;

use anyhow::Result;
use serde_json::{Value, json};

use super::Peer;
use crate::process;
use crate::shell::{apt_install, finish, has};
use crate::work::Work;

const VERSION: &str = "9.13.3";
const SERVER: &str = include_str!("files/oidc-provider.mjs");

/// Where it listens.
pub const PORT: u16 = 14_420;

pub static PEER: Peer = Peer {
    name: "oidc-provider",
    purpose: "identity provider (OpenID Connect)",
    packages: &[],
    needs: &[],
    // Who its clients are is known only when the product has been told of it: scenarios start it themselves.
    port: None,
    start: install,
    stop,
};

/// Its issuer.
pub fn issuer() -> String {
    format!("http://127.0.0.1:{PORT}")
}

fn install(work: &Work) -> Result<()> {
    let folder = work.folder("oidc-provider")?;
    if !has("npm") {
        apt_install(&["nodejs", "npm"])?;
    }
    if !folder.join("node_modules/oidc-provider").exists() {
        work.write("oidc-provider/package.json", "{ \"private\": true }\n")?;
        let package = format!("oidc-provider@{VERSION}");
        finish(
            Command::new("npm").args(["install", "--no-audit", "--no-fund", &package]).current_dir(&folder),
        )?;
    }
    work.write("oidc-provider/server.mjs", SERVER)?;
    Ok(())
}

/// Starts it with these clients and people; it makes itself new keys. `roots` are those of servers that it calls.
pub fn start(work: &Work, clients: &Value, people: &Value, roots: &Path) -> Result<()> {
    let configuration = json!({ "port": PORT, "clients": clients, "people": people });
    let file = work.write("oidc-provider/configuration.json", &configuration.to_string())?;
    let mut command = Command::new("node");
    command.arg("server.mjs").arg(file).env("NODE_EXTRA_CA_CERTS", roots);
    process::start(work, PEER.name, command.current_dir(work.path("oidc-provider")))?;
    process::wait_for_port(PEER.name, PORT)
}

/// Stops it.
pub fn stop(work: &Work) -> Result<()> {
    process::stop(work, PEER.name)
}
