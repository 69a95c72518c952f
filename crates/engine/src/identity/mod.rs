//! Identity providers (OpenID Connect): administrators who sign in elsewhere.
//!
//! The authorization code flow with PKCE, state and nonce. What was begun is kept sealed by the browser alone, so that
//! any node can end it. Nothing that comes back is believed before `wire-jose` has verified it with keys that were
//! fetched from the provider itself. An account of ours is never taken over by a claim: one that exists is linked by its
//! owner, one that does not is made only where a rule gives it a role.

mod accounts;
mod claims;
mod desk;
mod flow;
mod logout;
mod settings;
mod users;

pub(crate) use desk::Desk;
pub use flow::{Arrival, Departure, Return, arrive, depart, depart_to_link};
pub use logout::{back_channel, end_session_address};
pub use settings::{ProviderInput, create, edit, remove, require_second_factor, settings, test, unlink};

pub use users::{
    arrive_user, depart_user, depart_user_anew, link_of_user, of_users, unlink_user, usual_organization,
};

use std::sync::Arc;

use domain::model::{IdentityProvider, IdentityProviderId, Organization, OrganizationId};

use crate::Engine;

/// Identity providers of an organization.
pub const MOST: usize = 20;

/// The organization that a provider is of.
pub fn organization_of(engine: &Engine, id: IdentityProviderId) -> Option<OrganizationId> {
    engine.directory.identity_provider(id).map(|(organization, _)| organization)
}

/// The organization and the providers that somebody means who enters a name on the sign-in page: an organization's
/// short name, alone or with the zone behind a slash, or the zone of one of the installation's own. Only those that can
/// be signed in with; empty for every other name.
pub fn zone(engine: &Engine, entered: &str) -> (OrganizationId, Vec<Arc<IdentityProvider>>) {
    let entered = entered.trim().to_lowercase();
    let (first, second) = entered.split_once('/').unwrap_or((entered.as_str(), ""));
    let (organization, zone) = match engine.directory.by_slug(first) {
        Some(organization) => (organization, second),
        None => (Organization::SYSTEM, first),
    };
    let enabled = crate::sign_in::organization_enabled(engine, organization);
    let settings = engine.directory.sign_in(organization);
    let fits = |provider: &&IdentityProvider| {
        enabled
            && provider.on
            && provider.administrators
            && (zone == provider.zone || (zone.is_empty() && organization != Organization::SYSTEM))
    };
    (organization, settings.providers.iter().filter(fits).cloned().map(Arc::new).collect())
}

/// The installation's own providers, which every visitor of the sign-in page may see.
pub fn of_installation(engine: &Engine) -> Vec<Arc<IdentityProvider>> {
    let settings = engine.directory.sign_in(Organization::SYSTEM);
    settings
        .providers
        .iter()
        .filter(|provider| provider.on && provider.administrators)
        .cloned()
        .map(Arc::new)
        .collect()
}
