//! Users who are gone from their directory, or are disabled in it: they lose their access here.

use std::sync::Arc;

use domain::model::{DirectoryServerId, JournalEntry, UserId, UserState};
use serde_json::json;
use store::{Tx, repo};

use crate::approvals::Pass;
use crate::{Engine, Error, Result, Scope, users};

/// Users of a unit.
const STEP: usize = 250;

/// Disables and removes users, some hundred in a unit. Who is disabled or removed already stays so; a wipe that still
/// waits keeps its user, who is disabled instead.
pub(crate) async fn carry_out_gone(
    engine: &Engine,
    scope: &Scope,
    directory: DirectoryServerId,
    disable: &[UserId],
    remove: &[UserId],
    pass: Pass,
) -> Result<()> {
    pass.take_first(engine, scope).await?;
    let mut off = disable.to_vec();
    for user in remove {
        let removed = users::remove::carry_out(engine, scope, *user, true, Pass::PART).await;
        match removed {
            Ok(()) | Err(Error::NotFound(_)) => {}
            Err(Error::Conflict(_)) => off.push(*user),
            Err(error) => return Err(error),
        }
    }
    for chunk in off.chunks(STEP) {
        let ids: Arc<[UserId]> = chunk.into();
        let mine = Arc::clone(&ids);
        let unit = async move |tx: &mut Tx| {
            for id in mine.iter() {
                switch_off(tx, *id).await?;
            }
            Ok::<_, Error>(())
        };
        engine.store.write(scope.organization(), scope.actor().clone(), unit).await?;
        crate::compliance::reevaluate_users(engine, scope.organization(), &ids).await?;
    }
    let org = engine.directory.organization(scope.organization()).ok_or(Error::NotFound("organization"))?;
    let name = org.read().directory(directory).map(|server| server.name.clone());
    let (disabled, removed) = (off.len(), disable.len() + remove.len() - off.len());
    let unit = async move |tx: &mut Tx| {
        tx.journal(JournalEntry {
            event: "directory.users_gone",
            subject: directory.to_string(),
            body: json!({ "name": name, "disabled": disabled, "removed": removed }),
        });
        Ok::<_, Error>(())
    };
    engine.store.write(scope.organization(), scope.actor().clone(), unit).await
}

async fn switch_off(tx: &mut Tx, id: UserId) -> Result<()> {
    let Some(mut user) = repo::users::get(tx, id).await?.filter(|user| user.state == UserState::Active)
    else {
        return Ok(());
    };
    let before = users::public(&user);
    user.state = UserState::Disabled;
    user.credential_epoch += 1;
    if let Some(identity) = &mut user.directory {
        identity.disabled = true;
    }
    repo::users::put(tx, &mut user).await?;
    tx.journal(JournalEntry {
        event: "user.disabled",
        subject: id.to_string(),
        body: json!({ "name": user.display_name, "by": "directory", "before": before, "after": users::public(&user) }),
    });
    Ok(())
}
