//! Horde's ActiveSync library behind a few lines of glue: the backend with policies, 449 with a body, and wipe.
//!
//! Users u1/pw1, u2/pw2, …; versions 2.5 to 16.0; state in SQLite. Mail items are not served.

use std::process::Command;

use anyhow::Result;

use super::Peer;
use crate::process;
use crate::shell::finish;
use crate::work::Work;

/// HTTP port; it answers at any path.
pub const PORT: u16 = 10110;

pub static PEER: Peer = Peer {
    name: "horde",
    purpose: "backend with policies and wipe",
    packages: &[
        "php-cli",
        "php-sqlite3",
        // Horde's package does not ask for it, its string functions do.
        "php-mbstring",
        "php-horde-activesync",
        "php-horde-db",
        "php-horde-controller",
        "php-horde-imap-client",
    ],
    needs: &[],
    port: Some(PORT),
    start,
    stop,
};

fn start(work: &Work) -> Result<()> {
    work.write("horde/boot.php", include_str!("files/horde_boot.php"))?;
    work.write("horde/migrate.php", include_str!("files/horde_migrate.php"))?;
    work.write("horde/index.php", include_str!("files/horde_index.php"))?;
    work.write("horde/wipe.php", include_str!("files/horde_wipe.php"))?;
    set_policy(work, None)?;
    for entry in std::fs::read_dir(work.path("horde"))? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        if name.starts_with("closed-") || name.starts_with("acknowledged-") {
            std::fs::remove_file(work.path("horde").join(name))?;
        }
    }
    finish(Command::new("php").arg("migrate.php").current_dir(work.path("horde")))?;
    let address = format!("127.0.0.1:{PORT}");
    let mut command = Command::new("php");
    command.env("PHP_CLI_SERVER_WORKERS", "6").args(["-S", &address, "index.php"]);
    process::start(work, PEER.name, command.current_dir(work.path("horde")))
}

fn stop(work: &Work) -> Result<()> {
    process::stop(work, PEER.name)
}

/// Sets Horde's own policy (its names, as JSON), or goes back to the one of the glue: a PIN.
pub fn set_policy(work: &Work, json: Option<&str>) -> Result<()> {
    match json {
        Some(json) => {
            work.write("horde/policy.json", json)?;
        }
        None if work.path("horde/policy.json").exists() => {
            std::fs::remove_file(work.path("horde/policy.json"))?;
        }
        None => {}
    }
    Ok(())
}

/// Orders a remote wipe from Horde's side, as its administrator would.
pub fn order_wipe(work: &Work, device_id: &str) -> Result<()> {
    finish(Command::new("php").args(["wipe.php", device_id]).current_dir(work.path("horde")))?;
    Ok(())
}

/// Closes an account or opens it again: a closed one gets 401 with every password.
pub fn set_closed(work: &Work, user: &str, closed: bool) -> Result<()> {
    let mark = work.path(&format!("horde/closed-{user}"));
    if closed {
        std::fs::write(mark, "")?;
    } else if mark.exists() {
        std::fs::remove_file(mark)?;
    }
    Ok(())
}

/// Whether a device's acknowledgement of a wipe has reached Horde.
pub fn wipe_acknowledged(work: &Work, device_id: &str) -> bool {
    work.path(&format!("horde/acknowledged-{}", device_id.to_uppercase())).exists()
}
