//! How long records are kept: journal, history of commands, exchanges, API tokens that are over.
//!
//! Once a day, on one node at a time. Erasing bodies leaves the journal's chain whole; removing entries leaves a
//! checkpoint that is authenticated with the key file, so verification stays possible. What was removed is said in
//! the journal itself.

use domain::Millis;
use domain::model::{Actor, JournalEntry, Organization, OrganizationId};
use serde_json::json;
use store::repo::{self, installation::settings};
use store::{Tx, lease};

use crate::{Engine, Error, Result};

/// Time from one run to the next.
const EVERY: Millis = 86_400_000;
/// The lease outlives any run that still makes progress.
const LEASE: (&str, Millis) = ("retention", 3_600_000);
/// Name of the setting that holds the time of the last run.
const LAST_RUN: &str = "retention_at";
/// Rows removed in one unit, so that other writers get their turn.
const STEP: u32 = 1_000;
const DAY: Millis = 86_400_000;

/// Requests to RADIUS servers that are over are shown for so long.
const RADIUS_KEPT: Millis = 30 * DAY;

/// What one run removed in one organization.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Removed {
    /// Entries of the journal.
    pub journal_entries: u64,
    /// Bodies of entries that stay.
    pub journal_bodies: u64,
    /// Commands that were over.
    pub commands: u64,
    /// Devices whose last exchanges were forgotten.
    pub exchanges: u64,
    /// Requests to RADIUS servers that were over.
    pub radius_requests: u64,
    /// Former verdicts of devices.
    pub verdicts: u64,
    /// API tokens that were over.
    pub tokens: u64,
}

/// How long what is kept, in days; 0 is for ever.
#[derive(Debug, Clone, Copy)]
struct Limits {
    journal: u32,
    bodies: u32,
    commands: u32,
    exchanges: u32,
    verdicts: u32,
}

/// Runs if a day has passed since the last run of any node, and no other node is at it. Answers what was removed
/// where; `None` when it was not its turn.
///
/// # Errors
/// Storage errors; what was not done is done the next time.
pub async fn run_if_due(engine: &Engine) -> Result<Option<Vec<(OrganizationId, Removed)>>> {
    let holder = engine.node.clone();
    let mine = engine
        .store
        .write(Organization::SYSTEM, Actor::System, async move |tx| {
            let last = settings::get(tx, LAST_RUN).await?;
            let last = last.and_then(|bytes| String::from_utf8(bytes).ok()?.parse::<Millis>().ok());
            // A clock that was set back must not put it off for ever.
            let due = last.is_none_or(|at| !(0..EVERY).contains(&(tx.now() - at)));
            Ok::<_, Error>(due && lease::acquire(tx, LEASE.0, &holder, LEASE.1).await?)
        })
        .await?;
    if !mine {
        return Ok(None);
    }
    let outcome = run(engine).await;
    let holder = engine.node.clone();
    let done = outcome.is_ok();
    engine
        .store
        .write(Organization::SYSTEM, Actor::System, async move |tx| {
            if done {
                settings::put(tx, LAST_RUN, tx.now().to_string().as_bytes()).await?;
            }
            lease::release(tx, LEASE.0, &holder).await?;
            Ok::<_, Error>(())
        })
        .await?;
    outcome.map(Some)
}

async fn run(engine: &Engine) -> Result<Vec<(OrganizationId, Removed)>> {
    let installation = engine.directory.installation();
    let mut limits = vec![(
        Organization::SYSTEM,
        Limits {
            journal: installation.journal_days,
            bodies: installation.journal_body_days,
            commands: 0,
            exchanges: 0,
            verdicts: 0,
        },
    )];
    limits.extend(engine.directory.organizations().iter().map(|organization| {
        let s = &organization.settings;
        let limits = Limits {
            journal: s.journal_days,
            bodies: s.journal_body_days,
            commands: s.command_history_days,
            exchanges: s.exchange_days,
            verdicts: s.verdict_days,
        };
        (organization.id, limits)
    }));
    let mut all = Vec::new();
    for (organization, limits) in limits {
        let removed = clean(engine, organization, limits).await?;
        if removed != Removed::default() {
            tracing::info!(%organization, ?removed, "old records were removed");
            report(engine, organization, removed).await?;
            all.push((organization, removed));
        }
    }
    Ok(all)
}

async fn clean(engine: &Engine, organization: OrganizationId, limits: Limits) -> Result<Removed> {
    let now = engine.now();
    let before = |days: u32| (days > 0).then(|| now - i64::from(days) * DAY);
    let mut removed = Removed { tokens: tokens(engine, organization).await?, ..Removed::default() };
    // What a follower has not read yet stays, however old it is.
    let read = crate::followers::slowest(engine, organization).await?;
    if let Some(before) = before(limits.journal) {
        removed.journal_entries =
            store::purge_journal_before(&engine.store, organization, Actor::System, before, read).await?;
    }
    if let Some(before) = before(limits.bodies) {
        removed.journal_bodies =
            store::purge_journal_bodies(&engine.store, organization, Actor::System, before, read).await?;
    }
    if let Some(before) = before(limits.commands) {
        removed.commands = in_steps(engine, organization, async move |tx| {
            repo::commands::purge_history(tx, before, STEP).await
        })
        .await?;
    }
    if let Some(before) = before(limits.exchanges) {
        removed.exchanges =
            in_steps(engine, organization, async move |tx| repo::exchanges::purge(tx, before, STEP).await)
                .await?;
    }
    let kept = now - RADIUS_KEPT;
    removed.radius_requests =
        in_steps(engine, organization, async move |tx| repo::radius::purge(tx, kept, STEP).await).await?;
    if let Some(before) = before(limits.verdicts) {
        removed.verdicts =
            in_steps(engine, organization, async move |tx| repo::verdicts::purge(tx, before, STEP).await)
                .await?;
    }
    Ok(removed)
}

/// Removes until a step finds less than it may.
async fn in_steps<F>(engine: &Engine, organization: OrganizationId, step: F) -> Result<u64>
where
    F: AsyncFnMut(&mut Tx) -> store::Result<u64> + Clone + Send + 'static,
{
    let mut total = 0;
    loop {
        let mut step = step.clone();
        let removed = engine
            .store
            .write(organization, Actor::System, async move |tx: &mut Tx| Ok::<_, Error>(step(tx).await?))
            .await?;
        total += removed;
        if removed < u64::from(STEP) {
            return Ok(total);
        }
    }
}

/// Tokens whose time is over, or that a change of their owner's account has ended.
async fn tokens(engine: &Engine, organization: OrganizationId) -> Result<u64> {
    let now = engine.now();
    let mut removed = 0;
    for admin in engine.directory.administrators(organization) {
        let mut over = engine.directory.tokens_of(admin.id);
        over.retain(|t| t.expires_at <= now || t.credential_epoch < admin.credential_epoch);
        for token in over {
            let gone = engine.store.write(organization, Actor::System, async move |tx| {
                let gone = repo::tokens::remove(tx, token.id).await?;
                if gone {
                    tx.journal(JournalEntry {
                        event: "token.ended",
                        subject: token.id.to_string(),
                        body: json!({ "name": token.name, "expires_at": token.expires_at }),
                    });
                }
                Ok::<_, Error>(gone)
            });
            removed += u64::from(gone.await?);
        }
    }
    Ok(removed)
}

async fn report(engine: &Engine, organization: OrganizationId, removed: Removed) -> Result<()> {
    // Tokens have entries of their own.
    let Removed {
        journal_entries,
        journal_bodies,
        commands,
        exchanges,
        radius_requests,
        verdicts,
        tokens: _,
    } = removed;
    engine
        .store
        .write(organization, Actor::System, async move |tx| {
            let mut entry = |event, body| tx.journal(JournalEntry { event, subject: String::new(), body });
            if journal_entries + journal_bodies > 0 {
                entry("journal.purged", json!({ "entries": journal_entries, "bodies": journal_bodies }));
            }
            if commands + exchanges + radius_requests + verdicts > 0 {
                let body = json!({
                    "commands": commands, "exchanges": exchanges, "radius_requests": radius_requests,
                    "verdicts": verdicts,
                });
                entry("history.purged", body);
            }
            Ok::<_, Error>(())
        })
        .await
}
