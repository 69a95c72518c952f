//! Slow hashing of passwords with Argon2id, off the network threads, a few at a time.

use std::time::Duration;

use argon2::password_hash::{PasswordHash as Phc, PasswordHasher, PasswordVerifier, SaltString};
use argon2::{Algorithm, Argon2, Params, Version};
use domain::model::PasswordHash;
use tokio::sync::{Semaphore, SemaphorePermit};
use zeroize::Zeroizing;

use crate::{Entropy, Error, Result};

/// OWASP's first recommendation: 19 MiB, 2 passes, 1 lane.
fn argon() -> Argon2<'static> {
    let params = Params::new(19 * 1024, 2, 1, None).expect("fixed parameters are valid");
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
}

/// At most this many at once: each takes 19 MiB and a core.
static GATE: Semaphore = Semaphore::const_new(4);

/// A gate of their own for administrators and Cisco ISE: they must not queue behind a thousand phones that come
/// back at once.
static STAFF: Semaphore = Semaphore::const_new(2);

/// How long a caller waits for its turn; a flood of guesses must not become a queue without end.
const PATIENCE: Duration = Duration::from_secs(10);

async fn turn(gate: &'static Semaphore) -> Result<SemaphorePermit<'static>> {
    match tokio::time::timeout(PATIENCE, gate.acquire()).await {
        Ok(permit) => permit.map_err(Error::internal),
        Err(_) => Err(Error::Busy(5)),
    }
}

/// The hash of a random password that nobody knows.
const NOBODY: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$bm90aWZ5bWRtLW5vYm9keQ$qHkVQWZC0sNNOhfCs3o4nG1rWgq0cVhQmS6oFIoTuDA";

/// Hashes a new password.
///
/// # Errors
/// [`Error::Busy`] when too many wait, [`Error::Internal`] when the hash cannot be made.
pub async fn hash(entropy: Entropy, password: &str) -> Result<PasswordHash> {
    let permit = turn(&GATE).await?;
    let password = Zeroizing::new(password.to_owned());
    tokio::task::spawn_blocking(move || {
        // Kept until the work is done, even if the caller has gone away.
        let _permit = permit;
        let salt = SaltString::encode_b64(&entropy.bytes::<16>()).map_err(Error::internal)?;
        let hash = argon().hash_password(password.as_bytes(), &salt).map_err(Error::internal)?;
        Ok(PasswordHash(hash.to_string()))
    })
    .await
    .map_err(Error::internal)?
}

/// Whether the password belongs to the hash. `None` as hash takes the same time and is always false, so that an
/// unknown name cannot be told from a wrong password.
///
/// # Errors
/// [`Error::Busy`] when too many wait, [`Error::Internal`] when the thread pool is gone.
pub async fn verify(hash: Option<&PasswordHash>, password: &str) -> Result<bool> {
    verify_at(&GATE, hash, password).await
}

/// The same for administrators and Cisco ISE, ahead of the phones.
///
/// # Errors
/// As [`verify`].
pub async fn verify_staff(hash: Option<&PasswordHash>, password: &str) -> Result<bool> {
    verify_at(&STAFF, hash, password).await
}

async fn verify_at(gate: &'static Semaphore, hash: Option<&PasswordHash>, password: &str) -> Result<bool> {
    let permit = turn(gate).await?;
    let known = hash.is_some();
    let hash = hash.map_or_else(|| NOBODY.to_owned(), |h| h.0.clone());
    let password = Zeroizing::new(password.to_owned());
    let right = tokio::task::spawn_blocking(move || {
        let _permit = permit;
        Phc::new(&hash).is_ok_and(|parsed| argon().verify_password(password.as_bytes(), &parsed).is_ok())
    })
    .await
    .map_err(Error::internal)?;
    Ok(right && known)
}

/// Refuses passwords that are too short or among the commonest.
///
/// # Errors
/// [`Error::Invalid`] on the field `password`.
pub fn check_strength(password: &str, least: usize) -> Result<()> {
    const COMMON: [&str; 12] = [
        "password",
        "passwort",
        "12345678",
        "123456789",
        "1234567890",
        "qwertyuiop",
        "administrator",
        "welcome1",
        "iloveyou",
        "letmein123",
        "notifymdm",
        "changeme",
    ];
    let length = password.chars().count();
    if length < least {
        return Err(Error::invalid(
            "password",
            format!("Use at least {least} characters; this has {length}."),
        ));
    }
    if length > 256 {
        return Err(Error::invalid("password", "Use at most 256 characters."));
    }
    if COMMON.contains(&password.to_lowercase().as_str()) {
        return Err(Error::invalid(
            "password",
            "This password is among the first an attacker tries. Choose another.",
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Else an unknown name would be answered at once, and a known one after a tenth of a second.
    #[test]
    fn nobody_costs_as_much_as_somebody() {
        let nobody = Phc::new(NOBODY).expect("a well-formed hash");
        let salt = SaltString::encode_b64(&[7; 16]).expect("a salt");
        let somebody = argon().hash_password(b"correct horse", &salt).expect("a hash").to_string();
        let somebody = Phc::new(&somebody).expect("a well-formed hash");
        assert_eq!((nobody.algorithm, nobody.version), (somebody.algorithm, somebody.version));
        assert_eq!(nobody.params, somebody.params);
        assert_eq!(nobody.hash.map(|h| h.len()), somebody.hash.map(|h| h.len()));
    }
}
