//! The ticket between the two pages of signing in: the password was right, here, a moment ago. It is kept by nobody
//! but the browser, so that any node can read it, and opens nothing by itself.

use std::sync::Arc;

use domain::Millis;
use domain::model::{Administrator, AdministratorId};
use subtle::ConstantTimeEq;

use super::Caller;
use crate::Engine;

/// How long the second page may be left open.
const LIFETIME: Millis = 5 * 60_000;

fn seal(engine: &Engine, admin: &Administrator, until: Millis, caller: &Caller) -> String {
    let address = caller.address.to_canonical();
    let said = format!("{}|{until}|{}|{address}", admin.id, admin.credential_epoch);
    hex::encode(engine.secret_key.keyed_hash("sign-in ticket", said.as_bytes()))
}

/// A ticket for who has just given the right password.
pub(super) fn issue(engine: &Engine, admin: &Administrator, caller: &Caller) -> String {
    let until = engine.now() + LIFETIME;
    format!("{}.{until}.{}", admin.id, seal(engine, admin, until, caller))
}

/// Whose ticket it is, if it is ours, in time, from the same address, and the account has not changed since.
pub(super) fn owner(engine: &Engine, ticket: &str, caller: &Caller) -> Option<Arc<Administrator>> {
    let mut parts = ticket.splitn(3, '.');
    let id: AdministratorId = parts.next()?.parse().ok()?;
    let until: Millis = parts.next()?.parse().ok()?;
    let seal_presented = parts.next()?;
    let admin = engine.directory.administrator(id)?;
    let expected = seal(engine, &admin, until, caller);
    let now = engine.now();
    let in_time = now < until && until <= now + LIFETIME;
    let ours = bool::from(expected.as_bytes().ct_eq(seal_presented.as_bytes()));
    (ours && in_time).then_some(admin)
}
