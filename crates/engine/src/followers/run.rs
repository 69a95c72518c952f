//! Running the followers: the lease, a task for each organization that has news, cursors.

use std::collections::HashMap;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use domain::model::{Actor, JournalEntry, Organization, OrganizationId};
use futures_util::FutureExt as _;
use serde_json::json;
use store::{Tx, repo};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, timeout};

use super::place::Place;
use super::{Batch, Cursor, Follower, Key};
use crate::{Engine, Error, Result, lease};

const LEASE: &str = "followers";
/// Time between two renewals, and between two attempts to take it.
const RENEWAL: Duration = Duration::from_secs(5);
/// Cursors that moved only over entries nobody wants are stored so often.
const STORED_EVERY: Duration = Duration::from_mins(1);
/// Entries read at a time.
const AT_ONCE: u32 = 256;
/// No follower takes longer over a batch.
const PATIENCE: Duration = Duration::from_mins(2);
/// The pause after the first failure; it doubles up to [`LONGEST_PAUSE`].
const FIRST_PAUSE: Duration = Duration::from_millis(500);
const LONGEST_PAUSE: Duration = Duration::from_mins(5);

/// Follows for ever. When the future is dropped everything stops where it is; [`stop`] then gives the lease back.
pub async fn run(engine: Arc<Engine>) {
    loop {
        match begin(&engine).await {
            Ok(true) => follow(&engine).await,
            Ok(false) => {}
            Err(error) => tracing::warn!(%error, "the journal cannot be followed; will be tried again"),
        }
        engine.followers.places.lock().end();
        sleep(RENEWAL).await;
    }
}

/// Stores how far everybody has come, and lets another node go on.
///
/// # Errors
/// Storage errors; the lease then ends by itself.
pub async fn stop(engine: &Engine) -> Result<()> {
    let outcome = store_places(engine).await;
    engine.followers.places.lock().end();
    lease::release(engine, LEASE).await?;
    outcome
}

/// Takes the lease and learns where everybody stands; false if another node follows.
async fn begin(engine: &Engine) -> Result<bool> {
    if !lease::hold(engine, LEASE).await? {
        return Ok(false);
    }
    // From here on commits are noted; what was committed before is in the heads.
    engine.followers.places.lock().begin();
    let registered = engine.followers.registered.read().clone();
    let names: Vec<_> = registered.iter().map(|follower| follower.name()).collect();
    let unit = async move |tx: &mut Tx| {
        let mut all = Vec::with_capacity(names.len());
        for name in &names {
            if repo::installation::cursors::load(tx, name).await?.is_none() {
                repo::installation::cursors::begin(tx, name).await?;
            }
            all.push(repo::installation::cursors::load(tx, name).await?.unwrap_or_default());
        }
        Ok::<_, Error>(all)
    };
    let cursors = engine.store.write(Organization::SYSTEM, Actor::System, unit).await?;
    let heads = engine.store.journal_heads().await?;
    let mut places = Vec::new();
    for (number, cursors) in cursors.into_iter().enumerate() {
        let cursors: HashMap<_, _> = cursors.into_iter().collect();
        for (organization, head) in &heads {
            let cursor = cursors.get(organization).copied().unwrap_or(0);
            places.push((Key(number, *organization), cursor, *head));
        }
    }
    let mut known = engine.followers.places.lock();
    for (key, cursor, head) in places {
        known.start(key, cursor, head);
    }
    Ok(true)
}

/// Serves whoever becomes due until the lease is lost.
async fn follow(engine: &Arc<Engine>) {
    let mut tasks = JoinSet::new();
    let (mut renewed, mut stored) = (Instant::now(), Instant::now());
    loop {
        let due = engine.followers.places.lock().take_due();
        for key in due {
            let engine = Arc::clone(engine);
            tasks.spawn(async move { catch_up(&engine, key).await });
        }
        tokio::select! {
            () = engine.followers.woken.notified() => {}
            Some(ended) = tasks.join_next() => {
                if let Err(error) = ended {
                    tracing::error!(%error, "following the journal panicked");
                    return;
                }
            }
            () = sleep(RENEWAL.saturating_sub(renewed.elapsed())) => {
                renewed = Instant::now();
                match lease::hold(engine, LEASE).await {
                    Ok(true) => {}
                    Ok(false) => return,
                    Err(error) => tracing::warn!(%error, "the lease of the followers was not renewed"),
                }
                if stored.elapsed() >= STORED_EVERY {
                    stored = Instant::now();
                    let engine = Arc::clone(engine);
                    tasks.spawn(async move {
                        if let Err(error) = store_places(&engine).await {
                            tracing::warn!(%error, "cursors were not stored; will be tried again");
                        }
                    });
                }
            }
        }
    }
}

/// Lets one follower do everything there is to do in one organization, with pauses after failures.
async fn catch_up(engine: &Arc<Engine>, key: Key) {
    let Some(follower) = engine.followers.registered.read().get(key.0).cloned() else { return };
    let mut pause = FIRST_PAUSE;
    loop {
        match step(engine, follower.as_ref(), key).await {
            Ok(true) => pause = FIRST_PAUSE,
            Ok(false) => return,
            Err(error) => {
                let (follower, organization) = (follower.name(), key.1);
                tracing::warn!(follower, %organization, %error, ?pause, "following the journal failed");
                sleep(pause).await;
                pause = (pause * 2).min(LONGEST_PAUSE);
                refresh(engine, follower, key).await;
            }
        }
    }
}

/// Learns the cursor anew: after a lost connection it is not known whether a unit was stored.
async fn refresh(engine: &Engine, follower: &'static str, key: Key) {
    let read = async move |tx: &mut Tx| repo::cursors::get(tx, follower).await;
    // If that fails too, the next attempt does.
    if let Ok(stored) = engine.store.read::<_, store::StoreError, _>(key.1, read).await {
        engine.followers.places.lock().refresh(key, stored);
    }
}

/// One batch. Answers whether there is more.
async fn step(engine: &Arc<Engine>, follower: &dyn Follower, key: Key) -> Result<bool> {
    let Key(_, organization) = key;
    let place = engine.followers.places.lock().get(key);
    let seen = place.seen;
    let read = async move |tx: &mut Tx| repo::journal::after(tx, seen, AT_ONCE).await;
    let mut rows = engine.store.read(organization, read).await.map_err(Error::from)?;
    let Some(last) = rows.last().map(|row| row.sequence) else {
        // The head is told before its rows can be read only if the rows are gone.
        report_gap(engine, follower, organization, seen, place.head).await?;
        return Ok(engine.followers.places.lock().moved(key, place.stored, place.head));
    };
    if let Some(first) = rows.first().map(|row| row.sequence).filter(|first| *first > seen + 1) {
        report_gap(engine, follower, organization, seen, first - 1).await?;
    }
    rows.retain(|row| follower.wants(&engine.directory, organization, &row.event));
    if rows.is_empty() {
        return Ok(engine.followers.places.lock().moved(key, place.stored, last));
    }
    let (name, from) = (follower.name(), place.stored);
    let batch = Batch { organization, entries: rows.into(), follower: name, from, to: last };
    let followed = AssertUnwindSafe(follower.follow(engine, batch)).catch_unwind();
    let followed = match timeout(PATIENCE, followed).await {
        Ok(Ok(followed)) => followed,
        Ok(Err(_)) => Err(Error::internal(format!("the follower {name} panicked"))),
        Err(_) => Err(Error::internal(format!("the follower {name} took too long"))),
    };
    match followed? {
        Cursor::Moved => {}
        Cursor::Behind => advance(engine, name, organization, from, last).await?,
    }
    Ok(engine.followers.places.lock().moved(key, last, last))
}

async fn advance(
    engine: &Engine,
    follower: &'static str,
    organization: OrganizationId,
    from: i64,
    to: i64,
) -> Result<()> {
    let unit = async move |tx: &mut Tx| Ok::<_, Error>(repo::cursors::advance(tx, follower, from, to).await?);
    engine.store.write(organization, Actor::System, unit).await
}

/// Entries that should be there are not: said in the journal, since what depended on them did not happen.
async fn report_gap(
    engine: &Engine,
    follower: &dyn Follower,
    organization: OrganizationId,
    after: i64,
    until: i64,
) -> Result<()> {
    // What went with its organization is not missing, and nothing may be written for it any more.
    if organization != Organization::SYSTEM && engine.directory.organization(organization).is_none() {
        return Ok(());
    }
    let follower = follower.name();
    tracing::error!(follower, %organization, after, until, "entries of the journal are missing");
    let unit = async move |tx: &mut Tx| {
        tx.journal(JournalEntry {
            event: "journal.follower_gap",
            subject: String::new(),
            body: json!({ "name": follower, "from": after + 1, "until": until }),
        });
        Ok::<_, Error>(())
    };
    engine.store.write(organization, Actor::System, unit).await
}

/// Stores the cursors that moved over entries nobody wants.
async fn store_places(engine: &Engine) -> Result<()> {
    let registered = engine.followers.registered.read().clone();
    let mut lagging = HashMap::<OrganizationId, Vec<(Key, Place, &'static str)>>::new();
    for (key, place) in engine.followers.places.lock().lagging() {
        if let Some(follower) = registered.get(key.0) {
            lagging.entry(key.1).or_default().push((key, place, follower.name()));
        }
    }
    // Together, so that many organizations share a flush.
    let outcomes = lagging.into_iter().map(|(organization, places)| async move {
        let moves = places.clone();
        let unit = async move |tx: &mut Tx| {
            for (_, place, name) in &moves {
                repo::cursors::advance(tx, name, place.stored, place.seen).await?;
            }
            Ok::<_, Error>(())
        };
        engine.store.write(organization, Actor::System, unit).await?;
        let mut known = engine.followers.places.lock();
        for (key, place, _) in places {
            known.stored(key, place.seen);
        }
        Ok(())
    });
    futures_util::future::join_all(outcomes).await.into_iter().collect()
}
