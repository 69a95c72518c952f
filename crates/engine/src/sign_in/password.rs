//! Signing in with name and password.

use std::sync::Arc;

use domain::Millis;
use domain::model::{Actor, Administrator, JournalEntry, Session, SessionProvider, SignInMethod};
use store::repo;

use super::{Caller, Kept, end_others, hash_of, lockout, network_allowed, organization_enabled, ticket};
use crate::strangers::{self, Surface};
use crate::{Engine, Error, Result, Scope, administrators, passkeys, passwords, second_factor};

/// A session ends at the latest after this time; see also [`IDLE`].
pub(super) const LIFETIME: Millis = 12 * 3_600_000;
/// … or when it was not used for so long.
pub(super) const IDLE: Millis = 3_600_000;

/// How long signing in stands for a password, for those who have none.
pub(super) const FRESH: Millis = 10 * 60_000;

/// Opens a session. Returns the cookie's token (shown once; only its hash is kept) and the session.
///
/// # Errors
/// [`Error::Unauthenticated`] for every kind of wrong credential (unknown name, wrong password, disabled,
/// ISE-only account, network not allowed), [`Error::Locked`] after too many of them, [`Error::Upstream`] when the
/// directory of the name does not answer; [`Error::SecondFactor`] with the
/// ticket for [`sign_in_with_code`] when the account has a second factor.
pub async fn sign_in(
    engine: &Engine,
    username: &str,
    password: &str,
    caller: &Caller,
) -> Result<(String, Arc<Session>)> {
    let keys = lockout::keys_of_password(username, caller.address);
    lockout::check(engine, &keys).await?;
    let admin = proved(engine, username, password).await?.filter(|a| may_sign_in(engine, a, caller));
    lockout::settle(engine, &keys, &caller.address.to_string(), admin.is_some()).await?;
    let Some(admin) = admin else {
        strangers::refused(engine, None, caller.address, Surface::Console);
        return Err(Error::Unauthenticated);
    };
    if second_factor::is_set(&admin) {
        return Err(Error::SecondFactor(ticket::issue(engine, &admin, caller)));
    }
    open_session(engine, &admin, caller, SignInMethod::Password, None).await
}

/// Who has this name and password. Names with a domain are for a directory to judge, all others for us.
async fn proved(engine: &Engine, username: &str, password: &str) -> Result<Option<Arc<Administrator>>> {
    if username.contains('\\') {
        return crate::directories::admit_administrator(engine, username, password).await;
    }
    let admin = engine.directory.administrator_by_name(username);
    let right = passwords::verify_staff(admin.as_ref().map(|a| &a.password_hash), password).await?;
    Ok(admin.filter(|_| right))
}

/// What a browser is asked so that a passkey can stand for the code on the second page; `None` without any.
pub fn passkey_question(engine: &Engine, presented: &str, caller: &Caller) -> Option<String> {
    passkeys::question(engine, &*ticket::owner(engine, presented, caller)?)
}

/// The second page of signing in: the ticket of the first, and a code (or the answer of a passkey).
///
/// # Errors
/// [`Error::Unauthenticated`] for a ticket that is wrong or older than five minutes, [`Error::Invalid`] on `code`,
/// [`Error::Locked`] after too many wrong ones.
pub async fn sign_in_with_code(
    engine: &Engine,
    presented: &str,
    code: &str,
    caller: &Caller,
) -> Result<(String, Arc<Session>)> {
    let admin = ticket::owner(engine, presented, caller)
        .filter(|admin| may_sign_in(engine, admin, caller))
        .ok_or(Error::Unauthenticated)?;
    second_factor::prove(engine, &admin, code).await?;
    let admin = engine.directory.administrator(admin.id).ok_or(Error::Unauthenticated)?;
    open_session(engine, &admin, caller, SignInMethod::PasswordAndFactor, None).await
}

pub(crate) fn may_sign_in(engine: &Engine, admin: &Administrator, caller: &Caller) -> bool {
    admin.enabled
        && admin.role.is_some()
        && network_allowed(admin, caller.address)
        && organization_enabled(engine, admin.organization)
}

pub(crate) async fn open_session(
    engine: &Engine,
    admin: &Arc<Administrator>,
    caller: &Caller,
    signed_in_with: SignInMethod,
    provider: Option<SessionProvider>,
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
        signed_in_with,
        provider,
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
                body: serde_json::json!({
                    "address": stored.address, "user_agent": stored.user_agent, "with": stored.signed_in_with,
                }),
            });
            Ok::<_, Error>(())
        })
        .await?;
    Ok((token, Arc::new(session)))
}

/// Asks for one's own password again. Whoever found an open session or a token must not be able to try passwords with
/// it.
pub(crate) async fn prove_password(
    engine: &Engine,
    scope: &Scope,
    admin: &Administrator,
    field: &str,
    password: &str,
) -> Result<()> {
    if admin.directory.is_none() && admin.password_hash.0.is_empty() {
        return fresh(engine, scope, field);
    }
    let address = scope.address().unwrap_or(std::net::Ipv4Addr::UNSPECIFIED.into());
    let keys = lockout::keys_of_password(&admin.username, address);
    lockout::check(engine, &keys).await?;
    let right = match &admin.directory {
        Some(identity) => {
            crate::directories::is_password(engine, admin.organization, identity, password).await?
        }
        None => passwords::verify_staff(Some(&admin.password_hash), password).await?,
    };
    lockout::settle(engine, &keys, &address.to_string(), right).await?;
    if right { Ok(()) } else { Err(Error::invalid(field, "This is not your present password.")) }
}

/// Who has no password here (an identity provider has made the account) must have signed in just now.
fn fresh(engine: &Engine, scope: &Scope, field: &str) -> Result<()> {
    let opened = match scope.principal() {
        crate::Principal::Session(_, session) => Some(session.created_at),
        _ => None,
    };
    if opened.is_some_and(|opened| engine.now() - opened < FRESH) {
        return Ok(());
    }
    Err(Error::invalid(
        field,
        "Your account has no password here. Sign out, sign in again, and do this within ten minutes.",
    ))
}

/// Changes one's own password; all other sessions and API tokens end.
///
/// # Errors
/// [`Error::Invalid`] when the old password is wrong or the new one is weak, [`Error::Locked`] after too many
/// wrong ones.
pub async fn change_own_password(engine: &Engine, scope: &Scope, old: &str, new: &str) -> Result<()> {
    let admin = scope.administrator().cloned().ok_or(Error::Unauthenticated)?;
    if admin.directory.is_some() {
        return Err(Error::conflict(administrators::OF_DIRECTORY));
    }
    if admin.password_hash.0.is_empty() {
        return Err(Error::conflict("This account signs in by its identity provider, and has no password."));
    }
    passwords::check_strength(new, if admin.ise_admin { 16 } else { 12 })?;
    prove_password(engine, scope, &admin, "old_password", old).await?;
    let hash = passwords::hash(engine.entropy, new).await?;
    let (id, kept) = (admin.id, Kept::of(scope));
    engine
        .store
        .write(admin.organization, scope.actor().clone(), async move |tx| {
            let mut admin = repo::administrators::get(tx, id).await?.ok_or(Error::Unauthenticated)?;
            admin.password_hash = hash.clone();
            admin.must_change_password = false;
            end_others(tx, &mut admin, &kept).await?;
            tx.journal(JournalEntry {
                event: "administrator.password_changed",
                subject: id.to_string(),
                body: serde_json::json!({ "username": admin.username }),
            });
            Ok::<_, Error>(())
        })
        .await
}
