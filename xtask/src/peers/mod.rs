//! Servers and clients of other makers that really run: installed from their usual sources when missing,
//! configured in the work folder, bound to loopback, stopped by process number.
//!
//! Each peer is one file. A server has a port that tells whether it is up; a tool (client, codec) is only
//! installed. Nothing here starts by itself: Debian's services stay off.

pub mod dovecot;
pub mod freeradius;
pub mod horde;
pub mod memcached;
pub mod nginx;
pub mod oidc_provider;
pub mod opensmtpd;
pub mod oracles;
pub mod pebble;
pub mod postgres;
pub mod pyactivesync;
pub mod slapd;
pub mod sogo;
pub mod submission;

use anyhow::{Context as _, Result, bail};

use crate::process;
use crate::shell;
use crate::work::Work;

/// A server or tool.
pub struct Peer {
    /// Name on the command line.
    pub name: &'static str,
    /// What it is here for.
    pub purpose: &'static str,
    /// Debian packages.
    pub packages: &'static [&'static str],
    /// Peers that must be up first.
    pub needs: &'static [&'static str],
    /// Loopback TCP port of a server; `None` for a tool, and for a server that waits by itself until it is ready.
    pub port: Option<u16>,
    /// Installs what is not a Debian package, configures and starts.
    pub start: fn(&Work) -> Result<()>,
    /// Stops; must not fail when it is not running.
    pub stop: fn(&Work) -> Result<()>,
}

/// All peers; what is needed comes first.
static PEERS: [&Peer; 14] = [
    &postgres::PEER,
    &memcached::PEER,
    &dovecot::PEER,
    &opensmtpd::PEER,
    &submission::PEER,
    &sogo::PEER,
    &horde::PEER,
    &nginx::PEER,
    &pebble::PEER,
    &freeradius::PEER,
    &slapd::PEER,
    &oidc_provider::PEER,
    &pyactivesync::PEER,
    &oracles::PEER,
];

/// Stops the peers that it started when it is dropped.
pub struct Running {
    work: Work,
    started: Vec<&'static Peer>,
}

impl Drop for Running {
    fn drop(&mut self) {
        for peer in self.started.iter().rev() {
            if let Err(error) = (peer.stop)(&self.work) {
                eprintln!("stopping {}: {error:#}", peer.name);
            }
        }
    }
}

/// Installs and starts peers with what they need; those already up are left alone, now and later.
pub fn start(work: &Work, names: &[&str]) -> Result<Running> {
    let mut running = Running { work: work.clone(), started: Vec::new() };
    for peer in with_needs(names)? {
        if is_up(work, peer) {
            continue;
        }
        shell::apt_install(peer.packages).with_context(|| format!("installing {}", peer.name))?;
        // Noted before it starts, so that a half-started one is stopped as well.
        running.started.push(peer);
        (peer.start)(work).with_context(|| format!("starting {}", peer.name))?;
        if let Some(port) = peer.port {
            process::wait_for_port(peer.name, port)?;
            println!("{} listens on 127.0.0.1:{port}", peer.name);
        }
    }
    Ok(running)
}

/// Installs the Debian packages of all peers, so that starting them later needs no network.
pub fn install_packages() -> Result<()> {
    for peer in PEERS {
        shell::apt_install(peer.packages).with_context(|| format!("installing {}", peer.name))?;
    }
    Ok(())
}

/// `cargo xtask peers up`.
pub fn up(names: &[String]) -> Result<()> {
    let work = Work::open()?;
    let mut running = start(&work, &names.iter().map(String::as_str).collect::<Vec<_>>())?;
    // They are meant to stay up.
    running.started.clear();
    println!("work folder: {}", work.root().display());
    Ok(())
}

/// `cargo xtask peers down`.
pub fn down(names: &[String]) -> Result<()> {
    let work = Work::open()?;
    for peer in PEERS.iter().rev().filter(|p| names.is_empty() || names.iter().any(|n| n == p.name)) {
        (peer.stop)(&work).with_context(|| format!("stopping {}", peer.name))?;
    }
    Ok(())
}

/// `cargo xtask peers status`.
pub fn status() -> Result<()> {
    let work = Work::open()?;
    for peer in PEERS {
        let state = match peer.port {
            Some(port) if is_up(&work, peer) => format!("up on 127.0.0.1:{port}"),
            Some(port) if process::answers(port) => format!("not ours, but something is on port {port}"),
            Some(_) => "down".to_owned(),
            None => "tool".to_owned(),
        };
        println!("{:<14} {:<34} {}", peer.name, state, peer.purpose);
    }
    println!("work folder: {}", work.root().display());
    Ok(())
}

fn is_up(work: &Work, peer: &Peer) -> bool {
    peer.port.is_some_and(|port| process::running(work, peer.name).is_some() && process::answers(port))
}

/// The named peers and their needs, needs first; all if none is named.
fn with_needs(names: &[&str]) -> Result<Vec<&'static Peer>> {
    for name in names {
        if !PEERS.iter().any(|p| p.name == *name) {
            let known: Vec<&str> = PEERS.iter().map(|p| p.name).collect();
            bail!("there is no peer {name:?}; there are {}", known.join(", "));
        }
    }
    let mut wanted: Vec<&str> = names.to_vec();
    let mut at = 0;
    while let Some(name) = wanted.get(at).copied() {
        let needs = PEERS.iter().find(|p| p.name == name).map_or(&[][..], |p| p.needs);
        wanted.extend(needs);
        at += 1;
    }
    Ok(PEERS.iter().copied().filter(|p| names.is_empty() || wanted.contains(&p.name)).collect())
}
