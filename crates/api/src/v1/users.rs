//! Users: the people whose devices are managed.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Json;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use catalog::{Liability, Permission};
use domain::model::{
    ActiveSyncServer, CustomScope, Group, IdentityProvider, PolicySuite, Schedule, User, UserState,
};
use door::{Access, Path};
use engine::assignment::Choices;
use engine::{OrgIndex, custom_columns, identity, users};
use http::Method;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::administrators::present;
use super::answer::{Created, Done, Page, Versioned};
use super::endpoint::{Family, endpoint};
use super::input::{Body, Call, Params, Seen};
use super::problem::Problem;
use super::words::{Ref, Word};

pub(super) fn family() -> Family {
    let (all, one) = ("/api/v1/users", "/api/v1/users/{user}");
    let (view, change) = (Access::Needs(Permission::DevicesView), Access::Needs(Permission::UsersEdit));
    Family {
        name: "Users",
        about: "The people whose devices are managed.",
        endpoints: vec![
            endpoint(Method::GET, all, view, list, "List users")
                .says("In the order of their sign-in names.")
                .query::<UserQuery>()
                .gives::<Page<UserInfo>>(),
            endpoint(Method::POST, all, change, create, "Add a user")
                .body::<UserInput>()
                .creates::<UserInfo>(),
            endpoint(Method::POST, "/api/v1/users/changes", change, change_many, "Change many users")
                .says("What is left out stays; who has it already is not written again.")
                .body::<Change>()
                .gives::<Changed>(),
            endpoint(Method::GET, one, view, show, "Show a user").gives::<UserInfo>().versioned(),
            endpoint(Method::PUT, one, change, replace, "Replace a user")
                .says("A field that is left out becomes empty; the password only changes when one is sent.")
                .body::<UserInput>()
                .gives::<UserInfo>()
                .versioned(),
            endpoint(Method::DELETE, one, change, remove, "Remove a user")
                .says("Managed devices must be gone first, unless their records are removed too.")
                .query::<Removal>(),
            endpoint(
                Method::DELETE,
                "/api/v1/users/{user}/identity",
                change,
                unlink,
                "Remove a user's link with an identity provider",
            )
            .says("The next sign-in there finds the user by the provider's claim again; sessions that came through it end."),
        ],
    }
}

/// A user.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "User")]
pub(super) struct UserInfo {
    /// Its id.
    id: Ref<User>,
    /// Sign-in name without domain.
    username: String,
    /// Login domain, may be empty.
    domain: String,
    /// Address.
    email: String,
    /// Name shown.
    display_name: String,
    /// First name.
    first_name: String,
    /// Last name.
    last_name: String,
    /// Phone number.
    phone: String,
    /// Liability of the user's own; null takes that of the groups, else the organization's default.
    liability: Option<Word<Liability>>,
    /// ActiveSync server of the user's own; null takes that of the groups, else our stand-in.
    server: Option<Ref<ActiveSyncServer>>,
    /// The user's own address on that server, as far as it was learnt.
    learnt_url: Option<String>,
    /// Suite of the user's own.
    suite: Option<Ref<PolicySuite>>,
    /// Groups that the user is in; changed by the members of groups.
    groups: Vec<Ref<Group>>,
    /// Connection schedule of the user's own.
    schedule: Option<Ref<Schedule>>,
    /// Has a local password.
    has_password: bool,
    /// Active or disabled.
    state: Word<UserState>,
    /// Made by hands-off enrolment.
    hands_off: bool,
    /// An account for pool and kiosk devices, to which the limit on devices does not apply.
    shared: bool,
    /// Devices this user may have; null takes the organization's limit, 0 is no limit.
    max_devices: Option<u32>,
    /// Language of what is written to the user; empty takes the organization's.
    language: String,
    /// What a provisioning client calls this user; empty unless one does.
    external_id: String,
    /// Values of the organization's own columns, by the columns' names.
    custom: BTreeMap<String, String>,
    /// Whom the user is at an identity provider; null before the first sign-in through one.
    identity: Option<UserIdentity>,
    /// When it was made.
    created_at: i64,
    /// Grows with every change; the ETag.
    rev: i64,
}

impl UserInfo {
    /// Reads a user for an answer.
    pub(super) fn of(org: &OrgIndex, u: &User) -> Self {
        Self {
            id: u.id.into(),
            username: u.username.clone(),
            domain: u.domain.clone(),
            email: u.email.clone(),
            display_name: u.display_name.clone(),
            liability: u.liability.map(Word),
            server: u.server.map(Into::into),
            learnt_url: u.learnt_url.clone(),
            suite: u.suite.map(Into::into),
            groups: u.groups.iter().map(|id| (*id).into()).collect(),
            schedule: u.schedule.map(Into::into),
            has_password: u.password_hash.is_some(),
            state: Word(u.state),
            hands_off: u.hands_off,
            first_name: u.first_name.clone(),
            last_name: u.last_name.clone(),
            phone: u.phone.clone(),
            shared: u.shared,
            max_devices: u.max_devices,
            language: u.language.clone(),
            external_id: u.external_id.clone(),
            custom: custom_columns::names(org, CustomScope::User, &u.custom),
            identity: u.identity.as_ref().map(|link| UserIdentity {
                provider: link.provider.into(),
                issuer: link.issuer.clone(),
                subject: link.subject.clone(),
                since: link.since,
            }),
            created_at: u.created_at,
            rev: u.rev,
        }
    }
}

/// Whom a user is at an identity provider.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "UserIdentity")]
struct UserIdentity {
    /// The provider.
    provider: Ref<IdentityProvider>,
    /// Its issuer when the link was made; with another one, the link no longer counts.
    issuer: String,
    /// Whom it means: `sub`.
    subject: String,
    /// When it was found.
    since: i64,
}

/// What a user is made of.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct UserInput {
    /// Sign-in name without domain, unique in the organization.
    username: String,
    /// Login domain, granted to the organization.
    #[serde(default)]
    domain: String,
    /// Address in a mail domain of the organization.
    #[serde(default)]
    email: String,
    /// Name shown; empty takes first and last name, else the sign-in name.
    #[serde(default)]
    display_name: String,
    /// First name.
    #[serde(default)]
    first_name: String,
    /// Last name.
    #[serde(default)]
    last_name: String,
    /// Phone number.
    #[serde(default)]
    phone: String,
    /// Null takes that of the groups, else the organization's default.
    liability: Option<Word<Liability>>,
    /// Null takes that of the groups, else our stand-in.
    server: Option<Ref<ActiveSyncServer>>,
    /// Suite of the user's own; null takes that of the groups, else the organization's default.
    suite: Option<Ref<PolicySuite>>,
    /// Connection schedule of the user's own; null takes the organization's default.
    schedule: Option<Ref<Schedule>>,
    /// Local password for users of the stand-in, at least 8 characters. Needs the permission `users.password`.
    #[serde(default)]
    password: String,
    /// Null leaves it as it is; new users are active.
    state: Option<Word<UserState>>,
    /// An account for pool and kiosk devices.
    #[serde(default)]
    shared: bool,
    /// Devices this user may have; null takes the organization's limit, 0 is no limit.
    max_devices: Option<u32>,
    /// Language of what is written to the user, such as en or de; empty takes the organization's.
    #[serde(default)]
    language: String,
    /// Values of the organization's own columns, by the columns' names.
    #[serde(default)]
    custom: BTreeMap<String, String>,
    /// Send a welcome letter to a user who is added. Needs the permission `users.invite`.
    #[serde(default)]
    welcome: bool,
}

impl UserInput {
    fn read(self, call: &Call) -> Result<users::UserInput, Problem> {
        let input = self;
        let lock = call.organization()?;
        let custom = custom_columns::from_names(&lock.read(), CustomScope::User, input.custom)?;
        Ok(users::UserInput {
            first_name: input.first_name,
            last_name: input.last_name,
            phone: input.phone,
            shared: input.shared,
            max_devices: input.max_devices,
            language: input.language,
            custom,
            external_id: None,
            provisioned_as: None,
            username: input.username,
            domain: input.domain,
            email: input.email,
            display_name: input.display_name,
            liability: input.liability.map(|l| l.0),
            server: input.server.map(|id| id.0),
            suite: input.suite.map(|id| id.0),
            schedule: input.schedule.map(|id| id.0),
            password: input.password,
            state: input.state.map(|s| s.0),
        })
    }
}

/// What many users get.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "UserBulkChange")]
#[expect(clippy::option_option, reason = "absent, null and a value are three things")]
struct Change {
    /// The users, at most 50,000.
    users: Vec<Ref<User>>,
    /// Active or disabled.
    state: Option<Word<UserState>>,
    /// Suite of their own; null takes it away.
    #[serde(default, deserialize_with = "present")]
    #[schemars(with = "Option<Ref<PolicySuite>>")]
    suite: Option<Option<Ref<PolicySuite>>>,
    /// Connection schedule of their own; null takes it away.
    #[serde(default, deserialize_with = "present")]
    #[schemars(with = "Option<Ref<Schedule>>")]
    schedule: Option<Option<Ref<Schedule>>>,
    /// Liability of their own; null takes it away.
    #[serde(default, deserialize_with = "present")]
    #[schemars(with = "Option<Word<Liability>>")]
    liability: Option<Option<Word<Liability>>>,
    /// ActiveSync server of their own; null takes it away.
    #[serde(default, deserialize_with = "present")]
    #[schemars(with = "Option<Ref<ActiveSyncServer>>")]
    server: Option<Option<Ref<ActiveSyncServer>>>,
    /// Group that they join.
    join: Option<Ref<Group>>,
    /// Group that they leave.
    leave: Option<Ref<Group>>,
}

/// What a change of many users did.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "UsersChanged")]
struct Changed {
    /// Users that were changed; the others had it already.
    changed: usize,
}

/// Which users.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct UserQuery {
    /// A text in sign-in name, address or name.
    #[serde(default)]
    pub q: String,
    /// `next` of the page before.
    pub cursor: Option<String>,
    /// Users a page, 1 to 500; 50 unless told.
    pub limit: Option<usize>,
}

/// What goes with the user.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Removal {
    /// Remove the records of the user's devices too. Needs the permission `devices.forget`.
    #[serde(default)]
    with_devices: bool,
}

async fn list(call: Call, Params(query): Params<UserQuery>) -> Result<Json<Page<UserInfo>>, Problem> {
    let after = query.cursor.as_deref().map(read_cursor).transpose()?;
    let limit = query.limit.unwrap_or(50).clamp(1, 500);
    // One more than asked for tells whether there is a next page.
    let mut found = users::list(&call.engine, &call.scope, &query.q, after.as_deref(), limit + 1)?;
    let next = next(&mut found, limit);
    let total = Some(users::count(&call.engine, &call.scope, &query.q)?);
    Ok(Json(Page { items: infos(&call, &found)?, next, total }))
}

/// Cuts a list to a page, and answers the cursor of the next one.
pub(super) fn next(found: &mut Vec<Arc<User>>, limit: usize) -> Option<String> {
    let more = found.len() > limit;
    found.truncate(limit);
    found.last().filter(|_| more).map(|u| URL_SAFE_NO_PAD.encode(u.username.to_lowercase()))
}

/// Reads users for an answer.
pub(super) fn infos(call: &Call, users: &[Arc<User>]) -> Result<Vec<UserInfo>, Problem> {
    let lock = call.organization()?;
    let org = lock.read();
    Ok(users.iter().map(|user| UserInfo::of(&org, user)).collect())
}

pub(super) fn read_cursor(text: &str) -> Result<String, Problem> {
    let name = URL_SAFE_NO_PAD.decode(text).ok().and_then(|bytes| String::from_utf8(bytes).ok());
    name.ok_or_else(|| Problem::invalid("cursor", "Send the next of the page before, as it came."))
}

async fn create(call: Call, Body(input): Body<UserInput>) -> Result<Created<UserInfo>, Problem> {
    let welcome = input.welcome;
    let made = users::create_and(&call.engine, &call.scope, input.read(&call)?, welcome).await?;
    let info = UserInfo::of(&call.organization()?.read(), &made);
    Ok(Created(format!("/api/v1/users/{}", made.id), info))
}

async fn show(call: Call, Path(id): Path<Ref<User>>) -> Result<Versioned<UserInfo>, Problem> {
    let user = users::get(&call.engine, &call.scope, id.0)?;
    let info = UserInfo::of(&call.organization()?.read(), &user);
    Ok(Versioned(user.rev, info))
}

async fn replace(
    call: Call,
    Path(id): Path<Ref<User>>,
    seen: Seen,
    Body(input): Body<UserInput>,
) -> Result<Versioned<UserInfo>, Problem> {
    seen.expect(users::get(&call.engine, &call.scope, id.0)?.rev)?;
    users::edit_seen(&call.engine, &call.scope, id.0, seen.0, input.read(&call)?).await?;
    show(call, Path(id)).await
}

async fn remove(
    call: Call,
    Path(id): Path<Ref<User>>,
    Params(query): Params<Removal>,
) -> Result<Done, Problem> {
    users::remove(&call.engine, &call.scope, id.0, query.with_devices).await?;
    Ok(Done)
}

async fn unlink(call: Call, Path(id): Path<Ref<User>>) -> Result<Done, Problem> {
    identity::unlink_user(&call.engine, &call.scope, id.0).await?;
    Ok(Done)
}

async fn change_many(call: Call, Body(input): Body<Change>) -> Result<Json<Changed>, Problem> {
    let users: Vec<_> = input.users.iter().map(|user| user.0).collect();
    let what = users::UserChange {
        state: input.state.map(|s| s.0),
        choices: Choices {
            suite: input.suite.map(|s| s.map(|s| s.0)),
            schedule: input.schedule.map(|s| s.map(|s| s.0)),
            liability: input.liability.map(|l| l.map(|l| l.0)),
        },
        server: input.server.map(|s| s.map(|s| s.0)),
        join: input.join.map(|g| g.0),
        leave: input.leave.map(|g| g.0),
    };
    let changed = users::change(&call.engine, &call.scope, &users, &what).await?;
    Ok(Json(Changed { changed }))
}
