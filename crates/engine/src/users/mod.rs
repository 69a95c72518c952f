//! Users: by hand, by REST, and (in `eas`) by hands-off enrolment.

pub(crate) mod bulk;
mod check;
mod export;
mod grid;
pub(crate) mod remove;

pub use bulk::{MOST, UserChange, change, would_change};
pub use export::export;
pub use grid::{FILTERS, SOURCES, UserColumn, UserPage, UserQuery, all, columns_in, grid, is_filter};
pub use remove::remove;

use std::sync::Arc;

use catalog::{LetterKind, Permission};
use domain::model::{
    CustomValues, GroupId, JournalEntry, Liability, PasswordHash, PolicySuiteId, ScheduleId, ServerId, User,
    UserId, UserState,
};
use serde_json::json;
use store::repo;

use check::check;
pub(crate) use check::check_in;

use crate::approvals::{self, Edit, Pass};
use crate::issues::unchanged;
use crate::{Engine, Error, Result, Scope, letters, mail, passwords};

/// What a user is made of.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct UserInput {
    /// Sign-in name without domain, unique in the organization.
    pub username: String,
    /// Login domain, may be empty.
    pub domain: String,
    /// Address.
    pub email: String,
    /// Name shown; empty takes first and last name, else the sign-in name.
    pub display_name: String,
    /// First name, may be empty.
    pub first_name: String,
    /// Last name, may be empty.
    pub last_name: String,
    /// Phone number, may be empty.
    pub phone: String,
    /// Corporate or individual; null takes the organization's default.
    pub liability: Option<Liability>,
    /// ActiveSync server of the user's own; null takes the group's, else our stand-in serves this user.
    pub server: Option<ServerId>,
    /// Suite of the user's own.
    pub suite: Option<PolicySuiteId>,
    /// Connection schedule of the user's own.
    pub schedule: Option<ScheduleId>,
    /// Local password, for stand-in users. Empty: none, or unchanged in an edit.
    pub password: String,
    /// Whether the user is active.
    pub state: Option<UserState>,
    /// An account for pool and kiosk devices.
    pub shared: bool,
    /// Devices this user may have; null takes the organization's limit, 0 is no limit.
    pub max_devices: Option<u32>,
    /// Language of what is written to the user; empty takes the organization's.
    pub language: String,
    /// Values of the organization's own columns for users, as people write them.
    pub custom: CustomValues,
    /// What a provisioning client calls the user; `None` leaves it as it is.
    pub external_id: Option<String>,
    /// The sign-in name that a provisioning client gave; `None` leaves it as it is.
    pub provisioned_as: Option<String>,
}

impl UserInput {
    /// What a user is made of now, but for the password.
    pub fn of(user: &User) -> Self {
        Self {
            username: user.username.clone(),
            domain: user.domain.clone(),
            email: user.email.clone(),
            display_name: user.display_name.clone(),
            first_name: user.first_name.clone(),
            last_name: user.last_name.clone(),
            phone: user.phone.clone(),
            liability: user.liability,
            server: user.server,
            suite: user.suite,
            schedule: user.schedule,
            password: String::new(),
            state: Some(user.state),
            shared: user.shared,
            max_devices: user.max_devices,
            language: user.language.clone(),
            custom: user.custom.clone(),
            external_id: None,
            provisioned_as: None,
        }
    }
}

/// A user with what the grid shows beside it.
///
/// # Errors
/// [`Error::NotFound`] also for another organization's.
pub fn get(engine: &Engine, scope: &Scope, id: UserId) -> Result<Arc<User>> {
    scope.require(Permission::DevicesView)?;
    let org = engine.directory.organization(scope.organization()).ok_or(Error::NotFound("organization"))?;
    let user = org.read().user(id).cloned();
    user.ok_or(Error::NotFound("user"))
}

/// A page of users in name order, filtered by a text in name, address or sign-in name.
///
/// # Errors
/// [`Error::Denied`].
pub fn list(
    engine: &Engine,
    scope: &Scope,
    text: &str,
    after: Option<&str>,
    limit: usize,
) -> Result<Vec<Arc<User>>> {
    scope.require(Permission::DevicesView)?;
    let org = engine.directory.organization(scope.organization()).ok_or(Error::NotFound("organization"))?;
    let org = org.read();
    Ok(page(org.users(), text, after, limit))
}

/// Those of these users that a text finds, in name order, behind a name.
pub(crate) fn page<'u>(
    users: impl Iterator<Item = &'u Arc<User>>,
    text: &str,
    after: Option<&str>,
    limit: usize,
) -> Vec<Arc<User>> {
    let text = text.trim().to_lowercase();
    let mut users: Vec<_> = users
        .filter(|u| matches(u, &text))
        .map(|u| (u.username.to_lowercase(), Arc::clone(u)))
        .filter(|(name, _)| after.is_none_or(|a| name.as_str() > a))
        .collect();
    users.sort_by(|a, b| a.0.cmp(&b.0));
    users.truncate(limit);
    users.into_iter().map(|(_, u)| u).collect()
}

/// A page of the users who are not in a group, in name order: those who could be added to it.
///
/// # Errors
/// [`Error::Denied`].
pub fn outside(
    engine: &Engine,
    scope: &Scope,
    group: GroupId,
    text: &str,
    after: Option<&str>,
    limit: usize,
) -> Result<Vec<Arc<User>>> {
    scope.require(Permission::DevicesView)?;
    let org = engine.directory.organization(scope.organization()).ok_or(Error::NotFound("organization"))?;
    let org = org.read();
    let strangers = org.users().filter(|user| !user.groups.contains(&group));
    Ok(page(strangers, text, after, limit))
}

/// How many users a text finds, for the pages of [`list`].
///
/// # Errors
/// [`Error::Denied`].
pub fn count(engine: &Engine, scope: &Scope, text: &str) -> Result<usize> {
    scope.require(Permission::DevicesView)?;
    let org = engine.directory.organization(scope.organization()).ok_or(Error::NotFound("organization"))?;
    let text = text.trim().to_lowercase();
    let count = org.read().users().filter(|u| matches(u, &text)).count();
    Ok(count)
}

/// Whether a text (lower case) is in name, address or sign-in name.
pub(crate) fn matches(user: &User, text: &str) -> bool {
    text.is_empty()
        || [&user.username, &user.email, &user.display_name].iter().any(|f| f.to_lowercase().contains(text))
}

/// Makes a user.
///
/// # Errors
/// [`Error::Invalid`] by field, [`Error::Conflict`] when the name is taken.
pub async fn create(engine: &Engine, scope: &Scope, input: UserInput) -> Result<Arc<User>> {
    create_and(engine, scope, input, false).await
}

/// The same; with `welcome` the welcome letter is queued in the same write. A user who cannot be written to is added all
/// the same, and the state of the letter says why.
///
/// # Errors
/// As [`create`]; [`Error::Denied`] for a letter that one may not send.
pub async fn create_and(
    engine: &Engine,
    scope: &Scope,
    mut input: UserInput,
    welcome: bool,
) -> Result<Arc<User>> {
    scope.require(Permission::UsersEdit)?;
    if welcome {
        scope.require(Permission::UsersInvite)?;
    }
    check(engine, scope, None, &mut input)?;
    let now = engine.now();
    let mut user = User::new(scope.organization(), engine.entropy.id(now), String::new(), now);
    user.password_hash = password(engine, scope, &input).await?;
    fill(&mut user, &input);
    let id = user.id;
    let told = if welcome { Told::Welcome } else { Told::Nothing };
    store(engine, scope, user, ("user.created", serde_json::Value::Null), told, Pass::PART).await?;
    get(engine, scope, id)
}

/// Replaces a user's fields (the password only when one is given).
///
/// # Errors
/// As [`create`].
pub async fn edit(engine: &Engine, scope: &Scope, id: UserId, input: UserInput) -> Result<()> {
    edit_seen(engine, scope, id, None, input).await
}

/// The same, only if the user is still at the `rev` that the author of the edit saw.
///
/// # Errors
/// As [`edit`]; [`Error::Conflict`] for another `rev`.
pub async fn edit_seen(
    engine: &Engine,
    scope: &Scope,
    id: UserId,
    seen: Option<i64>,
    input: UserInput,
) -> Result<()> {
    edit_with_groups(engine, scope, id, seen, input, None).await
}

/// The same together with the groups that the user is in then, as one change; `None` leaves them alone.
///
/// # Errors
/// As [`edit_seen`]; [`Error::Invalid`] on `groups` for an unknown one.
pub async fn edit_with_groups(
    engine: &Engine,
    scope: &Scope,
    id: UserId,
    seen: Option<i64>,
    mut input: UserInput,
    groups: Option<Vec<GroupId>>,
) -> Result<()> {
    scope.require(Permission::UsersEdit)?;
    if let Some(groups) = &groups {
        crate::groups::members::may_be_in(engine, scope, groups)?;
        crate::groups::members::keeps_linked(engine, scope, id, groups)?;
    }
    let old = get(engine, scope, id)?;
    unchanged(seen, old.rev)?;
    check(engine, scope, Some(&old), &mut input)?;
    let hash = password(engine, scope, &input).await?;
    let kept = UserInput { password: String::new(), ..input.clone() };
    let edit = Edit::User { user: id, input: Box::new(kept), groups: groups.clone() };
    // A change that waits is written down, and a password must not be.
    if hash.is_some() && approvals::would_wait(engine, scope.organization(), &edit).await? {
        let why = "The other changes must be approved by a second person. Change the password by itself.";
        return Err(Error::invalid("password", why));
    }
    let pass = approvals::ask(engine, scope, edit).await?;
    carry_out(engine, scope, id, (&input, groups), hash, pass).await
}

/// Stores a user's fields, and the groups if they are chosen too.
pub(crate) async fn carry_out(
    engine: &Engine,
    scope: &Scope,
    id: UserId,
    (input, groups): (&UserInput, Option<Vec<GroupId>>),
    hash: Option<PasswordHash>,
    pass: Pass,
) -> Result<()> {
    let org = engine.directory.organization(scope.organization()).ok_or(Error::NotFound("organization"))?;
    let old = org.read().user(id).cloned().ok_or(Error::NotFound("user"))?;
    let mut new = User::clone(&old);
    fill(&mut new, input);
    if new.server != old.server {
        (new.learnt_url, new.learnt_from) = (None, None);
    }
    if hash.is_some() || new.state != old.state || new.username != old.username {
        new.credential_epoch += 1;
    }
    let told = if hash.is_some() { Told::PasswordChanged } else { Told::Nothing };
    new.password_hash = hash.or(new.password_hash);
    store(engine, scope, new, ("user.updated", public(&old)), told, pass).await?;
    match groups {
        Some(groups) => {
            crate::groups::members::carry_out_of_user(engine, scope, id, groups, Pass::PART).await
        }
        None => crate::compliance::reevaluate_user(engine, scope.organization(), id).await,
    }
}

/// Gives a user what was entered, but for the password.
pub(crate) fn fill(user: &mut User, input: &UserInput) {
    input.username.trim().clone_into(&mut user.username);
    input.domain.trim().clone_into(&mut user.domain);
    input.email.trim().clone_into(&mut user.email);
    input.first_name.trim().clone_into(&mut user.first_name);
    input.last_name.trim().clone_into(&mut user.last_name);
    input.phone.trim().clone_into(&mut user.phone);
    user.display_name = match input.display_name.trim() {
        "" => called(user),
        name => name.to_owned(),
    };
    user.shared = input.shared;
    user.max_devices = input.max_devices;
    input.language.trim().clone_into(&mut user.language);
    user.custom.clone_from(&input.custom);
    for (field, new) in
        [(&mut user.external_id, &input.external_id), (&mut user.provisioned_as, &input.provisioned_as)]
    {
        if let Some(new) = new {
            field.clone_from(new);
        }
    }
    user.liability = input.liability;
    user.server = input.server;
    user.suite = input.suite;
    user.schedule = input.schedule;
    user.state = input.state.unwrap_or(user.state);
}

/// What somebody is called who has no name to be shown by.
fn called(user: &User) -> String {
    match format!("{} {}", user.first_name, user.last_name).trim() {
        "" => user.username.clone(),
        name => name.to_owned(),
    }
}

async fn password(
    engine: &Engine,
    scope: &Scope,
    input: &UserInput,
) -> Result<Option<domain::model::PasswordHash>> {
    if input.password.is_empty() {
        return Ok(None);
    }
    scope.require(Permission::UsersPassword)?;
    passwords::check_strength(&input.password, 8)?;
    passwords::hash(engine.entropy, &input.password).await.map(Some)
}

/// What a user is written about a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Told {
    Nothing,
    Welcome,
    PasswordChanged,
}

async fn store(
    engine: &Engine,
    scope: &Scope,
    user: User,
    (event, before): (&'static str, serde_json::Value),
    told: Told,
    pass: Pass,
) -> Result<()> {
    let desk = letters::Desk::of(engine, scope.organization())?;
    engine
        .store
        .write(scope.organization(), scope.actor().clone(), async move |tx| {
            pass.take(tx).await?;
            let mut user = user.clone();
            repo::users::put(tx, &mut user).await?;
            tx.journal(JournalEntry {
                event,
                subject: user.id.to_string(),
                body: json!({ "before": before, "after": public(&user) }),
            });
            match told {
                Told::Nothing => {}
                Told::Welcome => {
                    drop(letters::welcome_in(tx, &desk, LetterKind::Welcome, &user, None).await?);
                }
                Told::PasswordChanged => letters::password_changed_in(tx, &desk, &user).await?,
            }
            Ok::<_, Error>(())
        })
        .await?;
    if told != Told::Nothing {
        mail::wake(engine);
    }
    Ok(())
}

/// What the journal keeps of a user: never the password's hash.
pub(crate) fn public(user: &User) -> serde_json::Value {
    json!({
        "username": user.username, "domain": user.domain, "email": user.email, "display_name": user.display_name,
        "liability": user.liability, "server": user.server, "suite": user.suite, "groups": user.groups,
        "schedule": user.schedule, "state": user.state, "first_name": user.first_name,
        "last_name": user.last_name, "phone": user.phone, "shared": user.shared,
        "directory": user.directory.as_ref().map(|identity| &identity.dn),
        "max_devices": user.max_devices, "language": user.language, "custom": user.custom,
    })
}
