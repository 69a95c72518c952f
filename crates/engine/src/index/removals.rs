//! Everything in memory as changes that would remove it: what a reload begins with.

use std::collections::HashMap;

use domain::Change;
use domain::model::OrganizationId;

use super::Directory;

impl Directory {
    /// By id (sessions by the hash of their token). Organizations and access settings are never removed; a command
    /// stands for itself, since it does not vanish but ends.
    pub(crate) fn removals(&self) -> HashMap<Vec<u8>, (OrganizationId, Change)> {
        let mut all = HashMap::new();
        for org in self.all() {
            let org = org.read();
            let id = org.organization.id;
            let mut add = |key: uuid::Uuid, change| all.insert(key.as_bytes().to_vec(), (id, change));
            org.users.keys().for_each(|k| drop(add(k.uuid(), Change::UserRemoved(*k))));
            org.devices.iter().for_each(|d| drop(add(d.id.uuid(), Change::DeviceRemoved(d.id))));
            org.groups.keys().for_each(|k| drop(add(k.uuid(), Change::GroupRemoved(*k))));
            org.roles.keys().for_each(|k| drop(add(k.uuid(), Change::RoleRemoved(*k))));
            org.suites.keys().for_each(|k| drop(add(k.uuid(), Change::SuiteRemoved(*k))));
            org.schedules.keys().for_each(|k| drop(add(k.uuid(), Change::ScheduleRemoved(*k))));
            org.servers.keys().for_each(|k| drop(add(k.uuid(), Change::ServerRemoved(*k))));
            org.radius.keys().for_each(|k| drop(add(k.uuid(), Change::RadiusServerRemoved(*k))));
            org.directories.keys().for_each(|k| drop(add(k.uuid(), Change::DirectoryServerRemoved(*k))));
            org.commands.values().for_each(|c| drop(add(c.id.uuid(), Change::Command(c.clone()))));
        }
        let people = self.people.read();
        for a in people.administrators.values() {
            let change = Change::AdministratorRemoved(a.id);
            all.insert(a.id.uuid().as_bytes().to_vec(), (a.organization, change));
        }
        for t in people.tokens.values() {
            all.insert(t.id.uuid().as_bytes().to_vec(), (t.organization, Change::TokenRemoved(t.id)));
        }
        for s in people.sessions.values() {
            all.insert(s.token_hash.clone(), (s.home, Change::SessionEnded(s.token_hash.clone())));
        }
        all
    }
}
