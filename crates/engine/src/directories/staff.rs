//! Administrators by group of a directory: who may sign in with its password, and with which role.
//!
//! A server's list says which role the members of a group have; the first group that holds somebody decides. The role
//! is taken anew at each sign-in and each refresh and can be given in no other way, so that an account never has more
//! than the list says.

use std::sync::Arc;

use catalog::Permission;
use clients::ldap::{Directory, Dn, LdapError, Members, Person};
use domain::model::{Administrator, Organization};
use domain::model::{
    DirectoryLink, DirectoryRole, DirectoryServer, DirectoryServerId, JournalEntry, RoleRef,
};
use domain::names::LoginName;
use store::{Tx, repo};

use super::accounts::{admitted, is_of, retire};
use super::desk::{Stranger, directory, noted};
use super::{gather, get, input};
use crate::issues::unchanged;
use crate::{Engine, Error, Result, Scope, administrators};

/// Groups of a server's list.
const MOST_ROLES: usize = 20;

/// A group of the directory, and the role that its members get.
#[derive(Debug, Clone, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GroupRole {
    /// Name of the group in the directory.
    pub dn: String,
    /// Role of its members.
    pub role: RoleRef,
}

/// Replaces the list, if the server is still at the `rev` that the author saw. Accounts whose role is no longer in it
/// are disabled at once; the others are looked at with the next refresh.
///
/// # Errors
/// [`Error::Denied`] for a role, old or new, with more power than one's own; [`Error::Invalid`] on `roles`;
/// [`Error::Conflict`] for another `rev`; [`Error::Upstream`] when the directory cannot be asked for a new group.
pub async fn set_roles(
    engine: &Engine,
    scope: &Scope,
    id: DirectoryServerId,
    seen: Option<i64>,
    roles: Vec<GroupRole>,
) -> Result<()> {
    scope.require(Permission::ServersEdit)?;
    scope.require(Permission::AdministratorsEdit)?;
    let old = get(engine, scope, id)?;
    unchanged(seen, old.rev)?;
    check_power(engine, scope, &old)?;
    for rule in &roles {
        administrators::check_role_power(engine, scope, &rule.role)?;
    }
    check(engine, &old, &roles)?;
    let mut new = DirectoryServer::clone(&old);
    new.admin_roles = found(engine, &old, roles).await?;
    let gives = |admin: &&Arc<Administrator>| {
        admin.role.as_ref().is_some_and(|role| new.admin_roles.iter().any(|rule| rule.role == *role))
    };
    let all = engine.directory.administrators(scope.organization());
    let losing: Vec<_> = all
        .iter()
        .filter(|admin| admin.enabled && is_of(admin, id) && !gives(admin))
        .map(|admin| admin.id)
        .collect();
    let unit = async move |tx: &mut Tx| {
        let mut server = new.clone();
        repo::directories::put(tx, &mut server).await?;
        let body = input::told(&server);
        tx.journal(JournalEntry { event: "directory.server_updated", subject: id.to_string(), body });
        for admin in &losing {
            retire(tx, *admin, &server.name).await?;
        }
        Ok::<_, Error>(())
    };
    engine.store.write(scope.organization(), scope.actor().clone(), unit).await
}

/// Whoever changes a server whose groups give roles could point it at a directory of his own: he needs what they give.
pub(super) fn check_power(engine: &Engine, scope: &Scope, server: &DirectoryServer) -> Result<()> {
    if !server.admin_roles.is_empty() {
        scope.require(Permission::AdministratorsEdit)?;
    }
    let mut roles = server.admin_roles.iter().filter(|rule| {
        // A role that is gone gives nothing, and must not stop anybody from taking it off the list.
        administrators::is_role(engine, server.organization, &rule.role)
    });
    roles.try_for_each(|rule| administrators::check_role_power(engine, scope, &rule.role))
}

fn check(engine: &Engine, server: &DirectoryServer, roles: &[GroupRole]) -> Result<()> {
    if roles.is_empty() {
        return Ok(());
    }
    let org = engine.directory.organization(server.organization).ok_or(Error::NotFound("organization"))?;
    let words = if roles.len() > MOST_ROLES {
        format!("A list can have {MOST_ROLES} groups.")
    } else if org.read().organization.login_domains.is_empty() {
        "Administrators sign in as DOMAIN\\name. A system administrator must grant this organization a login domain first."
            .to_owned()
    } else if server.refresh_minutes == 0 {
        "Administrators are looked at with each refresh: choose how often this server is refreshed first."
            .to_owned()
    } else {
        return Ok(());
    };
    Err(Error::invalid("roles", words))
}

/// The groups as the directory has them; those that were in the list already are not asked for again.
async fn found(
    engine: &Engine,
    server: &DirectoryServer,
    roles: Vec<GroupRole>,
) -> Result<Vec<DirectoryRole>> {
    let mut list: Vec<DirectoryRole> = Vec::with_capacity(roles.len());
    for GroupRole { dn, role } in roles {
        let wrong = |words: String| Error::invalid("roles", words);
        let name = Dn::parse(dn.trim()).map_err(|error| wrong(format!("“{dn}”: {error}.")))?;
        let is_it = |rule: &&DirectoryRole| Dn::parse(&rule.dn).is_ok_and(|known| known == name);
        if list.iter().any(|rule| is_it(&rule)) {
            return Err(wrong(format!("“{dn}” is in the list twice; the first one would decide.")));
        }
        if let Some(known) = server.admin_roles.iter().find(is_it) {
            list.push(DirectoryRole { role, ..known.clone() });
            continue;
        }
        let node = match directory(engine, server)?.node(dn.trim()).await {
            Err(error @ LdapError::Missing { .. }) => return Err(wrong(error.to_string())),
            other => noted(engine, server, other)?,
        };
        if !node.is_group {
            return Err(wrong(format!("“{dn}” is a folder. Choose a group.")));
        }
        list.push(DirectoryRole { dn: node.dn, unique: node.unique, role });
    }
    Ok(list)
}

/// The administrator who has this name (`DOMAIN\name`) and password in a directory of the organization that the domain
/// was granted to, with the account made or brought up to date; `None`: nobody, or nobody with a role.
///
/// # Errors
/// [`Error::Busy`] while another unknown name is looked for; [`Error::Upstream`] without the directory's own words, which
/// are not for strangers.
pub(crate) async fn admit(
    engine: &Engine,
    presented: &str,
    password: &str,
) -> Result<Option<Arc<Administrator>>> {
    let Ok(LoginName { user, login_domain: Some(domain), .. }) = presented.parse() else { return Ok(None) };
    let Some(organization) = engine.directory.by_login_domain(&domain) else { return Ok(None) };
    let Some(org) = engine.directory.organization(organization) else { return Ok(None) };
    let servers: Vec<Arc<DirectoryServer>> = {
        let org = org.read();
        let all = org.directories().into_iter().filter(|s| s.enabled && !s.admin_roles.is_empty());
        all.filter(|_| org.organization.enabled && organization != Organization::SYSTEM).collect()
    };
    if servers.is_empty() || password.is_empty() {
        return Ok(None);
    }
    let is_known = engine.directory.administrator_by_name(&format!("{domain}\\{user}")).is_some();
    let _turn = if is_known { None } else { Some(Stranger::begin(engine, organization)?) };
    let mut silent = false;
    for server in servers {
        match proved(engine, &server, &user, password).await {
            Ok(Some((person, role))) => return admitted(engine, &server, &domain, person, role).await,
            Ok(None) => {}
            Err(error) => {
                tracing::warn!(server = %server.id, %error, "an administrator could not be looked for");
                silent = true;
            }
        }
    }
    if silent {
        return Err(Error::Upstream(
            "The directory that knows your password does not answer. Try again later.".into(),
        ));
    }
    Ok(None)
}

async fn proved(
    engine: &Engine,
    server: &DirectoryServer,
    login: &str,
    password: &str,
) -> Result<Option<(Person, RoleRef)>> {
    let directory = directory(engine, server)?;
    let person = noted(engine, server, directory.person_by_login(login).await)?;
    let Some(person) = person.filter(|person| !person.disabled) else { return Ok(None) };
    // Nothing is asked of the directory about who is in which group before the password is good.
    if !noted(engine, server, directory.verify(&person.dn, password).await)? {
        return Ok(None);
    }
    let ladder = noted(engine, server, ladder(engine, &directory, server).await)?;
    Ok(role_of(&ladder, &person).map(|role| (person, role)))
}

/// The list with who is in each group. A group that is gone, or whose role is, gives nothing.
pub(super) async fn ladder(
    engine: &Engine,
    directory: &Directory,
    server: &DirectoryServer,
) -> Result<Vec<(RoleRef, Members)>, LdapError> {
    let (mut roles, mut names) = (Vec::new(), Vec::new());
    for rule in &server.admin_roles {
        if !administrators::is_role(engine, server.organization, &rule.role) {
            continue;
        }
        let (dn, unique) = (rule.dn.clone(), rule.unique.clone());
        match gather::find(directory, &DirectoryLink { server: server.id, folder: None, dn, unique }).await {
            Ok(node) => {
                roles.push(rule.role.clone());
                names.push(node.dn);
            }
            Err(LdapError::Missing { .. }) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(roles.into_iter().zip(directory.members(&names).await?).collect())
}

/// The role that the first group gives which holds somebody.
pub(super) fn role_of(ladder: &[(RoleRef, Members)], person: &Person) -> Option<RoleRef> {
    let holds = |(_, members): &&(RoleRef, Members)| members.contains(&person.name, &person.login);
    ladder.iter().find(holds).map(|(role, _)| role.clone())
}
