//! Failed sign-ins per account and per address, for the lock-out. Without journal and feed; any unit may use
//! it, since an address belongs to nobody.

use crate::{Result, Tx, repo::text};
use domain::Millis;

/// Bytes looked at of a name or an address.
const MAX_KEY: usize = 512;

/// What failures are counted for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FailureKind {
    /// A sign-in name, known or not.
    Account,
    /// A source address.
    Address,
}

impl FailureKind {
    fn word(self) -> &'static str {
        match self {
            Self::Account => "account",
            Self::Address => "address",
        }
    }
}

/// The failures of one account or address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoginFailures {
    /// How many in this window.
    pub count: u32,
    /// When the window began.
    pub window_start: Millis,
    /// No attempt is looked at before this time.
    pub locked_until: Option<Millis>,
}

/// Forgets the failures of an account, from whatever address.
pub async fn forget_account(tx: &mut Tx, account: &str) -> Result<u64> {
    let prefix = text::bounded(&format!("{}|", account.to_lowercase()), MAX_KEY);
    let sql = "DELETE FROM login_failure WHERE kind = $1 AND substr(subject, 1, length($2)) = $2";
    tx.execute(sql, &[FailureKind::Account.word().into(), prefix]).await
}

/// What is stored.
pub async fn get(tx: &mut Tx, kind: FailureKind, key: &str) -> Result<Option<LoginFailures>> {
    let sql =
        "SELECT failures, window_start, locked_until FROM login_failure WHERE kind = $1 AND subject = $2";
    let Some(row) = tx.fetch_optional(sql, &[kind.word().into(), text::bounded(key, MAX_KEY)]).await? else {
        return Ok(None);
    };
    Ok(Some(LoginFailures { count: row.u32(0)?, window_start: row.int(1)?, locked_until: row.opt_int(2)? }))
}

/// Replaces what is stored.
pub async fn put(tx: &mut Tx, kind: FailureKind, key: &str, failures: &LoginFailures) -> Result<()> {
    let sql = "INSERT INTO login_failure (kind, subject, failures, window_start, locked_until) \
               VALUES ($1, $2, $3, $4, $5) ON CONFLICT (kind, subject) DO UPDATE SET \
               failures = excluded.failures, window_start = excluded.window_start, \
               locked_until = excluded.locked_until";
    let params = [
        kind.word().into(),
        text::bounded(key, MAX_KEY),
        failures.count.into(),
        failures.window_start.into(),
        failures.locked_until.into(),
    ];
    tx.execute(sql, &params).await?;
    Ok(())
}

/// Forgets, after a good sign-in or by an administrator; false if nothing was stored.
pub async fn clear(tx: &mut Tx, kind: FailureKind, key: &str) -> Result<bool> {
    let sql = "DELETE FROM login_failure WHERE kind = $1 AND subject = $2";
    Ok(tx.execute(sql, &[kind.word().into(), text::bounded(key, MAX_KEY)]).await? > 0)
}

/// Forgets windows that began before `before`, unless locked beyond `now`; answers how many. Guessing makes
/// rows, so this must run now and then.
pub async fn purge(tx: &mut Tx, before: Millis, now: Millis) -> Result<u64> {
    let sql = "DELETE FROM login_failure WHERE window_start < $1 \
               AND (locked_until IS NULL OR locked_until <= $2)";
    tx.execute(sql, &[before.into(), now.into()]).await
}
