//! Signing in with name and password.

use std::sync::Arc;

use domain::Millis;
use domain::model::{Actor, Administrator, JournalEntry, Session};
use store::repo;

use super::{Caller, hash_of, lockout, network_allowed, organization_enabled};
use crate::strangers::{self, Surface};
use crate::{Engine, Error, Result, Scope, passwords};

/// A session ends at the latest after this time; see also [`IDLE`].
const LIFETIME: Millis = 12 * 3_600_000;
/// … or when it was not used for so long.
pub(super) const IDLE: Millis = 3_600_000;

/// Opens a session. Returns the cookie's token (shown once; only its hash is kept) and the session.
///
/// # Errors
/// [`Error::Unauthenticated`] for every kind of wrong credential (unknown name, wrong password, disabled,
/// ISE-only account, network not allowed), [`Error::Locked`] after too many of them.
pub async fn sign_in(
    engine: &Engine,
    username: &str,
    password: &str,
    caller: &Caller,
) -> Result<(String, Arc<Session>)> {
    lockout::check(engine, username, caller.address).await?;
    let admin = engine.directory.administrator_by_name(username);
    let right = passwords::verify_staff(admin.as_ref().map(|a| &a.password_hash), password).await?;
    let admin = admin.filter(|a| right && may_sign_in(engine, a, caller));
    lockout::settle(engine, username, caller.address, admin.is_some()).await?;
    let Some(admin) = admin else {
        strangers::refused(engine, None, caller.address, Surface::Console);
        return Err(Error::Unauthenticated);
    };
    open_session(engine, &admin, caller).await
}

fn may_sign_in(engine: &Engine, admin: &Administrator, caller: &Caller) -> bool {
    admin.enabled
        && admin.role.is_some()
        && network_allowed(admin, caller.address)
        && organization_enabled(engine, admin.organization)
}

pub(super) async fn open_session(
    engine: &Engine,
    admin: &Arc<Administrator>,
    caller: &Caller,
) -> Result<(String, Arc<Session>)> {
    let now = engine.now();
    let token = engine.entropy.token("");
    let session = Session {
        token_hash: hash_of(&token),
        administrator: admin.id,
        home: admin.organization,
        acting_in: None,
        credential_epoch: admin.credential_epoch,
        csrf: engine.entropy.token(""),
        created_at: now,
        seen_at: now,
        expires_at: now + LIFETIME,
        address: caller.address.to_string(),
        user_agent: caller.user_agent.clone(),
    };
    let id = admin.id;
    let stored = session.clone();
    let actor = Actor::Administrator(admin.id, admin.username.clone());
    engine
        .store
        .write(admin.organization, actor, async move |tx| {
            let mut admin = repo::administrators::get(tx, id).await?.ok_or(Error::Unauthenticated)?;
            admin.last_sign_in_at = Some(now);
            repo::administrators::put(tx, &mut admin).await?;
            repo::sessions::open(tx, &stored).await?;
            tx.journal(JournalEntry {
                event: "session.opened",
                subject: id.to_string(),
                body: serde_json::json!({ "address": stored.address, "user_agent": stored.user_agent }),
            });
            Ok::<_, Error>(())
        })
        .await?;
    Ok((token, Arc::new(session)))
}

/// Changes one's own password; all other sessions and API tokens end.
///
/// # Errors
/// [`Error::Invalid`] when the old password is wrong or the new one is weak, [`Error::Locked`] after too many
/// wrong ones.
pub async fn change_own_password(engine: &Engine, scope: &Scope, old: &str, new: &str) -> Result<()> {
    let admin = scope.administrator().cloned().ok_or(Error::Unauthenticated)?;
    passwords::check_strength(new, if admin.ise_admin { 16 } else { 12 })?;
    // Whoever found an open session or a token must not be able to try passwords with it.
    let address = scope.address().unwrap_or(std::net::Ipv4Addr::UNSPECIFIED.into());
    lockout::check(engine, &admin.username, address).await?;
    let right = passwords::verify_staff(Some(&admin.password_hash), old).await?;
    lockout::settle(engine, &admin.username, address, right).await?;
    if !right {
        return Err(Error::invalid("old_password", "This is not your present password."));
    }
    let hash = passwords::hash(engine.entropy, new).await?;
    let keep = match scope.principal() {
        crate::Principal::Session(_, session) => Some(session.token_hash.clone()),
        _ => None,
    };
    let used = match scope.actor() {
        Actor::Token(id, _) => Some(*id),
        _ => None,
    };
    let id = admin.id;
    engine
        .store
        .write(admin.organization, scope.actor().clone(), async move |tx| {
            let mut admin = repo::administrators::get(tx, id).await?.ok_or(Error::Unauthenticated)?;
            admin.password_hash = hash.clone();
            admin.must_change_password = false;
            admin.credential_epoch += 1;
            repo::administrators::put(tx, &mut admin).await?;
            for mut session in repo::sessions::of_administrator(tx, id).await? {
                if keep.as_ref() == Some(&session.token_hash) {
                    session.credential_epoch = admin.credential_epoch;
                    repo::sessions::update(tx, &session).await?;
                } else {
                    repo::sessions::end(tx, &session.token_hash).await?;
                }
            }
            if let Some(used) = used
                && let Some(mut token) = repo::tokens::get(tx, used).await?
            {
                token.credential_epoch = admin.credential_epoch;
                repo::tokens::put(tx, &mut token).await?;
            }
            tx.journal(JournalEntry {
                event: "administrator.password_changed",
                subject: id.to_string(),
                body: serde_json::json!({ "username": admin.username }),
            });
            Ok::<_, Error>(())
        })
        .await
}
