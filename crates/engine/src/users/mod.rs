//! Users: by hand, by REST, and (in `eas`) by hands-off enrolment.

mod check;
pub(crate) mod remove;

pub use remove::remove;

use std::sync::Arc;

use catalog::Permission;
use domain::model::{
    GroupId, JournalEntry, Liability, PasswordHash, PolicySuiteId, ScheduleId, ServerId, User, UserId,
    UserState,
};
use serde_json::json;
use store::repo;

use check::check;

use crate::approvals::{self, Edit, Pass};
use crate::issues::unchanged;
use crate::{Engine, Error, Result, Scope, passwords};

/// What a user is made of.
#[derive(Debug, Clone, Default, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct UserInput {
    /// Sign-in name without domain, unique in the organization.
    pub username: String,
    /// Login domain, may be empty.
    pub domain: String,
    /// Address.
    pub email: String,
    /// Name shown; empty takes the sign-in name.
    pub display_name: String,
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
    scope.require(Permission::UsersEdit)?;
    check(engine, scope, None, &input)?;
    let now = engine.now();
    let mut user = User {
        organization: scope.organization(),
        id: engine.entropy.id(now),
        rev: 0,
        username: String::new(),
        domain: String::new(),
        email: String::new(),
        display_name: String::new(),
        liability: None,
        server: None,
        learnt_url: None,
        learnt_from: None,
        suite: None,
        groups: Vec::new(),
        schedule: None,
        password_hash: password(engine, scope, &input).await?,
        credential_epoch: 1,
        state: UserState::Active,
        hands_off: false,
        created_at: now,
    };
    fill(&mut user, &input);
    let id = user.id;
    store(engine, scope, user, "user.created", serde_json::Value::Null, Pass::PART).await?;
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
    scope.require(Permission::UsersEdit)?;
    let old = get(engine, scope, id)?;
    unchanged(seen, old.rev)?;
    check(engine, scope, Some(&old), &input)?;
    let hash = password(engine, scope, &input).await?;
    let edit =
        Edit::User { user: id, input: Box::new(UserInput { password: String::new(), ..input.clone() }) };
    // A change that waits is written down, and a password must not be.
    if hash.is_some() && approvals::would_wait(engine, scope.organization(), &edit).await? {
        let why = "The other changes must be approved by a second person. Change the password by itself.";
        return Err(Error::invalid("password", why));
    }
    let pass = approvals::ask(engine, scope, edit).await?;
    carry_out(engine, scope, id, &input, hash, pass).await
}

/// Stores a user's fields.
pub(crate) async fn carry_out(
    engine: &Engine,
    scope: &Scope,
    id: UserId,
    input: &UserInput,
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
    new.password_hash = hash.or(new.password_hash);
    store(engine, scope, new, "user.updated", public(&old), pass).await?;
    crate::compliance::reevaluate_user(engine, scope.organization(), id).await
}

/// Gives a user what was entered, but for the password.
pub(crate) fn fill(user: &mut User, input: &UserInput) {
    input.username.trim().clone_into(&mut user.username);
    input.domain.trim().clone_into(&mut user.domain);
    input.email.trim().clone_into(&mut user.email);
    user.display_name = match input.display_name.trim() {
        "" => user.username.clone(),
        name => name.to_owned(),
    };
    user.liability = input.liability;
    user.server = input.server;
    user.suite = input.suite;
    user.schedule = input.schedule;
    user.state = input.state.unwrap_or(user.state);
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

async fn store(
    engine: &Engine,
    scope: &Scope,
    user: User,
    event: &'static str,
    before: serde_json::Value,
    pass: Pass,
) -> Result<()> {
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
            Ok::<_, Error>(())
        })
        .await
}

/// What the journal keeps of a user: never the password's hash.
pub(crate) fn public(user: &User) -> serde_json::Value {
    json!({
        "username": user.username, "domain": user.domain, "email": user.email, "display_name": user.display_name,
        "liability": user.liability, "server": user.server, "suite": user.suite, "groups": user.groups,
        "schedule": user.schedule,
        "state": user.state,
    })
}
