//! Making, copying and editing groups.

use catalog::Permission;
use domain::model::{Group, GroupId, GroupSettings, JournalEntry, UserId};
use serde_json::json;
use store::repo;

use super::{MOST, change_members, get, public};
use crate::approvals::{self, Edit, Pass};
use crate::issues::{Issues, unchanged};
use crate::{Engine, Error, Result, Scope};

/// What a group is made of.
#[derive(Debug, Clone, Default, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct GroupInput {
    /// Name, unique in the organization.
    pub name: String,
    /// What it is for, at most 500 characters.
    pub note: String,
    /// What its members get.
    pub settings: GroupSettings,
}

/// Makes a group without members, as the least important one.
///
/// # Errors
/// [`Error::Invalid`] by field, [`Error::Conflict`] when the name is taken.
pub async fn create(engine: &Engine, scope: &Scope, input: GroupInput) -> Result<GroupId> {
    scope.require(Permission::GroupsEdit)?;
    check(engine, scope, None, &input)?;
    let now = engine.now();
    let id = engine.entropy.id(now);
    let organization = scope.organization();
    engine
        .store
        .write(organization, scope.actor().clone(), async move |tx| {
            let there = repo::groups::all(tx).await?;
            if there.len() >= MOST {
                return Err(Error::conflict(format!("An organization can have at most {MOST} groups.")));
            }
            let priority = there.last().map_or(0, |last| last.priority) + 1;
            let settings = GroupSettings::default();
            let (name, note) = (String::new(), String::new());
            let mut group = Group {
                organization,
                id,
                rev: 0,
                name,
                note,
                priority,
                settings,
                directory: None,
                rule: None,
                created_at: now,
            };
            fill(&mut group, &input);
            repo::groups::put(tx, &mut group).await?;
            tx.journal(JournalEntry {
                event: "group.created",
                subject: id.to_string(),
                body: json!({ "name": group.name, "after": public(&group) }),
            });
            Ok::<_, Error>(())
        })
        .await?;
    Ok(id)
}

/// Makes a group like another one, with its members, or the rule that finds them, if `with_members`. It comes last, so it changes nothing for
/// anybody before it is moved.
///
/// # Errors
/// As [`create`]; [`Error::NotFound`].
pub async fn copy(
    engine: &Engine,
    scope: &Scope,
    id: GroupId,
    name: &str,
    with_members: bool,
) -> Result<GroupId> {
    let from = get(engine, scope, id)?;
    let input =
        GroupInput { name: name.to_owned(), note: from.note.clone(), settings: from.settings.clone() };
    let new = create(engine, scope, input).await?;
    if with_members && from.rule.is_some() {
        super::set_rule(engine, scope, new, from.rule.clone()).await?;
    } else if with_members {
        let org =
            engine.directory.organization(scope.organization()).ok_or(Error::NotFound("organization"))?;
        let users: Vec<UserId> = org.read().members(id).map(|user| user.id).collect();
        change_members(engine, scope, new, &users, &[]).await?;
    }
    Ok(new)
}

/// Replaces name, note and settings; the devices of the members are looked at anew.
///
/// # Errors
/// As [`create`].
pub async fn edit(engine: &Engine, scope: &Scope, id: GroupId, input: GroupInput) -> Result<()> {
    edit_seen(engine, scope, id, None, input).await
}

/// The same, only if the group is still at the `rev` that the author of the edit saw.
///
/// # Errors
/// As [`edit`]; [`Error::Conflict`] for another `rev`.
pub async fn edit_seen(
    engine: &Engine,
    scope: &Scope,
    id: GroupId,
    seen: Option<i64>,
    input: GroupInput,
) -> Result<()> {
    scope.require(Permission::GroupsEdit)?;
    let old = get(engine, scope, id)?;
    unchanged(seen, old.rev)?;
    check(engine, scope, Some(&old), &input)?;
    let edit = Edit::Group { group: id, input: Box::new(input.clone()) };
    let pass = approvals::ask(engine, scope, edit).await?;
    carry_out(engine, scope, id, seen, input, pass).await
}

/// Stores name, note and settings, if the group is still at the `rev` that was seen.
pub(crate) async fn carry_out(
    engine: &Engine,
    scope: &Scope,
    id: GroupId,
    seen: Option<i64>,
    input: GroupInput,
    pass: Pass,
) -> Result<()> {
    let organization = scope.organization();
    engine
        .store
        .write(organization, scope.actor().clone(), async move |tx| {
            pass.take(tx).await?;
            let mut group = repo::groups::get(tx, id).await?.ok_or(Error::NotFound("group"))?;
            unchanged(seen, group.rev)?;
            let before = public(&group);
            fill(&mut group, &input);
            repo::groups::put(tx, &mut group).await?;
            tx.journal(JournalEntry {
                event: "group.updated",
                subject: id.to_string(),
                body: json!({ "name": group.name, "before": before, "after": public(&group) }),
            });
            Ok::<_, Error>(())
        })
        .await?;
    crate::compliance::reevaluate_group(engine, organization, id).await
}

/// Gives a group what was entered.
pub(crate) fn fill(group: &mut Group, input: &GroupInput) {
    input.name.trim().clone_into(&mut group.name);
    input.note.trim().clone_into(&mut group.note);
    group.settings.clone_from(&input.settings);
}

/// Whether a group can be so.
pub(crate) fn check(engine: &Engine, scope: &Scope, old: Option<&Group>, input: &GroupInput) -> Result<()> {
    let org = engine.directory.organization(scope.organization()).ok_or(Error::NotFound("organization"))?;
    let org = org.read();
    let mut issues = Issues::default();
    issues.check((1..=100).contains(&input.name.trim().chars().count()), "name", || {
        "Enter a name of 1 to 100 characters.".into()
    });
    issues.check(input.note.trim().chars().count() <= 500, "note", || "Use at most 500 characters.".into());
    let new = &input.settings;
    if old.is_none_or(|old| old.settings.suite != new.suite) {
        crate::policy::check_assignable(&org, "suite", new.suite, &mut issues);
    }
    crate::schedules::check_assignable(&org, "schedule", new.schedule, &mut issues);
    issues.check(new.server.is_none_or(|id| org.server(id).is_some()), "server", || {
        "There is no such ActiveSync server.".into()
    });
    issues.done()
}
