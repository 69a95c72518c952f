//! Filling the index at the start, and single look-ups for what another node wrote a moment ago.

use std::sync::Arc;
use std::time::Instant;

use domain::Change;
use domain::model::{ApiToken, Organization, Session};
use store::repo::installation::{entities, lookup};

use crate::{Engine, Error, Result};

/// Rows read at a time.
const PAGE: u32 = 5_000;

/// Reads every page of one kind of entity and applies it as changes.
macro_rules! fill {
    ($engine:expr, $read:path, $entity:ident => $key:expr, $organization:expr, $change:expr) => {{
        let mut after = None;
        let mut total = 0usize;
        loop {
            let from = after.clone();
            let page = read($engine, async move |tx| $read(tx, from.clone(), PAGE).await).await?;
            let full = page.len() == PAGE as usize;
            total += page.len();
            for $entity in page {
                after = Some($key);
                let organization = $organization;
                $engine.directory.apply(organization, &$change);
            }
            if !full {
                break total;
            }
        }
    }};
}

/// Reads everything that is kept in memory. Order matters: an organization must be there before what it owns.
pub(crate) async fn fill(engine: &Engine) -> Result<()> {
    let started = Instant::now();
    fill!(engine, entities::organizations, o => o.id, o.id, Change::Organization(Arc::new(o)));
    fill!(engine, entities::access, a => a.organization, a.organization, Change::Access(Arc::new(a)));
    fill!(engine, entities::administrators, a => (a.organization, a.id), a.organization, Change::Administrator(Arc::new(a)));
    fill!(engine, entities::roles, r => (r.organization, r.id), r.organization, Change::Role(Arc::new(r)));
    fill!(engine, entities::tokens, t => (t.organization, t.id), t.organization, Change::Token(Arc::new(t)));
    fill!(engine, entities::sessions, s => (s.home, s.token_hash.clone()), s.home, Change::Session(Arc::new(s)));
    fill!(engine, entities::suites, s => (s.organization, s.id), s.organization, Change::Suite(Arc::new(s)));
    fill!(engine, entities::servers, s => (s.organization, s.id), s.organization, Change::Server(Arc::new(s)));
    let users = fill!(engine, entities::users, u => (u.organization, u.id), u.organization, Change::User(Arc::new(u)));
    let devices = fill!(engine, entities::devices, d => (d.organization, d.id), d.organization, Change::Device(Arc::new(d)));
    fill!(engine, entities::commands, c => (c.organization, c.id), c.organization, Change::Command(Arc::new(c)));
    presence(engine).await?;
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
    let hash = hash.to_vec();
    let found = read(engine, async move |tx| lookup::token_by_hash(tx, &hash).await).await?;
    Ok(found.map(|token| {
        let token = Arc::new(token);
        engine.directory.apply(token.organization, &Change::Token(Arc::clone(&token)));
        token
    }))
}
