//! Using a passkey.

use std::net::IpAddr;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::model::{Actor, Administrator, AdministratorId, JournalEntry};
use serde_json::json;
use store::repo;
use wire_webauthn::{Answer, Expected};

use super::answer::{self, Used};
use super::challenge::{Challenge, Purpose};
use crate::{Engine, Error, Result};

const WRONG: &str = "This passkey was not accepted. Try again, or use a code.";
const LATE: &str = "The page was open for too long, or the passkey was used on a newer one. Try again.";
const COPIED: &str = "This passkey was not accepted: its counter went back, as if it had been copied. Remove it, and use another one.";

/// Whether what stands in the place of a code is the answer of a passkey.
pub(crate) fn is_answer(entered: &str) -> bool {
    entered.trim_start().starts_with('{')
}

/// The account that an answer names, without any proof.
pub(crate) fn owner(engine: &Engine, text: &str) -> Option<Arc<Administrator>> {
    let used: Used = answer::read(text)?;
    let id = AdministratorId::from_uuid(uuid::Uuid::from_slice(&used.user.0).ok()?);
    engine.directory.administrator(id)
}

/// Uses up an answer as the second factor of an account.
///
/// # Errors
/// [`Error::Invalid`] on `code`.
pub(crate) async fn prove(engine: &Engine, admin: &Administrator, text: &str) -> Result<()> {
    spend(engine, admin, text, &Purpose::Prove(admin), false).await
}

/// Uses up an answer that stands for password and second factor.
///
/// # Errors
/// [`Error::Invalid`] on `code`.
pub(crate) async fn prove_alone(
    engine: &Engine,
    admin: &Administrator,
    text: &str,
    address: IpAddr,
) -> Result<()> {
    spend(engine, admin, text, &Purpose::SignIn(address), true).await
}

fn wrong() -> Error {
    Error::invalid("code", WRONG)
}

/// What verifying outside of the unit has found out.
struct Verified {
    passkey: String,
    count: u32,
    backed_up: bool,
    challenged_at: domain::Millis,
}

fn verify(
    engine: &Engine,
    admin: &Administrator,
    text: &str,
    purpose: &Purpose<'_>,
    verified: bool,
) -> Result<Verified> {
    let used: Used = answer::read(text).ok_or_else(wrong)?;
    let passkey = admin.passkeys.iter().find(|known| known.id == used.id).ok_or_else(wrong)?;
    let challenge = Challenge::again(engine, purpose, &used.ticket).ok_or(Error::invalid("code", LATE))?;
    let page = answer::page(engine, &used.client_data.0).ok_or_else(wrong)?;
    let key = URL_SAFE_NO_PAD.decode(&passkey.public_key).map_err(Error::internal)?;
    let answer = Answer {
        client_data: &used.client_data.0,
        authenticator_data: &used.authenticator_data.0,
        signature: &used.signature.0,
    };
    let expected =
        Expected { challenge: &challenge.bytes, origin: &page.origin, rp_id: &page.domain, verified };
    let found = wire_webauthn::assertion(&answer, &key, &expected).map_err(|why| {
        tracing::debug!(%why, administrator = %admin.id, "a passkey was refused");
        wrong()
    })?;
    Ok(Verified {
        passkey: used.id,
        count: found.count,
        backed_up: found.backed_up,
        challenged_at: challenge.at,
    })
}

/// Verifies, and notes the use in one unit: two nodes cannot accept the same answer.
async fn spend(
    engine: &Engine,
    admin: &Administrator,
    text: &str,
    purpose: &Purpose<'_>,
    verified: bool,
) -> Result<()> {
    let found = verify(engine, admin, text, purpose, verified)?;
    let (id, now) = (admin.id, engine.now());
    let actor = Actor::Administrator(id, admin.username.clone());
    let copied = engine
        .store
        .write(admin.organization, actor, async move |tx| {
            let mut admin = repo::administrators::get(tx, id).await?.ok_or_else(wrong)?;
            let passkey =
                admin.passkeys.iter_mut().find(|known| known.id == found.passkey).ok_or_else(wrong)?;
            if found.challenged_at <= passkey.last_challenge_at {
                return Err(Error::invalid("code", LATE));
            }
            // One that counts must count on.
            let copied = (found.count, passkey.count) != (0, 0) && found.count <= passkey.count;
            if copied {
                tx.journal(JournalEntry {
                    event: "administrator.passkey_copied",
                    subject: id.to_string(),
                    body: json!({ "username": admin.username, "passkey": passkey.name }),
                });
                return Ok(true);
            }
            (passkey.count, passkey.backed_up) = (found.count, found.backed_up);
            (passkey.last_used_at, passkey.last_challenge_at) = (Some(now), found.challenged_at);
            repo::administrators::put(tx, &mut admin).await?;
            Ok(false)
        })
        .await?;
    if copied { Err(Error::invalid("code", COPIED)) } else { Ok(()) }
}
