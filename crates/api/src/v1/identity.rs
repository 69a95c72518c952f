//! Identity providers, and for which roles a second factor is demanded.

use axum::Json;
use catalog::{Millis, Permission};
use domain::model::{IdentityProvider, RoleRule, SignInSettings, UserField, UserRule};
use door::{Access, Path};
use engine::identity::{self, ProviderInput};
use http::Method;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::administrators::RoleChoice;
use super::answer::{Created, Done, Page, Versioned};
use super::endpoint::{Family, endpoint};
use super::input::{Body, Call, Seen};
use super::problem::Problem;
use super::words::Ref;

pub(super) fn family() -> Family {
    let view = Access::Needs(Permission::AdministratorsView);
    let edit = Access::Needs(Permission::AdministratorsEdit);
    let (all, one) = ("/api/v1/identity-providers", "/api/v1/identity-providers/{identity_provider}");
    Family {
        name: "Sign-in",
        about: "Identity providers (OpenID Connect) whose people sign in as administrators, and who must have a second \
                factor.",
        endpoints: vec![
            endpoint(Method::GET, all, view, list, "List identity providers").gives::<Page<ProviderInfo>>(),
            endpoint(Method::POST, all, edit, create, "Add an identity provider")
                .says("Not with rules that give more than one's own permissions.")
                .body::<Settings>()
                .creates::<ProviderInfo>(),
            endpoint(Method::GET, one, view, show, "Show an identity provider").gives::<ProviderInfo>(),
            endpoint(Method::PUT, one, edit, replace, "Change an identity provider")
                .says("Whoever came through it is signed out.")
                .body::<Settings>()
                .gives::<ProviderInfo>(),
            endpoint(Method::DELETE, one, edit, remove, "Remove an identity provider")
                .says("Accounts that it made are disabled, links with others go."),
            endpoint(
                Method::POST,
                "/api/v1/identity-providers/{identity_provider}/test",
                edit,
                test,
                "Ask an identity provider for its document and keys",
            )
            .gives::<Tested>(),
            endpoint(
                Method::GET,
                "/api/v1/second-factor-roles",
                view,
                show_roles,
                "Show who must have a second factor",
            )
            .gives::<Roles>()
            .versioned(),
            endpoint(
                Method::PUT,
                "/api/v1/second-factor-roles",
                edit,
                replace_roles,
                "Demand a second factor of the holders of roles",
            )
            .body::<RolesInput>()
            .gives::<Roles>()
            .versioned(),
        ],
    }
}

/// A rule: whoever has a claim with this value has this role.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "IdentityProviderRule")]
struct Rule {
    /// Name of the claim; members of objects by dots.
    claim: String,
    /// Its value, or one of them where it is a list.
    value: String,
    /// The role.
    role: RoleChoice,
}

/// An identity provider as it is set.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "IdentityProviderSettings")]
struct Settings {
    /// Name on the sign-in page.
    name: String,
    /// Short name, `[a-z0-9-]{2,32}`.
    zone: String,
    /// Can be signed in with.
    #[serde(default = "yes")]
    on: bool,
    /// Issuer, letter for letter.
    issuer: String,
    /// Our client id there.
    client_id: String,
    /// Our secret there; null keeps the present one, empty takes it away.
    #[serde(default)]
    client_secret: Option<String>,
    /// Scopes besides `openid`.
    #[serde(default)]
    scopes: Vec<String>,
    /// Root certificates in PEM form; empty: the public authorities.
    #[serde(default)]
    roots: String,
    /// Domains of verified addresses; empty: any.
    #[serde(default)]
    email_domains: Vec<String>,
    /// Rules; the first that fits counts.
    #[serde(default)]
    rules: Vec<Rule>,
    /// Makes accounts for whom a rule gives a role.
    #[serde(default)]
    creates: bool,
    /// Asks for a second factor itself.
    #[serde(default)]
    vouches_for_factor: bool,
    /// Administrators can sign in with it.
    #[serde(default = "yes")]
    administrators: bool,
    /// Users can sign in with it, on the enrolment pages and in the portal; null: they cannot.
    #[serde(default)]
    users: Option<Users>,
}

/// Which user somebody at a provider is.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "IdentityProviderUsers")]
struct Users {
    /// Name of the claim that says it; members of objects by dots. `email` counts only if it was verified.
    claim: String,
    /// What of the user it is.
    is: UserKey,
    /// Makes users for whom there is none.
    #[serde(default)]
    creates: bool,
}

/// What a user is known by to a provider.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "IdentityProviderUserKey")]
enum UserKey {
    /// The mail address.
    Email,
    /// The sign-in name.
    Username,
}

fn yes() -> bool {
    true
}

impl From<Settings> for ProviderInput {
    fn from(s: Settings) -> Self {
        let rule = |r: Rule| RoleRule { claim: r.claim, value: r.value, role: r.role.into() };
        Self {
            name: s.name,
            zone: s.zone,
            on: s.on,
            issuer: s.issuer,
            client_id: s.client_id,
            client_secret: s.client_secret,
            scopes: s.scopes,
            roots: s.roots,
            email_domains: s.email_domains,
            rules: s.rules.into_iter().map(rule).collect(),
            creates: s.creates,
            vouches_for_factor: s.vouches_for_factor,
            not_administrators: !s.administrators,
            users: s.users.map(|of| UserRule {
                claim: of.claim,
                is: match of.is {
                    UserKey::Email => UserField::Email,
                    UserKey::Username => UserField::Username,
                },
                creates: of.creates,
            }),
        }
    }
}

/// An identity provider. Its secret is never shown.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "IdentityProvider")]
struct ProviderInfo {
    /// Its id; part of its redirect addresses, `/dashboard/sign-in/oidc/{id}` and, for users, `/portal/sign-in/oidc/{id}`.
    id: Ref<IdentityProvider>,
    /// Name on the sign-in page.
    name: String,
    /// Short name.
    zone: String,
    /// Can be signed in with.
    on: bool,
    /// Issuer.
    issuer: String,
    /// Our client id there.
    client_id: String,
    /// Whether there is a secret.
    has_secret: bool,
    /// Scopes besides `openid`.
    scopes: Vec<String>,
    /// Root certificates.
    roots: String,
    /// Domains of verified addresses.
    email_domains: Vec<String>,
    /// Rules.
    rules: Vec<Rule>,
    /// Makes accounts.
    creates: bool,
    /// Asks for a second factor itself.
    vouches_for_factor: bool,
    /// Administrators can sign in with it.
    administrators: bool,
    /// Users can sign in with it; null: they cannot.
    users: Option<Users>,
    /// When it was added.
    created_at: Millis,
}

impl From<&IdentityProvider> for ProviderInfo {
    fn from(p: &IdentityProvider) -> Self {
        let rule =
            |r: &RoleRule| Rule { claim: r.claim.clone(), value: r.value.clone(), role: (&r.role).into() };
        Self {
            id: p.id.into(),
            name: p.name.clone(),
            zone: p.zone.clone(),
            on: p.on,
            issuer: p.issuer.clone(),
            client_id: p.client_id.clone(),
            has_secret: p.client_secret.is_some(),
            scopes: p.scopes.clone(),
            roots: p.roots.clone(),
            email_domains: p.email_domains.clone(),
            rules: p.rules.iter().map(rule).collect(),
            creates: p.creates,
            vouches_for_factor: p.vouches_for_factor,
            administrators: p.administrators,
            users: p.users.as_ref().map(|of| Users {
                claim: of.claim.clone(),
                is: match of.is {
                    UserField::Email => UserKey::Email,
                    UserField::Username => UserKey::Username,
                },
                creates: of.creates,
            }),
            created_at: p.created_at,
        }
    }
}

/// What a provider answered.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "IdentityProviderTest")]
struct Tested {
    /// It answers as it should.
    ok: bool,
    /// How many keys can be used, or what went wrong.
    detail: String,
}

/// Roles whose holders must have a second factor.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "SecondFactorRoles")]
struct Roles {
    /// The roles.
    roles: Vec<RoleChoice>,
    /// Grows with every change; the ETag.
    rev: i64,
}

/// Roles whose holders must have a second factor.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "SecondFactorRolesInput")]
struct RolesInput {
    /// The roles.
    roles: Vec<RoleChoice>,
}

impl From<&SignInSettings> for Roles {
    fn from(settings: &SignInSettings) -> Self {
        Self { roles: settings.second_factor_roles.iter().map(Into::into).collect(), rev: settings.rev }
    }
}

fn read(call: &Call, id: Ref<IdentityProvider>) -> Result<ProviderInfo, Problem> {
    let settings = identity::settings(&call.engine, &call.scope)?;
    Ok(settings.provider(id.0).ok_or(engine::Error::NotFound("identity provider"))?.into())
}

async fn list(call: Call) -> Result<Json<Page<ProviderInfo>>, Problem> {
    let settings = identity::settings(&call.engine, &call.scope)?;
    Ok(Page::whole(settings.providers.iter().map(Into::into).collect()))
}

async fn create(call: Call, Body(input): Body<Settings>) -> Result<Created<ProviderInfo>, Problem> {
    let id = identity::create(&call.engine, &call.scope, input.into()).await?;
    Ok(Created(format!("/api/v1/identity-providers/{id}"), read(&call, id.into())?))
}

async fn show(call: Call, Path(id): Path<Ref<IdentityProvider>>) -> Result<Json<ProviderInfo>, Problem> {
    Ok(Json(read(&call, id)?))
}

async fn replace(
    call: Call,
    Path(id): Path<Ref<IdentityProvider>>,
    Body(input): Body<Settings>,
) -> Result<Json<ProviderInfo>, Problem> {
    identity::edit(&call.engine, &call.scope, id.0, input.into()).await?;
    Ok(Json(read(&call, id)?))
}

async fn remove(call: Call, Path(id): Path<Ref<IdentityProvider>>) -> Result<Done, Problem> {
    identity::remove(&call.engine, &call.scope, id.0).await?;
    Ok(Done)
}

async fn test(call: Call, Path(id): Path<Ref<IdentityProvider>>) -> Result<Json<Tested>, Problem> {
    Ok(Json(match identity::test(&call.engine, &call.scope, id.0).await {
        Ok(keys) => Tested { ok: true, detail: format!("{keys} keys can be used") },
        Err(error @ engine::Error::Upstream(_)) => Tested { ok: false, detail: error.to_string() },
        Err(error) => return Err(error.into()),
    }))
}

async fn show_roles(call: Call) -> Result<Versioned<Roles>, Problem> {
    let settings = identity::settings(&call.engine, &call.scope)?;
    Ok(Versioned(settings.rev, settings.as_ref().into()))
}

async fn replace_roles(
    call: Call,
    seen: Seen,
    Body(input): Body<RolesInput>,
) -> Result<Versioned<Roles>, Problem> {
    seen.expect(identity::settings(&call.engine, &call.scope)?.rev)?;
    let roles = input.roles.into_iter().map(Into::into).collect();
    identity::require_second_factor(&call.engine, &call.scope, seen.0, roles).await?;
    show_roles(call).await
}
