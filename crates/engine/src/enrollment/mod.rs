//! Enrolment tokens: one-time codes by which a user is known before there is a device.
//!
//! An administrator hands one over, or a letter carries it (in its link and its QR code). Only the hash is stored. A
//! token ends by use, by time, by revocation, by the next letter, or by wrong PINs; guesses are bounded for each
//! address ([`crate::sign_in`]) and each token.

mod code;
mod redeem;

pub use redeem::{Invitation, Redeemed, Refusal, look, redeem};

use catalog::Permission;
use domain::Millis;
use domain::model::{
    EnrollmentToken, EnrollmentTokenId, JournalEntry, OrganizationSettings, PasswordHash, TokenEnd,
    TokenOrigin, TokenState, User, UserId, UserState,
};
use serde_json::json;
use store::{Tx, repo};

use crate::issues::Issues;
use crate::sign_in::hash_of;
use crate::{Engine, Entropy, Error, Result, Scope, passwords, users};

/// Open tokens that a user can have.
pub const MOST_OPEN: usize = 20;
/// Longest life of a token, hours.
pub const MOST_HOURS: u32 = 720;
/// Tokens that are over stay listed for so long, milliseconds.
const KEPT: Millis = 30 * 86_400_000;
const HOUR: Millis = 3_600_000;

/// What a new token needs.
#[derive(Debug, Clone, Default)]
pub struct NewToken {
    /// Hours until it ends, 1 to [`MOST_HOURS`]; `None` takes the organization's setting.
    pub hours: Option<u32>,
    /// 4 to 12 digits that must be entered beside it; empty: none.
    pub pin: String,
}

/// A token that was made just now.
#[derive(Debug, Clone)]
pub struct Issued {
    /// Its id.
    pub id: EnrollmentTokenId,
    /// The code, as people read it. It is not kept anywhere else.
    pub code: String,
    /// The address of the enrolment page with the code in it.
    pub link: String,
    /// When it ends.
    pub expires_at: Millis,
}

/// Makes a token for an active user.
///
/// # Errors
/// [`Error::NotFound`] for the user, [`Error::Invalid`] by field, [`Error::Conflict`] for a disabled user or one with
/// [`MOST_OPEN`] open tokens.
pub async fn issue(engine: &Engine, scope: &Scope, user: UserId, new: NewToken) -> Result<Issued> {
    scope.require(Permission::UsersInvite)?;
    let user = users::get(engine, scope, user)?;
    if user.state == UserState::Disabled {
        return Err(Error::conflict("A disabled user cannot enrol. Enable the user first."));
    }
    let pin = new.pin.trim().to_owned();
    let mut issues = Issues::default();
    issues.check(new.hours.is_none_or(|hours| (1..=MOST_HOURS).contains(&hours)), "hours", || {
        format!("Enter 1 to {MOST_HOURS} hours.")
    });
    let digits = pin.bytes().all(|b| b.is_ascii_digit());
    issues.check(pin.is_empty() || ((4..=12).contains(&pin.len()) && digits), "pin", || {
        "Use 4 to 12 digits, or none.".into()
    });
    issues.done()?;
    let org = engine.directory.organization(scope.organization()).ok_or(Error::NotFound("organization"))?;
    let hours = new.hours.unwrap_or(org.read().organization.settings.enrollment_hours);
    let pin = if pin.is_empty() { None } else { Some(passwords::hash(engine.entropy, &pin).await?) };
    let server = engine.public_url.read().clone();
    let unit = async move |tx: &mut Tx| {
        let now = tx.now();
        let open = repo::enrollment_tokens::of_user(tx, user.id, 1_000).await?;
        if open.iter().filter(|token| token.state(now) == TokenState::Open).count() >= MOST_OPEN {
            return Err(Error::conflict(format!(
                "{} has {MOST_OPEN} open codes already. Revoke one first.",
                user.display_name
            )));
        }
        Ok(insert(tx, &server, &user, TokenOrigin::Administrator, hours, pin.clone()).await?)
    };
    engine.store.write(scope.organization(), scope.actor().clone(), unit).await
}

/// Makes a token for a letter in the letter's own unit; those of former letters end.
pub(crate) async fn issue_for_letter(
    tx: &mut Tx,
    server: &str,
    user: &User,
    settings: &OrganizationSettings,
) -> store::Result<Issued> {
    let now = tx.now();
    for mut token in repo::enrollment_tokens::of_user(tx, user.id, 1_000).await? {
        if token.origin == TokenOrigin::Letter && token.state(now) == TokenState::Open {
            token.end = Some((TokenEnd::Replaced, now));
            repo::enrollment_tokens::put(tx, &mut token).await?;
        }
    }
    insert(tx, server, user, TokenOrigin::Letter, settings.enrollment_hours, None).await
}

async fn insert(
    tx: &mut Tx,
    server: &str,
    user: &User,
    origin: TokenOrigin,
    hours: u32,
    pin_hash: Option<PasswordHash>,
) -> store::Result<Issued> {
    let now = tx.now();
    let code = code::generate(Entropy);
    let has_pin = pin_hash.is_some();
    let mut token = EnrollmentToken {
        organization: tx.organization(),
        id: Entropy.id(now),
        rev: 0,
        user: user.id,
        origin,
        token_hash: hash_of(&code.replace('-', "")),
        pin_hash,
        attempts: 0,
        created_at: now,
        expires_at: now + i64::from(hours) * HOUR,
        end: None,
    };
    repo::enrollment_tokens::put(tx, &mut token).await?;
    tx.journal(JournalEntry {
        event: "enrollment.issued",
        subject: user.id.to_string(),
        body: json!({
            "name": user.username, "token": token.id, "origin": origin, "expires_at": token.expires_at,
            "pin": has_pin,
        }),
    });
    let link = format!("{server}/enroll?token={code}");
    Ok(Issued { id: token.id, code, link, expires_at: token.expires_at })
}

/// Tokens of a user, newest first, at most 100; those that were over a month ago are forgotten.
///
/// # Errors
/// [`Error::NotFound`] for the user.
pub async fn of_user(engine: &Engine, scope: &Scope, user: UserId) -> Result<Vec<EnrollmentToken>> {
    let user = users::get(engine, scope, user)?.id;
    let read =
        async move |tx: &mut Tx| Ok::<_, Error>(repo::enrollment_tokens::of_user(tx, user, 100).await?);
    engine.store.read(scope.organization(), read).await
}

/// Takes a token back. One that is over stays as it is.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn revoke(engine: &Engine, scope: &Scope, id: EnrollmentTokenId) -> Result<()> {
    scope.require(Permission::UsersInvite)?;
    let unit = async move |tx: &mut Tx| {
        let found = repo::enrollment_tokens::get(tx, id).await?;
        let mut token = found.ok_or(Error::NotFound("enrolment code"))?;
        let now = tx.now();
        if token.state(now) != TokenState::Open {
            return Ok(());
        }
        token.end = Some((TokenEnd::Revoked, now));
        repo::enrollment_tokens::put(tx, &mut token).await?;
        let user = repo::users::get(tx, token.user).await?;
        tx.journal(JournalEntry {
            event: "enrollment.revoked",
            subject: token.user.to_string(),
            body: json!({ "name": user.map(|user| user.username), "token": token.id }),
        });
        Ok::<_, Error>(())
    };
    engine.store.write(scope.organization(), scope.actor().clone(), unit).await
}

/// Forgets what was over a month ago.
pub(crate) async fn purge(tx: &mut Tx) -> store::Result<u64> {
    let before = tx.now() - KEPT;
    repo::enrollment_tokens::purge(tx, before).await
}
