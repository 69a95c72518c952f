//! Groups: users who get the same suite, mail server and liability.

use axum::Json;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use catalog::{Liability, Permission};
use domain::model::{
    ActiveSyncServer, CustomColumn, Group, GroupId, GroupSettings, PolicySuite, Schedule, User,
};
use door::{Access, Path};
use engine::groups;
use http::Method;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::answer::{Created, Done, Page, Versioned};
use super::endpoint::{Family, endpoint};
use super::group_rules::{self, Rule};
use super::input::{Body, Call, Params, Seen};
use super::problem::Problem;
use super::users::{UserInfo, UserQuery, infos, read_cursor};
use super::words::{Ref, Word};

pub(super) fn family() -> Family {
    let (all, one, members) = ("/api/v1/groups", "/api/v1/groups/{group}", "/api/v1/groups/{group}/members");
    let (view, change) = (Access::Needs(Permission::GroupsView), Access::Needs(Permission::GroupsEdit));
    Family {
        name: "Groups",
        about: "Users who get the same suite, mail server and liability. What a device or its user has of its own \
                comes before what a group says; of several groups the first in the list that says something decides.",
        endpoints: vec![
            endpoint(Method::GET, all, view, list, "List groups")
                .says("The most important one first.")
                .gives::<Page<GroupInfo>>(),
            endpoint(Method::POST, all, change, create, "Add a group")
                .says("It has no members yet and comes last.")
                .body::<GroupInput>()
                .creates::<GroupInfo>(),
            endpoint(Method::GET, one, view, show, "Show a group").gives::<GroupInfo>().versioned(),
            endpoint(Method::PUT, one, change, replace, "Replace name, note and settings of a group")
                .says("A field that is left out becomes empty. Devices of the members are told at once.")
                .body::<GroupInput>()
                .gives::<GroupInfo>()
                .versioned(),
            endpoint(Method::DELETE, one, change, remove, "Remove a group").says(
                "Its members stay; what they had from it they get from the next group or the organization.",
            ),
            endpoint(Method::POST, "/api/v1/groups/{group}/copy", change, copy, "Copy a group")
                .says("The copy comes last.")
                .body::<GroupCopy>()
                .creates::<GroupInfo>(),
            endpoint(Method::POST, "/api/v1/groups/{group}/move", change, place, "Move a group in the order")
                .says("The groups between make room.")
                .body::<Place>()
                .gives::<GroupInfo>(),
            endpoint(Method::GET, members, view, list_members, "List the members of a group")
                .says("In the order of their sign-in names. Needs the permission `devices.view`, too.")
                .query::<UserQuery>()
                .gives::<Page<UserInfo>>(),
            endpoint(Method::POST, members, change, change_members, "Add and remove members")
                .says(
                    "Who is in it already, or is not, stays so. Nobody is moved when one of them is unknown.",
                )
                .body::<MemberChange>()
                .gives::<MembersChanged>(),
        ]
        .into_iter()
        .chain(group_rules::endpoints())
        .collect(),
    }
}

/// A group.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Group")]
struct GroupInfo {
    /// Its id.
    id: Ref<Group>,
    /// Name.
    name: String,
    /// What it is for.
    note: String,
    /// Place in the order, 1 for the most important one.
    place: usize,
    /// How many members.
    members: usize,
    /// Suite of its members; null: it says nothing about it.
    suite: Option<Ref<PolicySuite>>,
    /// Connection schedule of its members; null: it says nothing about it.
    schedule: Option<Ref<Schedule>>,
    /// ActiveSync server of its members; null: it says nothing about it.
    server: Option<Ref<ActiveSyncServer>>,
    /// Liability of its members' devices; null: it says nothing about it.
    liability: Option<Word<Liability>>,
    /// The folder or group of a directory that its members are taken from; null: they are chosen by hand.
    directory: Option<String>,
    /// How it finds its members by itself; null: they are chosen by hand, or by a directory.
    rule: Option<Rule>,
    /// When it was made.
    created_at: i64,
    /// Grows with every change; the ETag.
    rev: i64,
}

impl GroupInfo {
    fn new(group: &Group, place: usize, members: usize, columns: &[CustomColumn]) -> Self {
        let GroupSettings { suite, schedule, server, liability } = &group.settings;
        Self {
            id: group.id.into(),
            name: group.name.clone(),
            note: group.note.clone(),
            place,
            members,
            suite: suite.map(Into::into),
            schedule: schedule.map(Into::into),
            server: server.map(Into::into),
            liability: liability.map(Word),
            directory: group.directory.as_ref().map(|link| link.dn.clone()),
            rule: group.rule.as_ref().map(|rule| Rule::of(rule, columns)),
            created_at: group.created_at,
            rev: group.rev,
        }
    }
}

/// What a group is made of.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct GroupInput {
    /// Name, unique in the organization, 1 to 100 characters.
    name: String,
    /// What it is for, at most 500 characters.
    #[serde(default)]
    note: String,
    /// Suite of its members; it must be published. Null says nothing about it.
    suite: Option<Ref<PolicySuite>>,
    /// Connection schedule of its members. Null says nothing about it.
    schedule: Option<Ref<Schedule>>,
    /// ActiveSync server of its members. Null says nothing about it.
    server: Option<Ref<ActiveSyncServer>>,
    /// Liability of its members' devices. Null says nothing about it.
    liability: Option<Word<Liability>>,
}

impl From<GroupInput> for groups::GroupInput {
    fn from(input: GroupInput) -> Self {
        Self {
            name: input.name,
            note: input.note,
            settings: GroupSettings {
                suite: input.suite.map(|id| id.0),
                schedule: input.schedule.map(|id| id.0),
                server: input.server.map(|id| id.0),
                liability: input.liability.map(|word| word.0),
            },
        }
    }
}

/// How a group is copied.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct GroupCopy {
    /// Name of the copy.
    name: String,
    /// Take the members along.
    #[serde(default)]
    with_members: bool,
}

/// Where a group goes.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "GroupPlace")]
struct Place {
    /// Place in the order, 1 for the most important one; local groups come before those of a directory.
    place: usize,
}

/// Who joins and who leaves.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct MemberChange {
    /// Users to take in.
    #[serde(default)]
    add: Vec<Ref<User>>,
    /// Users to take out.
    #[serde(default)]
    remove: Vec<Ref<User>>,
}

/// What a change of members did.
#[derive(Serialize, JsonSchema)]
struct MembersChanged {
    /// Users that were not in the group before.
    added: usize,
    /// Users that are not in the group any more.
    removed: usize,
}

async fn list(call: Call) -> Result<Json<Page<GroupInfo>>, Problem> {
    let all = groups::list(&call.engine, &call.scope)?;
    let columns = columns(&call)?;
    let numbered = all.iter().enumerate();
    let infos = numbered.map(|(at, (group, members))| GroupInfo::new(group, at + 1, *members, &columns));
    Ok(Page::whole(infos.collect()))
}

fn read(call: &Call, id: GroupId) -> Result<GroupInfo, Problem> {
    let group = groups::get(&call.engine, &call.scope, id)?;
    let all = groups::list(&call.engine, &call.scope)?;
    let at = all.iter().position(|(other, _)| other.id == id).unwrap_or(all.len());
    Ok(GroupInfo::new(&group, at + 1, all.get(at).map_or(0, |(_, members)| *members), &columns(call)?))
}

fn columns(call: &Call) -> Result<Vec<CustomColumn>, Problem> {
    Ok(call.organization()?.read().organization.columns.clone())
}

async fn create(call: Call, Body(input): Body<GroupInput>) -> Result<Created<GroupInfo>, Problem> {
    let id = groups::create(&call.engine, &call.scope, input.into()).await?;
    Ok(Created(format!("/api/v1/groups/{id}"), read(&call, id)?))
}

async fn show(call: Call, Path(id): Path<Ref<Group>>) -> Result<Versioned<GroupInfo>, Problem> {
    let info = read(&call, id.0)?;
    Ok(Versioned(info.rev, info))
}

async fn replace(
    call: Call,
    Path(id): Path<Ref<Group>>,
    seen: Seen,
    Body(input): Body<GroupInput>,
) -> Result<Versioned<GroupInfo>, Problem> {
    seen.expect(groups::get(&call.engine, &call.scope, id.0)?.rev)?;
    groups::edit_seen(&call.engine, &call.scope, id.0, seen.0, input.into()).await?;
    show(call, Path(id)).await
}

async fn remove(call: Call, Path(id): Path<Ref<Group>>) -> Result<Done, Problem> {
    groups::remove(&call.engine, &call.scope, id.0).await?;
    Ok(Done)
}

async fn copy(
    call: Call,
    Path(id): Path<Ref<Group>>,
    Body(input): Body<GroupCopy>,
) -> Result<Created<GroupInfo>, Problem> {
    let new = groups::copy(&call.engine, &call.scope, id.0, &input.name, input.with_members).await?;
    Ok(Created(format!("/api/v1/groups/{new}"), read(&call, new)?))
}

async fn place(
    call: Call,
    Path(id): Path<Ref<Group>>,
    Body(input): Body<Place>,
) -> Result<Json<GroupInfo>, Problem> {
    groups::move_to(&call.engine, &call.scope, id.0, input.place).await?;
    Ok(Json(read(&call, id.0)?))
}

async fn list_members(
    call: Call,
    Path(id): Path<Ref<Group>>,
    Params(query): Params<UserQuery>,
) -> Result<Json<Page<UserInfo>>, Problem> {
    let after = query.cursor.as_deref().map(read_cursor).transpose()?;
    let limit = query.limit.unwrap_or(50).clamp(1, 500);
    let (engine, scope) = (&call.engine, &call.scope);
    let mut found = groups::members(engine, scope, id.0, &query.q, after.as_deref(), limit + 1)?;
    let more = found.len() > limit;
    found.truncate(limit);
    let next = found.last().filter(|_| more).map(|u| URL_SAFE_NO_PAD.encode(u.username.to_lowercase()));
    let total = Some(groups::count_members(engine, scope, id.0, &query.q)?);
    Ok(Json(Page { items: infos(&call, &found)?, next, total }))
}

async fn change_members(
    call: Call,
    Path(id): Path<Ref<Group>>,
    Body(input): Body<MemberChange>,
) -> Result<Json<MembersChanged>, Problem> {
    let ids = |list: Vec<Ref<User>>| list.into_iter().map(|user| user.0).collect::<Vec<_>>();
    let (add, remove) = (ids(input.add), ids(input.remove));
    let done = groups::change_members(&call.engine, &call.scope, id.0, &add, &remove).await?;
    Ok(Json(MembersChanged { added: done.added, removed: done.removed }))
}
