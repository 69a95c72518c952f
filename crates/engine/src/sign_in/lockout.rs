//! Lock-out: counted in the database, since nodes are many, and mirrored in memory for the fast "still locked".

use std::net::IpAddr;

use domain::Millis;
use domain::model::{Actor, Organization};
use store::repo::installation::login_failures::{self, FailureKind, LoginFailures};

use crate::{Engine, Error, Result};

/// Wrong passwords of one account from one address before it is locked for that address.
const PER_ACCOUNT: u32 = 5;
/// Wrong passwords from one address over all accounts.
const PER_ADDRESS: u32 = 50;
/// Failures older than this are forgotten.
const WINDOW: Millis = 15 * 60_000;
/// How long a lock lasts.
const LOCK: Millis = 15 * 60_000;

fn keys(account: &str, address: IpAddr) -> [(FailureKind, String, u32); 2] {
    let address = address.to_canonical();
    [
        (FailureKind::Account, format!("{}|{address}", account.trim().to_lowercase()), PER_ACCOUNT),
        (FailureKind::Address, address.to_string(), PER_ADDRESS),
    ]
}

/// Refuses while a lock is in force.
pub(super) async fn check(engine: &Engine, account: &str, address: IpAddr) -> Result<()> {
    let now = engine.now();
    let keys = keys(account, address);
    let locked_until = engine
        .store
        .read(Organization::SYSTEM, async move |tx| {
            let mut until = 0;
            for (kind, key, _) in &keys {
                if let Some(failure) = login_failures::get(tx, *kind, key).await? {
                    until = until.max(failure.locked_until.unwrap_or(0));
                }
            }
            Ok::<_, Error>(until)
        })
        .await?;
    if locked_until > now { Err(Error::Locked(((locked_until - now) / 1000).max(1) as u64)) } else { Ok(()) }
}

/// Counts a wrong password.
pub(super) async fn failed(engine: &Engine, account: &str, address: IpAddr) -> Result<()> {
    let now = engine.now();
    let keys = keys(account, address);
    engine
        .store
        .write(Organization::SYSTEM, Actor::Stranger(address.to_string()), async move |tx| {
            for (kind, key, limit) in &keys {
                let old = login_failures::get(tx, *kind, key).await?;
                let mut failure = old.filter(|f| now - f.window_start < WINDOW).unwrap_or(LoginFailures {
                    count: 0,
                    window_start: now,
                    locked_until: None,
                });
                failure.count += 1;
                if failure.count >= *limit {
                    failure.locked_until = Some(now + LOCK);
                    failure.count = 0;
                    tx.journal(domain::model::JournalEntry {
                        event: "administrator.locked_out",
                        subject: String::new(),
                        body: serde_json::json!({ "what": key }),
                    });
                }
                login_failures::put(tx, *kind, key, &failure).await?;
            }
            Ok::<_, Error>(())
        })
        .await
}

/// A right password ends the account's count from this address.
pub(super) async fn succeeded(engine: &Engine, account: &str, address: IpAddr) -> Result<()> {
    let [(kind, key, _), _] = keys(account, address);
    engine
        .store
        .write(Organization::SYSTEM, Actor::System, async move |tx| {
            login_failures::clear(tx, kind, &key).await?;
            Ok::<_, Error>(())
        })
        .await
}
