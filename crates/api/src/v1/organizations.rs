//! The installation's organizations, for system administrators.

use axum::Json;
use domain::model::{Organization, Quota};
use door::{Access, Path};
use engine::{Error, organizations};
use http::Method;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::answer::{Created, Done, Page, Versioned};
use super::endpoint::{Family, endpoint};
use super::input::{Body, Call};
use super::problem::Problem;
use super::words::Ref;

pub(super) fn family() -> Family {
    let one = "/api/v1/organizations/{organization}";
    Family {
        name: "Organizations",
        about: "The tenants of the installation, and the names granted to them.",
        endpoints: vec![
            endpoint(Method::GET, "/api/v1/organizations", Access::System, list, "List all organizations")
                .gives::<Page<OrganizationInfo>>(),
            endpoint(Method::POST, "/api/v1/organizations", Access::System, create, "Make an organization")
                .says("It begins with a default policy suite.")
                .body::<NewOrganization>()
                .creates::<OrganizationInfo>(),
            endpoint(Method::GET, one, Access::System, show, "Show an organization")
                .gives::<OrganizationInfo>()
                .versioned(),
            endpoint(Method::PATCH, one, Access::System, edit, "Rename, enable, grant names or a quota")
                .says("Missing fields stay as they are.")
                .body::<OrganizationEdit>()
                .gives::<OrganizationInfo>(),
            endpoint(Method::DELETE, one, Access::System, remove, "Remove an organization")
                .says(
                    "With everything that is its own, its journal too; it cannot be called back. Only a disabled one, and \
                     only with a second factor. It is gone at once; its rows go in the background.",
                )
                .body::<Removal>(),
        ],
    }
}

/// An organization.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Organization")]
pub(super) struct OrganizationInfo {
    /// Its id.
    id: Ref<Organization>,
    /// Short name in addresses; never changes.
    slug: String,
    /// Name shown.
    name: String,
    /// Serves devices and administrators.
    enabled: bool,
    /// Mail domains granted to it.
    mail_domains: Vec<String>,
    /// Login domains (`DOMAIN\user`) granted to it.
    login_domains: Vec<String>,
    /// Host names that lead to it.
    host_names: Vec<String>,
    /// How many devices it may have, and until when it takes new ones.
    quota: QuotaInfo,
    /// When it was made.
    created_at: i64,
    /// Grows with every change; the ETag.
    pub rev: i64,
}

impl From<&Organization> for OrganizationInfo {
    fn from(o: &Organization) -> Self {
        Self {
            id: o.id.into(),
            slug: o.slug.clone(),
            name: o.name.clone(),
            enabled: o.enabled,
            mail_domains: o.mail_domains.clone(),
            login_domains: o.login_domains.clone(),
            host_names: o.host_names.clone(),
            quota: (&o.quota).into(),
            created_at: o.created_at,
            rev: o.rev,
        }
    }
}

/// How many devices an organization may have. Whatever it says, devices that are there are served, and can be locked
/// and wiped.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Quota")]
struct QuotaInfo {
    /// At so many devices its administrators are warned; null: never. At most 10,000,000.
    #[serde(default)]
    soft: Option<u32>,
    /// More devices are not taken in; null: no limit.
    #[serde(default)]
    hard: Option<u32>,
    /// From this moment on no device is taken in, milliseconds since 1970; null: never.
    #[serde(default)]
    expires_at: Option<i64>,
}

impl From<&Quota> for QuotaInfo {
    fn from(quota: &Quota) -> Self {
        Self { soft: quota.soft, hard: quota.hard, expires_at: quota.expires_at }
    }
}

/// What a new organization needs.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct NewOrganization {
    /// Short name in addresses: 2 to 32 of `a-z 0-9 -`.
    slug: String,
    /// Name shown, 1 to 100 characters.
    name: String,
    /// Mail domains granted to it; unique in the installation.
    #[serde(default)]
    mail_domains: Vec<String>,
    /// Login domains granted to it; unique in the installation.
    #[serde(default)]
    login_domains: Vec<String>,
    /// Host names that lead to it; unique in the installation.
    #[serde(default)]
    host_names: Vec<String>,
}

/// What can be changed of an organization. Missing fields stay as they are.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct OrganizationEdit {
    /// Name shown.
    name: Option<String>,
    /// Serves devices and administrators.
    enabled: Option<bool>,
    /// Mail domains, as a whole.
    mail_domains: Option<Vec<String>>,
    /// Login domains, as a whole.
    login_domains: Option<Vec<String>>,
    /// Host names, as a whole.
    host_names: Option<Vec<String>>,
    /// How many devices, and until when; as a whole.
    quota: Option<QuotaInfo>,
}

/// What is shown by whoever removes an organization.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "OrganizationRemoval")]
struct Removal {
    /// Its short name.
    slug: String,
    /// A code of the system administrator's second factor.
    code: String,
}

async fn remove(
    call: Call,
    Path(id): Path<Ref<Organization>>,
    Body(Removal { slug, code }): Body<Removal>,
) -> Result<Done, Problem> {
    let removal = organizations::Removal { slug, code };
    organizations::remove(&call.engine, &call.scope, id.0, &removal).await?;
    Ok(Done)
}

async fn list(call: Call) -> Json<Page<OrganizationInfo>> {
    let all = organizations::list(&call.engine, &call.scope);
    Page::whole(all.iter().map(|o| o.as_ref().into()).collect())
}

async fn create(
    call: Call,
    Body(input): Body<NewOrganization>,
) -> Result<Created<OrganizationInfo>, Problem> {
    let NewOrganization { slug, name, mail_domains, login_domains, host_names } = input;
    let new = organizations::NewOrganization { slug, name, mail_domains, login_domains, host_names };
    let made = organizations::create(&call.engine, &call.scope, new).await?;
    Ok(Created(format!("/api/v1/organizations/{}", made.id), made.as_ref().into()))
}

fn read(call: &Call, id: Ref<Organization>) -> Result<OrganizationInfo, Problem> {
    let all = organizations::list(&call.engine, &call.scope);
    let found = all.iter().find(|o| o.id == id.0).ok_or(Error::NotFound("organization"))?;
    Ok(found.as_ref().into())
}

async fn show(call: Call, Path(id): Path<Ref<Organization>>) -> Result<Versioned<OrganizationInfo>, Problem> {
    let info = read(&call, id)?;
    Ok(Versioned(info.rev, info))
}

async fn edit(
    call: Call,
    Path(id): Path<Ref<Organization>>,
    Body(input): Body<OrganizationEdit>,
) -> Result<Json<OrganizationInfo>, Problem> {
    let OrganizationEdit { name, enabled, mail_domains, login_domains, host_names, quota } = input;
    let quota = quota.map(|quota| {
        let QuotaInfo { soft, hard, expires_at } = quota;
        Quota { soft, hard, expires_at }
    });
    let edit =
        organizations::OrganizationEdit { name, enabled, mail_domains, login_domains, host_names, quota };
    organizations::edit(&call.engine, &call.scope, id.0, edit).await?;
    Ok(Json(read(&call, id)?))
}
