//! What a refresh would do, with or without one folder or group more.

use catalog::Permission;
use domain::model::{DirectoryLink, DirectoryServer, DirectoryServerId, Group, GroupSettings};

use super::desk::{directory, noted};
use super::get;
use super::refresh::{NAMED, decide};
use crate::{Engine, Result, Scope};

/// What a refresh would do.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize)]
pub struct Preview {
    /// Users who would be made.
    pub created: usize,
    /// Users who would be changed.
    pub changed: usize,
    /// Users who would be disabled or removed.
    pub gone: usize,
    /// Entries that cannot be users, in words; the first hundred.
    pub conflicts: Vec<String>,
    /// How many they are.
    pub conflict_count: usize,
    /// The first names of those who would be made.
    pub examples: Vec<String>,
    /// So many would be gone that it would be stopped.
    pub stopped: bool,
}

/// What a refresh would do now; with `also`, as if that folder or group were linked too.
///
/// # Errors
/// [`Error::Upstream`] in the words of the directory's client.
pub async fn preview(
    engine: &Engine,
    scope: &Scope,
    id: DirectoryServerId,
    also: Option<&str>,
) -> Result<Preview> {
    scope.require(Permission::UsersEdit)?;
    let server = get(engine, scope, id)?;
    let mut extra = None;
    if let Some(dn) = also {
        let node = noted(engine, &server, directory(engine, &server)?.node(dn).await)?;
        extra = Some(imagined(engine, &server, node));
    }
    let decided = decide(engine, &server, extra, &|_| {}).await?;
    let (plan, incomplete) = (decided.plan, decided.gathered.incomplete);
    let conflict_count = plan.conflicts.len() + incomplete.len();
    Ok(Preview {
        created: plan.create.len(),
        changed: plan.change.len() - plan.disable.len(),
        gone: plan.disable.len() + plan.remove.len(),
        examples: plan.create.iter().take(10).map(|entry| entry.login.clone()).collect(),
        stopped: plan.is_mass_disappearance(),
        conflicts: plan.conflicts.into_iter().chain(incomplete).take(NAMED).collect(),
        conflict_count,
    })
}

/// A link that there is not yet.
pub(super) fn imagined(engine: &Engine, server: &DirectoryServer, node: clients::ldap::Node) -> Group {
    let link = DirectoryLink {
        server: server.id,
        folder: (!node.is_group).then_some(0),
        dn: node.dn,
        unique: node.unique,
    };
    Group {
        organization: server.organization,
        id: engine.entropy.id(engine.now()),
        rev: 0,
        name: node.title,
        note: String::new(),
        priority: 0,
        settings: GroupSettings::default(),
        directory: Some(link),
        rule: None,
        created_at: 0,
    }
}
