//! The second factor of administrators: a code from an authenticator app, or a recovery code.
//!
//! The secret is sealed, shown once, and counts from the first right code on. A code counts once (the step used last
//! is stored in the unit that accepts it), and wrong ones are counted for the account, whatever address they come
//! from: who may try codes has the password already.

mod prove;
mod recovery;
mod set_up;
mod totp;

pub(crate) use prove::{prove, prove_if_set};
pub(crate) use recovery::{generate as generate_recovery_code, hash as hash_recovery_code};
pub use set_up::{Offer, begin, confirm, remove, reset};
pub use totp::{from_base32, present_code};

use domain::model::{Administrator, AdministratorId};

use crate::Engine;

/// Whether an account has a second factor in force.
pub fn is_set(admin: &Administrator) -> bool {
    admin.second_factor.as_ref().is_some_and(|factor| factor.confirmed)
}

/// Whether the account must set one up before anything else: the organization acted in demands it.
pub(crate) fn is_due(
    engine: &Engine,
    admin: &Administrator,
    organization: domain::model::OrganizationId,
) -> bool {
    !is_set(admin)
        && engine
            .directory
            .organization(organization)
            .is_some_and(|org| org.read().organization.settings.require_second_factor)
}

/// How many recovery codes are left.
pub fn recovery_codes_left(admin: &Administrator) -> usize {
    admin.second_factor.as_ref().filter(|factor| factor.confirmed).map_or(0, |factor| factor.recovery.len())
}

/// What a secret is sealed for.
fn context(id: AdministratorId) -> String {
    format!("administrator/second-factor/{id}")
}

/// What recovery codes are hashed for.
fn purpose(id: AdministratorId) -> String {
    format!("administrator/recovery-code/{id}")
}
