//! Writing what a plan says, some hundred users in a unit: all of a unit or nothing.

use std::sync::Arc;

use domain::directory::Entry;
use domain::model::{
    DirectoryIdentity, DirectoryLink, DirectoryServer, GroupId, JournalEntry, User, UserId, UserState,
    VanishedAction,
};
use serde_json::json;
use store::{Tx, repo};

use super::desk::UnderWay;
use crate::letters::{self, Desk};
use crate::{Engine, Error, Result, Scope, mail, users};

/// Users of a unit.
const STEP: usize = 250;

/// A user who was not here before.
pub(super) fn user(engine: &Engine, server: &DirectoryServer, entry: Entry) -> User {
    let now = engine.now();
    let disabled = entry.disabled && server.vanished != VanishedAction::Keep;
    let display_name = if entry.display_name.is_empty() { entry.login.clone() } else { entry.display_name };
    let identity = DirectoryIdentity { server: server.id, unique: entry.unique, dn: entry.dn, disabled };
    User {
        email: entry.email,
        display_name,
        first_name: entry.first_name,
        last_name: entry.last_name,
        phone: entry.phone,
        groups: domain::directory::with_links(&[], &[], &entry.groups),
        state: if disabled { UserState::Disabled } else { UserState::Active },
        directory: Some(identity),
        ..User::new(server.organization, engine.entropy.id(now), entry.login, now)
    }
}

/// Writes new and changed users. Who was changed by somebody else meanwhile is left for the next refresh.
pub(super) async fn users(
    engine: &Engine,
    scope: &Scope,
    server: &Arc<DirectoryServer>,
    all: Vec<User>,
    under_way: &UnderWay<'_>,
) -> Result<()> {
    let desk = Desk::of(engine, scope.organization())?;
    for chunk in all.chunks(STEP) {
        let chunk: Arc<[User]> = chunk.into();
        let (mine, name, desk) = (Arc::clone(&chunk), server.name.clone(), desk.clone());
        let unit = async move |tx: &mut Tx| {
            for user in mine.iter() {
                put(tx, user.clone(), &name).await?;
                if user.rev == 0 && user.state == UserState::Active {
                    letters::welcome_from_directory_in(tx, &desk, user).await?;
                }
            }
            Ok::<_, Error>(())
        };
        engine.store.write(scope.organization(), scope.actor().clone(), unit).await?;
        mail::wake(engine);
        let old: Vec<UserId> = chunk.iter().filter(|user| user.rev > 0).map(|user| user.id).collect();
        crate::compliance::reevaluate_users(engine, scope.organization(), &old).await?;
        under_way.tell(|progress| progress.written += chunk.len());
    }
    Ok(())
}

async fn put(tx: &mut Tx, mut user: User, directory: &str) -> Result<()> {
    let mut before = serde_json::Value::Null;
    if user.rev > 0 {
        let Some(old) = repo::users::get(tx, user.id).await?.filter(|old| old.rev == user.rev) else {
            return Ok(());
        };
        before = users::public(&old);
    }
    let event = if user.rev == 0 { "user.created" } else { "user.updated" };
    repo::users::put(tx, &mut user).await?;
    tx.journal(JournalEntry {
        event,
        subject: user.id.to_string(),
        body: json!({ "name": user.display_name, "directory": directory, "before": before, "after": users::public(&user) }),
    });
    Ok(())
}

/// Notes where links lie by now.
pub(super) async fn moved(
    engine: &Engine,
    scope: &Scope,
    moved: Vec<(GroupId, DirectoryLink)>,
) -> Result<()> {
    if moved.is_empty() {
        return Ok(());
    }
    let unit = async move |tx: &mut Tx| {
        for (id, link) in &moved {
            let Some(mut group) = repo::groups::get(tx, *id).await? else { continue };
            group.directory = Some(link.clone());
            repo::groups::put(tx, &mut group).await?;
            let body = json!({ "name": group.name, "dn": link.dn });
            tx.journal(JournalEntry { event: "group.updated", subject: id.to_string(), body });
        }
        Ok::<_, Error>(())
    };
    engine.store.write(scope.organization(), scope.actor().clone(), unit).await
}
