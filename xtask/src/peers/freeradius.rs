//! FreeRADIUS as an access device: takes Change of Authorization and Disconnect, and notes what it was asked.

use std::fs;
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};

use super::Peer;
use crate::process;
use crate::work::Work;

/// UDP port.
pub const PORT: u16 = 13799;
/// The shared secret.
pub const SECRET: &str = "a secret of both";
/// Calling-Station-Id of a session that it does not have.
pub const ABSENT: &str = "02-00-00-00-00-01";

/// Its port is UDP, so it says itself when it is ready.
pub static PEER: Peer = Peer {
    name: "freeradius",
    purpose: "takes Change of Authorization",
    packages: &["freeradius"],
    needs: &[],
    port: None,
    start,
    stop,
};

fn start(work: &Work) -> Result<()> {
    let folder = work.folder("freeradius")?;
    let _ = fs::remove_file(folder.join("detail"));
    let configuration = include_str!("files/freeradius.conf")
        .replace("{FOLDER}", &folder.display().to_string())
        .replace("{SECRET}", SECRET)
        .replace("{PORT}", &PORT.to_string())
        .replace("{ABSENT}", ABSENT);
    work.write("freeradius/radiusd.conf", &configuration)?;
    work.write("freeradius/dictionary", "$INCLUDE /usr/share/freeradius/dictionary\n")?;
    let mut command = Command::new("/usr/sbin/freeradius");
    process::start(work, PEER.name, command.arg("-f").arg("-d").arg(&folder))?;
    let log = work.path("logs/freeradius.log");
    let deadline = Instant::now() + Duration::from_secs(20);
    while !fs::read_to_string(&log).unwrap_or_default().contains("Ready to process requests") {
        if Instant::now() > deadline {
            bail!("FreeRADIUS does not get ready:\n{}", fs::read_to_string(&log).unwrap_or_default());
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    println!("{} listens on 127.0.0.1:{PORT} (UDP)", PEER.name);
    Ok(())
}

fn stop(work: &Work) -> Result<()> {
    process::stop(work, PEER.name)
}

/// What it was asked, oldest first: one text of `Name = value` lines each.
pub fn asked(work: &Work) -> Result<Vec<String>> {
    let file = work.path("freeradius/detail");
    if !file.exists() {
        return Ok(Vec::new());
    }
    let text = fs::read_to_string(&file).with_context(|| format!("reading {}", file.display()))?;
    Ok(text.split("request\n").skip(1).map(str::to_owned).collect())
}
