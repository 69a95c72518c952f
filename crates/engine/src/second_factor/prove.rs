//! Proving a second factor.

use domain::model::{Administrator, JournalEntry};
use serde_json::json;
use store::repo;
use zeroize::Zeroizing;

use super::{context, is_set, purpose, recovery, totp};
use crate::sign_in::lockout;
use crate::{Engine, Error, Result, passkeys};

/// Somebody has shown the second factor of an account just now.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Proven(());

const WRONG: &str = "This code is not right, or it was used already. Wait for the next one and enter that.";

/// Uses up a proof of the account: a code of the app, a recovery code, or the answer of a passkey.
///
/// # Errors
/// [`Error::Denied`] when none is set up, [`Error::Invalid`] on `code` for a wrong one, [`Error::Locked`] after five
/// wrong ones.
pub(crate) async fn prove(engine: &Engine, admin: &Administrator, entered: &str) -> Result<Proven> {
    if !is_set(admin) {
        return Err(Error::Denied(
            "This needs a second factor. Set one up under My account first, then come back.".into(),
        ));
    }
    if entered.trim().is_empty() {
        return Err(Error::invalid(
            "code",
            "Use a passkey, or enter the code that your authenticator app shows, or a recovery code.",
        ));
    }
    let keys = lockout::keys_of_code(&admin.username);
    lockout::check(engine, &keys).await?;
    let spent = if passkeys::is_answer(entered) {
        passkeys::prove(engine, admin, entered).await
    } else {
        spend(engine, admin, entered).await
    };
    match &spent {
        Ok(()) => lockout::settle(engine, &keys, "", true).await?,
        Err(Error::Invalid(_)) => lockout::settle(engine, &keys, "", false).await?,
        Err(_) => {}
    }
    spent.map(|()| Proven(()))
}

/// The same, where a second factor is asked of those only who have one.
///
/// # Errors
/// As [`prove`].
pub(crate) async fn prove_if_set(engine: &Engine, admin: &Administrator, entered: &str) -> Result<()> {
    if is_set(admin) { prove(engine, admin, entered).await.map(drop) } else { Ok(()) }
}

/// Compares and uses up in one unit: two nodes cannot accept the same code.
async fn spend(engine: &Engine, admin: &Administrator, entered: &str) -> Result<()> {
    let (id, now) = (admin.id, engine.now());
    let entered = Zeroizing::new(entered.to_owned());
    let hash = recovery::hash(&engine.secret_key, &purpose(id), &entered);
    let key = engine.secret_key.clone();
    let actor = domain::model::Actor::Administrator(id, admin.username.clone());
    engine
        .store
        .write(admin.organization, actor, async move |tx| {
            let mut admin = repo::administrators::get(tx, id).await?.ok_or(Error::Unauthenticated)?;
            let app = admin.second_factor.as_mut().filter(|f| f.confirmed);
            let step = match &app {
                Some(app) => {
                    let secret = Zeroizing::new(key.unseal(&context(id), &app.secret.0)?);
                    totp::step_of(&secret, &entered, now, app.last_step)
                }
                None => None,
            };
            if let (Some(app), Some(step)) = (app, step) {
                app.last_step = step;
            } else if let Some(at) =
                hash.as_ref().and_then(|hash| admin.recovery_codes.iter().position(|known| known == hash))
            {
                admin.recovery_codes.remove(at);
                let left = admin.recovery_codes.len();
                tx.journal(JournalEntry {
                    event: "administrator.recovery_code_used",
                    subject: id.to_string(),
                    body: json!({ "username": admin.username, "left": left }),
                });
            } else {
                return Err(Error::invalid("code", WRONG));
            }
            repo::administrators::put(tx, &mut admin).await?;
            Ok(())
        })
        .await
}
