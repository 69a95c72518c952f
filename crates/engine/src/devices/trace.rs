//! Timed traces of a user's requests.

use catalog::Permission;
use domain::model::JournalEntry;
use serde_json::json;
use store::repo::{self, traces::Trace};

use crate::{Engine, Error, Result, Scope};

/// Starts a trace of a user's requests for some minutes (1 to 240), or stops it with 0. Never records bodies.
///
/// # Errors
/// [`Error::Invalid`] for the minutes.
pub async fn set_trace(
    engine: &Engine,
    scope: &Scope,
    user: domain::model::UserId,
    minutes: u32,
) -> Result<()> {
    scope.require(Permission::DevicesTrace)?;
    crate::users::get(engine, scope, user)?;
    if minutes > 240 {
        return Err(Error::invalid("minutes", "A trace runs at most 240 minutes."));
    }
    let now = engine.now();
    let until = now + i64::from(minutes) * 60_000;
    let by = scope.actor().to_string();
    engine
        .store
        .write(scope.organization(), scope.actor().clone(), async move |tx| {
            if minutes == 0 {
                repo::traces::stop(tx, user, now).await?;
            } else {
                repo::traces::start(tx, &Trace { user, started_at: now, until, started_by: by.clone() })
                    .await?;
            }
            tx.journal(JournalEntry {
                event: "device.traced",
                subject: user.to_string(),
                body: json!({ "minutes": minutes }),
            });
            Ok::<_, Error>(())
        })
        .await?;
    crate::traces::refresh(engine, scope.organization(), user, (minutes > 0).then_some(until));
    Ok(())
}

/// The trace of a user with its lines, oldest first.
///
/// # Errors
/// [`Error::Denied`].
pub async fn trace(
    engine: &Engine,
    scope: &Scope,
    user: domain::model::UserId,
) -> Result<Option<(Trace, Vec<repo::traces::TraceEntry>)>> {
    scope.require(Permission::DevicesTrace)?;
    crate::users::get(engine, scope, user)?;
    engine
        .store
        .read(scope.organization(), async move |tx| {
            let Some(trace) = repo::traces::get(tx, user).await? else { return Ok(None) };
            let lines = repo::traces::entries(tx, user, 0, 1000).await?;
            Ok::<_, Error>(Some((trace, lines)))
        })
        .await
}
