//! One organization in memory.

use std::collections::{BTreeSet, HashMap};
use std::net::IpAddr;
use std::sync::Arc;

use domain::assignment::rank;
use domain::model::{
    AccessConfig, ActiveSyncServer, CommandId, CommandState, DeviceId, DirectoryServer, DirectoryServerId,
    Governor, Group, GroupId, IdentityProvider, IdentityProviderId, Messaging, OrderedCommand, Organization,
    PolicySuite, PolicySuiteId, RadiusServer, RadiusServerId, Role, RoleId, Schedule, ScheduleId, ServerId,
    User, UserId,
};
use ipnet::IpNet;

use super::{DeviceIndex, Gone, Tally};
use crate::policy::DocumentCache;

/// Everything of one organization that is looked up often.
pub struct OrgIndex {
    /// The organization itself.
    pub organization: Arc<Organization>,
    /// Devices with their keys.
    pub devices: DeviceIndex,
    /// Access settings.
    pub access: Arc<AccessConfig>,
    /// What is sent out.
    pub messaging: Arc<Messaging>,
    /// What the limit let through and holds.
    pub governor: Arc<Governor>,
    /// Rendered policy documents, shared by the whole installation.
    pub documents: Arc<DocumentCache>,
    pub(super) users: HashMap<UserId, Arc<User>>,
    pub(super) users_by_name: HashMap<String, UserId>,
    pub(super) users_by_email: HashMap<String, UserId>,
    pub(super) users_by_identity: HashMap<(IdentityProviderId, String), UserId>,
    pub(super) groups: HashMap<GroupId, Arc<Group>>,
    pub(super) members: HashMap<GroupId, BTreeSet<UserId>>,
    /// Networks of sites, the narrowest ones first.
    pub(super) sites: Vec<(IpNet, GroupId)>,
    pub(super) roles: HashMap<RoleId, Arc<Role>>,
    pub(super) suites: HashMap<PolicySuiteId, Arc<PolicySuite>>,
    pub(super) schedules: HashMap<ScheduleId, Arc<Schedule>>,
    pub(super) servers: HashMap<ServerId, Arc<ActiveSyncServer>>,
    pub(super) directories: HashMap<DirectoryServerId, Arc<DirectoryServer>>,
    pub(super) radius: HashMap<RadiusServerId, Arc<RadiusServer>>,
    pub(super) commands: HashMap<CommandId, Arc<OrderedCommand>>,
    pub(super) commands_by_device: HashMap<DeviceId, Vec<CommandId>>,
    pub(super) gone: Gone,
    pub(super) tally: Tally,
}

impl OrgIndex {
    pub(super) fn new(organization: Arc<Organization>, documents: Arc<DocumentCache>) -> Self {
        let id = organization.id;
        let access = Arc::new(AccessConfig::new(id));
        let messaging = Arc::new(Messaging::new(id));
        Self {
            organization,
            devices: DeviceIndex::default(),
            access,
            messaging,
            governor: Arc::new(Governor::new(id)),
            documents,
            users: HashMap::new(),
            users_by_name: HashMap::new(),
            users_by_email: HashMap::new(),
            users_by_identity: HashMap::new(),
            groups: HashMap::new(),
            members: HashMap::new(),
            sites: Vec::new(),
            roles: HashMap::new(),
            suites: HashMap::new(),
            schedules: HashMap::new(),
            servers: HashMap::new(),
            directories: HashMap::new(),
            radius: HashMap::new(),
            commands: HashMap::new(),
            commands_by_device: HashMap::new(),
            gone: Gone::default(),
            tally: Tally::default(),
        }
    }

    /// A user.
    pub fn user(&self, id: UserId) -> Option<&Arc<User>> {
        self.users.get(&id)
    }
    /// A user by sign-in name (any letter case).
    pub fn user_by_name(&self, username: &str) -> Option<&Arc<User>> {
        self.users.get(self.users_by_name.get(&username.to_lowercase())?)
    }
    /// A user by address (any letter case).
    pub fn user_by_email(&self, email: &str) -> Option<&Arc<User>> {
        self.users.get(self.users_by_email.get(&email.to_lowercase())?)
    }
    /// The user who is linked with a subject of an identity provider.
    pub fn user_by_identity(&self, provider: &IdentityProvider, subject: &str) -> Option<&Arc<User>> {
        let id = self.users_by_identity.get(&(provider.id, subject.to_owned()))?;
        let linked = |user: &&Arc<User>| {
            user.identity.as_ref().is_some_and(|identity| identity.issuer == provider.issuer)
        };
        self.users.get(id).filter(linked)
    }
    /// All users, in no order.
    pub fn users(&self) -> impl Iterator<Item = &Arc<User>> {
        self.users.values()
    }
    /// How many users there are.
    pub fn user_count(&self) -> usize {
        self.users.len()
    }
    /// Sums over all devices and users.
    pub fn tally(&self) -> &Tally {
        &self.tally
    }
    /// A local group.
    pub fn group(&self, id: GroupId) -> Option<&Arc<Group>> {
        self.groups.get(&id)
    }
    /// All local groups, the most important one first.
    pub fn groups(&self) -> Vec<Arc<Group>> {
        sorted(self.groups.values(), rank)
    }
    /// The groups of a user, in no order. Allocates nothing: who a user's mail server is, is asked with every request.
    pub fn groups_of<'a>(&'a self, user: &'a User) -> impl Iterator<Item = &'a Group> {
        self.groups_named(&user.groups)
    }
    /// Those of these groups that there are, in no order.
    pub fn groups_named<'a>(&'a self, ids: &'a [GroupId]) -> impl Iterator<Item = &'a Group> {
        ids.iter().filter_map(|id| self.groups.get(id)).map(Arc::as_ref)
    }
    /// The groups of a user, the most important one first.
    pub fn groups_of_ranked(&self, user: &User) -> Vec<Arc<Group>> {
        sorted(user.groups.iter().filter_map(|id| self.groups.get(id)), rank)
    }
    /// The ids of a user's groups, the most important one first.
    pub fn ranked_groups(&self, user: &User) -> Vec<GroupId> {
        self.groups_of_ranked(user).iter().map(|group| group.id).collect()
    }
    /// The members of a group, in the order of their ids.
    pub fn members(&self, id: GroupId) -> impl Iterator<Item = &Arc<User>> {
        self.members.get(&id).into_iter().flatten().filter_map(|user| self.users.get(user))
    }
    /// The groups that find their members by a rule, in no order.
    pub fn ruled_groups(&self) -> impl Iterator<Item = &Arc<Group>> {
        self.groups.values().filter(|group| group.rule.is_some())
    }
    /// The site whose networks hold an address, that with the narrowest one.
    pub fn site_at(&self, address: IpAddr) -> Option<GroupId> {
        if self.sites.is_empty() {
            return None;
        }
        let address = address.to_canonical();
        self.sites.iter().find(|(network, _)| network.contains(&address)).map(|(_, site)| *site)
    }
    /// How many members a group has.
    pub fn member_count(&self, id: GroupId) -> usize {
        self.members.get(&id).map_or(0, BTreeSet::len)
    }
    /// A role of the organization's own.
    pub fn role(&self, id: RoleId) -> Option<&Arc<Role>> {
        self.roles.get(&id)
    }
    /// All own roles, by name.
    pub fn roles(&self) -> Vec<Arc<Role>> {
        sorted(self.roles.values(), |r| r.name.to_lowercase())
    }
    /// A policy suite.
    pub fn suite(&self, id: PolicySuiteId) -> Option<&Arc<PolicySuite>> {
        self.suites.get(&id)
    }
    /// All policy suites, by name.
    pub fn suites(&self) -> Vec<Arc<PolicySuite>> {
        sorted(self.suites.values(), |s| s.name.to_lowercase())
    }
    /// A device connection schedule.
    pub fn schedule(&self, id: ScheduleId) -> Option<&Arc<Schedule>> {
        self.schedules.get(&id)
    }
    /// All device connection schedules, by name.
    pub fn schedules(&self) -> Vec<Arc<Schedule>> {
        sorted(self.schedules.values(), |s| s.name.to_lowercase())
    }
    /// An ActiveSync server.
    pub fn server(&self, id: ServerId) -> Option<&Arc<ActiveSyncServer>> {
        self.servers.get(&id)
    }
    /// All ActiveSync servers, by name.
    pub fn servers(&self) -> Vec<Arc<ActiveSyncServer>> {
        sorted(self.servers.values(), |s| s.name.to_lowercase())
    }
    /// A RADIUS server.
    pub fn radius_server(&self, id: RadiusServerId) -> Option<&Arc<RadiusServer>> {
        self.radius.get(&id)
    }
    /// All RADIUS servers, by name.
    pub fn radius_servers(&self) -> Vec<Arc<RadiusServer>> {
        sorted(self.radius.values(), |s| s.name.to_lowercase())
    }
    /// An LDAP server.
    pub fn directory(&self, id: DirectoryServerId) -> Option<&Arc<DirectoryServer>> {
        self.directories.get(&id)
    }
    /// All LDAP servers, by name.
    pub fn directories(&self) -> Vec<Arc<DirectoryServer>> {
        sorted(self.directories.values(), |s| s.name.to_lowercase())
    }
    /// The groups that are linked with a directory, the most important one first.
    pub fn linked(&self, id: DirectoryServerId) -> Vec<Arc<Group>> {
        let is_of = |group: &Group| group.directory.as_ref().is_some_and(|link| link.server == id);
        sorted(self.groups.values().filter(|group| is_of(group)), rank)
    }
    /// Whether the network is told of changes at once.
    pub fn tells_the_network(&self) -> bool {
        self.radius.values().any(|server| server.enabled)
    }
    /// A live command.
    pub fn command(&self, id: CommandId) -> Option<&Arc<OrderedCommand>> {
        self.commands.get(&id)
    }
    /// Live commands of a device, oldest first.
    pub fn commands_of(&self, device: DeviceId) -> Vec<Arc<OrderedCommand>> {
        let ids = self.commands_by_device.get(&device).map_or(&[][..], Vec::as_slice);
        ids.iter().filter_map(|id| self.commands.get(id).cloned()).collect()
    }
    /// How many commands wait for approval.
    pub(crate) fn held_commands(&self) -> usize {
        self.commands.values().filter(|c| c.state == CommandState::AwaitingApproval).count()
    }
    /// All live commands, oldest first.
    pub fn live_commands(&self) -> Vec<Arc<OrderedCommand>> {
        sorted(self.commands.values(), |c| c.ordered_at)
    }
}

fn sorted<'a, T: 'a, K: Ord>(items: impl Iterator<Item = &'a Arc<T>>, key: impl Fn(&T) -> K) -> Vec<Arc<T>> {
    let mut all: Vec<_> = items.cloned().collect();
    all.sort_by_key(|item| key(item));
    all
}
