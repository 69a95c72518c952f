//! The first administrator: a one-time link, printed at the first start.

use std::sync::Arc;

use domain::model::{
    Actor, AdminKind, Administrator, JournalEntry, Organization, RoleRef, Session, SignInMethod,
};
use store::repo::{self, installation::settings};

use super::{Caller, hash_of, password::open_session};
use crate::{Engine, Error, Result, passwords};

const KEY: &str = "setup_token_hash";

/// Whether no system administrator exists yet.
pub fn needs_setup(engine: &Engine) -> bool {
    engine.directory.administrators(Organization::SYSTEM).is_empty()
}

/// Makes a new one-time token for the set-up link; an older one stops working.
///
/// # Errors
/// Storage errors.
pub async fn setup_token(engine: &Engine) -> Result<String> {
    let token = engine.entropy.token("");
    let hash = hex::encode(hash_of(&token));
    engine
        .store
        .write(Organization::SYSTEM, Actor::CommandLine, async move |tx| {
            settings::put(tx, KEY, hash.as_bytes()).await?;
            Ok::<_, Error>(())
        })
        .await?;
    Ok(token)
}

/// Refuses a link that is wrong or used, before anything expensive is done for a stranger.
async fn check_link(engine: &Engine, presented: &str) -> Result<()> {
    let presented = presented.to_owned();
    engine
        .store
        .read(Organization::SYSTEM, async move |tx| {
            let expected = settings::get(tx, KEY).await?;
            if expected.as_deref() == Some(presented.as_bytes()) {
                Ok(())
            } else {
                Err(Error::NotFound("set-up link"))
            }
        })
        .await
}

/// Uses the link: makes the first system administrator and signs in.
///
/// # Errors
/// [`Error::NotFound`] for a wrong or used link, [`Error::Invalid`] for the fields.
pub async fn create_first_administrator(
    engine: &Engine,
    token: &str,
    username: &str,
    password: &str,
    caller: &Caller,
) -> Result<(String, Arc<Session>)> {
    let presented = hex::encode(hash_of(token));
    check_link(engine, &presented).await?;
    let username = crate::administrators::check_username(username)?;
    passwords::check_strength(password, 12)?;
    let hash = passwords::hash(engine.entropy, password).await?;
    let now = engine.now();
    let admin = Administrator {
        organization: Organization::SYSTEM,
        id: engine.entropy.id(now),
        rev: 0,
        display_name: username.clone(),
        username,
        email: String::new(),
        kind: AdminKind::System,
        role: Some(RoleRef::Predefined("full".into())),
        ise_admin: false,
        ise_full_wipe: false,
        allowed_networks: Vec::new(),
        password_hash: hash,
        credential_epoch: 1,
        enabled: true,
        must_change_password: false,
        directory: None,
        second_factor: None,
        passkeys: Vec::new(),
        recovery_codes: Vec::new(),
        identity: None,
        created_at: now,
        entrusted_at: now,
        entrusted_running: engine.running(),
        last_sign_in_at: None,
    };
    let id = admin.id;
    engine
        .store
        .write(Organization::SYSTEM, Actor::Stranger(caller.address.to_string()), async move |tx| {
            let expected = settings::get(tx, KEY).await?;
            if expected.as_deref() != Some(presented.as_bytes()) {
                return Err(Error::NotFound("set-up link"));
            }
            settings::remove(tx, KEY).await?;
            let mut admin = admin.clone();
            repo::administrators::put(tx, &mut admin).await?;
            tx.journal(JournalEntry {
                event: "administrator.created",
                subject: admin.id.to_string(),
                body: serde_json::json!({ "username": admin.username, "kind": "system", "by": "set-up link" }),
            });
            Ok(())
        })
        .await?;
    let admin = engine.directory.administrator(id).ok_or(Error::Unauthenticated)?;
    open_session(engine, &admin, caller, SignInMethod::Password, None).await
}
