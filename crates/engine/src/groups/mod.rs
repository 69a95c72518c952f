//! Local groups: users who get the same suite, mail server and liability, unless they have their own. Their members are
//! chosen by hand, by a rule, or by a directory.
//!
//! Who is in a group stands at the users, so a change of members is a change of users: their waiting phones are looked
//! at, their devices evaluated, and nobody else's.

pub(crate) mod edit;
pub(crate) mod members;
pub(crate) mod order;
pub(crate) mod remove;
pub(crate) mod rule;
mod ruled;

pub use edit::{GroupInput, copy, create, edit, edit_seen};
pub(crate) use members::put_in;
pub use members::{MembersChanged, change_members, count_members, members, set_of_user};
pub use order::move_to;
pub use remove::remove;
pub use rule::{Foreseen, Offered, comparison, fields, foresee, networks, set_rule, words};
pub use ruled::{Ruled, tick};
pub(crate) use ruled::{seen_at, site_name};

use std::sync::Arc;

use catalog::Permission;
use domain::model::{Group, GroupId};
use serde_json::json;

use crate::{Engine, Error, Result, Scope};

/// Most groups of an organization.
pub const MOST: usize = 1_000;

/// All groups with the number of their members, the most important one first.
///
/// # Errors
/// [`Error::Denied`].
pub fn list(engine: &Engine, scope: &Scope) -> Result<Vec<(Arc<Group>, usize)>> {
    scope.require(Permission::GroupsView)?;
    let org = engine.directory.organization(scope.organization()).ok_or(Error::NotFound("organization"))?;
    let org = org.read();
    Ok(org.groups().into_iter().map(|group| (Arc::clone(&group), org.member_count(group.id))).collect())
}

/// One group.
///
/// # Errors
/// [`Error::NotFound`] also for another organization's.
pub fn get(engine: &Engine, scope: &Scope, id: GroupId) -> Result<Arc<Group>> {
    scope.require(Permission::GroupsView)?;
    let org = engine.directory.organization(scope.organization()).ok_or(Error::NotFound("organization"))?;
    let group = org.read().group(id).cloned();
    group.ok_or(Error::NotFound("group"))
}

/// What the journal keeps of a group.
pub(crate) fn public(group: &Group) -> serde_json::Value {
    json!({
        "name": group.name, "note": group.note, "priority": group.priority, "settings": group.settings,
    })
}
