//! Administrators: of the organization, and of the installation.

use axum::Json;
use catalog::Permission;
use domain::model::{AdminKind, Administrator, Role, RoleRef};
use door::{Access, Path};
use engine::{Scope, administrators, sign_in};
use http::Method;
use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize};

use super::answer::{Created, Done, Page, Versioned};
use super::endpoint::{Endpoint, Family, endpoint};
use super::input::{Body, Call};
use super::problem::Problem;
use super::words::{Ref, Word};

/// Whose administrators.
trait Place: Send + Sync + 'static {
    const BASE: &'static str;
    fn access(permission: Permission) -> Access;
    fn scope(scope: &Scope) -> engine::Result<Scope>;
}

/// Those of the token's organization.
struct Here;
impl Place for Here {
    const BASE: &'static str = "/api/v1/administrators";
    fn access(permission: Permission) -> Access {
        Access::Needs(permission)
    }
    fn scope(scope: &Scope) -> engine::Result<Scope> {
        Ok(scope.clone())
    }
}

/// Those of the installation.
struct Installation;
impl Place for Installation {
    const BASE: &'static str = "/api/v1/installation/administrators";
    fn access(_: Permission) -> Access {
        Access::System
    }
    fn scope(scope: &Scope) -> engine::Result<Scope> {
        scope.at_installation()
    }
}

pub(super) fn family() -> Family {
    Family {
        name: "Administrators",
        about: "Accounts of the organization, with roles and the ISE Admin mark.",
        endpoints: endpoints::<Here>([
            "/api/v1/administrators",
            "/api/v1/administrators/{administrator}",
            "/api/v1/administrators/{administrator}/password",
            "/api/v1/administrators/{administrator}/sessions",
            "/api/v1/administrators/{administrator}/second-factor",
        ]),
    }
}

pub(super) fn installation() -> Family {
    Family {
        name: "System administrators",
        about: "Accounts of the installation.",
        endpoints: endpoints::<Installation>([
            "/api/v1/installation/administrators",
            "/api/v1/installation/administrators/{administrator}",
            "/api/v1/installation/administrators/{administrator}/password",
            "/api/v1/installation/administrators/{administrator}/sessions",
            "/api/v1/installation/administrators/{administrator}/second-factor",
        ]),
    }
}

fn endpoints<P: Place>([all, one, password, sessions, factor]: [&'static str; 5]) -> Vec<Endpoint> {
    let (view, change) =
        (P::access(Permission::AdministratorsView), P::access(Permission::AdministratorsEdit));
    vec![
        endpoint(Method::GET, all, view, list::<P>, "List administrators").gives::<Page<Account>>(),
        endpoint(Method::POST, all, change, create::<P>, "Make an administrator")
            .says("Without a password one is made; it is in this answer and never again.")
            .body::<NewAccount>()
            .creates::<AccountWithPassword>(),
        endpoint(Method::GET, one, view, show::<P>, "Show an administrator").gives::<Account>().versioned(),
        endpoint(Method::PATCH, one, change, edit::<P>, "Change an administrator")
            .says(
                "Missing fields stay. A change of role, mark, networks or state ends the account's sessions and tokens.",
            )
            .body::<AccountEdit>()
            .gives::<Account>(),
        endpoint(Method::DELETE, one, change, remove::<P>, "Remove an administrator")
            .says("With sessions and tokens. Not oneself, and not the last one who can edit administrators."),
        endpoint(Method::POST, password, change, reset_password::<P>, "Reset the password")
            .says("All sessions and tokens of the account end. Without a password one is made and answered this once.")
            .body::<PasswordReset>()
            .gives::<NewPassword>(),
        endpoint(Method::DELETE, sessions, change, end_sessions::<P>, "Sign an administrator out everywhere"),
        endpoint(Method::DELETE, factor, change, reset_factor::<P>, "Reset the second factor of an administrator")
            .says("For who has lost it. Sessions and tokens end; for 24 hours the account counts as no second person."),
    ]
}

/// A role: one of the predefined ones by key, or one of the organization's own by id.
#[derive(Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub(super) enum RoleChoice {
    /// `full`, `help_desk` or `read_only`.
    Predefined(String),
    /// A role of the organization's own.
    Custom(Ref<Role>),
}

impl From<&RoleRef> for RoleChoice {
    fn from(role: &RoleRef) -> Self {
        match role {
            RoleRef::Predefined(key) => Self::Predefined(key.clone()),
            RoleRef::Custom(id) => Self::Custom((*id).into()),
        }
    }
}

impl From<RoleChoice> for RoleRef {
    fn from(role: RoleChoice) -> Self {
        match role {
            RoleChoice::Predefined(key) => Self::Predefined(key),
            RoleChoice::Custom(id) => Self::Custom(id.0),
        }
    }
}

/// An administrator.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Administrator")]
struct Account {
    /// Its id.
    id: Ref<Administrator>,
    /// Sign-in name, unique in the installation.
    username: String,
    /// Name shown.
    display_name: String,
    /// Address.
    email: String,
    /// Of the installation, or of the organization.
    kind: Word<AdminKind>,
    /// Role; null for an account that only ISE uses.
    role: Option<RoleChoice>,
    /// May call the ISE API.
    ise_admin: bool,
    /// ISE may order full wipes through this account.
    ise_full_wipe: bool,
    /// Networks it may be used from; empty is everywhere.
    allowed_networks: Vec<String>,
    /// A disabled account can do nothing.
    enabled: bool,
    /// The password must be changed at the next sign-in.
    must_change_password: bool,
    /// Whether a second factor is in force.
    second_factor: bool,
    /// When it was made.
    created_at: i64,
    /// Last sign-in in a browser.
    last_sign_in_at: Option<i64>,
    /// Grows with every change.
    rev: i64,
}

impl From<&Administrator> for Account {
    fn from(a: &Administrator) -> Self {
        Self {
            id: a.id.into(),
            username: a.username.clone(),
            display_name: a.display_name.clone(),
            email: a.email.clone(),
            kind: Word(a.kind),
            role: a.role.as_ref().map(Into::into),
            ise_admin: a.ise_admin,
            ise_full_wipe: a.ise_full_wipe,
            allowed_networks: a.allowed_networks.clone(),
            enabled: a.enabled,
            must_change_password: a.must_change_password,
            second_factor: engine::second_factor::is_set(a),
            created_at: a.created_at,
            last_sign_in_at: a.last_sign_in_at,
            rev: a.rev,
        }
    }
}

/// What a new administrator needs: a role, the ISE Admin mark, or both.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct NewAccount {
    /// Sign-in name, unique in the installation: 2 to 64 letters, digits, dot, dash, underscore, @.
    username: String,
    /// Name shown; empty takes the sign-in name.
    #[serde(default)]
    display_name: String,
    /// Address.
    #[serde(default)]
    email: String,
    /// Role.
    role: Option<RoleChoice>,
    /// The ISE Admin mark.
    #[serde(default)]
    ise_admin: bool,
    /// ISE may order full wipes through this account.
    #[serde(default)]
    ise_full_wipe: bool,
    /// Networks (10.1.0.0/16) it may be used from; empty is everywhere.
    #[serde(default)]
    allowed_networks: Vec<String>,
    /// At least 12 characters, 16 with the ISE Admin mark; left out, one is made.
    #[serde(default)]
    password: String,
}

/// A new administrator with the password that was made for it.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "NewAdministrator")]
struct AccountWithPassword {
    /// The account.
    administrator: Account,
    /// The password that was made, shown this once; null when one was sent.
    password: Option<String>,
}

/// What can be changed of an administrator. Missing fields stay as they are.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[expect(clippy::option_option, reason = "absent, null and a value are three things")]
struct AccountEdit {
    /// Name shown.
    display_name: Option<String>,
    /// Address.
    email: Option<String>,
    /// Role; null takes it away.
    #[serde(default, deserialize_with = "present")]
    #[schemars(with = "Option<RoleChoice>")]
    role: Option<Option<RoleChoice>>,
    /// The ISE Admin mark.
    ise_admin: Option<bool>,
    /// ISE may order full wipes through this account.
    ise_full_wipe: Option<bool>,
    /// Networks, as a whole.
    allowed_networks: Option<Vec<String>>,
    /// A disabled account can do nothing.
    enabled: Option<bool>,
}

/// Tells "absent" from "null".
#[expect(clippy::option_option, reason = "absent, null and a value are three things")]
pub(super) fn present<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Option<T>>, D::Error> {
    Option::<T>::deserialize(deserializer).map(Some)
}

/// A password for somebody else.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct PasswordReset {
    /// The new password; left out, one is made.
    #[serde(default)]
    password: String,
}

/// The password that was made.
#[derive(Serialize, JsonSchema)]
struct NewPassword {
    /// Shown this once; null when one was sent.
    password: Option<String>,
}

async fn list<P: Place>(call: Call) -> Result<Json<Page<Account>>, Problem> {
    let all = administrators::list(&call.engine, &P::scope(&call.scope)?)?;
    Ok(Page::whole(all.iter().map(|a| a.as_ref().into()).collect()))
}

async fn create<P: Place>(
    call: Call,
    Body(input): Body<NewAccount>,
) -> Result<Created<AccountWithPassword>, Problem> {
    let new = administrators::NewAdministrator {
        username: input.username,
        display_name: input.display_name,
        email: input.email,
        role: input.role.map(Into::into),
        ise_admin: input.ise_admin,
        ise_full_wipe: input.ise_full_wipe,
        allowed_networks: input.allowed_networks,
        password: input.password,
    };
    let (made, password) = administrators::create(&call.engine, &P::scope(&call.scope)?, new).await?;
    let administrator = made.as_ref().into();
    Ok(Created(format!("{}/{}", P::BASE, made.id), AccountWithPassword { administrator, password }))
}

async fn show<P: Place>(
    call: Call,
    Path(id): Path<Ref<Administrator>>,
) -> Result<Versioned<Account>, Problem> {
    let found = administrators::get(&call.engine, &P::scope(&call.scope)?, id.0)?;
    Ok(Versioned(found.rev, found.as_ref().into()))
}

async fn edit<P: Place>(
    call: Call,
    Path(id): Path<Ref<Administrator>>,
    Body(input): Body<AccountEdit>,
) -> Result<Json<Account>, Problem> {
    let edit = administrators::AdministratorEdit {
        display_name: input.display_name,
        email: input.email,
        role: input.role.map(|role| role.map(Into::into)),
        ise_admin: input.ise_admin,
        ise_full_wipe: input.ise_full_wipe,
        allowed_networks: input.allowed_networks,
        enabled: input.enabled,
    };
    let scope = P::scope(&call.scope)?;
    administrators::edit(&call.engine, &scope, id.0, edit).await?;
    Ok(Json(administrators::get(&call.engine, &scope, id.0)?.as_ref().into()))
}

async fn remove<P: Place>(call: Call, Path(id): Path<Ref<Administrator>>) -> Result<Done, Problem> {
    administrators::remove(&call.engine, &P::scope(&call.scope)?, id.0).await?;
    Ok(Done)
}

async fn reset_password<P: Place>(
    call: Call,
    Path(id): Path<Ref<Administrator>>,
    Body(input): Body<PasswordReset>,
) -> Result<Json<NewPassword>, Problem> {
    let scope = P::scope(&call.scope)?;
    let password = administrators::reset_password(&call.engine, &scope, id.0, &input.password).await?;
    Ok(Json(NewPassword { password }))
}

async fn reset_factor<P: Place>(call: Call, Path(id): Path<Ref<Administrator>>) -> Result<Done, Problem> {
    engine::second_factor::reset(&call.engine, &P::scope(&call.scope)?, id.0).await?;
    Ok(Done)
}

async fn end_sessions<P: Place>(call: Call, Path(id): Path<Ref<Administrator>>) -> Result<Done, Problem> {
    let scope = P::scope(&call.scope)?;
    administrators::get(&call.engine, &scope, id.0)?;
    sign_in::end_all(&call.engine, &scope, id.0).await?;
    Ok(Done)
}
