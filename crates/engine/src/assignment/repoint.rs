//! Giving something else to everybody who chose one thing.

use std::sync::Arc;

use domain::model::{DeviceId, GroupId, Organization, UserId};
use serde::Serialize;
use serde_json::{Value, json};
use store::{Tx, repo};

use super::{Choices, Own};
use crate::{Error, OrgIndex, Result};

/// Who chose a certain thing.
#[derive(Debug, Default)]
pub(crate) struct Holders {
    devices: Vec<DeviceId>,
    users: Vec<UserId>,
    groups: Vec<GroupId>,
}

impl Holders {
    /// Everybody whose own choice `has` it, as the index knows them.
    pub fn of(org: &OrgIndex, has: impl Fn(Own) -> bool) -> Self {
        Self {
            devices: org.devices.iter().filter(|d| has(Own::device(d))).map(|d| d.id).collect(),
            users: org.users().filter(|u| has(Own::user(u))).map(|u| u.id).collect(),
            groups: org.groups().iter().filter(|g| has(Own::group(&g.settings))).map(|g| g.id).collect(),
        }
    }
    /// What the journal says of it: of what, what they get instead, and how many they are.
    pub fn journaled(&self, name: &str, replacement: Option<impl Serialize>) -> Value {
        json!({
            "name": name, "replacement": replacement,
            "users": self.users.len(), "devices": self.devices.len(), "groups": self.groups.len(),
        })
    }
}

/// Gives the holders something else, those that still have it, and the organization if its default `has` it.
pub(crate) async fn repoint(
    tx: &mut Tx,
    holders: &Arc<Holders>,
    has: impl Fn(Own) -> bool,
    choices: Choices,
) -> Result<()> {
    if has(Own::organization(&organization(tx).await?.settings)) {
        make_default(tx, choices).await?;
    }
    for id in &holders.users {
        if let Some(mut user) = repo::users::get(tx, *id).await?.filter(|u| has(Own::user(u))) {
            choices.give_user(&mut user);
            repo::users::put(tx, &mut user).await?;
        }
    }
    for id in &holders.devices {
        if let Some(mut device) = repo::devices::get(tx, *id).await?.filter(|d| has(Own::device(d))) {
            choices.give_device(&mut device);
            repo::devices::put(tx, &mut device).await?;
        }
    }
    for id in &holders.groups {
        if let Some(mut group) = repo::groups::get(tx, *id).await?.filter(|g| has(Own::group(&g.settings))) {
            choices.give_group(&mut group.settings);
            repo::groups::put(tx, &mut group).await?;
        }
    }
    Ok(())
}

/// Makes something the default of the organization.
pub(crate) async fn make_default(tx: &mut Tx, choices: Choices) -> Result<()> {
    let mut org = organization(tx).await?;
    choices.give_organization(&mut org.settings);
    repo::organizations::put(tx, &mut org).await?;
    Ok(())
}

async fn organization(tx: &mut Tx) -> Result<Organization> {
    repo::organizations::get(tx, tx.organization()).await?.ok_or(Error::NotFound("organization"))
}
