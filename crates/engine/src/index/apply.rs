//! Applying changes to the index. The same code serves a node's own commits and the feed of other nodes.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::Arc;

use domain::Change;
use domain::model::{Administrator, ApiToken, OrderedCommand, Organization, OrganizationId, User};
use parking_lot::RwLock;

use super::{Directory, Names, OrgIndex, People};

impl Directory {
    /// Applies one change of an organization.
    pub fn apply(&self, organization: OrganizationId, change: &Change) {
        match change {
            Change::Organization(o) => self.put_organization(o),
            Change::Administrator(a) => self.people.write().put_administrator(a),
            Change::AdministratorRemoved(id) => self.people.write().remove_administrator(*id),
            Change::Token(t) => self.people.write().put_token(t),
            Change::TokenRemoved(id) => self.people.write().remove_token(*id),
            Change::Session(s) => {
                self.people.write().sessions.insert(s.token_hash.clone(), Arc::clone(s));
            }
            Change::SessionEnded(hash) => {
                self.people.write().sessions.remove(hash);
            }
            other => {
                if let Some(org) = self.organization(organization) {
                    org.write().apply(other);
                }
            }
        }
    }

    fn put_organization(&self, organization: &Arc<Organization>) {
        self.names.write().put(organization);
        let mut map = self.organizations.write();
        if let Some(index) = map.get(&organization.id) {
            let mut index = index.write();
            if index.organization.rev < organization.rev {
                index.organization = Arc::clone(organization);
            }
        } else {
            map.insert(
                organization.id,
                Arc::new(RwLock::new(OrgIndex::new(Arc::clone(organization), Arc::clone(&self.documents)))),
            );
        }
    }
}

impl Names {
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
    fn put_administrator(&mut self, admin: &Arc<Administrator>) {
        if let Some(old) = self.administrators.get(&admin.id) {
            if old.rev >= admin.rev {
                return;
            }
            self.by_username.remove(&old.username);
        }
        self.by_username.insert(admin.username.clone(), admin.id);
        self.administrators.insert(admin.id, Arc::clone(admin));
    }

    fn remove_administrator(&mut self, id: domain::model::AdministratorId) {
        if let Some(old) = self.administrators.remove(&id) {
            self.by_username.remove(&old.username);
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

    fn remove_token(&mut self, id: domain::model::ApiTokenId) {
        if let Some(hash) = self.token_hashes.remove(&id) {
            self.tokens.remove(&hash);
        }
    }
}

impl OrgIndex {
    fn apply(&mut self, change: &Change) {
        match change {
            Change::User(u) => self.put_user(u),
            Change::UserRemoved(id) => self.remove_user(*id),
            Change::Device(d) => self.devices.insert(Arc::clone(d)),
            Change::DeviceRemoved(id) => self.devices.remove(*id),
            Change::Role(r) => put(&mut self.roles, r.id, r, |r| r.rev),
            Change::RoleRemoved(id) => drop(self.roles.remove(id)),
            Change::Suite(s) => put(&mut self.suites, s.id, s, |s| s.rev),
            Change::SuiteRemoved(id) => drop(self.suites.remove(id)),
            Change::Server(s) => put(&mut self.servers, s.id, s, |s| s.rev),
            Change::ServerRemoved(id) => drop(self.servers.remove(id)),
            Change::Access(a) => {
                if self.access.rev < a.rev {
                    self.access = Arc::clone(a);
                }
            }
            Change::Command(c) => self.put_command(c),
            Change::Organization(_)
            | Change::Administrator(_)
            | Change::AdministratorRemoved(_)
            | Change::Token(_)
            | Change::TokenRemoved(_)
            | Change::Session(_)
            | Change::SessionEnded(_) => {}
        }
    }

    fn put_user(&mut self, user: &Arc<User>) {
        if let Some(old) = self.users.get(&user.id) {
            if old.rev >= user.rev {
                return;
            }
            self.users_by_name.remove(&old.username.to_lowercase());
            self.users_by_email.remove(&old.email.to_lowercase());
        }
        self.users_by_name.insert(user.username.to_lowercase(), user.id);
        if !user.email.is_empty() {
            self.users_by_email.insert(user.email.to_lowercase(), user.id);
        }
        self.users.insert(user.id, Arc::clone(user));
    }

    fn remove_user(&mut self, id: domain::model::UserId) {
        if let Some(old) = self.users.remove(&id) {
            self.users_by_name.remove(&old.username.to_lowercase());
            self.users_by_email.remove(&old.email.to_lowercase());
        }
    }

    /// Only live commands are kept; a final one leaves.
    fn put_command(&mut self, command: &Arc<OrderedCommand>) {
        if self.commands.get(&command.id).is_some_and(|old| old.rev >= command.rev) {
            return;
        }
        let list = self.commands_by_device.entry(command.device).or_default();
        if command.state.is_final() && command.relay_back.is_none() {
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

fn put<K: Hash + Eq, T>(map: &mut HashMap<K, Arc<T>>, key: K, new: &Arc<T>, rev: impl Fn(&T) -> i64) {
    if map.get(&key).is_none_or(|old| rev(old) < rev(new)) {
        map.insert(key, Arc::clone(new));
    }
}
