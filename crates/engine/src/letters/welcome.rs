//! Welcome letters, and what became of them; the letter about a changed password.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use catalog::{LetterKind, Permission};
use domain::Millis;
use domain::mail::MailAddress;
use domain::model::{LetterState, Mail, MailState, MailingId, User, UserId, UserLetter, UserState};
use store::{Tx, repo};

use super::Desk;
use crate::{Engine, Error, Result, Scope, enrollment, users};

/// Writes and queues the welcome letter (or the reminder) of a user in the unit that adds the user or is a part of a
/// mailing. Somebody who cannot be written to is noted as such.
///
/// # Errors
/// Storage errors. The inner one says why nobody is written to.
pub(crate) async fn welcome_in(
    tx: &mut Tx,
    desk: &Desk,
    kind: LetterKind,
    user: &User,
    mailing: Option<MailingId>,
) -> store::Result<Result<(), String>> {
    let recipient = match readable(user) {
        Ok(recipient) => recipient,
        Err(why) => {
            let at = tx.now();
            let outcome = why.to_owned();
            let letter = UserLetter { user: user.id, mail: None, state: LetterState::Refused, at, outcome };
            repo::user_letters::put(tx, &letter).await?;
            return Ok(Err(why.to_owned()));
        }
    };
    let issued = enrollment::issue_for_letter(tx, desk.server(), user, &desk.settings()).await?;
    let letter = desk.letter(kind, &user.language, &desk.filling(user, Some(&issued)));
    let mail = desk.queue(tx, kind, recipient, letter, (Some(user.id), mailing)).await?;
    let at = tx.now();
    let letter = UserLetter {
        user: user.id,
        mail: Some(mail),
        state: LetterState::Queued,
        at,
        outcome: String::new(),
    };
    repo::user_letters::put(tx, &letter).await?;
    Ok(Ok(()))
}

/// The welcome letter of a user who came from a directory, if the organization wants that.
pub(crate) async fn welcome_from_directory_in(tx: &mut Tx, desk: &Desk, user: &User) -> store::Result<()> {
    if desk.messaging().letters.welcome_directory_users {
        drop(welcome_in(tx, desk, LetterKind::Welcome, user, None).await?);
    }
    Ok(())
}

/// The address of a user who may be written to.
pub(super) fn readable(user: &User) -> Result<MailAddress, &'static str> {
    if user.state == UserState::Disabled {
        return Err("The user is disabled.");
    }
    match user.email.as_str() {
        "" => Err("The user has no mail address."),
        address => address.parse().map_err(|_| "The mail address cannot be written to."),
    }
}

/// Tells a user that the local password was changed, if the organization wants that.
pub(crate) async fn password_changed_in(tx: &mut Tx, desk: &Desk, user: &User) -> store::Result<()> {
    if !desk.messaging().letters.tell_password_changes {
        return Ok(());
    }
    if let Ok(recipient) = readable(user) {
        let kind = LetterKind::PasswordChanged;
        let letter = desk.letter(kind, &user.language, &desk.filling(user, None));
        desk.queue(tx, kind, recipient, letter, (Some(user.id), None)).await?;
    }
    Ok(())
}

/// A mail is over: what became of the letter is noted at its user.
pub(crate) async fn settle(tx: &mut Tx, mail: &Mail, at: Millis) -> store::Result<()> {
    let state = match mail.state {
        MailState::Sent => LetterState::Sent,
        MailState::GivenUp => LetterState::Refused,
        MailState::Waiting => return Ok(()),
    };
    if mail.user.is_some() {
        repo::user_letters::settle(tx, mail.id, state, at, &mail.outcome).await?;
    }
    Ok(())
}

/// What became of the last welcome letter of these users; who is missing never got one.
///
/// # Errors
/// [`Error::Denied`].
pub async fn states(
    engine: &Engine,
    scope: &Scope,
    users: Vec<UserId>,
) -> Result<HashMap<UserId, UserLetter>> {
    scope.require(Permission::DevicesView)?;
    let read = async move |tx: &mut Tx| Ok::<_, Error>(repo::user_letters::of(tx, &users).await?);
    let found = engine.store.read(scope.organization(), read).await?;
    Ok(found.into_iter().map(|letter| (letter.user, letter)).collect())
}

/// Which users are meant by what became of their letter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LetterFilter {
    /// Never got one.
    Never,
    /// It stands there.
    In(LetterState),
}

impl LetterFilter {
    /// All of them, with the words of addresses.
    pub const ALL: [(&'static str, LetterFilter); 4] = [
        ("never", LetterFilter::Never),
        ("queued", LetterFilter::In(LetterState::Queued)),
        ("sent", LetterFilter::In(LetterState::Sent)),
        ("refused", LetterFilter::In(LetterState::Refused)),
    ];

    /// From the word of an address.
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|(known, _)| *known == key).map(|(_, filter)| filter)
    }
}

/// Which users have a letter that stands there.
pub(crate) async fn wanted(
    engine: &Engine,
    scope: &Scope,
    filter: LetterFilter,
) -> Result<impl Fn(&User) -> bool + use<>> {
    let state = match filter {
        LetterFilter::Never => None,
        LetterFilter::In(state) => Some(state),
    };
    let read = async move |tx: &mut Tx| Ok::<_, Error>(repo::user_letters::users_in(tx, state).await?);
    let found: HashSet<_> = engine.store.read(scope.organization(), read).await?.into_iter().collect();
    Ok(move |user: &User| found.contains(&user.id) == state.is_some())
}

/// As [`users::list`], only users whose letter stands there.
///
/// # Errors
/// [`Error::Denied`].
pub async fn list_users(
    engine: &Engine,
    scope: &Scope,
    filter: LetterFilter,
    text: &str,
    after: Option<&str>,
    limit: usize,
) -> Result<Vec<Arc<User>>> {
    scope.require(Permission::DevicesView)?;
    let wanted = wanted(engine, scope, filter).await?;
    let org = engine.directory.organization(scope.organization()).ok_or(Error::NotFound("organization"))?;
    let org = org.read();
    Ok(users::page(org.users().filter(|user| wanted(user)), text, after, limit))
}

/// As [`users::count`], likewise.
///
/// # Errors
/// [`Error::Denied`].
pub async fn count_users(engine: &Engine, scope: &Scope, filter: LetterFilter, text: &str) -> Result<usize> {
    scope.require(Permission::DevicesView)?;
    let wanted = wanted(engine, scope, filter).await?;
    let org = engine.directory.organization(scope.organization()).ok_or(Error::NotFound("organization"))?;
    let text = text.trim().to_lowercase();
    let org = org.read();
    Ok(org.users().filter(|user| wanted(user) && users::matches(user, &text)).count())
}
