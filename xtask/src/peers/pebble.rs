//! Pebble: an ACME authority made for tests, by the makers of Let's Encrypt's own.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context as _, Result};

use super::Peer;
use crate::process;
use crate::shell::{apt_install, finish, has, run};
use crate::work::Work;

const VERSION: &str = "v2.10.1";
const MODULE: &str = "github.com/letsencrypt/pebble/v2";

/// Where the authority listens.
const PORT: u16 = 14_400;
/// Where it tells its own root.
const MANAGEMENT: u16 = 14_401;
/// Where its check of a name arrives: port 80 of the world outside.
pub const HTTP_CHECK: u16 = 14_402;
/// How long its certificates are valid, in seconds: a renewal can be waited for.
pub const VALIDITY: u64 = 24;

pub static PEER: Peer = Peer {
    name: "pebble",
    purpose: "ACME authority",
    packages: &[],
    needs: &[],
    port: Some(PORT),
    start,
    stop,
};

/// The directory that clients are given.
pub fn directory() -> String {
    format!("https://localhost:{PORT}/dir")
}

/// The address of its root certificate, which is another one after each start.
pub fn root() -> (String, &'static str) {
    (format!("https://localhost:{MANAGEMENT}"), "/roots/0")
}

/// The root certificate of its own HTTPS.
pub fn roots_file(work: &Work) -> PathBuf {
    work.path("pebble/pebble.minica.pem")
}

/// Starts the authority; it checks names without delay and refuses one nonce of twenty, which clients must bear.
pub fn start(work: &Work) -> Result<()> {
    install(work)?;
    let folder = work.text("pebble");
    let configuration = serde_json::json!({ "pebble": {
        "listenAddress": format!("127.0.0.1:{PORT}"),
        "managementListenAddress": format!("127.0.0.1:{MANAGEMENT}"),
        "certificate": format!("{folder}/cert.pem"),
        "privateKey": format!("{folder}/key.pem"),
        "httpPort": HTTP_CHECK,
        "tlsPort": 0,
        "ocspResponderURL": "",
        "externalAccountBindingRequired": false,
        "retryAfter": { "authz": 1, "order": 1 },
        "keyAlgorithm": "ecdsa",
        "profiles": { "default": { "description": "short", "validityPeriod": VALIDITY } },
    } });
    let file = work.write("pebble/pebble.json", &configuration.to_string())?;
    let mut command = Command::new(work.path("pebble/pebble"));
    command.env("PEBBLE_VA_NOSLEEP", "1").arg("-config").arg(file);
    process::start(work, PEER.name, &mut command)?;
    process::wait_for_port(PEER.name, PORT)
}

/// Stops it.
pub fn stop(work: &Work) -> Result<()> {
    process::stop(work, PEER.name)
}

/// Builds it once, with the certificates that its source brings for its own HTTPS on `localhost`.
fn install(work: &Work) -> Result<()> {
    if work.path("pebble/pebble").exists() {
        return Ok(());
    }
    if !has("go") {
        apt_install(&["golang-go"])?;
    }
    let folder = work.folder("pebble")?;
    println!("building pebble {VERSION}");
    let package = format!("{MODULE}/cmd/pebble@{VERSION}");
    finish(Command::new("go").env("GOBIN", folder.join("new")).args(["install", &package]))?;
    let cache = run("go", &["env", "GOMODCACHE"])?;
    let source = PathBuf::from(cache.trim()).join(format!("{MODULE}@{VERSION}/test/certs"));
    for (from, to) in [
        ("localhost/cert.pem", "cert.pem"),
        ("localhost/key.pem", "key.pem"),
        ("pebble.minica.pem", "pebble.minica.pem"),
    ] {
        // Read and written: what lies in the module cache is write-protected, and a copy would be too.
        let content = fs::read_to_string(source.join(from)).with_context(|| format!("reading {from}"))?;
        work.write(&format!("pebble/{to}"), &content)?;
    }
    fs::rename(folder.join("new/pebble"), folder.join("pebble"))?;
    Ok(())
}
