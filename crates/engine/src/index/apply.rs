//! Applying changes to the index. The same code serves a node's own commits and the feed of other nodes.

use std::borrow::Borrow;
use std::collections::HashMap;
use std::hash::Hash;
use std::sync::Arc;

use domain::Change;
use domain::model::{
    Administrator, ApiToken, Device, Group, GroupId, IdentityProviderId, OrderedCommand, Organization,
    OrganizationId, User, UserId,
};

use super::{Directory, Names, OrgIndex, OrgLock, People};

impl Directory {
    /// Applies one change of an organization.
    pub fn apply(&self, organization: OrganizationId, change: &Change) {
        match change {
            Change::Installation(settings) => {
                let mut known = self.installation.write();
                if known.rev < settings.rev {
                    *known = Arc::clone(settings);
                }
            }
            Change::Organization(o) if o.removing => self.forget(o.id),
            Change::Organization(o) => self.put_organization(o),
            _ if organization != Organization::SYSTEM && self.removing.read().contains(&organization) => {}
            Change::Administrator(_)
            | Change::AdministratorRemoved(_)
            | Change::Token(_)
            | Change::TokenRemoved(_)
            | Change::Session(_)
            | Change::SessionEnded(_)
            | Change::SignIn(_) => self.people.write().apply(change),
            Change::Messaging(messaging) if organization == Organization::SYSTEM => {
                let mut known = self.messaging.write();
                if known.rev < messaging.rev {
                    *known = Arc::clone(messaging);
                }
            }
            other => {
                if let Some(org) = self.organization(organization) {
                    org.write().apply(other);
                }
            }
        }
    }

    /// An organization that is being removed is not there any more, nor are its administrators.
    fn forget(&self, id: OrganizationId) {
        self.removing.write().insert(id);
        self.names.write().forget(id);
        self.people.write().forget(id);
        self.organizations.write().remove(&id);
    }

    /// The lock of the map is never held while that of an organization is awaited: a full scan of one
    /// organization must not stop the look-ups of all others.
    fn put_organization(&self, organization: &Arc<Organization>) {
        let known = self.organization(organization.id);
        let index = known.unwrap_or_else(|| {
            let new = || OrgIndex::new(Arc::clone(organization), Arc::clone(&self.documents));
            let mut map = self.organizations.write();
            Arc::clone(map.entry(organization.id).or_insert_with(|| Arc::new(OrgLock::new(new()))))
        });
        let mut index = index.write();
        if index.organization.rev <= organization.rev {
            index.organization = Arc::clone(organization);
            self.names.write().put(organization);
        }
    }
}

impl Names {
    fn forget(&mut self, id: OrganizationId) {
        for map in [&mut self.slugs, &mut self.mail_domains, &mut self.login_domains, &mut self.hosts] {
            map.retain(|_, owner| *owner != id);
        }
    }

    fn put(&mut self, organization: &Organization) {
        let id = organization.id;
        self.slugs.insert(organization.slug.clone(), id);
        for (map, names) in [
            (&mut self.mail_domains, &organization.mail_domains),
            (&mut self.login_domains, &organization.login_domains),
            (&mut self.hosts, &organization.host_names),
        ] {
            map.retain(|_, owner| *owner != id);
            map.extend(names.iter().map(|name| (name.to_lowercase(), id)));
        }
    }
}

impl People {
    /// Administrators of an organization, with their sessions and tokens, and how they sign in.
    fn forget(&mut self, organization: OrganizationId) {
        let theirs = |admin: &&Arc<Administrator>| admin.organization == organization;
        let all: Vec<_> = self.administrators.values().filter(theirs).map(|admin| admin.id).collect();
        for id in all {
            self.remove_administrator(id);
        }
        self.sign_in.remove(&organization);
    }

    fn apply(&mut self, change: &Change) {
        match change {
            Change::Administrator(a) => self.put_administrator(a),
            Change::AdministratorRemoved(id) => self.remove_administrator(*id),
            Change::Token(t) if !self.gone.has(t.id.uuid().as_bytes()) => self.put_token(t),
            Change::TokenRemoved(id) => {
                self.gone.add(id.uuid().as_bytes());
                if let Some(hash) = self.token_hashes.remove(id) {
                    self.tokens.remove(&hash);
                }
            }
            Change::Session(s) if !self.gone.has(&s.token_hash) => {
                self.sessions.insert(s.token_hash.clone(), Arc::clone(s));
            }
            Change::SessionEnded(hash) => {
                self.gone.add(hash);
                self.sessions.remove(hash);
            }
            Change::SignIn(s) if self.sign_in.get(&s.organization).is_none_or(|known| known.rev < s.rev) => {
                self.sign_in.insert(s.organization, Arc::clone(s));
            }
            _ => {}
        }
    }

    fn put_administrator(&mut self, admin: &Arc<Administrator>) {
        if self.gone.has(admin.id.uuid().as_bytes()) {
            return;
        }
        if let Some(old) = self.administrators.get(&admin.id) {
            if old.rev >= admin.rev {
                return;
            }
            forget(&mut self.by_username, &old.username, admin.id);
        }
        self.by_username.insert(admin.username.clone(), admin.id);
        self.administrators.insert(admin.id, Arc::clone(admin));
    }

    fn remove_administrator(&mut self, id: domain::model::AdministratorId) {
        self.gone.add(id.uuid().as_bytes());
        if let Some(old) = self.administrators.remove(&id) {
            forget(&mut self.by_username, &old.username, id);
        }
        self.sessions.retain(|_, s| s.administrator != id);
        self.tokens.retain(|_, t| t.administrator != id);
        let tokens = &self.tokens;
        self.token_hashes.retain(|_, hash| tokens.contains_key(hash));
    }

    fn put_token(&mut self, token: &Arc<ApiToken>) {
        self.token_hashes.insert(token.id, token.token_hash.clone());
        put(&mut self.tokens, token.token_hash.clone(), token, |t| t.rev);
    }
}

impl OrgIndex {
    fn apply(&mut self, change: &Change) {
        if let Some(id) = put_id(change)
            && self.gone.has(id.as_bytes())
        {
            return;
        }
        match change {
            Change::User(u) => self.put_user(u),
            Change::Device(d) => self.put_device(d),
            Change::Group(g) => {
                put(&mut self.groups, g.id, g, |g| g.rev);
                self.put_sites();
            }
            Change::Role(r) => put(&mut self.roles, r.id, r, |r| r.rev),
            Change::Suite(s) => put(&mut self.suites, s.id, s, |s| s.rev),
            Change::Schedule(s) => put(&mut self.schedules, s.id, s, |s| s.rev),
            Change::Server(s) => put(&mut self.servers, s.id, s, |s| s.rev),
            Change::RadiusServer(s) => put(&mut self.radius, s.id, s, |s| s.rev),
            Change::DirectoryServer(s) => put(&mut self.directories, s.id, s, |s| s.rev),
            Change::Command(c) => self.put_command(c),
            Change::Access(a) => {
                if self.access.rev < a.rev {
                    self.access = Arc::clone(a);
                }
            }
            Change::Messaging(m) => {
                if self.messaging.rev < m.rev {
                    self.messaging = Arc::clone(m);
                }
            }
            Change::Governor(g) => {
                if self.governor.rev < g.rev {
                    self.governor = Arc::clone(g);
                }
            }
            removal => self.remove(removal),
        }
    }

    fn remove(&mut self, removal: &Change) {
        let id = match removal {
            Change::UserRemoved(id) => {
                self.remove_user(*id);
                id.uuid()
            }
            Change::DeviceRemoved(id) => {
                if let Some(old) = self.devices.get(*id) {
                    self.tally.device(Some((old, self.users.get(&old.user).map(Arc::as_ref))), None);
                }
                self.devices.remove(*id);
                // What was left to tell the mail server goes with the device.
                for command in self.commands_by_device.remove(id).unwrap_or_default() {
                    self.commands.remove(&command);
                }
                id.uuid()
            }
            Change::GroupRemoved(id) => {
                self.groups.remove(id);
                self.put_sites();
                id.uuid()
            }
            Change::RoleRemoved(id) => {
                self.roles.remove(id);
                id.uuid()
            }
            Change::SuiteRemoved(id) => {
                self.suites.remove(id);
                id.uuid()
            }
            Change::RadiusServerRemoved(id) => {
                self.radius.remove(id);
                id.uuid()
            }
            Change::DirectoryServerRemoved(id) => {
                self.directories.remove(id);
                id.uuid()
            }
            Change::ScheduleRemoved(id) => {
                self.schedules.remove(id);
                id.uuid()
            }
            Change::ServerRemoved(id) => {
                self.servers.remove(id);
                id.uuid()
            }
            _ => return,
        };
        self.gone.add(id.as_bytes());
    }

    fn put_device(&mut self, device: &Arc<Device>) {
        let user = |id| self.users.get(id).map(Arc::as_ref);
        let old = self.devices.get(device.id);
        if old.is_some_and(|old| old.rev >= device.rev) {
            return;
        }
        let old = old.map(|old| (old.as_ref(), user(&old.user)));
        self.tally.device(old, Some((device, user(&device.user))));
        self.devices.insert(Arc::clone(device));
    }

    fn put_user(&mut self, user: &Arc<User>) {
        if let Some(old) = self.users.get(&user.id) {
            if old.rev >= user.rev {
                return;
            }
            forget(&mut self.users_by_name, &old.username.to_lowercase(), user.id);
            forget(&mut self.users_by_email, &old.email.to_lowercase(), user.id);
            if let Some(old) = identity_of(old) {
                forget(&mut self.users_by_identity, &old, user.id);
            }
        }
        self.users_by_name.insert(user.username.to_lowercase(), user.id);
        if !user.email.is_empty() {
            self.users_by_email.insert(user.email.to_lowercase(), user.id);
        }
        if let Some(identity) = identity_of(user) {
            self.users_by_identity.insert(identity, user.id);
        }
        let old = self.users.insert(user.id, Arc::clone(user));
        self.put_members(user.id, old.as_ref().map_or(&[][..], |old| &old.groups), &user.groups);
        let devices = self.devices.of_user(user.id);
        self.tally.user(old.as_deref(), Some(user), devices.into_iter().map(Arc::as_ref));
    }

    fn remove_user(&mut self, id: UserId) {
        if let Some(old) = self.users.remove(&id) {
            forget(&mut self.users_by_name, &old.username.to_lowercase(), id);
            forget(&mut self.users_by_email, &old.email.to_lowercase(), id);
            if let Some(old) = identity_of(&old) {
                forget(&mut self.users_by_identity, &old, id);
            }
            self.put_members(id, &old.groups, &[]);
            self.tally.user(Some(&old), None, self.devices.of_user(id).into_iter().map(Arc::as_ref));
        }
    }

    /// Keeps the networks of sites, so that an address is looked up without looking at groups.
    fn put_sites(&mut self) {
        let of = |group: &Arc<Group>| {
            let networks = group.site().map(|site| site.networks.clone()).unwrap_or_default();
            networks.into_iter().map(|network| (network, group.id)).collect::<Vec<_>>()
        };
        self.sites = self.groups.values().flat_map(of).collect();
        self.sites.sort_by_key(|(network, id)| (std::cmp::Reverse(network.prefix_len()), *id));
    }

    /// Keeps the members of groups: the other way round of what the users say.
    fn put_members(&mut self, user: UserId, old: &[GroupId], new: &[GroupId]) {
        for group in old.iter().filter(|id| !new.contains(id)) {
            if let Some(members) = self.members.get_mut(group) {
                members.remove(&user);
                if members.is_empty() {
                    self.members.remove(group);
                }
            }
        }
        for group in new.iter().filter(|id| !old.contains(id)) {
            self.members.entry(*group).or_default().insert(user);
        }
    }

    /// Only live commands are kept, and final ones that the mail server is still to be told about.
    fn put_command(&mut self, command: &Arc<OrderedCommand>) {
        if self.commands.get(&command.id).is_some_and(|old| old.rev >= command.rev) {
            return;
        }
        let list = self.commands_by_device.entry(command.device).or_default();
        if command.state.is_final() && command.relay_back.is_none() {
            self.gone.add(command.id.uuid().as_bytes());
            self.commands.remove(&command.id);
            list.retain(|id| *id != command.id);
            if list.is_empty() {
                self.commands_by_device.remove(&command.device);
            }
        } else {
            if !list.contains(&command.id) {
                list.push(command.id);
            }
            self.commands.insert(command.id, Arc::clone(command));
        }
    }
}

/// The id of an entity that is put.
fn put_id(change: &Change) -> Option<uuid::Uuid> {
    Some(match change {
        Change::User(u) => u.id.uuid(),
        Change::Device(d) => d.id.uuid(),
        Change::Group(g) => g.id.uuid(),
        Change::Role(r) => r.id.uuid(),
        Change::Suite(s) => s.id.uuid(),
        Change::Schedule(s) => s.id.uuid(),
        Change::Server(s) => s.id.uuid(),
        Change::RadiusServer(s) => s.id.uuid(),
        Change::DirectoryServer(s) => s.id.uuid(),
        Change::Command(c) => c.id.uuid(),
        _ => return None,
    })
}

fn put<K: Hash + Eq, T>(map: &mut HashMap<K, Arc<T>>, key: K, new: &Arc<T>, rev: impl Fn(&T) -> i64) {
    if map.get(&key).is_none_or(|old| rev(old) < rev(new)) {
        map.insert(key, Arc::clone(new));
    }
}

/// Takes a name out if it still leads to this one: two that swap names must both be found afterwards.
fn forget<K, Q, I>(map: &mut HashMap<K, I>, name: &Q, id: I)
where
    K: Borrow<Q> + Hash + Eq,
    Q: Hash + Eq + ?Sized,
    I: PartialEq,
{
    if map.get(name).is_some_and(|owner| *owner == id) {
        map.remove(name);
    }
}

/// What a link with an identity provider is found by.
fn identity_of(user: &User) -> Option<(IdentityProviderId, String)> {
    user.identity.as_ref().map(|identity| (identity.provider, identity.subject.clone()))
}
