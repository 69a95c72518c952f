//! memcached: SOGo keeps its sessions there.

use std::process::Command;

use anyhow::Result;

use super::Peer;
use crate::process;
use crate::work::Work;

/// Loopback port.
pub const PORT: u16 = 11311;

pub static PEER: Peer = Peer {
    name: "memcached",
    purpose: "cache of SOGo",
    packages: &["memcached"],
    needs: &[],
    port: Some(PORT),
    start,
    stop,
};

fn start(work: &Work) -> Result<()> {
    let port = PORT.to_string();
    let mut command = Command::new("memcached");
    process::start(work, PEER.name, command.args(["-u", "nobody", "-l", "127.0.0.1", "-p", &port]))
}

fn stop(work: &Work) -> Result<()> {
    process::stop(work, PEER.name)
}
