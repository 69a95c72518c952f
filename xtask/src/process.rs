//! Servers in the background: started in a process group of their own, remembered by number *and* start time,
//! so that only what was started here is ever stopped.

use std::fs;
use std::fs::File;
use std::net::{SocketAddr, TcpStream};
use std::os::unix::process::CommandExt as _;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};

use crate::work::Work;

/// Starts a server in the background; its output goes to `logs/NAME.log`.
pub fn start(work: &Work, name: &str, command: &mut Command) -> Result<()> {
    if running(work, name).is_some() {
        bail!("{name} is running already; `cargo xtask peers down` first");
    }
    let log = work.folder("logs")?.join(format!("{name}.log"));
    let log = File::create(&log).with_context(|| format!("writing {}", log.display()))?;
    let child = command
        .stdin(Stdio::null())
        .stdout(log.try_clone()?)
        .stderr(log)
        .process_group(0)
        .spawn()
        .with_context(|| format!("starting {name}: {command:?}"))?;
    remember(work, name, child.id())
}

/// Notes a server that put itself into the background.
pub fn remember(work: &Work, name: &str, pid: u32) -> Result<()> {
    let born = born(pid).with_context(|| format!("{name} ended at once; see {}", work.text("logs")))?;
    work.write(&format!("pids/{name}"), &format!("{pid} {born}"))?;
    Ok(())
}

/// The process number of a server that was started here and still lives.
pub fn running(work: &Work, name: &str) -> Option<u32> {
    let note = fs::read_to_string(work.path(&format!("pids/{name}"))).ok()?;
    let (pid, started) = note.split_once(' ')?;
    let pid: u32 = pid.parse().ok()?;
    (born(pid)? == started.trim().parse::<u64>().ok()?).then_some(pid)
}

/// Stops a server and its children: politely, then after ten seconds not.
pub fn stop(work: &Work, name: &str) -> Result<()> {
    let Some(pid) = running(work, name) else { return Ok(()) };
    let family: Vec<(u32, u64)> = family(pid).into_iter().filter_map(|p| Some((p, born(p)?))).collect();
    signal("-TERM", pid)?;
    let deadline = Instant::now() + Duration::from_secs(10);
    let alive = || family.iter().filter(|(p, b)| born(*p) == Some(*b)).map(|(p, _)| *p).collect::<Vec<_>>();
    while born(pid).is_some() && Instant::now() < deadline {
        std::thread::sleep(Duration::from_millis(50));
    }
    // Workers whose parent went first are told as well.
    for kind in ["-TERM", "-KILL"] {
        for left in alive() {
            signal(kind, left)?;
        }
        if alive().is_empty() {
            break;
        }
        std::thread::sleep(Duration::from_secs(1));
    }
    fs::remove_file(work.path(&format!("pids/{name}")))?;
    Ok(())
}

/// Ends a server at once, as a power cut would, and waits until it is gone.
pub fn kill(work: &Work, name: &str) -> Result<()> {
    let pid = running(work, name).with_context(|| format!("{name} does not run"))?;
    signal("-KILL", pid)?;
    while running(work, name).is_some() {
        std::thread::sleep(Duration::from_millis(2));
    }
    Ok(())
}

/// Waits until something listens on a loopback port.
pub fn wait_for_port(name: &str, port: u16) -> Result<()> {
    let deadline = Instant::now() + Duration::from_mins(1);
    while !answers(port) {
        if Instant::now() > deadline {
            bail!("{name} does not listen on port {port}");
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    Ok(())
}

/// Whether something listens on a loopback port.
pub fn answers(port: u16) -> bool {
    let address = SocketAddr::from(([127, 0, 0, 1], port));
    TcpStream::connect_timeout(&address, Duration::from_secs(1)).is_ok()
}

/// A loopback port that is free at the moment.
pub fn free_port() -> Result<u16> {
    Ok(std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
}

fn signal(kind: &str, pid: u32) -> Result<()> {
    // A process that has just ended makes kill fail, and that is what was wanted.
    Command::new("kill").args([kind, &pid.to_string()]).stderr(Stdio::null()).status()?;
    Ok(())
}

/// Start time of a live process in clock ticks since boot (proc(5), field 22); zombies count as ended.
fn born(pid: u32) -> Option<u64> {
    let (_, fields) = stat(pid)?;
    (fields.first()? != "Z").then(|| fields.get(19)?.parse().ok())?
}

/// Parent and fields behind the name of a process.
fn stat(pid: u32) -> Option<(u32, Vec<String>)> {
    let text = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let (_, rest) = text.rsplit_once(')')?;
    let fields: Vec<String> = rest.split_whitespace().map(str::to_owned).collect();
    Some((fields.get(1)?.parse().ok()?, fields))
}

/// A process and all below it.
pub fn family(root: u32) -> Vec<u32> {
    let Ok(entries) = fs::read_dir("/proc") else { return vec![root] };
    let parents: Vec<(u32, u32)> = entries
        .filter_map(|e| e.ok()?.file_name().to_str()?.parse().ok())
        .filter_map(|pid| Some((pid, stat(pid)?.0)))
        .collect();
    let mut found = vec![root];
    let mut at = 0;
    while let Some(parent) = found.get(at).copied() {
        found.extend(parents.iter().filter(|(_, p)| *p == parent).map(|(pid, _)| *pid));
        at += 1;
    }
    found
}
