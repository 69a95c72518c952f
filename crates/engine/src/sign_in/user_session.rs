//! Sessions of users: proving one, listing and ending them. They are read from the store for each request: what has
//! ended anywhere is over everywhere, at once.

use std::net::IpAddr;
use std::sync::Arc;

use domain::model::{JournalEntry, Organization, User, UserSession, UserState};
use serde_json::json;
use store::repo;
use store::repo::installation::lookup;

use super::password::IDLE;
use super::user::{MailServers, prove_user_again, scope_of};
use super::{hash_of, organization_enabled};
use crate::assignment::server_of;
use crate::{Engine, Error, Principal, Result, Scope, letters, mail, passwords};

/// The scope of a user's session cookie.
///
/// # Errors
/// [`Error::Unauthenticated`] when it is unknown, over, or its user was disabled, removed, or changed the password.
pub async fn scope_of_user_session(engine: &Engine, token: &str, address: IpAddr) -> Result<Scope> {
    let hash = hash_of(token);
    let session = engine
        .store
        .read(Organization::SYSTEM, async move |tx| {
            Ok::<_, Error>(lookup::user_session_by_hash(tx, &hash).await?)
        })
        .await?
        .ok_or(Error::Unauthenticated)?;
    let user = owner(engine, &session).ok_or(Error::Unauthenticated)?;
    if engine.now() - session.seen_at > 60_000 {
        touch(engine, &session).await;
    }
    Ok(scope_of(user, session, address))
}

/// Whose session it is, if it is not over.
fn owner(engine: &Engine, session: &UserSession) -> Option<Arc<User>> {
    let now = engine.now();
    let alive = now < session.expires_at && now - session.seen_at < IDLE;
    let org = engine.directory.organization(session.organization)?;
    let user = org.read().user(session.user).cloned()?;
    let same = user.state == UserState::Active && user.credential_epoch == session.credential_epoch;
    (alive && same && organization_enabled(engine, session.organization)).then_some(user)
}

/// Marks a use, at most once a minute; a failure costs only the freshness of "last seen".
async fn touch(engine: &Engine, session: &UserSession) {
    let mut seen = session.clone();
    seen.seen_at = engine.now();
    let written = engine
        .store
        .write(session.organization, domain::model::Actor::System, async move |tx| {
            repo::user_sessions::update(tx, &seen).await?;
            Ok::<_, Error>(())
        })
        .await;
    if let Err(error) = written {
        tracing::debug!(%error, "session not touched");
    }
}

/// One's own session of this scope.
fn own(scope: &Scope) -> Result<(&Arc<User>, &Arc<UserSession>)> {
    match scope.principal() {
        Principal::User(user, session) => Ok((user, session)),
        _ => Err(Error::Unauthenticated),
    }
}

/// One's own sessions that are not over, the newest first.
///
/// # Errors
/// Storage errors.
pub async fn user_sessions(engine: &Engine, scope: &Scope) -> Result<Vec<UserSession>> {
    let id = own(scope)?.0.id;
    let mut all = engine
        .store
        .read(scope.organization(), async move |tx| {
            Ok::<_, Error>(repo::user_sessions::of_user(tx, id).await?)
        })
        .await?;
    all.retain(|session| owner(engine, session).is_some());
    Ok(all)
}

/// Ends the session of this scope.
///
/// # Errors
/// Storage errors.
pub async fn sign_out_user(engine: &Engine, scope: &Scope) -> Result<()> {
    let (user, session) = own(scope)?;
    let (id, name, hash) = (user.id, user.display_name.clone(), session.token_hash.clone());
    engine
        .store
        .write(scope.organization(), scope.actor().clone(), async move |tx| {
            if repo::user_sessions::end(tx, id, &hash).await? {
                tx.journal(JournalEntry {
                    event: "user.signed_out",
                    subject: id.to_string(),
                    body: json!({ "name": name }),
                });
            }
            Ok::<_, Error>(())
        })
        .await
}

/// Ends all of one's own sessions but this one; answers how many.
///
/// # Errors
/// Storage errors.
pub async fn end_other_user_sessions(engine: &Engine, scope: &Scope) -> Result<u64> {
    let (user, session) = own(scope)?;
    let (id, name, hash) = (user.id, user.display_name.clone(), session.token_hash.clone());
    engine
        .store
        .write(scope.organization(), scope.actor().clone(), async move |tx| {
            let ended = repo::user_sessions::end_others(tx, id, &hash).await?;
            tx.journal(JournalEntry {
                event: "user.sessions_ended",
                subject: id.to_string(),
                body: json!({ "name": name, "sessions": ended }),
            });
            Ok::<_, Error>(ended)
        })
        .await
}

/// Whether a user has a password of ours, and so can change it here.
pub fn has_local_password(engine: &Engine, user: &User) -> bool {
    user.password_hash.is_some()
        && engine
            .directory
            .organization(user.organization)
            .is_some_and(|org| server_of(&org.read(), user).is_none())
}

/// Changes one's own local password. All other sessions end, and mail programs need the new one.
///
/// # Errors
/// [`Error::Invalid`] on `password` when the old one is wrong, on `new_password` for a weak one; [`Error::Conflict`] for
/// a user whose password is kept elsewhere.
pub async fn change_user_password(
    engine: &Engine,
    mail_servers: &dyn MailServers,
    scope: &Scope,
    old: &str,
    new: &str,
) -> Result<()> {
    let (user, session) = own(scope)?;
    if !has_local_password(engine, user) {
        return Err(Error::conflict(
            "Your password is not kept here. Change it where you change it for your mail.",
        ));
    }
    passwords::check_strength(new, 8).map_err(|error| match error {
        Error::Invalid(issues) => Error::Invalid(
            issues.into_iter().map(|i| crate::FieldIssue { field: "new_password".into(), ..i }).collect(),
        ),
        other => other,
    })?;
    prove_user_again(engine, mail_servers, scope, old).await?;
    let hash = passwords::hash(engine.entropy, new).await?;
    let (id, mut kept) = (user.id, UserSession::clone(session));
    let desk = letters::Desk::of(engine, scope.organization())?;
    engine
        .store
        .write(scope.organization(), scope.actor().clone(), async move |tx| {
            let mut user = repo::users::get(tx, id).await?.ok_or(Error::Unauthenticated)?;
            user.password_hash = Some(hash.clone());
            user.credential_epoch += 1;
            repo::users::put(tx, &mut user).await?;
            kept.credential_epoch = user.credential_epoch;
            repo::user_sessions::update(tx, &kept).await?;
            repo::user_sessions::end_others(tx, id, &kept.token_hash).await?;
            letters::password_changed_in(tx, &desk, &user).await?;
            tx.journal(JournalEntry {
                event: "user.password_changed",
                subject: id.to_string(),
                body: json!({ "name": user.display_name }),
            });
            Ok::<_, Error>(())
        })
        .await?;
    mail::wake(engine);
    Ok(())
}
