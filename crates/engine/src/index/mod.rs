//! The in-memory index: everything the hot path and the pages look up, filled at start, kept by the change feed.
//!
//! [`Directory`] is the installation; each organization is an [`OrgIndex`] under its own lock, so that one
//! tenant's full scan never makes another's look-up wait. Entities are shared, immutable and carry `rev`:
//! an older version never replaces a newer one, whatever order the feed brings them in.

mod apply;
mod device_index;
mod gone;
mod lock;
mod organization;
mod removals;
mod tally;

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use domain::model::{
    Administrator, AdministratorId, ApiToken, ApiTokenId, IdentityProviderId, InstallationSettings,
    Messaging, Organization, OrganizationId, Session, SignInSettings,
};
use parking_lot::RwLock;

use crate::policy::DocumentCache;

use gone::Gone;

pub use device_index::DeviceIndex;
pub use lock::{OrgLock, OrgRead};
pub use organization::OrgIndex;
pub use tally::{PolicyGroup, Tally};

/// The installation as seen from memory.
pub struct Directory {
    installation: RwLock<Arc<InstallationSettings>>,
    messaging: RwLock<Arc<Messaging>>,
    organizations: RwLock<HashMap<OrganizationId, Arc<OrgLock>>>,
    names: RwLock<Names>,
    people: RwLock<People>,
    /// Organizations that are being removed: nothing of theirs is taken in.
    removing: RwLock<BTreeSet<OrganizationId>>,
    documents: Arc<DocumentCache>,
}

impl Default for Directory {
    fn default() -> Self {
        Self {
            installation: RwLock::default(),
            messaging: RwLock::new(Arc::new(Messaging::new(Organization::SYSTEM))),
            organizations: RwLock::default(),
            names: RwLock::default(),
            people: RwLock::default(),
            removing: RwLock::default(),
            documents: Arc::default(),
        }
    }
}

/// Names that lead to an organization.
#[derive(Default)]
struct Names {
    slugs: HashMap<String, OrganizationId>,
    mail_domains: HashMap<String, OrganizationId>,
    login_domains: HashMap<String, OrganizationId>,
    hosts: HashMap<String, OrganizationId>,
}

/// Administrators, their sessions and tokens.
#[derive(Default)]
struct People {
    administrators: HashMap<AdministratorId, Arc<Administrator>>,
    by_username: HashMap<String, AdministratorId>,
    sessions: HashMap<Vec<u8>, Arc<Session>>,
    tokens: HashMap<Vec<u8>, Arc<ApiToken>>,
    token_hashes: HashMap<ApiTokenId, Vec<u8>>,
    sign_in: HashMap<OrganizationId, Arc<SignInSettings>>,
    gone: Gone,
}

impl Directory {
    /// The installation's own settings.
    pub fn installation(&self) -> Arc<InstallationSettings> {
        Arc::clone(&self.installation.read())
    }
    /// What an organization (SYSTEM: the installation, for those without anything of their own) sends out.
    pub fn messaging(&self, id: OrganizationId) -> Option<Arc<Messaging>> {
        if id == Organization::SYSTEM {
            return Some(Arc::clone(&self.messaging.read()));
        }
        self.organization(id).map(|org| Arc::clone(&org.read().messaging))
    }
    /// How administrators of an organization (SYSTEM: of the installation) sign in.
    pub fn sign_in(&self, id: OrganizationId) -> Arc<SignInSettings> {
        let known = self.people.read().sign_in.get(&id).cloned();
        known.unwrap_or_else(|| Arc::new(SignInSettings::new(id)))
    }
    /// An identity provider by id, with the organization that it is of.
    pub(crate) fn identity_provider(
        &self,
        id: IdentityProviderId,
    ) -> Option<(OrganizationId, domain::model::IdentityProvider)> {
        let people = self.people.read();
        people
            .sign_in
            .values()
            .find_map(|settings| Some((settings.organization, settings.provider(id)?.clone())))
    }
    /// The index of an organization.
    pub fn organization(&self, id: OrganizationId) -> Option<Arc<OrgLock>> {
        self.organizations.read().get(&id).cloned()
    }
    /// Organizations that are being removed.
    pub(crate) fn removing(&self) -> Vec<OrganizationId> {
        self.removing.read().iter().copied().collect()
    }
    /// An organization is removed.
    pub(crate) fn removed(&self, id: OrganizationId) {
        self.removing.write().remove(&id);
    }
    /// All organizations, by name.
    pub fn organizations(&self) -> Vec<Arc<Organization>> {
        let mut all: Vec<_> = self.all().iter().map(|o| Arc::clone(&o.read().organization)).collect();
        all.sort_by(|a, b| a.name.cmp(&b.name));
        all
    }
    /// All indexes, for jobs that walk the installation.
    pub fn all(&self) -> Vec<Arc<OrgLock>> {
        self.organizations.read().values().cloned().collect()
    }
    /// Devices of all organizations whose verdict is due, at most 10,000 at a time.
    pub fn due(&self, now: domain::Millis) -> Vec<(OrganizationId, domain::model::DeviceId)> {
        let mut due = Vec::new();
        for org in self.all() {
            let org = org.read();
            let room = 10_000usize.saturating_sub(due.len());
            due.extend(org.devices.due(now).take(room).map(|id| (org.organization.id, id)));
        }
        due
    }
    /// Devices of all organizations with a remediation that is due, at most 100 at a time.
    pub(crate) fn remediations_due(
        &self,
        now: domain::Millis,
    ) -> Vec<(OrganizationId, domain::model::DeviceId)> {
        let mut due = Vec::new();
        for org in self.all() {
            let org = org.read();
            let room = 100usize.saturating_sub(due.len());
            due.extend(org.devices.remediations_due(now).take(room).map(|id| (org.organization.id, id)));
        }
        due
    }
    /// By short name.
    pub fn by_slug(&self, slug: &str) -> Option<OrganizationId> {
        self.names.read().slugs.get(slug).copied()
    }
    /// By mail domain (any letter case).
    pub fn by_mail_domain(&self, name: &str) -> Option<OrganizationId> {
        self.names.read().mail_domains.get(&name.to_lowercase()).copied()
    }
    /// By login domain (`DOMAIN\user`, any letter case).
    pub fn by_login_domain(&self, name: &str) -> Option<OrganizationId> {
        self.names.read().login_domains.get(&name.to_lowercase()).copied()
    }
    /// By host name of the request, without port (any letter case).
    pub fn by_host(&self, host: &str) -> Option<OrganizationId> {
        self.names.read().hosts.get(&host.to_lowercase()).copied()
    }
    /// An administrator by id.
    pub fn administrator(&self, id: AdministratorId) -> Option<Arc<Administrator>> {
        self.people.read().administrators.get(&id).cloned()
    }
    /// An administrator by sign-in name (any letter case).
    pub fn administrator_by_name(&self, username: &str) -> Option<Arc<Administrator>> {
        let people = self.people.read();
        let id = people.by_username.get(&username.trim().to_lowercase())?;
        people.administrators.get(id).cloned()
    }
    /// The administrators of an organization (SYSTEM: of the installation), by name.
    pub fn administrators(&self, organization: OrganizationId) -> Vec<Arc<Administrator>> {
        let people = self.people.read();
        let mut all: Vec<_> =
            people.administrators.values().filter(|a| a.organization == organization).cloned().collect();
        all.sort_by(|a, b| a.username.cmp(&b.username));
        all
    }
    /// A session by the hash of its token.
    pub fn session(&self, token_hash: &[u8]) -> Option<Arc<Session>> {
        self.people.read().sessions.get(token_hash).cloned()
    }
    /// The sessions of an administrator, newest first.
    pub fn sessions_of(&self, id: AdministratorId) -> Vec<Arc<Session>> {
        let people = self.people.read();
        let mut all: Vec<_> = people.sessions.values().filter(|s| s.administrator == id).cloned().collect();
        all.sort_by_key(|s| std::cmp::Reverse(s.created_at));
        all
    }
    /// An API token by the hash of its secret.
    pub fn token(&self, token_hash: &[u8]) -> Option<Arc<ApiToken>> {
        self.people.read().tokens.get(token_hash).cloned()
    }
    /// An API token by its id.
    pub fn token_by_id(&self, id: ApiTokenId) -> Option<Arc<ApiToken>> {
        let people = self.people.read();
        people.tokens.get(people.token_hashes.get(&id)?).cloned()
    }
    /// The tokens made by an administrator.
    pub fn tokens_of(&self, id: AdministratorId) -> Vec<Arc<ApiToken>> {
        let people = self.people.read();
        let mut all: Vec<_> = people.tokens.values().filter(|t| t.administrator == id).cloned().collect();
        all.sort_by_key(|t| t.created_at);
        all
    }
}
