//! Lock-out per account *and* address, and per address, counted in the database, since nodes are many.

use std::net::IpAddr;

use domain::Millis;
use domain::model::{Actor, JournalEntry, Organization, OrganizationId};
use store::repo::installation::login_failures::{self, FailureKind, LoginFailures};

use crate::{Engine, Error, Result};

/// Wrong passwords of one account from one address before it is locked for that address.
const PER_ACCOUNT: u32 = 5;
/// Wrong passwords from one address over all accounts.
const PER_ADDRESS: u32 = 50;
/// Wrong enrolment codes and PINs from one address: an office behind one address mistypes, too.
const PER_ENROLLMENT: u32 = 20;
/// Failures older than this are forgotten.
const WINDOW: Millis = 15 * 60_000;
/// How long a lock lasts.
const LOCK: Millis = 15 * 60_000;

/// What failures are counted under, and how many of them lock it. The first is forgotten after a success.
pub(crate) type Key = (FailureKind, String, u32);

/// Wrong second factors are counted for the account, whatever address they come from: who may try one knows the
/// password already, and that is reason enough to stop everybody.
pub(crate) fn keys_of_code(account: &str) -> [Key; 1] {
    [(FailureKind::Account, format!("{account}|second factor"), PER_ACCOUNT)]
}

/// Wrong passwords are counted for account and address together, and for the address alone.
pub(super) fn keys_of_password(account: &str, address: IpAddr) -> [Key; 2] {
    let address = address.to_canonical();
    // No account has a longer name; strangers must not choose how much is stored.
    let account: String = account.trim().to_lowercase().chars().take(64).collect();
    [
        (FailureKind::Account, format!("{account}|{address}"), PER_ACCOUNT),
        (FailureKind::Address, address.to_string(), PER_ADDRESS),
    ]
}

/// Wrong enrolment codes are counted for the address alone: they name nobody.
pub(crate) fn keys_of_enrollment(address: IpAddr) -> [Key; 1] {
    [(FailureKind::Address, format!("enrolment|{}", address.to_canonical()), PER_ENROLLMENT)]
}

/// Where no account is named, wrong proofs are counted for the address alone.
pub(super) fn keys_of_address(address: IpAddr) -> [Key; 1] {
    [(FailureKind::Address, address.to_canonical().to_string(), PER_ADDRESS)]
}

/// Refuses while a lock is in force.
pub(crate) async fn check(engine: &Engine, keys: &[Key]) -> Result<()> {
    let (now, keys) = (engine.now(), keys.to_vec());
    engine
        .store
        .read(Organization::SYSTEM, async move |tx| {
            for (kind, key, _) in &keys {
                let failure = login_failures::get(tx, *kind, key).await?;
                refuse_locked(failure.and_then(|f| f.locked_until), now)?;
            }
            Ok::<_, Error>(())
        })
        .await
}

/// Notes how a password turned out. A lock that came into force meanwhile holds for a right one too: however many
/// guesses are sent at once, only those before the lock count.
pub(crate) async fn settle(engine: &Engine, keys: &[Key], address: &str, right: bool) -> Result<()> {
    let administrator = Account {
        organization: Organization::SYSTEM,
        subject: String::new(),
        event: "administrator.locked_out",
    };
    settle_of(engine, keys, address, right, administrator).await
}

/// Whose account it is: where its lock is journaled, and as what.
#[derive(Debug, Clone)]
pub(crate) struct Account {
    /// The organization, or the installation.
    pub organization: OrganizationId,
    /// Its id, if that may be told.
    pub subject: String,
    /// The event.
    pub event: &'static str,
}

/// The same for an account of another kind.
pub(crate) async fn settle_of(
    engine: &Engine,
    keys: &[Key],
    address: &str,
    right: bool,
    account: Account,
) -> Result<()> {
    let (now, keys) = (engine.now(), keys.to_vec());
    engine
        .store
        .write(account.organization, Actor::Stranger(address.to_owned()), async move |tx| {
            let mut known = Vec::with_capacity(keys.len());
            for (kind, key, _) in &keys {
                let failure = login_failures::get(tx, *kind, key).await?;
                refuse_locked(failure.as_ref().and_then(|f| f.locked_until), now)?;
                known.push(failure);
            }
            if right {
                if known[0].is_some() {
                    login_failures::clear(tx, keys[0].0, &keys[0].1).await?;
                }
                return Ok(());
            }
            for ((kind, key, limit), old) in keys.iter().zip(known) {
                let failure = counted(old, *limit, now);
                if failure.locked_until.is_some() {
                    tx.journal(JournalEntry {
                        event: account.event,
                        subject: account.subject.clone(),
                        body: serde_json::json!({ "what": key }),
                    });
                }
                login_failures::put(tx, *kind, key, &failure).await?;
            }
            Ok::<_, Error>(())
        })
        .await
}

fn refuse_locked(until: Option<Millis>, now: Millis) -> Result<()> {
    match until {
        Some(until) if until > now => Err(Error::Locked(((until - now) / 1000).max(1) as u64)),
        _ => Ok(()),
    }
}

/// One wrong password more; at the limit the count begins anew behind a lock.
fn counted(old: Option<LoginFailures>, limit: u32, now: Millis) -> LoginFailures {
    let fresh = LoginFailures { count: 0, window_start: now, locked_until: None };
    let mut failure = old.filter(|f| now - f.window_start < WINDOW).unwrap_or(fresh);
    failure.count += 1;
    failure.locked_until = None;
    if failure.count >= limit {
        failure.locked_until = Some(now + LOCK);
        failure.count = 0;
    }
    failure
}
