//! Sessions: proving one, ending them, switching organizations.

use std::net::IpAddr;
use std::sync::Arc;

use catalog::Powers;
use domain::model::{
    Actor, AdminKind, AdministratorId, JournalEntry, Organization, OrganizationId, Origin, Session,
};
use store::repo;

use super::password::IDLE;
use super::{hash_of, network_allowed, organization_enabled, powers_of};
use crate::{Engine, Error, Principal, Result, Scope};

/// The scope of a session cookie. Reads memory only; asks the store once when another node may have opened it.
///
/// # Errors
/// [`Error::Unauthenticated`] when it is unknown, over, or its account changed.
pub async fn scope_of_session(engine: &Engine, token: &str, address: IpAddr) -> Result<Scope> {
    let hash = hash_of(token);
    let session = match engine.directory.session(&hash) {
        Some(session) => session,
        None => crate::load::session(engine, &hash).await?.ok_or(Error::Unauthenticated)?,
    };
    let now = engine.now();
    let admin = engine.directory.administrator(session.administrator).ok_or(Error::Unauthenticated)?;
    let alive = is_alive(&session, now);
    let same = admin.enabled && admin.credential_epoch == session.credential_epoch;
    if !alive
        || !same
        || !network_allowed(&admin, address)
        || !organization_enabled(engine, admin.organization)
    {
        return Err(Error::Unauthenticated);
    }
    if now - session.seen_at > 60_000 {
        touch(engine, &session).await;
    }
    let (organization, powers) = match admin.kind {
        AdminKind::System => (session.acting_in.unwrap_or(Organization::SYSTEM), Powers::all()),
        AdminKind::Organization => (admin.organization, powers_of(engine, &admin, admin.organization)),
    };
    let actor = Actor::Administrator(admin.id, admin.username.clone());
    let second_factor_due = crate::second_factor::is_due(engine, &admin, organization, &session);
    let principal = Principal::Session(admin, session);
    let scope = Scope::new(organization, actor, powers, Origin::Console, Some(address), principal);
    Ok(if second_factor_due { scope.until_second_factor() } else { scope })
}

/// Marks a use, at most once a minute; a failure costs only the freshness of "last seen".
async fn touch(engine: &Engine, session: &Arc<Session>) {
    let (hash, now) = (session.token_hash.clone(), engine.now());
    let written = engine
        .store
        .write(session.home, Actor::System, async move |tx| {
            // Only this field: another request may just have switched the organization.
            if let Some(mut session) = repo::sessions::get(tx, &hash).await? {
                session.seen_at = session.seen_at.max(now);
                repo::sessions::update(tx, &session).await?;
            }
            Ok::<_, Error>(())
        })
        .await;
    if let Err(error) = written {
        tracing::debug!(%error, "session not touched");
    }
}

/// The sessions of an administrator that are still good, newest first: neither over, nor unused for too long, nor
/// ended by a change of the account.
pub fn sessions(engine: &Engine, id: AdministratorId) -> Vec<Arc<Session>> {
    let Some(admin) = engine.directory.administrator(id) else { return Vec::new() };
    let now = engine.now();
    let mut all = engine.directory.sessions_of(id);
    all.retain(|s| is_alive(s, now) && s.credential_epoch == admin.credential_epoch);
    all
}

fn is_alive(session: &Session, now: domain::Millis) -> bool {
    now < session.expires_at && now - session.seen_at < IDLE
}

/// Ends the session of this scope.
///
/// # Errors
/// Storage errors.
pub async fn sign_out(engine: &Engine, scope: &Scope) -> Result<()> {
    match scope.principal() {
        Principal::Session(admin, session) => {
            end(engine, scope, admin.organization, vec![session.token_hash.clone()]).await
        }
        _ => Ok(()),
    }
}

/// Ends one session of one's own, by the hexadecimal prefix shown in the list.
///
/// # Errors
/// [`Error::NotFound`] when it is not one's own or already over.
pub async fn end_session(engine: &Engine, scope: &Scope, shown: &str) -> Result<()> {
    let admin = scope.administrator().ok_or(Error::Unauthenticated)?;
    let found = engine
        .directory
        .sessions_of(admin.id)
        .into_iter()
        .find(|s| shown.len() >= 16 && hex::encode(&s.token_hash).starts_with(shown))
        .ok_or(Error::NotFound("session"))?;
    end(engine, scope, admin.organization, vec![found.token_hash.clone()]).await
}

/// Ends all sessions of an administrator of this scope's organization ("sign out everywhere").
///
/// # Errors
/// [`Error::Denied`] without the permission to edit administrators, unless it is oneself.
pub async fn end_all(engine: &Engine, scope: &Scope, id: AdministratorId) -> Result<()> {
    let own = scope.administrator().is_some_and(|a| a.id == id);
    if !own {
        scope.require(catalog::Permission::AdministratorsEdit)?;
    }
    let admin = engine
        .directory
        .administrator(id)
        .filter(|a| own || a.organization == scope.organization())
        .ok_or(Error::NotFound("administrator"))?;
    let hashes = engine.directory.sessions_of(id).iter().map(|s| s.token_hash.clone()).collect();
    end(engine, scope, admin.organization, hashes).await
}

async fn end(engine: &Engine, scope: &Scope, home: OrganizationId, hashes: Vec<Vec<u8>>) -> Result<()> {
    let actor = scope.actor().clone();
    engine
        .store
        .write(home, actor, async move |tx| {
            for hash in &hashes {
                repo::sessions::end(tx, hash).await?;
            }
            tx.journal(JournalEntry {
                event: "session.closed",
                subject: String::new(),
                body: serde_json::json!({ "sessions": hashes.len() }),
            });
            Ok::<_, Error>(())
        })
        .await
}

/// A system administrator goes into an organization, or back out with `None`. Journaled in both places, and before
/// it takes effect.
///
/// # Errors
/// [`Error::Denied`] for others, [`Error::NotFound`] for an unknown organization.
pub async fn switch_organization(engine: &Engine, scope: &Scope, to: Option<OrganizationId>) -> Result<()> {
    scope.require_system()?;
    let Principal::Session(admin, session) = scope.principal() else {
        return Err(Error::Denied("Only a signed-in person can switch organizations.".into()));
    };
    if let Some(id) = to {
        engine.directory.organization(id).ok_or(Error::NotFound("organization"))?;
    }
    let from = session.acting_in;
    if from == to {
        return Ok(());
    }
    if let Some(left) = from {
        journal_switch(engine, scope, left, "organization.switched_out").await?;
    }
    if let Some(entered) = to {
        journal_switch(engine, scope, entered, "organization.switched_into").await?;
    }
    let hash = session.token_hash.clone();
    engine
        .store
        .write(admin.organization, scope.actor().clone(), async move |tx| {
            let mut session = repo::sessions::get(tx, &hash).await?.ok_or(Error::Unauthenticated)?;
            session.acting_in = to;
            repo::sessions::update(tx, &session).await?;
            Ok::<_, Error>(())
        })
        .await
}

async fn journal_switch(
    engine: &Engine,
    scope: &Scope,
    organization: OrganizationId,
    event: &'static str,
) -> Result<()> {
    let org = engine.directory.organization(organization).ok_or(Error::NotFound("organization"))?;
    let name = org.read().organization.name.clone();
    engine
        .store
        .write(organization, scope.actor().clone(), async move |tx| {
            let subject = organization.to_string();
            let entry = JournalEntry { event, subject, body: serde_json::json!({ "name": name }) };
            tx.journal(entry.clone());
            tx.journal_installation(entry);
            Ok::<_, Error>(())
        })
        .await
}
