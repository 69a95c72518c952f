//! The limit on what destroys: a stolen session orders a wipe of every phone over every surface, then every phone calls in.
//! Then the same again after `kill -9` and once more on a restored backup; and, a proof of its own, while the host's clock
//! is moved. No more phones than the limit may be told.

use std::fs;

use anyhow::{Context as _, Result, ensure};

use super::{Context, Proved};
use crate::bench::stage::block_on;
use crate::process;
use crate::product::{FakeClock, Installation, Server, empty_folder};
use crate::surfaces::{self, SURFACES, Surface};

const NAME: &str = "prove-governor";
/// The server whose clock is moved.
const CLOCKED: &str = "prove-governor-clock";
/// Phones of each surface.
const PHONES: usize = 20_000;

pub fn run(context: &Context<'_>) -> Result<Proved> {
    let phones = context.rounds.unwrap_or(PHONES);
    let binary = context.binary()?;
    let installation = Installation::start(context.work, binary, NAME, None)?;
    let (mut told, mut arena) = (Vec::new(), None);
    for (surface, slug) in SURFACES {
        let (wiped, most, after) = block_on(surfaces::run(&installation, *surface, slug, phones))?;
        println!("  {slug}: {wiped} of {phones} phones were told to wipe, {most} may be");
        told.push(format!("{slug} {wiped}"));
        if *surface == Surface::RestInBulk {
            arena = Some(after);
        }
    }
    let mut arena = arena.context("bulk is a surface")?;
    let data = installation.data.clone();
    process::kill(context.work, NAME)?;
    drop(installation);
    let server = Server::start(context.work, binary, NAME, &data, &[])?;
    again(&mut arena, &server, "after kill -9")?;
    let backup = context.work.path("prove-governor.backup");
    // Left over from an earlier run.
    let _ = fs::remove_file(&backup);
    server.order(&["backup", &backup.to_string_lossy()])?;
    drop(server);
    let restored = empty_folder(context.work, "prove-governor-restored")?;
    for file in ["secret.key", "ca.pem", "ca.key"] {
        fs::copy(data.join(file), restored.join(file)).with_context(|| format!("copying {file}"))?;
    }
    crate::shell::finish(
        std::process::Command::new(binary).arg("restore").arg(&backup).arg("--data-dir").arg(&restored),
    )?;
    let server = Server::start(context.work, binary, NAME, &restored, &[])?;
    again(&mut arena, &server, "after a restore")?;
    drop(server);
    Ok(Proved {
        count: format!(
            "{phones} phones for each of {} surfaces; bulk again after kill -9 and restore",
            told.len()
        ),
        seen: format!(
            "told to wipe, of {} that may be: {}; none more after kill -9 and restore",
            arena.limit,
            told.join(", ")
        ),
    })
}

/// The clock of the host is put forward and back, by less and by more than an hour, and the order is given again each
/// time: time that only the clock shows makes no room.
pub fn by_clock(context: &Context<'_>) -> Result<Proved> {
    const DAY: i64 = 24 * 60;
    let phones = context.rounds.unwrap_or(PHONES);
    let binary = context.binary()?;
    let clock = FakeClock::new(context.work, CLOCKED)?;
    let installation = Installation::by_clock(context.work, binary, CLOCKED, &clock)?;
    block_on(async {
        let mut arena = surfaces::Arena::build(&installation, "moved-clock", phones, false).await?;
        let mut told = 0;
        for minutes in [0, 61, DAY, 20 * DAY, -DAY, 2] {
            clock.move_to(minutes).await?;
            surfaces::in_bulk(&arena.organization, &arena.records).await?;
            told = arena.told_to_wipe().await?;
            println!("  moved-clock, {minutes} minutes: {told} of {phones} phones were told to wipe");
            ensure!(told <= arena.limit, "{told} phones were told to wipe, {} may be", arena.limit);
        }
        ensure!(told == arena.limit, "only {told} phones were told to wipe: nothing was ordered");
        Ok(Proved {
            count: format!("{phones} phones, six places of the clock"),
            seen: format!("told to wipe, of {} that may be: {told}", arena.limit),
        })
    })
}

/// The bulk order once more, on a server that was started anew: nobody more is told.
fn again(arena: &mut surfaces::Arena, server: &Server, when: &str) -> Result<()> {
    arena.organization = arena.organization.moved(&server.base_url)?;
    let limit = arena.limit;
    block_on(async {
        surfaces::in_bulk(&arena.organization, &arena.records).await?;
        arena.move_phones(&server.base_url, server.trust()?)?;
        let told = arena.told_to_wipe().await?;
        println!("  {when}: {told} phones were told to wipe");
        ensure!(told <= limit, "{when}: {told} phones were told to wipe, {limit} may be");
        Ok(())
    })
}
