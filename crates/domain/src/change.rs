//! The change feed's payload: what became different, in whole entities.
//!
//! The node that wrote hands the entity itself to its caches before it answers; another node reads kind and
//! subject from the feed and loads the entity. Both then apply the same `Change`; `rev` decides which is newer.

use std::sync::Arc;

use crate::model::{
    AccessConfig, ActiveSyncServer, Administrator, AdministratorId, ApiToken, ApiTokenId, Device, DeviceId,
    DirectoryServer, DirectoryServerId, Governor, Group, GroupId, InstallationSettings, Messaging,
    OrderedCommand, Organization, OrganizationId, PolicySuite, PolicySuiteId, RadiusServer, RadiusServerId,
    Role, RoleId, Schedule, ScheduleId, ServerId, Session, SignInSettings, User, UserId,
};

/// Something that was written.
#[derive(Debug, Clone)]
pub enum Change {
    /// The installation's own settings; in the feed of the system organization.
    Installation(Arc<InstallationSettings>),
    /// An organization was made or edited.
    Organization(Arc<Organization>),
    /// An administrator.
    Administrator(Arc<Administrator>),
    /// An administrator was removed.
    AdministratorRemoved(AdministratorId),
    /// A role.
    Role(Arc<Role>),
    /// A role was removed.
    RoleRemoved(RoleId),
    /// An API token.
    Token(Arc<ApiToken>),
    /// An API token was revoked.
    TokenRemoved(ApiTokenId),
    /// A session was opened or changed (not in the feed's meaning of news, but caches follow it).
    Session(Arc<Session>),
    /// A session ended: hash of its token.
    SessionEnded(Vec<u8>),
    /// A local group. Who is in it comes with the users.
    Group(Arc<Group>),
    /// A local group was removed.
    GroupRemoved(GroupId),
    /// A user.
    User(Arc<User>),
    /// A user was removed.
    UserRemoved(UserId),
    /// A device, with channels, facts and verdict.
    Device(Arc<Device>),
    /// A device record was removed.
    DeviceRemoved(DeviceId),
    /// A policy suite.
    Suite(Arc<PolicySuite>),
    /// A policy suite was removed.
    SuiteRemoved(PolicySuiteId),
    /// A device connection schedule.
    Schedule(Arc<Schedule>),
    /// A device connection schedule was removed.
    ScheduleRemoved(ScheduleId),
    /// An ActiveSync server.
    Server(Arc<ActiveSyncServer>),
    /// An ActiveSync server was removed.
    ServerRemoved(ServerId),
    /// A RADIUS server.
    RadiusServer(Arc<RadiusServer>),
    /// A RADIUS server was removed.
    RadiusServerRemoved(RadiusServerId),
    /// An LDAP server.
    DirectoryServer(Arc<DirectoryServer>),
    /// An LDAP server was removed.
    DirectoryServerRemoved(DirectoryServerId),
    /// The access settings.
    Access(Arc<AccessConfig>),
    /// What the limit let through and holds.
    Governor(Arc<Governor>),
    /// A command.
    Command(Arc<OrderedCommand>),
    /// What an organization sends out, or the installation for those that have nothing of their own.
    Messaging(Arc<Messaging>),
    /// How administrators sign in.
    SignIn(Arc<SignInSettings>),
}

/// The kind of a change as stored in the feed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ChangeKind {
    /// See [`Change`]; "gone" variants share the kind of their entity: a reader that finds no row removes it.
    Installation,
    /// Organization.
    Organization,
    /// Administrator.
    Administrator,
    /// Role.
    Role,
    /// API token.
    Token,
    /// Session; subject is the hexadecimal hash.
    Session,
    /// Local group.
    Group,
    /// User.
    User,
    /// Device.
    Device,
    /// Policy suite.
    Suite,
    /// Device connection schedule.
    Schedule,
    /// ActiveSync server.
    Server,
    /// RADIUS server.
    RadiusServer,
    /// LDAP server.
    DirectoryServer,
    /// Access settings.
    Access,
    /// Governor.
    Governor,
    /// Command.
    Command,
    /// Messaging.
    Messaging,
    /// How administrators sign in.
    SignIn,
}

impl ChangeKind {
    const NAMES: &[(ChangeKind, &str)] = &[
        (Self::Installation, "installation"),
        (Self::Organization, "organization"),
        (Self::Administrator, "administrator"),
        (Self::Role, "role"),
        (Self::Token, "token"),
        (Self::Session, "session"),
        (Self::Group, "group"),
        (Self::User, "user"),
        (Self::Device, "device"),
        (Self::Suite, "suite"),
        (Self::Schedule, "schedule"),
        (Self::Server, "server"),
        (Self::RadiusServer, "radius_server"),
        (Self::DirectoryServer, "directory_server"),
        (Self::Access, "access"),
        (Self::Governor, "governor"),
        (Self::Command, "command"),
        (Self::Messaging, "messaging"),
        (Self::SignIn, "sign_in"),
    ];
    /// Stored name.
    pub fn name(self) -> &'static str {
        Self::NAMES.iter().find(|(k, _)| *k == self).map_or("", |(_, n)| n)
    }
    /// From the stored name; `None` for a kind that this version does not know.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::NAMES.iter().find(|(_, n)| *n == name).map(|(k, _)| *k)
    }
}

impl Change {
    /// Kind for the feed.
    pub fn kind(&self) -> ChangeKind {
        match self {
            Change::Installation(_) => ChangeKind::Installation,
            Change::Organization(_) => ChangeKind::Organization,
            Change::Administrator(_) | Change::AdministratorRemoved(_) => ChangeKind::Administrator,
            Change::Role(_) | Change::RoleRemoved(_) => ChangeKind::Role,
            Change::Token(_) | Change::TokenRemoved(_) => ChangeKind::Token,
            Change::Session(_) | Change::SessionEnded(_) => ChangeKind::Session,
            Change::Group(_) | Change::GroupRemoved(_) => ChangeKind::Group,
            Change::User(_) | Change::UserRemoved(_) => ChangeKind::User,
            Change::Device(_) | Change::DeviceRemoved(_) => ChangeKind::Device,
            Change::Suite(_) | Change::SuiteRemoved(_) => ChangeKind::Suite,
            Change::Schedule(_) | Change::ScheduleRemoved(_) => ChangeKind::Schedule,
            Change::Server(_) | Change::ServerRemoved(_) => ChangeKind::Server,
            Change::RadiusServer(_) | Change::RadiusServerRemoved(_) => ChangeKind::RadiusServer,
            Change::DirectoryServer(_) | Change::DirectoryServerRemoved(_) => ChangeKind::DirectoryServer,
            Change::Access(_) => ChangeKind::Access,
            Change::Governor(_) => ChangeKind::Governor,
            Change::Command(_) => ChangeKind::Command,
            Change::Messaging(_) => ChangeKind::Messaging,
            Change::SignIn(_) => ChangeKind::SignIn,
        }
    }
    /// Subject for the feed: the id in text form.
    pub fn subject(&self) -> String {
        match self {
            Change::Installation(_) => String::new(),
            Change::Organization(o) => o.id.to_string(),
            Change::Administrator(a) => a.id.to_string(),
            Change::AdministratorRemoved(id) => id.to_string(),
            Change::Role(r) => r.id.to_string(),
            Change::RoleRemoved(id) => id.to_string(),
            Change::Token(t) => t.id.to_string(),
            Change::TokenRemoved(id) => id.to_string(),
            Change::Session(s) => hex::encode(&s.token_hash),
            Change::SessionEnded(hash) => hex::encode(hash),
            Change::Group(g) => g.id.to_string(),
            Change::GroupRemoved(id) => id.to_string(),
            Change::User(u) => u.id.to_string(),
            Change::UserRemoved(id) => id.to_string(),
            Change::Device(d) => d.id.to_string(),
            Change::DeviceRemoved(id) => id.to_string(),
            Change::Suite(s) => s.id.to_string(),
            Change::SuiteRemoved(id) => id.to_string(),
            Change::Schedule(s) => s.id.to_string(),
            Change::ScheduleRemoved(id) => id.to_string(),
            Change::Server(s) => s.id.to_string(),
            Change::ServerRemoved(id) => id.to_string(),
            Change::RadiusServer(s) => s.id.to_string(),
            Change::RadiusServerRemoved(id) => id.to_string(),
            Change::DirectoryServer(s) => s.id.to_string(),
            Change::DirectoryServerRemoved(id) => id.to_string(),
            Change::Access(a) => OrganizationId::to_string(&a.organization),
            Change::Governor(g) => OrganizationId::to_string(&g.organization),
            Change::Command(c) => c.id.to_string(),
            Change::Messaging(m) => OrganizationId::to_string(&m.organization),
            Change::SignIn(s) => OrganizationId::to_string(&s.organization),
        }
    }
}
