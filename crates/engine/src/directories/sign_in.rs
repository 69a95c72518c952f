//! Signing in with the password of the directory.

use std::sync::Arc;

use domain::model::{Actor, DirectoryIdentity, DirectoryServer, GroupId, JournalEntry, OrganizationId, User};
use store::{Tx, repo};

use super::desk::{Stranger, directory, noted};
use super::gather::{entry, links_of};
use super::write;
use crate::{Engine, Error, Result};

/// Whether a password is the one that a user has in the directory; `None` for users whose password is not there.
///
/// The entry is looked for by the id that stays, so that somebody renamed a moment ago can sign in, and somebody
/// disabled or gone a moment ago cannot.
pub(crate) async fn verify(engine: &Engine, user: &User, password: &str) -> Result<Option<bool>> {
    let Some(identity) = &user.directory else { return Ok(None) };
    match server(engine, user.organization, identity).filter(|server| server.users_sign_in) {
        Some(server) => bind(engine, &server, identity, password).await.map(Some),
        None => Ok(None),
    }
}

/// Whether a password is the one that an administrator has in the directory; false when the directory makes no
/// administrators any more.
pub(crate) async fn is_password(
    engine: &Engine,
    organization: OrganizationId,
    identity: &DirectoryIdentity,
    password: &str,
) -> Result<bool> {
    match server(engine, organization, identity).filter(|server| !server.admin_roles.is_empty()) {
        Some(server) => bind(engine, &server, identity, password).await,
        None => Ok(false),
    }
}

fn server(
    engine: &Engine,
    organization: OrganizationId,
    identity: &DirectoryIdentity,
) -> Option<Arc<DirectoryServer>> {
    let org = engine.directory.organization(organization)?;
    let server = org.read().directory(identity.server).cloned();
    server.filter(|server| server.enabled)
}

async fn bind(
    engine: &Engine,
    server: &DirectoryServer,
    identity: &DirectoryIdentity,
    password: &str,
) -> Result<bool> {
    if password.is_empty() {
        return Ok(false);
    }
    let directory = directory(engine, server)?;
    let person = noted(engine, server, directory.person_by_unique(&identity.unique).await)?;
    match person.filter(|person| !person.disabled) {
        Some(person) => noted(engine, server, directory.verify(&person.dn, password).await),
        None => Ok(false),
    }
}

/// Makes the account of somebody who is in a linked folder or group of a directory that allows it, if the password is
/// good. Nothing is asked of the directory about who is in which group before that.
pub(crate) async fn newcomer(
    engine: &Engine,
    organization: OrganizationId,
    login: &str,
    email: Option<&str>,
    password: &str,
) -> Result<Option<Arc<User>>> {
    let Some(org) = engine.directory.organization(organization) else { return Ok(None) };
    let makes_accounts =
        |server: &Arc<DirectoryServer>| server.enabled && server.users_sign_in && server.hands_off;
    let servers: Vec<Arc<DirectoryServer>> =
        org.read().directories().into_iter().filter(makes_accounts).collect();
    if servers.is_empty() || password.is_empty() {
        return Ok(None);
    }
    let _turn = Stranger::begin(engine, organization)?;
    for server in servers {
        let directory = directory(engine, &server)?;
        let Some(person) = noted(engine, &server, directory.person_by_login(login).await)? else { continue };
        let is_meant =
            email.is_none_or(|email| person.email.is_empty() || person.email.eq_ignore_ascii_case(email));
        if person.disabled
            || !is_meant
            || !noted(engine, &server, directory.verify(&person.dn, password).await)?
        {
            continue;
        }
        let links = org.read().linked(server.id);
        let groups = noted(engine, &server, links_of(&directory, &links, &person).await)?;
        let limit = &server.hands_off_in;
        let is_meant = |group: &GroupId| limit.is_empty() || limit.contains(group);
        if !groups.iter().any(is_meant) {
            continue;
        }
        let user = User { hands_off: true, ..write::user(engine, &server, entry(person, groups)) };
        return store(engine, user).await.map(Some);
    }
    Ok(None)
}

/// Stores a new user, unless somebody (a parallel request, a refresh) was faster.
async fn store(engine: &Engine, user: User) -> Result<Arc<User>> {
    let organization = user.organization;
    let unit = async move |tx: &mut Tx| {
        if let Some(there) = repo::users::by_username(tx, &user.username).await? {
            let same = there.directory.as_ref().map(|identity| (identity.server, &identity.unique))
                == user.directory.as_ref().map(|identity| (identity.server, &identity.unique));
            return if same { Ok(there) } else { Err(Error::conflict("Another user has this name.")) };
        }
        let mut user = user.clone();
        repo::users::put(tx, &mut user).await?;
        tx.journal(JournalEntry {
            event: "user.hands_off_created",
            subject: user.id.to_string(),
            body: crate::users::public(&user),
        });
        Ok(user)
    };
    engine.store.write(organization, Actor::System, unit).await.map(Arc::new)
}
