//! Filling the index at the start, filling it anew after a gap in the feed, and single look-ups for what another
//! node wrote a moment ago.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Instant;

use domain::model::{ApiToken, Organization, OrganizationId, Session};
use domain::{Change, ChangeKind};
use parking_lot::Mutex;
use store::repo::installation::{entities, lookup, preferences};

use crate::{Engine, Error, Result};

/// Rows read at a time.
const PAGE: u32 = 2_000;

/// What memory held before a reload, by id, with the change that removes it. What is still stored leaves this map.
type Left = Mutex<HashMap<Vec<u8>, (OrganizationId, Change)>>;

/// Reads every page of one kind of entity and applies it as changes. While a page is applied, a thread of the store
/// reads the next one.
macro_rules! fill {
    ($engine:expr, $left:expr, between $from:expr, $until:expr; $read:path,
     $entity:ident => $key:expr, $id:expr, $organization:expr, $change:expr) => {
        async {
            let (first, until) = ($from, $until);
            let mut page = read($engine, async move |tx| $read(tx, first.clone(), PAGE).await).await?;
            let mut total = 0usize;
            loop {
                total += page.len();
                let after = page.last().filter(|_| page.len() == PAGE as usize).map(|$entity| $key);
                let after = after.filter(|after| until.as_ref().is_none_or(|until| after < until));
                let more = after.is_some();
                let next = async {
                    match after {
                        Some(_) => read($engine, async move |tx| $read(tx, after.clone(), PAGE).await).await,
                        None => Ok(Vec::new()),
                    }
                };
                let apply = async {
                    for $entity in page {
                        if let Some(left) = $left {
                            left.lock().remove($id.as_ref() as &[u8]);
                        }
                        let organization = $organization;
                        $engine.directory.apply(organization, &$change);
                    }
                };
                let (read, ()) = tokio::join!(next, apply);
                page = read?;
                if !more {
                    break Ok::<usize, Error>(total);
                }
            }
        }
    };
    ($engine:expr, $left:expr, $read:path, $($entity:tt)*) => {
        fill!($engine, $left, between None, None; $read, $($entity)*)
    };
}

/// Reads everything that is kept in memory.
pub(crate) async fn fill(engine: &Engine) -> Result<()> {
    read_all(engine, None).await
}

/// Reads everything anew and drops what is not stored any more. Newer versions in memory stay.
pub(crate) async fn refill(engine: &Engine) -> Result<()> {
    let left = Mutex::new(engine.directory.removals());
    read_all(engine, Some(&left)).await?;
    for (organization, change) in left.into_inner().into_values() {
        match change {
            // Not among the live ones any more: what became of it is in the history.
            Change::Command(command) => {
                let id = command.id.to_string();
                crate::feed::apply_entry(engine, organization, ChangeKind::Command, &id).await?;
            }
            removal => engine.apply_remote(organization, &removal),
        }
    }
    Ok(())
}

/// Order matters: an organization must be there before what it owns. The large kinds are read side by side.
async fn read_all(engine: &Engine, left: Option<&Left>) -> Result<()> {
    let started = Instant::now();
    let settings = read(engine, async move |tx| preferences::get(tx).await).await?;
    engine.directory.apply(Organization::SYSTEM, &Change::Installation(Arc::new(settings)));
    fill!(engine, left, entities::organizations, o => o.id, o.id.uuid(), o.id, Change::Organization(Arc::new(o)))
        .await?;
    fill!(engine, left, entities::access, a => a.organization, [0_u8; 0], a.organization, Change::Access(Arc::new(a)))
        .await?;
    fill!(engine, left, entities::messaging, m => m.organization, [0_u8; 0], m.organization, Change::Messaging(Arc::new(m)))
        .await?;
    fill!(engine, left, entities::sign_in, s => s.organization, [2_u8; 1], s.organization, Change::SignIn(Arc::new(s))).await?;
    fill!(engine, left, entities::governors, g => g.organization, [1_u8; 1], g.organization, Change::Governor(Arc::new(g)))
        .await?;
    fill!(engine, left, entities::administrators, a => (a.organization, a.id), a.id.uuid(), a.organization, Change::Administrator(Arc::new(a))).await?;
    fill!(engine, left, entities::roles, r => (r.organization, r.id), r.id.uuid(), r.organization, Change::Role(Arc::new(r))).await?;
    fill!(engine, left, entities::tokens, t => (t.organization, t.id), t.id.uuid(), t.organization, Change::Token(Arc::new(t))).await?;
    fill!(engine, left, entities::sessions, s => (s.home, s.token_hash.clone()), s.token_hash, s.home, Change::Session(Arc::new(s))).await?;
    fill!(engine, left, entities::suites, s => (s.organization, s.id), s.id.uuid(), s.organization, Change::Suite(Arc::new(s))).await?;
    fill!(engine, left, entities::schedules, s => (s.organization, s.id), s.id.uuid(), s.organization, Change::Schedule(Arc::new(s))).await?;
    fill!(engine, left, entities::servers, s => (s.organization, s.id), s.id.uuid(), s.organization, Change::Server(Arc::new(s))).await?;
    fill!(engine, left, entities::groups, g => (g.organization, g.id), g.id.uuid(), g.organization, Change::Group(Arc::new(g))).await?;
    fill!(engine, left, entities::radius_servers, s => (s.organization, s.id), s.id.uuid(), s.organization, Change::RadiusServer(Arc::new(s))).await?;
    fill!(engine, left, entities::directory_servers, s => (s.organization, s.id), s.id.uuid(), s.organization, Change::DirectoryServer(Arc::new(s))).await?;
    let users = fill!(engine, left, entities::users, u => (u.organization, u.id), u.id.uuid(), u.organization, Change::User(Arc::new(u)));
    let middle = read(engine, async move |tx| entities::middle_device(tx).await).await?;
    let front = fill!(engine, left, between None, middle; entities::devices, d => (d.organization, d.id), d.id.uuid(), d.organization, Change::Device(Arc::new(d)));
    let back = fill!(engine, left, between middle, None; entities::devices, d => (d.organization, d.id), d.id.uuid(), d.organization, Change::Device(Arc::new(d)));
    let (users, front, back, contacts) = tokio::join!(users, front, back, presence(engine));
    let (users, devices) = (users?, front? + back?);
    contacts?;
    fill!(engine, left, entities::commands, c => (c.organization, c.id), c.id.uuid(), c.organization, Change::Command(Arc::new(c))).await?;
    fill!(engine, left, entities::commands_to_relay, c => (c.organization, c.id), c.id.uuid(), c.organization, Change::Command(Arc::new(c))).await?;
    if left.is_none() {
        check_ins(engine).await?;
    }
    crate::traces::follow(engine).await?;
    tracing::info!(users, devices, millis = started.elapsed().as_millis() as u64, "index filled");
    Ok(())
}

/// Last contacts as flushed by all nodes.
async fn presence(engine: &Engine) -> Result<()> {
    let mut after = None;
    loop {
        let page = read(engine, async move |tx| entities::presence(tx, after, PAGE).await).await?;
        for (organization, device, at) in &page {
            engine.presence.loaded(*device, *at);
            after = Some((*organization, *device));
        }
        if page.len() < PAGE as usize {
            return Ok(());
        }
    }
}

/// When devices are called next, as the process before left it.
async fn check_ins(engine: &Engine) -> Result<()> {
    let mut after = None;
    loop {
        let page = read(engine, async move |tx| entities::check_ins(tx, after, PAGE).await).await?;
        for (organization, device, at) in &page {
            crate::schedules::restore(engine, *organization, *device, *at);
            after = Some((*organization, *device));
        }
        if page.len() < PAGE as usize {
            return Ok(());
        }
    }
}

async fn read<T, F>(engine: &Engine, query: F) -> Result<T>
where
    T: Send + 'static,
    F: AsyncFnMut(&mut store::Tx) -> store::Result<T> + Send + 'static,
{
    let mut query = query;
    engine
        .store
        .read(Organization::SYSTEM, async move |tx: &mut store::Tx| Ok::<_, Error>(query(tx).await?))
        .await
}

/// A session that memory does not know: perhaps another node opened it a moment ago.
pub(crate) async fn session(engine: &Engine, hash: &[u8]) -> Result<Option<Arc<Session>>> {
    if engine.is_alone() {
        return Ok(None);
    }
    let hash = hash.to_vec();
    let found = read(engine, async move |tx| lookup::session_by_hash(tx, &hash).await).await?;
    Ok(found.map(|session| {
        let session = Arc::new(session);
        engine.directory.apply(session.home, &Change::Session(Arc::clone(&session)));
        session
    }))
}

/// A token that memory does not know.
pub(crate) async fn token(engine: &Engine, hash: &[u8]) -> Result<Option<Arc<ApiToken>>> {
    if engine.is_alone() {
        return Ok(None);
    }
    let hash = hash.to_vec();
    let found = read(engine, async move |tx| lookup::token_by_hash(tx, &hash).await).await?;
    Ok(found.map(|token| {
        let token = Arc::new(token);
        engine.directory.apply(token.organization, &Change::Token(Arc::clone(&token)));
        token
    }))
}
