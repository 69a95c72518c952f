//! Folders and groups of a directory that are linked: groups whose members come from there.

use std::sync::Arc;

use catalog::Permission;
use clients::ldap::Dn;
use domain::model::{DirectoryLink, DirectoryServerId, Group, GroupId, GroupSettings, JournalEntry};
use serde_json::json;
use store::{Tx, repo};

use super::desk::{directory, noted};
use super::get;
use crate::groups::MOST;
use crate::{Engine, Error, Result, Scope};

/// A folder or group to link.
#[derive(Debug, Clone, Default, serde::Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Link {
    /// Its name in the directory.
    pub dn: String,
    /// What its members get.
    pub settings: GroupSettings,
}

/// What is linked with a server, the most important one first, with the number of members.
///
/// # Errors
/// [`Error::NotFound`].
pub fn linked(engine: &Engine, scope: &Scope, id: DirectoryServerId) -> Result<Vec<(Arc<Group>, usize)>> {
    get(engine, scope, id)?;
    let org = engine.directory.organization(scope.organization()).ok_or(Error::NotFound("organization"))?;
    let org = org.read();
    Ok(org.linked(id).into_iter().map(|group| (Arc::clone(&group), org.member_count(group.id))).collect())
}

/// Links a folder or group. Its members come with the next refresh, for which [`super::start`] can ask at once. The link
/// ends when the group is removed ([`crate::groups::remove`]); the users stay.
///
/// # Errors
/// [`Error::Upstream`] when the directory does not have it; [`Error::Conflict`] when it is linked already;
/// [`Error::Invalid`] for settings that a group cannot have.
pub async fn link(engine: &Engine, scope: &Scope, id: DirectoryServerId, link: Link) -> Result<GroupId> {
    for permission in [Permission::ServersView, Permission::GroupsEdit, Permission::UsersEdit] {
        scope.require(permission)?;
    }
    let server = get(engine, scope, id)?;
    let input =
        crate::groups::GroupInput { name: "link".into(), note: String::new(), settings: link.settings };
    crate::groups::edit::check(engine, scope, None, &input)?;
    let node = noted(engine, &server, directory(engine, &server)?.node(&link.dn).await)?;
    let name = Dn::parse(&node.dn).map_err(|error| Error::invalid("dn", error.to_string()))?;
    let source = DirectoryLink {
        server: id,
        folder: (!node.is_group).then_some(name.depth() as u32),
        dn: node.dn,
        unique: node.unique,
    };
    let is_same = move |other: &DirectoryLink| {
        other.server == id && Dn::parse(&other.dn).is_ok_and(|other| other == name)
    };
    let now = engine.now();
    let group_id = engine.entropy.id(now);
    let (title, server_name) = (node.title, server.name.clone());
    let unit = async move |tx: &mut Tx| {
        let there = repo::groups::all(tx).await?;
        if there.len() >= MOST {
            return Err(Error::conflict(format!("An organization can have at most {MOST} groups.")));
        }
        if let Some(same) = there.iter().find(|group| group.directory.as_ref().is_some_and(&is_same)) {
            return Err(Error::conflict(format!("It is linked already, as “{}”.", same.name)));
        }
        let mut group = Group {
            organization: tx.organization(),
            id: group_id,
            rev: 0,
            name: free_name(&there, &title, &server_name),
            note: String::new(),
            priority: there.iter().map(|group| group.priority).max().unwrap_or(0) + 1,
            settings: input.settings.clone(),
            directory: Some(source.clone()),
            rule: None,
            created_at: now,
        };
        repo::groups::put(tx, &mut group).await?;
        tx.journal(JournalEntry {
            event: "group.created",
            subject: group_id.to_string(),
            body: json!({ "name": group.name, "directory": server_name, "dn": source.dn }),
        });
        Ok::<_, Error>(())
    };
    engine.store.write(scope.organization(), scope.actor().clone(), unit).await?;
    Ok(group_id)
}

/// A name that no group has.
fn free_name(there: &[Group], title: &str, server: &str) -> String {
    let cut = |text: &str, most: usize| text.chars().take(most).collect::<String>();
    let (title, server) = (cut(title, 60), cut(server, 30));
    let is_free = |name: &String| !there.iter().any(|group| group.name.to_lowercase() == name.to_lowercase());
    let plain = [title.clone(), format!("{title} ({server})")];
    let numbered = (2..).map(|number: u32| format!("{title} {number}"));
    plain.into_iter().chain(numbered).find(is_free).unwrap_or(title)
}
