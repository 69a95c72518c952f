//! Who is in a group.

use std::collections::BTreeSet;
use std::sync::Arc;

use catalog::Permission;
use domain::model::{Group, GroupId, JournalEntry, User, UserId};
use serde_json::json;
use store::repo;

use super::get;
use crate::approvals::{self, Edit, Pass};
use crate::{Engine, Error, Result, Scope};

/// Members written in one unit.
const STEP: usize = 250;
/// Most users that one call may name.
const MOST_AT_ONCE: usize = 50_000;

/// What a change of members did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize)]
pub struct MembersChanged {
    /// Users that were not in the group before.
    pub added: usize,
    /// Users that are not in the group any more.
    pub removed: usize,
}

/// A page of members in name order, filtered by a text in name, address or sign-in name.
///
/// # Errors
/// [`Error::NotFound`]; [`Error::Denied`] for those who may not see users.
pub fn members(
    engine: &Engine,
    scope: &Scope,
    id: GroupId,
    text: &str,
    after: Option<&str>,
    limit: usize,
) -> Result<Vec<Arc<User>>> {
    scope.require(Permission::DevicesView)?;
    get(engine, scope, id)?;
    let org = engine.directory.organization(scope.organization()).ok_or(Error::NotFound("organization"))?;
    let org = org.read();
    Ok(crate::users::page(org.members(id), text, after, limit))
}

/// How many members a text finds, for the pages of [`members`].
///
/// # Errors
/// [`Error::NotFound`].
pub fn count_members(engine: &Engine, scope: &Scope, id: GroupId, text: &str) -> Result<usize> {
    get(engine, scope, id)?;
    let org = engine.directory.organization(scope.organization()).ok_or(Error::NotFound("organization"))?;
    let text = text.trim().to_lowercase();
    let count = org.read().members(id).filter(|user| crate::users::matches(user, &text)).count();
    Ok(count)
}

/// Takes users into a group and out of it, some hundred in a unit. Who is in it already, or is not, stays so; their
/// devices are looked at anew.
///
/// # Errors
/// [`Error::Invalid`] for an unknown user (another organization's too): nobody is added or removed then.
pub async fn change_members(
    engine: &Engine,
    scope: &Scope,
    id: GroupId,
    add: &[UserId],
    remove: &[UserId],
) -> Result<MembersChanged> {
    scope.require(Permission::GroupsEdit)?;
    let group = get(engine, scope, id)?;
    if group.directory.is_some() {
        return Err(Error::conflict(
            "The members of this group are taken from its directory. Change them there.",
        ));
    }
    if group.rule.is_some() {
        return Err(Error::conflict("The members of this group are found by its rule. Change the rule."));
    }
    let moves = checked(engine, scope, id, add, remove)?;
    let pass = approvals::ask(engine, scope, Edit::Members { group: id, moves: moves.clone() }).await?;
    carry_out(engine, scope, id, &moves, pass).await
}

/// Moves users in (true) and out.
pub(crate) async fn carry_out(
    engine: &Engine,
    scope: &Scope,
    id: GroupId,
    moves: &[(UserId, bool)],
    pass: Pass,
) -> Result<MembersChanged> {
    pass.take_first(engine, scope).await?;
    let mut done = MembersChanged::default();
    for chunk in moves.chunks(STEP) {
        let chunk = Arc::new(chunk.to_vec());
        let moved = Arc::clone(&chunk);
        let part = engine
            .store
            .write(scope.organization(), scope.actor().clone(), async move |tx| write(tx, id, &moved).await)
            .await?;
        done.added += part.added;
        done.removed += part.removed;
        let users: Vec<UserId> = chunk.iter().map(|(user, _)| *user).collect();
        crate::compliance::reevaluate_users(engine, scope.organization(), &users).await?;
    }
    Ok(done)
}

/// Users with whether they are to be in; those that are right already are left out.
fn checked(
    engine: &Engine,
    scope: &Scope,
    id: GroupId,
    add: &[UserId],
    remove: &[UserId],
) -> Result<Vec<(UserId, bool)>> {
    if add.len() + remove.len() > MOST_AT_ONCE {
        return Err(Error::invalid("add", format!("Name at most {MOST_AT_ONCE} users at once.")));
    }
    let org = engine.directory.organization(scope.organization()).ok_or(Error::NotFound("organization"))?;
    let org = org.read();
    let mut moves = std::collections::BTreeMap::new();
    for (field, users, is_in) in [("add", add, true), ("remove", remove, false)] {
        for user in users {
            let known = org.user(*user);
            let known =
                known.ok_or_else(|| Error::invalid(field, format!("There is no such user: {user}.")))?;
            if moves.insert(*user, is_in).is_some_and(|before| before != is_in) {
                let name = &known.display_name;
                return Err(Error::invalid(field, format!("{name} cannot be both added and removed.")));
            }
        }
    }
    let is_news = |(user, is_in): &(UserId, bool)| {
        org.user(*user).is_some_and(|user| user.groups.contains(&id) != *is_in)
    };
    Ok(moves.into_iter().filter(is_news).collect())
}

/// Writes some users and journals each one, so that a person's own history tells it, and the group once.
async fn write(tx: &mut store::Tx, id: GroupId, moves: &[(UserId, bool)]) -> Result<MembersChanged> {
    let group = repo::groups::get(tx, id).await?.ok_or(Error::NotFound("group"))?;
    let mut done = MembersChanged::default();
    for (user, is_in) in moves {
        // Removed, or moved by somebody else, meanwhile.
        let Some(mut user) = repo::users::get(tx, *user).await? else { continue };
        if !put_in(&mut user, id, *is_in) {
            continue;
        }
        repo::users::put(tx, &mut user).await?;
        *(if *is_in { &mut done.added } else { &mut done.removed }) += 1;
        tx.journal(moved(&user, &group, *is_in));
    }
    if done != MembersChanged::default() {
        tx.journal(JournalEntry {
            event: "group.members_changed",
            subject: id.to_string(),
            body: json!({ "name": group.name, "added": done.added, "removed": done.removed }),
        });
    }
    Ok(done)
}

/// Puts a user into a group or out of it; false if that was so already.
pub(crate) fn put_in(user: &mut User, group: GroupId, is_in: bool) -> bool {
    match (user.groups.binary_search(&group), is_in) {
        (Err(at), true) => user.groups.insert(at, group),
        (Ok(at), false) => drop(user.groups.remove(at)),
        _ => return false,
    }
    true
}

/// Makes these the groups of a user, whatever they were, in one unit.
///
/// # Errors
/// [`Error::Invalid`] for an unknown group (another organization's too); [`Error::NotFound`] for an unknown user.
pub async fn set_of_user(engine: &Engine, scope: &Scope, user: UserId, wanted: &[GroupId]) -> Result<()> {
    crate::users::get(engine, scope, user)?;
    may_be_in(engine, scope, wanted)?;
    keeps_linked(engine, scope, user, wanted)?;
    let pass = approvals::ask(engine, scope, Edit::GroupsOf { user, groups: wanted.to_vec() }).await?;
    carry_out_of_user(engine, scope, user, wanted.to_vec(), pass).await
}

/// Whether the scope may put users into these groups.
///
/// # Errors
/// [`Error::Denied`]; [`Error::Invalid`] for an unknown group.
pub(crate) fn may_be_in(engine: &Engine, scope: &Scope, wanted: &[GroupId]) -> Result<()> {
    scope.require(Permission::GroupsEdit)?;
    let org = engine.directory.organization(scope.organization()).ok_or(Error::NotFound("organization"))?;
    let org = org.read();
    if wanted.iter().all(|group| org.group(*group).is_some()) {
        Ok(())
    } else {
        Err(Error::invalid("groups", "There is no such group."))
    }
}

/// Who is in a folder or group of a directory is decided there, and who is in a group with a rule by the rule.
pub(crate) fn keeps_linked(engine: &Engine, scope: &Scope, user: UserId, wanted: &[GroupId]) -> Result<()> {
    let org = engine.directory.organization(scope.organization()).ok_or(Error::NotFound("organization"))?;
    let org = org.read();
    let is_linked = |group: &GroupId| org.group(*group).is_some_and(|group| !group.is_by_hand());
    let before: BTreeSet<GroupId> = org.user(user).into_iter().flat_map(|u| &u.groups).copied().collect();
    let wanted: BTreeSet<GroupId> = wanted.iter().copied().collect();
    if wanted.symmetric_difference(&before).any(is_linked) {
        let why = "Who is in a group of a directory, or in one with a rule, is decided there. Leave those as they are.";
        return Err(Error::invalid("groups", why));
    }
    Ok(())
}

/// Stores the groups of a user.
pub(crate) async fn carry_out_of_user(
    engine: &Engine,
    scope: &Scope,
    user: UserId,
    wanted: Vec<GroupId>,
    pass: Pass,
) -> Result<()> {
    let wanted: BTreeSet<GroupId> = wanted.into_iter().collect();
    engine
        .store
        .write(scope.organization(), scope.actor().clone(), async move |tx| {
            pass.take(tx).await?;
            let mut user = repo::users::get(tx, user).await?.ok_or(Error::NotFound("user"))?;
            let before: BTreeSet<GroupId> = user.groups.iter().copied().collect();
            for id in wanted.symmetric_difference(&before) {
                let group = repo::groups::get(tx, *id).await?;
                let group = group.ok_or_else(|| Error::invalid("groups", "There is no such group."))?;
                put_in(&mut user, *id, wanted.contains(id));
                tx.journal(moved(&user, &group, wanted.contains(id)));
            }
            if wanted != before {
                repo::users::put(tx, &mut user).await?;
            }
            Ok::<_, Error>(())
        })
        .await?;
    crate::compliance::reevaluate_user(engine, scope.organization(), user).await
}

/// What a person's own history says of joining and leaving.
fn moved(user: &User, group: &Group, is_in: bool) -> JournalEntry {
    JournalEntry {
        event: if is_in { "user.joined_group" } else { "user.left_group" },
        subject: user.id.to_string(),
        body: json!({ "name": user.display_name, "group": group.id, "group_name": group.name }),
    }
}
