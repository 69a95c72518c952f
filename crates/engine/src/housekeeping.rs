//! Housekeeping: what is over is removed, what nobody came for ends.

use std::collections::HashSet;

use domain::command::{CommandEvent, step};
use domain::model::{Actor, OrderedCommand, Organization};
use store::repo;

use crate::{Engine, Error, Result, lease};

/// How long the feed of changes is kept: a node that was away for longer loads everything anew.
const FEED: domain::Millis = 7 * 86_400_000;

/// Whose turn it is to count how many devices are compliant. Longer than the time between two runs, so that the same
/// node goes on.
const COUNTS: (&str, domain::Millis) = ("compliance days", 900_000);

/// Everything that must be done now and then. Safe to run twice, and on several nodes at once.
///
/// # Errors
/// Storage errors; what was not done is done the next time.
pub async fn run(engine: &Engine) -> Result<()> {
    let now = engine.now();
    let organizations = engine.directory.organizations().into_iter().map(|o| o.id);
    for organization in std::iter::once(Organization::SYSTEM).chain(organizations) {
        engine
            .store
            .write(organization, Actor::System, async move |tx| {
                repo::sessions::expire(tx, now).await?;
                repo::user_sessions::expire(tx, now).await?;
                crate::mail::purge(tx).await?;
                crate::alerts::purge(tx).await?;
                crate::enrollment::purge(tx).await?;
                crate::letters::purge(tx).await?;
                Ok::<_, Error>(())
            })
            .await?;
    }
    engine.store.purge_changes(now - FEED).await?;
    engine
        .store
        .write(Organization::SYSTEM, Actor::System, async move |tx| {
            repo::installation::login_failures::purge(tx, now - 86_400_000, now).await?;
            Ok::<_, Error>(())
        })
        .await?;
    prune(engine);
    // Every device is counted for it: one node does that for all.
    let counts = lease::hold_for(engine, COUNTS.0, COUNTS.1).await?;
    for organization in engine.directory.organizations() {
        crate::approvals::expire(engine, organization.id).await?;
        if counts {
            crate::dashboard::keep_today(engine, organization.id).await?;
        }
    }
    expire_commands(engine).await
}

/// What is remembered of devices in memory goes with them.
fn prune(engine: &Engine) {
    let mut known = HashSet::new();
    for index in engine.directory.all() {
        known.extend(index.read().devices.iter().map(|device| device.id));
    }
    engine.presence.prune(&known);
    engine.loops.prune(&known, engine.now());
}

/// Commands whose time is over.
async fn expire_commands(engine: &Engine) -> Result<()> {
    let now = engine.now();
    for index in engine.directory.all() {
        let due: Vec<_> = index
            .read()
            .live_commands()
            .into_iter()
            .filter(|c| c.next_at.is_some_and(|at| at <= now))
            .collect();
        for command in due {
            match expire(engine, &command).await {
                // Somebody else moved it meanwhile.
                Ok(()) | Err(Error::Conflict(_) | Error::NotFound(_)) => {}
                Err(error) => return Err(error),
            }
        }
    }
    Ok(())
}

async fn expire(engine: &Engine, command: &OrderedCommand) -> Result<()> {
    let org = engine.directory.organization(command.organization).ok_or(Error::NotFound("organization"))?;
    let id = command.id;
    engine
        .store
        .write(command.organization, Actor::System, async move |tx| {
            let mut command = repo::commands::get(tx, id).await?.ok_or(Error::NotFound("command"))?;
            let transition = step(command.kind, command.state, &CommandEvent::Expire)
                .map_err(|why| Error::conflict(why.0))?;
            crate::commands::apply(tx, &mut command, transition).await?;
            if let Some(mut device) = repo::devices::get(tx, command.device).await? {
                crate::commands::project(tx, &mut device).await?;
                crate::settle::settle_and_put(tx, &org, &mut device).await?;
            }
            Ok::<_, Error>(())
        })
        .await
}
