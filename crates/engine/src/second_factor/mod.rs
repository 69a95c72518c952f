//! The second factor of administrators: a code from an authenticator app, a passkey ([`crate::passkeys`]), or a
//! recovery code.
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
pub(crate) use set_up::own;
pub use set_up::{Offer, begin, confirm, remove, reset};
pub use totp::{from_base32, present_code};

use domain::model::{Administrator, AdministratorId, Session, SignInMethod};

use crate::Engine;

/// Whether an account has a second factor in force: an authenticator app or a passkey.
pub fn is_set(admin: &Administrator) -> bool {
    has_app(admin) || !admin.passkeys.is_empty()
}

/// Whether an authenticator app is in force.
pub fn has_app(admin: &Administrator) -> bool {
    admin.second_factor.as_ref().is_some_and(|factor| factor.confirmed)
}

/// Whether the account must set one up before anything else: the organization acted in demands it of everybody, or
/// its own organization of its role. Not of who came through a provider that vouches for one.
pub(crate) fn is_due(
    engine: &Engine,
    admin: &Administrator,
    organization: domain::model::OrganizationId,
    session: &Session,
) -> bool {
    if is_set(admin) || session.signed_in_with == SignInMethod::ProviderWithFactor {
        return false;
    }
    let of_everybody = engine
        .directory
        .organization(organization)
        .is_some_and(|org| org.read().organization.settings.require_second_factor);
    let settings = engine.directory.sign_in(admin.organization);
    of_everybody || admin.role.as_ref().is_some_and(|role| settings.second_factor_roles.contains(role))
}

/// How many recovery codes are left.
pub fn recovery_codes_left(admin: &Administrator) -> usize {
    if is_set(admin) { admin.recovery_codes.len() } else { 0 }
}

/// What a secret is sealed for.
fn context(id: AdministratorId) -> String {
    format!("administrator/second-factor/{id}")
}

/// Ten new recovery codes, as they are shown and as they are stored.
pub(crate) fn new_recovery_codes(engine: &Engine, id: AdministratorId) -> (Vec<String>, Vec<String>) {
    let codes: Vec<String> = (0..recovery::COUNT).map(|_| recovery::generate(engine.entropy)).collect();
    let hashes =
        codes.iter().filter_map(|code| recovery::hash(&engine.secret_key, &purpose(id), code)).collect();
    (codes, hashes)
}

/// What recovery codes are hashed for.
fn purpose(id: AdministratorId) -> String {
    format!("administrator/recovery-code/{id}")
}
