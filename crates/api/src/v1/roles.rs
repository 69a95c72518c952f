//! Roles: the predefined ones, and the organization's own.

use axum::Json;
use catalog::{Permission, Powers};
use domain::model::Role;
use door::{Access, Path};
use engine::roles;
use http::Method;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::answer::{Created, Done, Page, Versioned};
use super::endpoint::{Family, endpoint};
use super::input::{Body, Call, Seen};
use super::problem::Problem;
use super::words::{Ref, Word};

pub(super) fn family() -> Family {
    let (all, one) = ("/api/v1/roles", "/api/v1/roles/{role}");
    let (view, change) =
        (Access::Needs(Permission::AdministratorsView), Access::Needs(Permission::AdministratorsEdit));
    Family {
        name: "Roles",
        about: "Sets of permissions of the organization's own. The predefined roles are in the catalogue.",
        endpoints: vec![
            endpoint(Method::GET, all, view, list, "List the organization's own roles")
                .gives::<Page<RoleInfo>>(),
            endpoint(Method::POST, all, change, create, "Make a role")
                .says("Not with more permissions than one's own.")
                .body::<RoleInput>()
                .creates::<RoleInfo>(),
            endpoint(Method::GET, one, view, show, "Show a role").gives::<RoleInfo>().versioned(),
            endpoint(Method::PUT, one, change, replace, "Replace a role")
                .says("What its holders may do changes at once.")
                .body::<RoleInput>()
                .gives::<RoleInfo>()
                .versioned(),
            endpoint(Method::DELETE, one, change, remove, "Remove a role that nobody has"),
        ],
    }
}

/// A role.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Role")]
struct RoleInfo {
    /// Its id.
    id: Ref<Role>,
    /// Name.
    name: String,
    /// What it may do.
    permissions: Vec<Word<Permission>>,
    /// Grows with every change; the ETag.
    rev: i64,
}

impl From<&Role> for RoleInfo {
    fn from(role: &Role) -> Self {
        let permissions = role.powers.iter().map(Word).collect();
        Self { id: role.id.into(), name: role.name.clone(), permissions, rev: role.rev }
    }
}

/// A role's name and permissions.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct RoleInput {
    /// Name, unique in the organization, 1 to 100 characters.
    name: String,
    /// What it may do.
    permissions: Vec<Word<Permission>>,
}

impl From<RoleInput> for roles::RoleInput {
    fn from(input: RoleInput) -> Self {
        let permissions: Vec<_> = input.permissions.into_iter().map(|p| p.0).collect();
        Self { name: input.name, powers: Powers::of(&permissions) }
    }
}

async fn list(call: Call) -> Result<Json<Page<RoleInfo>>, Problem> {
    let all = roles::list(&call.engine, &call.scope)?;
    Ok(Page::whole(all.iter().map(|r| r.as_ref().into()).collect()))
}

async fn create(call: Call, Body(input): Body<RoleInput>) -> Result<Created<RoleInfo>, Problem> {
    let id = roles::create(&call.engine, &call.scope, input.into()).await?;
    let made = roles::get(&call.engine, &call.scope, id)?;
    Ok(Created(format!("/api/v1/roles/{id}"), made.as_ref().into()))
}

async fn show(call: Call, Path(id): Path<Ref<Role>>) -> Result<Versioned<RoleInfo>, Problem> {
    let role = roles::get(&call.engine, &call.scope, id.0)?;
    Ok(Versioned(role.rev, role.as_ref().into()))
}

async fn replace(
    call: Call,
    Path(id): Path<Ref<Role>>,
    seen: Seen,
    Body(input): Body<RoleInput>,
) -> Result<Versioned<RoleInfo>, Problem> {
    seen.expect(roles::get(&call.engine, &call.scope, id.0)?.rev)?;
    roles::edit_seen(&call.engine, &call.scope, id.0, seen.0, input.into()).await?;
    show(call, Path(id)).await
}

async fn remove(call: Call, Path(id): Path<Ref<Role>>) -> Result<Done, Problem> {
    roles::remove(&call.engine, &call.scope, id.0).await?;
    Ok(Done)
}
