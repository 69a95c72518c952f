//! Setting a second factor up and taking it away.

use std::sync::Arc;

use catalog::Permission;
use domain::model::{Administrator, AdministratorId, JournalEntry, Sealed, SecondFactor};
use serde_json::json;
use store::repo;
use zeroize::Zeroizing;

use super::{context, has_app, is_set, new_recovery_codes, prove, prove_if_set, totp};
use crate::sign_in::{Kept, end_others, prove_password};
use crate::{Engine, Error, Principal, Result, Scope, administrators};

/// A new secret for an authenticator app, shown this once.
pub struct Offer {
    /// In base 32, for typing.
    pub secret: String,
    /// The address (`otpauth://…`) for a QR code.
    pub address: String,
}

impl std::fmt::Debug for Offer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Offer(…)")
    }
}

pub(crate) fn own(engine: &Engine, scope: &Scope) -> Result<Arc<Administrator>> {
    let id = scope.administrator().ok_or(Error::Unauthenticated)?.id;
    engine.directory.administrator(id).ok_or(Error::Unauthenticated)
}

/// Makes a secret for oneself; it counts once [`confirm`] has seen a right code. An earlier offer stops working. Who
/// has a passkey shows it (or a recovery code) as `code`.
///
/// # Errors
/// [`Error::Invalid`] on `password` or `code`, [`Error::Locked`], [`Error::Conflict`] when one is set up already.
pub async fn begin(engine: &Engine, scope: &Scope, password: &str, code: &str) -> Result<Offer> {
    let admin = own(engine, scope)?;
    prove_password(engine, scope, &admin, "password", password).await?;
    prove_if_set(engine, &admin, code).await?;
    let secret = Zeroizing::new(engine.entropy.bytes::<{ totp::SECRET_BYTES }>());
    let sealed = Sealed(engine.secret_key.seal(&context(admin.id), secret.as_slice())?);
    let id = admin.id;
    engine
        .store
        .write(admin.organization, scope.actor().clone(), async move |tx| {
            let mut admin = repo::administrators::get(tx, id).await?.ok_or(Error::Unauthenticated)?;
            if has_app(&admin) {
                return Err(Error::conflict("An authenticator app is set up already. Remove it first."));
            }
            admin.second_factor =
                Some(SecondFactor { secret: sealed.clone(), confirmed: false, last_step: 0 });
            repo::administrators::put(tx, &mut admin).await?;
            tx.journal(entry("administrator.second_factor_offered", &admin));
            Ok::<_, Error>(())
        })
        .await?;
    let text = totp::base32(secret.as_slice());
    Ok(Offer { address: totp::address(&text, &admin.username), secret: text })
}

/// Puts the offered secret in force with a first code; all other sessions and API tokens end. Returns new recovery
/// codes, shown this once; former ones stop working.
///
/// # Errors
/// [`Error::Invalid`] on `code`; [`Error::Conflict`] without an offer.
pub async fn confirm(engine: &Engine, scope: &Scope, entered: &str) -> Result<Vec<String>> {
    let admin = own(engine, scope)?;
    let (id, now) = (admin.id, engine.now());
    let (codes, hashes) = new_recovery_codes(engine, id);
    let kept = Kept::of(scope);
    let (key, entered) = (engine.secret_key.clone(), entered.to_owned());
    engine
        .store
        .write(admin.organization, scope.actor().clone(), async move |tx| {
            let mut admin = repo::administrators::get(tx, id).await?.ok_or(Error::Unauthenticated)?;
            let offer = admin.second_factor.as_mut().filter(|factor| !factor.confirmed);
            let factor = offer.ok_or(Error::conflict("Begin anew: there is no offer of a second factor."))?;
            let secret = Zeroizing::new(key.unseal(&context(id), &factor.secret.0)?);
            let step = totp::step_of(&secret, &entered, now, 0).ok_or(Error::invalid(
                "code",
                "This is not the code that the app should show now. Check the clock of the telephone.",
            ))?;
            (factor.confirmed, factor.last_step) = (true, step);
            admin.recovery_codes.clone_from(&hashes);
            end_others(tx, &mut admin, &kept).await?;
            tx.journal(entry("administrator.second_factor_set", &admin));
            Ok::<_, Error>(())
        })
        .await?;
    Ok(codes)
}

/// Takes one's own authenticator app away; needs a code of it, or a passkey. All other sessions and API tokens end.
///
/// # Errors
/// As [`prove`](super::prove).
pub async fn remove(engine: &Engine, scope: &Scope, code: &str) -> Result<()> {
    let admin = own(engine, scope)?;
    if !has_app(&admin) {
        return Err(Error::conflict("There is no authenticator app to remove."));
    }
    prove(engine, &admin, code).await?;
    let (id, kept) = (admin.id, Kept::of(scope));
    engine
        .store
        .write(admin.organization, scope.actor().clone(), async move |tx| {
            let mut admin = repo::administrators::get(tx, id).await?.ok_or(Error::Unauthenticated)?;
            admin.second_factor = None;
            if !is_set(&admin) {
                admin.recovery_codes.clear();
            }
            end_others(tx, &mut admin, &kept).await?;
            tx.journal(entry("administrator.second_factor_removed", &admin));
            Ok::<_, Error>(())
        })
        .await
}

/// Takes the second factor of somebody else away (app, passkeys and recovery codes), who has lost it. All sessions and API tokens of the account end,
/// and for 24 hours it is no second person: whoever did this might use it.
///
/// # Errors
/// [`Error::Denied`] without the permission or with less power than the account has; [`Error::Conflict`] for oneself
/// and when none is set up.
pub async fn reset(engine: &Engine, scope: &Scope, id: AdministratorId) -> Result<()> {
    let admin = administrators::get_to_edit(engine, scope, id)?;
    let own = !matches!(scope.principal(), Principal::CommandLine)
        && scope.administrator().is_some_and(|a| a.id == id);
    if own {
        return Err(Error::conflict("Remove your own second factor under My account, with a code of it."));
    }
    if admin.second_factor.is_none() && admin.passkeys.is_empty() {
        return Err(Error::conflict("This account has no second factor."));
    }
    scope.require(Permission::AdministratorsEdit)?;
    let entrusted = engine.moment();
    engine
        .store
        .write(admin.organization, scope.actor().clone(), async move |tx| {
            let mut admin =
                repo::administrators::get(tx, id).await?.ok_or(Error::NotFound("administrator"))?;
            admin.second_factor = None;
            admin.passkeys.clear();
            admin.recovery_codes.clear();
            admin.credential_epoch += 1;
            admin.entrust(entrusted);
            repo::administrators::put(tx, &mut admin).await?;
            tx.journal(entry("administrator.second_factor_reset", &admin));
            Ok::<_, Error>(())
        })
        .await
}

fn entry(event: &'static str, admin: &Administrator) -> JournalEntry {
    JournalEntry { event, subject: admin.id.to_string(), body: json!({ "username": admin.username }) }
}
