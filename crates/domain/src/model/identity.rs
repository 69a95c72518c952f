//! How administrators sign in beyond name and password: identity providers, and for which roles a second factor is
//! demanded.

use catalog::Millis;
use serde::{Deserialize, Serialize};

use super::{OrganizationId, RoleRef, Sealed};
use crate::{Id, IdKind};

/// What an organization (or the installation, for system administrators) has set about signing in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignInSettings {
    /// Organization.
    pub organization: OrganizationId,
    /// Grows with every write; 0 before the first one.
    pub rev: i64,
    /// Identity providers, in the order in which they were added; at most 20.
    #[serde(default)]
    pub providers: Vec<IdentityProvider>,
    /// Roles whose holders must have a second factor.
    #[serde(default)]
    pub second_factor_roles: Vec<RoleRef>,
}

impl SignInSettings {
    /// The provider of a user's link, while it is there and has the issuer that the link was made with.
    pub fn linked(&self, link: &UserIdentity) -> Option<&IdentityProvider> {
        self.provider(link.provider).filter(|provider| provider.issuer == link.issuer)
    }

    /// What is in force before anybody set anything.
    pub fn new(organization: OrganizationId) -> Self {
        Self { organization, rev: 0, providers: Vec::new(), second_factor_roles: Vec::new() }
    }

    /// A provider by id.
    pub fn provider(&self, id: IdentityProviderId) -> Option<&IdentityProvider> {
        self.providers.iter().find(|provider| provider.id == id)
    }
}

/// An identity provider (OpenID Connect) whose people may sign in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct IdentityProvider {
    /// Its id; part of the address that it sends browsers back to.
    pub id: IdentityProviderId,
    /// Name on the sign-in page.
    pub name: String,
    /// Short name, `[a-z0-9-]{2,32}`, unique in the organization: leads to it from the sign-in page.
    pub zone: String,
    /// Can be signed in with.
    pub on: bool,
    /// Issuer, letter for letter as the provider writes itself.
    pub issuer: String,
    /// Our client id there.
    pub client_id: String,
    /// Our secret there; `None` for a public client.
    pub client_secret: Option<Sealed>,
    /// Scopes asked for besides `openid`.
    pub scopes: Vec<String>,
    /// Roots that its certificate must come from (PEM); empty: the public authorities.
    pub roots: String,
    /// Only addresses of these domains, verified by the provider; empty: any.
    pub email_domains: Vec<String>,
    /// What claims make of somebody; the first rule that fits counts.
    pub rules: Vec<RoleRule>,
    /// Whom a rule gives a role gets an account at the first sign-in.
    pub creates: bool,
    /// The provider asks for a second factor itself, so none is asked for here.
    pub vouches_for_factor: bool,
    /// Administrators can sign in with it.
    #[serde(default = "yes")]
    pub administrators: bool,
    /// Users can sign in with it, on the enrolment pages and in the portal; `None`: they cannot.
    #[serde(default)]
    pub users: Option<UserRule>,
    /// When it was added.
    pub created_at: Millis,
}

fn yes() -> bool {
    true
}

/// Which user somebody at a provider is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UserRule {
    /// Name of the claim that says it; members of objects by dots.
    pub claim: String,
    /// What of the user it is.
    pub is: UserField,
    /// Whom nobody knows gets a user at the first sign-in.
    pub creates: bool,
}

/// What a user is known by to a provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UserField {
    /// The mail address.
    Email,
    /// The sign-in name.
    Username,
}

/// Id of an identity provider.
pub type IdentityProviderId = Id<IdentityProvider>;
impl IdKind for IdentityProvider {
    const PREFIX: &'static str = "idp";
}

/// Whoever has a claim with this value has this role.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoleRule {
    /// Name of the claim; members of objects by dots (`realm_access.roles`).
    pub claim: String,
    /// Its value, or one of them where it is a list.
    pub value: String,
    /// The role.
    pub role: RoleRef,
}

/// Somebody at an identity provider, as whom an administrator may sign in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LinkedIdentity {
    /// The provider.
    pub provider: IdentityProviderId,
    /// The issuer that the subject is of: a provider with another one knows nobody of before.
    pub issuer: String,
    /// Whom the provider means.
    pub subject: String,
    /// The account was made by signing in: it has no password, and its role is what the rules say each time.
    pub made_by_provider: bool,
    /// When the newest sign-in that has ended well was begun; that one and older ones are refused.
    pub last_begun_at: Millis,
}

/// The provider's part of a session.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionProvider {
    /// The provider.
    pub provider: IdentityProviderId,
    /// Its own name for the session; empty when it gives none.
    pub session: String,
    /// Whom it means.
    #[serde(default)]
    pub subject: String,
    /// When whom it means last showed there to be it, as far as the provider says so (`auth_time`).
    #[serde(default)]
    pub proved_at: Option<Millis>,
}

/// Whom at an identity provider a user is. A claim finds a user once; from then on this does, whatever becomes of the
/// claim: an address that was given to somebody else opens nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UserIdentity {
    /// The provider.
    pub provider: IdentityProviderId,
    /// Its issuer when the link was made; the link ends with another one.
    pub issuer: String,
    /// Whom it means: `sub`, unique at the issuer.
    pub subject: String,
    /// When it was found.
    pub since: Millis,
}
