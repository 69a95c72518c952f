//! The order of groups: of a user's groups the first one that says something decides.

use catalog::Permission;
use domain::assignment::{order, rank};
use domain::model::{Group, GroupId, JournalEntry};
use serde_json::json;
use store::{Tx, repo};

use super::get;
use crate::approvals::{self, Edit, Pass};
use crate::{Engine, Error, OrgIndex, Result, Scope};

/// Moves a group to a place in the list, 1 for the most important one; a place beyond those of its kind is the
/// last of them. The groups between make room. Only for members of the moved one something can change: their devices are looked at anew.
///
/// # Errors
/// [`Error::Invalid`] for place 0, [`Error::NotFound`].
pub async fn move_to(engine: &Engine, scope: &Scope, id: GroupId, place: usize) -> Result<()> {
    scope.require(Permission::GroupsEdit)?;
    get(engine, scope, id)?;
    if place == 0 {
        return Err(Error::invalid("place", "The first place is 1."));
    }
    let pass = approvals::ask(engine, scope, Edit::MoveGroup { group: id, place }).await?;
    carry_out(engine, scope, id, place, pass).await
}

/// The groups that get another number when one is moved.
pub(crate) fn moved(org: &OrgIndex, id: GroupId, place: usize) -> Vec<Group> {
    let groups: Vec<Group> = org.groups().iter().map(|group| Group::clone(group)).collect();
    let Some(from) = groups.iter().position(|group| group.id == id) else { return Vec::new() };
    let to = within_its_kind(&groups, from, place);
    if from == to { Vec::new() } else { reordered(groups, from, to) }
}

/// Stores the order.
pub(crate) async fn carry_out(
    engine: &Engine,
    scope: &Scope,
    id: GroupId,
    place: usize,
    pass: Pass,
) -> Result<()> {
    let organization = scope.organization();
    engine
        .store
        .write(organization, scope.actor().clone(), async move |tx| {
            pass.take(tx).await?;
            let mut before = repo::groups::all(tx).await?;
            before.sort_by_key(rank);
            let from = before.iter().position(|g| g.id == id).ok_or(Error::NotFound("group"))?;
            let to = within_its_kind(&before, from, place);
            if from == to {
                return Ok(());
            }
            let changed = reordered(before, from, to);
            put_all(tx, &changed).await?;
            let name = changed.iter().find(|g| g.id == id).map(|g| g.name.clone());
            tx.journal(JournalEntry {
                event: "group.moved",
                subject: id.to_string(),
                body: json!({ "name": name, "before": from + 1, "after": to + 1 }),
            });
            Ok::<_, Error>(())
        })
        .await?;
    crate::compliance::reevaluate_group(engine, organization, id).await
}

/// The place that a group gets among groups in their order: local groups come before those of a directory, whatever
/// somebody wants.
fn within_its_kind(groups: &[Group], from: usize, place: usize) -> usize {
    let kind = order(&groups[from]);
    let first = groups.iter().position(|group| order(group) == kind).unwrap_or(from);
    let last = groups.iter().rposition(|group| order(group) == kind).unwrap_or(from);
    (place.max(1) - 1).clamp(first, last)
}

/// The groups between both places with the numbers that they get: the same numbers, dealt out anew.
fn reordered(mut groups: Vec<Group>, from: usize, to: usize) -> Vec<Group> {
    let (first, last) = (from.min(to), from.max(to));
    let numbers: Vec<i64> = groups[first..=last].iter().map(|g| g.priority).collect();
    let group = groups.remove(from);
    groups.insert(to, group);
    let mut changed: Vec<Group> = groups.drain(first..=last).collect();
    for (group, number) in changed.iter_mut().zip(numbers) {
        group.priority = number;
    }
    changed
}

async fn put_all(tx: &mut Tx, groups: &[Group]) -> Result<()> {
    for group in groups {
        repo::groups::step_aside(tx, group.id).await?;
    }
    for group in groups {
        repo::groups::put(tx, &mut group.clone()).await?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::model::{GroupSettings, OrganizationId};
    use uuid::Uuid;

    fn groups(numbers: &[i64]) -> Vec<Group> {
        let group = |number: &i64| Group {
            organization: OrganizationId::from_uuid(Uuid::nil()),
            id: GroupId::from_uuid(Uuid::from_u128(*number as u128)),
            rev: 1,
            name: number.to_string(),
            note: String::new(),
            priority: *number,
            settings: GroupSettings::default(),
            directory: None,
            rule: None,
            created_at: 0,
        };
        numbers.iter().map(group).collect()
    }

    #[test]
    fn only_the_groups_between_get_other_numbers() {
        let told = |from, to| {
            let changed = reordered(groups(&[1, 3, 4, 8]), from, to);
            changed.into_iter().map(|g| (g.name, g.priority)).collect::<Vec<_>>()
        };
        let pairs =
            |list: &[(&str, i64)]| list.iter().map(|(n, p)| ((*n).to_owned(), *p)).collect::<Vec<_>>();
        assert_eq!(told(2, 1), pairs(&[("4", 3), ("3", 4)]));
        assert_eq!(told(0, 3), pairs(&[("3", 1), ("4", 3), ("8", 4), ("1", 8)]));
        assert_eq!(told(3, 0), pairs(&[("8", 1), ("1", 3), ("3", 4), ("4", 8)]));
    }
}
