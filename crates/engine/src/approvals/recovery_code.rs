//! The sealed recovery code: the second person of an organization that has only one administrator.
//!
//! It is made beforehand, printed, and put into an envelope. Whoever takes over an account cannot make himself one,
//! since it counts only from the next day on, and its making is an alarm.

use catalog::Permission;
use domain::model::{JournalEntry, OrganizationId};
use serde_json::json;
use store::repo;

use super::organization;
use crate::{Engine, Error, Result, Scope, second_factor};

const WRONG: &str =
    "This is not the recovery code of this organization, or it was made less than 24 hours ago.";

fn hash(engine: &Engine, id: OrganizationId, entered: &str) -> Option<String> {
    second_factor::hash_recovery_code(&engine.secret_key, &format!("governor/recovery-code/{id}"), entered)
}

/// Makes a new one, shown this once; an older one stops working.
///
/// # Errors
/// [`Error::Denied`] without permission or second factor, [`Error::Invalid`] on `code`.
pub async fn make(engine: &Engine, scope: &Scope, code: &str) -> Result<String> {
    scope.require(Permission::DevicesWipeOverride)?;
    let id = scope.administrator().ok_or(Error::Unauthenticated)?.id;
    let admin = engine.directory.administrator(id).ok_or(Error::Unauthenticated)?;
    second_factor::prove(engine, &admin, code).await?;
    let made = second_factor::generate_recovery_code(engine.entropy);
    let (hash, at) = (hash(engine, scope.organization(), &made), engine.moment());
    engine
        .store
        .write(scope.organization(), scope.actor().clone(), async move |tx| {
            let mut governor = repo::governor::lock(tx).await?;
            governor.recovery_code = hash.clone().map(|hash| (hash, at));
            repo::governor::put(tx, &mut governor).await?;
            let body = json!({ "username": admin.username });
            tx.journal(JournalEntry { event: "governor.recovery_code_made", subject: id.to_string(), body });
            Ok::<_, Error>(())
        })
        .await?;
    Ok(made)
}

/// Whether it is the one, and old enough.
pub(super) fn check(engine: &Engine, scope: &Scope, entered: &str) -> Result<()> {
    let org = organization(engine, scope)?;
    let hash = hash(engine, scope.organization(), entered);
    let holds = hash.is_some_and(|hash| org.read().governor.recovery_code_holds(&hash, engine.moment()));
    if holds { Ok(()) } else { Err(Error::invalid("recovery_code", WRONG)) }
}

/// Uses it up; of two who use it at the same moment one is refused.
pub(super) async fn use_up(engine: &Engine, scope: &Scope, entered: &str) -> Result<()> {
    let (hash, now) = (hash(engine, scope.organization(), entered), engine.moment());
    let by = scope.actor().to_string();
    engine
        .store
        .write(scope.organization(), scope.actor().clone(), async move |tx| {
            let mut governor = repo::governor::lock(tx).await?;
            if !hash.as_ref().is_some_and(|hash| governor.recovery_code_holds(hash, now)) {
                return Err(Error::invalid("recovery_code", WRONG));
            }
            governor.recovery_code = None;
            repo::governor::put(tx, &mut governor).await?;
            tx.journal(JournalEntry {
                event: "governor.recovery_code_used",
                subject: String::new(),
                body: json!({ "by": by }),
            });
            Ok(())
        })
        .await
}
