//! Signing in with a passkey alone: it names the account, and has verified who holds it.

use std::sync::Arc;

use domain::model::{Session, SignInMethod};

use super::password::{may_sign_in, open_session};
use super::{Caller, lockout};
use crate::strangers::{self, Surface};
use crate::{Engine, Error, Result, passkeys};

/// What a browser is asked on the sign-in page. Good for ten minutes, from this address.
pub fn question(engine: &Engine, caller: &Caller) -> String {
    passkeys::question_of_nobody(engine, caller.address)
}

/// Opens a session for whom the passkey belongs to.
///
/// # Errors
/// [`Error::Unauthenticated`] for every answer that is not accepted, [`Error::Locked`] after too many of them.
pub async fn sign_in_with_passkey(
    engine: &Engine,
    answer: &str,
    caller: &Caller,
) -> Result<(String, Arc<Session>)> {
    let keys = lockout::keys_of_address(caller.address);
    lockout::check(engine, &keys).await?;
    let admin = passkeys::owner(engine, answer).filter(|admin| may_sign_in(engine, admin, caller));
    let proven = match &admin {
        Some(admin) => passkeys::prove_alone(engine, admin, answer, caller.address).await,
        None => Err(Error::Unauthenticated),
    };
    match (proven, admin) {
        (Ok(()), Some(admin)) => open_session(engine, &admin, caller, SignInMethod::Passkey, None).await,
        (Err(Error::Invalid(_) | Error::Unauthenticated) | Ok(()), _) => {
            strangers::refused(engine, None, caller.address, Surface::Console);
            lockout::settle(engine, &keys, &caller.address.to_string(), false).await?;
            Err(Error::Unauthenticated)
        }
        (Err(error), _) => Err(error),
    }
}
