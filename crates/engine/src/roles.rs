//! Roles: the predefined ones, and an organization's own.

use catalog::{Permission, Powers};
use domain::model::{AdministratorId, JournalEntry, Moment, Role, RoleId, RoleRef};
use serde_json::json;
use store::repo;

use crate::issues::unchanged;
use crate::{Engine, Error, Result, Scope};

/// A role's name and permissions, for making and editing.
#[derive(Debug, Clone, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RoleInput {
    /// Name, unique in the organization.
    pub name: String,
    /// Permissions by key.
    pub powers: Powers,
}

/// The organization's own roles, by name.
///
/// # Errors
/// [`Error::Denied`].
pub fn list(engine: &Engine, scope: &Scope) -> Result<Vec<std::sync::Arc<Role>>> {
    scope.require(Permission::AdministratorsView)?;
    let org = engine.directory.organization(scope.organization()).ok_or(Error::NotFound("organization"))?;
    let roles = org.read().roles();
    Ok(roles)
}

/// One of them.
///
/// # Errors
/// [`Error::NotFound`] also for another organization's.
pub fn get(engine: &Engine, scope: &Scope, id: RoleId) -> Result<std::sync::Arc<Role>> {
    scope.require(Permission::AdministratorsView)?;
    find(engine, scope, id)
}

/// Makes a role.
///
/// # Errors
/// [`Error::Denied`] when it would hold more than one's own.
pub async fn create(engine: &Engine, scope: &Scope, input: RoleInput) -> Result<RoleId> {
    let name = check(scope, &input)?;
    let now = engine.now();
    let id = engine.entropy.id(now);
    let overrides = input.powers.has(Permission::DevicesWipeOverride);
    let since = if overrides { engine.moment() } else { Moment::default() };
    let role = Role {
        organization: scope.organization(),
        id,
        rev: 0,
        name,
        powers: input.powers,
        override_since: since.clock,
        override_running: since.running,
    };
    put(engine, scope, role, None, "role.created", serde_json::Value::Null).await?;
    Ok(id)
}

/// Changes a role; what its holders may do changes at once.
///
/// # Errors
/// As [`create`], [`Error::NotFound`]; [`Error::Conflict`] when nobody could edit administrators any more.
pub async fn edit(engine: &Engine, scope: &Scope, id: RoleId, input: RoleInput) -> Result<()> {
    edit_seen(engine, scope, id, None, input).await
}

/// The same, only if the role is still at the `rev` that the author of the edit saw.
///
/// # Errors
/// As [`edit`]; [`Error::Conflict`] for another `rev`.
pub async fn edit_seen(
    engine: &Engine,
    scope: &Scope,
    id: RoleId,
    seen: Option<i64>,
    input: RoleInput,
) -> Result<()> {
    let name = check(scope, &input)?;
    let old = find(engine, scope, id)?;
    unchanged(seen, old.rev)?;
    if !scope.powers().includes(&old.powers) {
        return Err(Error::Denied("This role includes more than your own.".into()));
    }
    let before = json!({ "name": old.name, "powers": old.powers });
    let mut new = Role { name, powers: input.powers, ..Role::clone(&old) };
    if new.powers.has(Permission::DevicesWipeOverride) && !old.powers.has(Permission::DevicesWipeOverride) {
        let since = engine.moment();
        (new.override_since, new.override_running) = (since.clock, since.running);
    }
    let right = Permission::AdministratorsEdit;
    let all = (old.powers.has(right) && !new.powers.has(right))
        .then(|| engine.directory.administrators(scope.organization()).iter().map(|a| a.id).collect());
    put(engine, scope, new, all, "role.updated", before).await
}

/// Removes a role that nobody has.
///
/// # Errors
/// [`Error::Conflict`] naming an administrator who has it.
pub async fn remove(engine: &Engine, scope: &Scope, id: RoleId) -> Result<()> {
    scope.require(Permission::AdministratorsEdit)?;
    let old = find(engine, scope, id)?;
    if !scope.powers().includes(&old.powers) {
        return Err(Error::Denied("This role includes more than your own.".into()));
    }
    let holders = engine.directory.administrators(scope.organization());
    if let Some(holder) = holders.iter().find(|a| a.role == Some(RoleRef::Custom(id))) {
        return Err(Error::conflict(format!(
            "{} has this role. Give that account another role first.",
            holder.username
        )));
    }
    engine
        .store
        .write(scope.organization(), scope.actor().clone(), async move |tx| {
            repo::roles::remove(tx, id).await?;
            tx.journal(JournalEntry {
                event: "role.deleted",
                subject: id.to_string(),
                body: json!({ "before": { "name": old.name, "powers": old.powers } }),
            });
            Ok::<_, Error>(())
        })
        .await
}

fn check(scope: &Scope, input: &RoleInput) -> Result<String> {
    scope.require(Permission::AdministratorsEdit)?;
    let name = input.name.trim();
    if name.is_empty() || name.chars().count() > 100 {
        return Err(Error::invalid("name", "Enter a name of 1 to 100 characters."));
    }
    if catalog::PREDEFINED_ROLES.iter().any(|r| r.name.eq_ignore_ascii_case(name)) {
        return Err(Error::invalid("name", "A predefined role has this name."));
    }
    if !scope.powers().includes(&input.powers) {
        return Err(Error::Denied("You cannot give a role more than your own role includes.".into()));
    }
    Ok(name.to_owned())
}

fn find(engine: &Engine, scope: &Scope, id: RoleId) -> Result<std::sync::Arc<Role>> {
    let org = engine.directory.organization(scope.organization()).ok_or(Error::NotFound("organization"))?;
    let role = org.read().role(id).cloned();
    role.ok_or(Error::NotFound("role"))
}

/// Stores a role. `administrators`: one of these must be able to edit administrators afterwards.
async fn put(
    engine: &Engine,
    scope: &Scope,
    role: Role,
    administrators: Option<Vec<AdministratorId>>,
    event: &'static str,
    before: serde_json::Value,
) -> Result<()> {
    engine
        .store
        .write(scope.organization(), scope.actor().clone(), async move |tx| {
            let mut role = role.clone();
            repo::roles::put(tx, &mut role).await?;
            if let Some(administrators) = &administrators {
                crate::administrators::still_administered(tx, administrators).await?;
            }
            tx.journal(JournalEntry {
                event,
                subject: role.id.to_string(),
                body: json!({ "before": before, "after": { "name": role.name, "powers": role.powers } }),
            });
            Ok::<_, Error>(())
        })
        .await
}
