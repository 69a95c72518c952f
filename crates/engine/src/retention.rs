//! How long records are kept: journal, history of commands, exchanges, API tokens that are over.
//!
//! Once a day, on one node at a time. Erasing bodies leaves the journal's chain whole; removing entries leaves a
//! checkpoint that is authenticated with the key file, so verification stays possible. What was removed is said in
//! the journal itself.

use catalog::{PURGES, Purge};
use domain::Millis;
use domain::model::{Actor, JournalEntry, Organization, OrganizationId, TaskOutcome};
use serde_json::json;
use store::repo::{self, installation::settings};
use store::{Tx, lease};

use crate::tasks::TaskId;
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

/// Requests to RADIUS servers that are over are shown for so many days.
const RADIUS_DAYS: u32 = 30;

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

impl Removed {
    fn of(&mut self, purge: Purge) -> &mut u64 {
        match purge {
            Purge::Tokens => &mut self.tokens,
            Purge::Journal => &mut self.journal_entries,
            Purge::JournalBodies => &mut self.journal_bodies,
            Purge::Commands => &mut self.commands,
            Purge::Exchanges => &mut self.exchanges,
            Purge::RadiusRequests => &mut self.radius_requests,
            Purge::Verdicts => &mut self.verdicts,
        }
    }
}

/// After how many days something is removed, in an organization or at the installation; `None`: never.
pub(crate) fn days(engine: &Engine, organization: OrganizationId, purge: Purge) -> Option<u32> {
    let chosen = |days: u32| (days > 0).then_some(days);
    if organization == Organization::SYSTEM {
        let installation = engine.directory.installation();
        return match purge {
            Purge::Tokens => Some(0),
            Purge::Journal => chosen(installation.journal_days),
            Purge::JournalBodies => chosen(installation.journal_body_days),
            Purge::Commands | Purge::Exchanges | Purge::RadiusRequests | Purge::Verdicts => None,
        };
    }
    let org = engine.directory.organization(organization)?;
    let org = org.read();
    let s = &org.organization.settings;
    match purge {
        Purge::Tokens => Some(0),
        Purge::Journal => chosen(s.journal_days),
        Purge::JournalBodies => chosen(s.journal_body_days),
        Purge::Commands => chosen(s.command_history_days),
        Purge::Exchanges => chosen(s.exchange_days),
        Purge::RadiusRequests => Some(RADIUS_DAYS),
        Purge::Verdicts => chosen(s.verdict_days),
    }
}

/// Runs if a day has passed since the last run of any node, and no other node is at it. Answers what was removed
/// where; `None` when it was not its turn.
///
/// # Errors
/// Storage errors; what was not done is done the next time.
pub async fn run_if_due(engine: &Engine) -> Result<Option<Vec<(OrganizationId, Removed)>>> {
    let Some(_begun) = engine.tasks.begin(Organization::SYSTEM, LEASE.0) else { return Ok(None) };
    let holder = engine.node.clone();
    let mine = engine
        .store
        .write(Organization::SYSTEM, Actor::System, async move |tx| {
            let last = last_run(tx).await?;
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

async fn last_run(tx: &mut Tx) -> store::Result<Option<Millis>> {
    let last = settings::get(tx, LAST_RUN).await?;
    Ok(last.and_then(|bytes| String::from_utf8(bytes).ok()?.parse().ok()))
}

/// When it runs next, if nothing holds it up.
pub(crate) async fn next_at(engine: &Engine) -> Result<Millis> {
    let read = async |tx: &mut Tx| Ok::<_, Error>(last_run(tx).await?);
    let last = engine.store.read(Organization::SYSTEM, read).await?;
    Ok(last.map_or_else(|| engine.now(), |at| at + EVERY))
}

/// Removes now what is old enough, of one kind in one organization. When it is due next stays.
///
/// # Errors
/// [`Error::Conflict`] while a node is at it, or where it is kept for ever; storage errors.
pub(crate) async fn run_now(
    engine: &Engine,
    organization: OrganizationId,
    purge: Purge,
    actor: Actor,
) -> Result<TaskOutcome> {
    let days = days(engine, organization, purge)
        .ok_or_else(|| Error::conflict("Nothing of it is removed: it is kept for ever."))?;
    let busy = || Error::conflict("Records are being removed already. Wait for the end of it.");
    let _begun = engine.tasks.begin(Organization::SYSTEM, LEASE.0).ok_or_else(busy)?;
    if !crate::lease::hold_for(engine, LEASE.0, LEASE.1).await? {
        return Err(busy());
    }
    let outcome = one(engine, organization, purge, days).await;
    crate::lease::release(engine, LEASE.0).await?;
    let (count, outcome) = outcome?;
    let mut removed = Removed::default();
    *removed.of(purge) = count;
    keep(engine, organization, actor, vec![(purge, outcome.clone())], removed).await?;
    Ok(outcome)
}

async fn run(engine: &Engine) -> Result<Vec<(OrganizationId, Removed)>> {
    let organizations = engine.directory.organizations().into_iter().map(|organization| organization.id);
    let mut all = Vec::new();
    for organization in std::iter::once(Organization::SYSTEM).chain(organizations) {
        let (mut removed, mut outcomes) = (Removed::default(), Vec::new());
        for info in PURGES {
            let Some(days) = days(engine, organization, info.purge) else { continue };
            let (count, outcome) = one(engine, organization, info.purge, days).await?;
            *removed.of(info.purge) = count;
            outcomes.push((info.purge, outcome));
        }
        if removed != Removed::default() {
            tracing::info!(%organization, ?removed, "old records were removed");
            all.push((organization, removed));
        }
        keep(engine, organization, Actor::System, outcomes, removed).await?;
    }
    Ok(all)
}

/// Removes what is older than so many days, of one kind; how many, and how it is told.
async fn one(
    engine: &Engine,
    organization: OrganizationId,
    purge: Purge,
    days: u32,
) -> Result<(u64, TaskOutcome)> {
    let began = engine.now();
    let count = clean(engine, organization, purge, began - i64::from(days) * DAY).await?;
    let says = match count {
        0 => "Nothing was old enough.".to_owned(),
        1 => "1 was removed.".to_owned(),
        more => format!("{more} were removed."),
    };
    let at = engine.now();
    Ok((count, TaskOutcome { at, took: at - began, good: true, says }))
}

async fn clean(engine: &Engine, organization: OrganizationId, purge: Purge, before: Millis) -> Result<u64> {
    // What a follower has not read yet stays, however old it is.
    let store = &engine.store;
    match purge {
        Purge::Tokens => tokens(engine, organization).await,
        Purge::Journal => {
            let read = crate::followers::slowest(engine, organization).await?;
            Ok(store::purge_journal_before(store, organization, Actor::System, before, read).await?)
        }
        Purge::JournalBodies => {
            let read = crate::followers::slowest(engine, organization).await?;
            Ok(store::purge_journal_bodies(store, organization, Actor::System, before, read).await?)
        }
        Purge::Commands => {
            let step = async move |tx: &mut Tx| repo::commands::purge_history(tx, before, STEP).await;
            in_steps(engine, organization, step).await
        }
        Purge::Exchanges => {
            let step = async move |tx: &mut Tx| repo::exchanges::purge(tx, before, STEP).await;
            in_steps(engine, organization, step).await
        }
        Purge::RadiusRequests => {
            let step = async move |tx: &mut Tx| repo::radius::purge(tx, before, STEP).await;
            in_steps(engine, organization, step).await
        }
        Purge::Verdicts => {
            let step = async move |tx: &mut Tx| repo::verdicts::purge(tx, before, STEP).await;
            in_steps(engine, organization, step).await
        }
    }
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

/// Keeps how it went, and journals what was removed.
async fn keep(
    engine: &Engine,
    organization: OrganizationId,
    actor: Actor,
    outcomes: Vec<(Purge, TaskOutcome)>,
    removed: Removed,
) -> Result<()> {
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
        .write(organization, actor, async move |tx| {
            for (purge, outcome) in &outcomes {
                repo::task_runs::put(tx, &TaskId::Purge(*purge).to_string(), outcome).await?;
            }
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
