//! Coming with a code: looking at it, and using it up.

use std::fmt;
use std::sync::Arc;

use domain::Millis;
use domain::model::{
    Actor, EnrollmentToken, EnrollmentTokenId, JournalEntry, Organization, OrganizationId, PIN_ATTEMPTS,
    TokenEnd, TokenOrigin, TokenState, User, UserState,
};
use serde_json::json;
use store::{Tx, repo};

use super::code;
use crate::sign_in::{Caller, hash_of, lockout};
use crate::{Engine, Error, Result, passwords};

/// Why a code is not taken, for the person who has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// Nobody's code.
    Unknown,
    /// It was not used before this time.
    Expired(Millis),
    /// It was used at this time.
    Redeemed(Millis),
    /// It was taken back, or a newer letter took its place.
    Withdrawn,
    /// Too many wrong PINs were entered.
    Guessed,
    /// The PIN is missing or wrong; so many may still be tried.
    Pin(u32),
    /// The user or the organization is disabled.
    Disabled,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Refusal::Unknown => f.write_str("This code is not known. Check it letter by letter."),
            Refusal::Expired(_) => f.write_str("This code was not used in time. Ask for a new one."),
            Refusal::Redeemed(_) => f.write_str("This code was used already. Ask for a new one."),
            Refusal::Withdrawn => {
                f.write_str("This code is no longer valid: a newer one was sent, or it was revoked.")
            }
            Refusal::Guessed => {
                f.write_str("This code ended because of too many wrong PINs. Ask for a new one.")
            }
            Refusal::Pin(1) => f.write_str("The PIN is not right. It can be tried once more."),
            Refusal::Pin(left) => write!(f, "The PIN is not right. It can be tried {left} more times."),
            Refusal::Disabled => f.write_str("This account is disabled. Ask your administrator."),
        }
    }
}

/// What a code that can be used is for.
#[derive(Debug, Clone)]
pub struct Invitation {
    /// The organization.
    pub organization: Arc<Organization>,
    /// Who is invited.
    pub user: Arc<User>,
    /// A PIN must be entered beside it.
    pub needs_pin: bool,
    /// When it ends.
    pub expires_at: Millis,
}

/// A code that was used up just now.
#[derive(Debug, Clone)]
pub struct Redeemed {
    /// The token, for what is written about the enrolment.
    pub id: EnrollmentTokenId,
    /// The organization.
    pub organization: Arc<Organization>,
    /// Who came with it.
    pub user: Arc<User>,
    /// How the code came to the user.
    pub origin: TokenOrigin,
}

/// Looks at a code without using it up.
///
/// # Errors
/// [`Error::Locked`] after too many wrong ones from one address; storage errors.
pub async fn look(
    engine: &Engine,
    typed: &str,
    caller: &Caller,
) -> Result<std::result::Result<Invitation, Refusal>> {
    let keys = lockout::keys_of_enrollment(caller.address);
    lockout::check(engine, &keys).await?;
    let Some(token) = find(engine, typed).await? else {
        wrong(engine, caller).await?;
        return Ok(Err(Refusal::Unknown));
    };
    Ok(whose(engine, &token).map(|(organization, user)| Invitation {
        organization,
        user,
        needs_pin: token.pin_hash.is_some(),
        expires_at: token.expires_at,
    }))
}

/// Uses a code up. Of several who come at once with the same code one gets in.
///
/// # Errors
/// [`Error::Locked`] after too many wrong codes or PINs from one address; storage errors.
pub async fn redeem(
    engine: &Engine,
    typed: &str,
    pin: &str,
    caller: &Caller,
) -> Result<std::result::Result<Redeemed, Refusal>> {
    let keys = lockout::keys_of_enrollment(caller.address);
    lockout::check(engine, &keys).await?;
    let Some(token) = find(engine, typed).await? else {
        wrong(engine, caller).await?;
        return Ok(Err(Refusal::Unknown));
    };
    let (organization, user) = match whose(engine, &token) {
        Ok(found) => found,
        Err(refusal) => return Ok(Err(refusal)),
    };
    if token.pin_hash.is_some()
        && let Err(refusal) = prove_pin(engine, &token, pin.trim(), caller).await?
    {
        return Ok(Err(refusal));
    }
    let outcome = use_up(engine, &token, &user, caller).await?;
    Ok(outcome.map(|()| Redeemed { id: token.id, organization, user, origin: token.origin }))
}

async fn find(engine: &Engine, typed: &str) -> Result<Option<EnrollmentToken>> {
    let Some(code) = code::plain(typed) else { return Ok(None) };
    let hash = hash_of(&code);
    let read = async move |tx: &mut Tx| {
        Ok::<_, Error>(repo::installation::lookup::enrollment_token_by_hash(tx, &hash).await?)
    };
    engine.store.read(Organization::SYSTEM, read).await
}

async fn wrong(engine: &Engine, caller: &Caller) -> Result<()> {
    let keys = lockout::keys_of_enrollment(caller.address);
    let address = caller.address.to_string();
    let nobody = lockout::Account {
        organization: Organization::SYSTEM,
        subject: String::new(),
        event: "enrollment.locked_out",
    };
    lockout::settle_of(engine, &keys, &address, false, nobody).await
}

/// Organization and user of a token that is open.
fn whose(
    engine: &Engine,
    token: &EnrollmentToken,
) -> std::result::Result<(Arc<Organization>, Arc<User>), Refusal> {
    is_open(token, engine.now())?;
    let org = engine.directory.organization(token.organization).ok_or(Refusal::Unknown)?;
    let org = org.read();
    let user = org.user(token.user).ok_or(Refusal::Unknown)?;
    if !org.organization.enabled || user.state == UserState::Disabled {
        return Err(Refusal::Disabled);
    }
    Ok((Arc::clone(&org.organization), Arc::clone(user)))
}

fn is_open(token: &EnrollmentToken, now: Millis) -> std::result::Result<(), Refusal> {
    let at = token.end.map_or(token.expires_at, |(_, at)| at);
    match token.state(now) {
        TokenState::Open => Ok(()),
        TokenState::Expired => Err(Refusal::Expired(at)),
        TokenState::Redeemed => Err(Refusal::Redeemed(at)),
        TokenState::Revoked | TokenState::Replaced => Err(Refusal::Withdrawn),
        TokenState::Guessed => Err(Refusal::Guessed),
    }
}

/// The attempt is counted before the PIN is looked at, so that guesses sent at once are bounded too.
async fn prove_pin(
    engine: &Engine,
    token: &EnrollmentToken,
    pin: &str,
    caller: &Caller,
) -> Result<std::result::Result<(), Refusal>> {
    if pin.is_empty() {
        return Ok(Err(Refusal::Pin(PIN_ATTEMPTS.saturating_sub(token.attempts))));
    }
    let actor = Actor::Stranger(caller.address.to_string());
    let id = token.id;
    let count = async move |tx: &mut Tx| {
        let Some(mut token) = repo::enrollment_tokens::get(tx, id).await? else {
            return Ok(Err(Refusal::Unknown));
        };
        if let Err(refusal) = is_open(&token, tx.now()) {
            return Ok(Err(refusal));
        }
        if token.attempts >= PIN_ATTEMPTS {
            return Ok(Err(Refusal::Guessed));
        }
        token.attempts += 1;
        repo::enrollment_tokens::put(tx, &mut token).await?;
        Ok::<_, Error>(Ok(token.attempts))
    };
    let attempts = match engine.store.write(token.organization, actor, count).await? {
        Ok(attempts) => attempts,
        Err(refusal) => return Ok(Err(refusal)),
    };
    if passwords::verify(token.pin_hash.as_ref(), pin).await? {
        return Ok(Ok(()));
    }
    wrong(engine, caller).await?;
    if attempts < PIN_ATTEMPTS {
        return Ok(Err(Refusal::Pin(PIN_ATTEMPTS - attempts)));
    }
    end_guessed(engine, token.organization, id, caller).await?;
    Ok(Err(Refusal::Guessed))
}

async fn end_guessed(
    engine: &Engine,
    organization: OrganizationId,
    id: EnrollmentTokenId,
    caller: &Caller,
) -> Result<()> {
    let unit = async move |tx: &mut Tx| {
        let Some(mut token) = repo::enrollment_tokens::get(tx, id).await? else { return Ok(()) };
        if token.end.is_none() {
            let now = tx.now();
            token.end = Some((TokenEnd::Guessed, now));
            repo::enrollment_tokens::put(tx, &mut token).await?;
            let user = repo::users::get(tx, token.user).await?;
            tx.journal(JournalEntry {
                event: "enrollment.pin_guessed",
                subject: token.user.to_string(),
                body: json!({ "name": user.map(|user| user.username), "token": id }),
            });
        }
        Ok::<_, Error>(())
    };
    engine.store.write(organization, Actor::Stranger(caller.address.to_string()), unit).await
}

async fn use_up(
    engine: &Engine,
    token: &EnrollmentToken,
    user: &Arc<User>,
    caller: &Caller,
) -> Result<std::result::Result<(), Refusal>> {
    let (id, user) = (token.id, Arc::clone(user));
    let actor = Actor::User(user.id, user.username.clone());
    let address = caller.address.to_string();
    let unit = async move |tx: &mut Tx| {
        let Some(mut token) = repo::enrollment_tokens::get(tx, id).await? else {
            return Ok(Err(Refusal::Unknown));
        };
        let now = tx.now();
        if let Err(refusal) = is_open(&token, now) {
            return Ok(Err(refusal));
        }
        token.end = Some((TokenEnd::Redeemed, now));
        repo::enrollment_tokens::put(tx, &mut token).await?;
        tx.journal(JournalEntry {
            event: "enrollment.redeemed",
            subject: user.id.to_string(),
            body: json!({ "name": user.username, "token": id, "address": address }),
        });
        Ok::<_, Error>(Ok(()))
    };
    engine.store.write(token.organization, actor, unit).await
}
