//! The user of a first contact who is not in memory: made by another node, or made now because the server says so.

use std::sync::Arc;

use domain::Change;
use domain::model::{Actor, JournalEntry, User};
use store::{Tx, repo};

use super::Login;
use crate::{Engine, Error, Result};

/// A user whom another node made a moment ago. Asked only for somebody who has just proved who he is.
pub(super) async fn user_from_elsewhere(engine: &Engine, login: &Login) -> Result<Option<Arc<User>>> {
    let (name, email) = (login.username.clone(), login.email.clone().unwrap_or_default());
    let organization = login.organization.id;
    let found = engine
        .store
        .read(organization, async move |tx| Ok::<_, Error>(stored_as(tx, &name, &email).await?.ok()))
        .await?
        .flatten();
    Ok(found.map(|user| {
        let user = Arc::new(user);
        engine.apply_remote(organization, &Change::User(Arc::clone(&user)));
        user
    }))
}

/// The name is that of somebody with another mail domain.
struct NameTaken;

/// A user as stored under a name or, where that is taken by somebody else, under the whole address.
async fn stored_as(
    tx: &mut Tx,
    name: &str,
    email: &str,
) -> store::Result<std::result::Result<Option<User>, NameTaken>> {
    let domain = email.rsplit_once('@').map(|(_, domain)| domain);
    match repo::users::by_username(tx, name).await? {
        Some(there) if !super::login::may_be(&there, domain) => {
            let there = repo::users::by_username(tx, email).await?;
            Ok(there.map_or(Err(NameTaken), |there| Ok(Some(there))))
        }
        there => Ok(Ok(there)),
    }
}

/// A user for whom accounts are made by themselves: the server (by mail domain, or the default one) allows it.
pub(super) async fn hands_off_user(engine: &Engine, login: &Login) -> Result<Option<Arc<User>>> {
    let Some(server) = login.server.as_ref().filter(|s| s.hands_off) else { return Ok(None) };
    let organization = login.organization.id;
    let now = engine.now();
    let user = User {
        domain: login.login_domain.clone(),
        email: login.email.clone().unwrap_or_default(),
        server: Some(server.id),
        hands_off: true,
        ..User::new(organization, engine.entropy.id(now), login.username.clone(), now)
    };
    let id = user.id;
    let stored = engine
        .store
        .write(organization, Actor::System, async move |tx| {
            let mut user = user.clone();
            match stored_as(tx, &user.username, &user.email).await? {
                Ok(Some(there)) => return Ok::<_, Error>(there),
                Ok(None) => {}
                Err(NameTaken) => user.username.clone_from(&user.email),
            }
            repo::users::put(tx, &mut user).await?;
            tx.journal(JournalEntry {
                event: "user.hands_off_created",
                subject: id.to_string(),
                body: crate::users::public(&user),
            });
            Ok(user)
        })
        .await?;
    Ok(Some(Arc::new(stored)))
}
