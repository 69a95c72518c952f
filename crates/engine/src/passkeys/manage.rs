//! Registering, naming and removing one's own passkeys.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::model::{Administrator, JournalEntry, Passkey};
use serde_json::json;
use store::repo;
use wire_webauthn::Expected;

use super::MOST;
use super::answer::{self, Made};
use super::challenge::{Challenge, Purpose};
use crate::second_factor::{self, own};
use crate::sign_in::{Kept, end_others, prove_password};
use crate::{Engine, Error, Result, Scope};

/// Begins to register a passkey of one's own; answers what the browser is asked. Who has a second factor shows it.
///
/// # Errors
/// [`Error::Invalid`] on `password` or `code`, [`Error::Locked`], [`Error::Conflict`] beyond [`MOST`].
pub async fn begin(engine: &Engine, scope: &Scope, password: &str, code: &str) -> Result<String> {
    let admin = own(engine, scope)?;
    room(&admin)?;
    prove_password(engine, scope, &admin, "password", password).await?;
    second_factor::prove_if_set(engine, &admin, code).await?;
    let made = Challenge::make(engine, &Purpose::Register(&admin));
    let exclude: Vec<&str> = admin.passkeys.iter().map(|passkey| passkey.id.as_str()).collect();
    Ok(json!({
        "ticket": made.ticket, "challenge": made.encoded(), "exclude": exclude,
        "algorithms": wire_webauthn::PublicKey::ALGORITHMS,
        "user": {
            "id": URL_SAFE_NO_PAD.encode(admin.id.uuid().as_bytes()), "name": admin.username,
            "display": admin.display_name,
        },
    })
    .to_string())
}

fn room(admin: &Administrator) -> Result<()> {
    if admin.passkeys.len() < MOST {
        return Ok(());
    }
    Err(Error::conflict(format!("There are {MOST} passkeys. Remove one that you do not use.")))
}

fn check_name(name: &str) -> Result<String> {
    let name = name.trim();
    if (1..=100).contains(&name.chars().count()) && !name.chars().any(char::is_control) {
        return Ok(name.to_owned());
    }
    Err(Error::invalid("name", "Enter a name of 1 to 100 characters, such as the device that holds it."))
}

/// Registers the passkey that the browser made; all other sessions and API tokens end. Answers recovery codes, shown
/// this once, if there were none before.
///
/// # Errors
/// [`Error::Invalid`] on `name` or `answer`.
pub async fn register(engine: &Engine, scope: &Scope, name: &str, text: &str) -> Result<Vec<String>> {
    let admin = own(engine, scope)?;
    let name = check_name(name)?;
    let passkey = verify(engine, &admin, name, text)?;
    let (codes, hashes) = second_factor::new_recovery_codes(engine, admin.id);
    let (id, kept) = (admin.id, Kept::of(scope));
    let first = engine
        .store
        .write(admin.organization, scope.actor().clone(), async move |tx| {
            let mut admin = repo::administrators::get(tx, id).await?.ok_or(Error::Unauthenticated)?;
            room(&admin)?;
            if admin.passkeys.iter().any(|known| known.id == passkey.id) {
                return Err(Error::conflict("This passkey is registered already."));
            }
            let first = !second_factor::is_set(&admin) || admin.recovery_codes.is_empty();
            if first {
                admin.recovery_codes.clone_from(&hashes);
            }
            admin.passkeys.push(passkey.clone());
            end_others(tx, &mut admin, &kept).await?;
            tx.journal(entry("administrator.passkey_added", &admin, &passkey.name));
            Ok::<_, Error>(first)
        })
        .await?;
    Ok(if first { codes } else { Vec::new() })
}

fn verify(engine: &Engine, admin: &Administrator, name: String, text: &str) -> Result<Passkey> {
    let refused = || Error::invalid("answer", "The browser made no passkey that we can use. Begin anew.");
    let made: Made = answer::read(text).ok_or_else(refused)?;
    let challenge = Challenge::again(engine, &Purpose::Register(admin), &made.ticket).ok_or_else(refused)?;
    let page = answer::page(engine, &made.client_data.0).ok_or_else(refused)?;
    let expected =
        Expected { challenge: &challenge.bytes, origin: &page.origin, rp_id: &page.domain, verified: false };
    let made =
        wire_webauthn::registration(&made.client_data.0, &made.attestation.0, &expected).map_err(|why| {
            tracing::debug!(%why, administrator = %admin.id, "a new passkey was refused");
            refused()
        })?;
    Ok(Passkey {
        id: URL_SAFE_NO_PAD.encode(&made.id),
        name,
        public_key: URL_SAFE_NO_PAD.encode(&made.key),
        count: made.count,
        backed_up: made.backed_up,
        created_at: engine.now(),
        last_used_at: None,
        last_challenge_at: challenge.at,
    })
}

/// Gives one's own passkey another name.
///
/// # Errors
/// [`Error::Invalid`] on `name`, [`Error::NotFound`].
pub async fn rename(engine: &Engine, scope: &Scope, passkey: &str, name: &str) -> Result<()> {
    let admin = own(engine, scope)?;
    let (id, name, wanted) = (admin.id, check_name(name)?, passkey.to_owned());
    engine
        .store
        .write(admin.organization, scope.actor().clone(), async move |tx| {
            let mut admin = repo::administrators::get(tx, id).await?.ok_or(Error::Unauthenticated)?;
            let passkey = admin.passkeys.iter_mut().find(|known| known.id == wanted);
            passkey.ok_or(Error::NotFound("passkey"))?.name.clone_from(&name);
            repo::administrators::put(tx, &mut admin).await?;
            tx.journal(entry("administrator.passkey_renamed", &admin, &name));
            Ok(())
        })
        .await
}

/// Removes one's own passkey; needs a code, or any passkey of the account. All other sessions and API tokens end.
///
/// # Errors
/// [`Error::NotFound`], and as [`second_factor::remove`].
pub async fn remove(engine: &Engine, scope: &Scope, passkey: &str, code: &str) -> Result<()> {
    let admin = own(engine, scope)?;
    if admin.passkeys.iter().all(|known| known.id != passkey) {
        return Err(Error::NotFound("passkey"));
    }
    second_factor::prove(engine, &admin, code).await?;
    let (id, kept, wanted) = (admin.id, Kept::of(scope), passkey.to_owned());
    engine
        .store
        .write(admin.organization, scope.actor().clone(), async move |tx| {
            let mut admin = repo::administrators::get(tx, id).await?.ok_or(Error::Unauthenticated)?;
            let at = admin.passkeys.iter().position(|known| known.id == wanted);
            let gone = admin.passkeys.remove(at.ok_or(Error::NotFound("passkey"))?);
            if !second_factor::is_set(&admin) {
                admin.recovery_codes.clear();
            }
            end_others(tx, &mut admin, &kept).await?;
            tx.journal(entry("administrator.passkey_removed", &admin, &gone.name));
            Ok(())
        })
        .await
}

fn entry(event: &'static str, admin: &Administrator, passkey: &str) -> JournalEntry {
    let body = json!({ "username": admin.username, "passkey": passkey });
    JournalEntry { event, subject: admin.id.to_string(), body }
}
