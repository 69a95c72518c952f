//! The search of the console: one phone in ten seconds.

use std::sync::Arc;

use catalog::Permission;
use domain::model::{DeviceId, Group, GroupId, UserId};

use super::grid::matches_text;
use super::{Posture, posture};
use crate::{Engine, Error, Result, Scope};

/// Something found.
#[derive(Debug, Clone)]
pub enum Hit {
    /// A device: id, name, owner, posture.
    Device(DeviceId, String, String, Posture),
    /// A user: id, name, address, number of devices.
    User(UserId, String, String, usize),
    /// A group: id, name, number of members.
    Group(GroupId, String, usize),
}

/// Devices and users by name, address, model, serial, IMEI, MAC or id, and groups by name for those who may see them;
/// the best first, at most `limit` of each.
///
/// # Errors
/// [`Error::Denied`].
pub fn search(engine: &Engine, scope: &Scope, text: &str, limit: usize) -> Result<Vec<Hit>> {
    scope.require(Permission::DevicesView)?;
    let text = text.trim().to_lowercase();
    if text.is_empty() {
        return Ok(Vec::new());
    }
    let org = engine.directory.organization(scope.organization()).ok_or(Error::NotFound("organization"))?;
    let org = org.read();
    let starts = |field: &str| !field.to_lowercase().starts_with(&text);
    let mut users: Vec<_> = org
        .users()
        .filter(|u| [&u.username, &u.display_name, &u.email].iter().any(|f| f.to_lowercase().contains(&text)))
        .map(|u| (starts(&u.username) && starts(&u.display_name), u.display_name.to_lowercase(), u))
        .collect();
    users.sort_by(|a, b| (a.0, &a.1).cmp(&(b.0, &b.1)));
    let mut devices: Vec<_> = org
        .devices
        .iter()
        .filter_map(|d| Some((d, org.user(d.user)?)))
        .filter(|(d, u)| matches_text(d, u, &text))
        .map(|(d, u)| (starts(&d.name), std::cmp::Reverse(d.last_contact_at), d, u))
        .collect();
    devices.sort_by_key(|hit| (hit.0, hit.1));
    let mut hits: Vec<_> = users
        .into_iter()
        .take(limit)
        .map(|(_, _, u)| {
            Hit::User(u.id, u.display_name.clone(), u.email.clone(), org.devices.of_user(u.id).len())
        })
        .collect();
    if scope.has(Permission::GroupsView) {
        let groups = org.groups().into_iter().filter(|group| group.name.to_lowercase().contains(&text));
        let hit = |group: Arc<Group>| Hit::Group(group.id, group.name.clone(), org.member_count(group.id));
        hits.extend(groups.take(limit).map(hit));
    }
    hits.extend(
        devices
            .into_iter()
            .take(limit)
            .map(|(_, _, d, u)| Hit::Device(d.id, d.name.clone(), u.display_name.clone(), posture(&org, d))),
    );
    Ok(hits)
}
