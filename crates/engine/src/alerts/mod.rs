//! Alerts: what somebody should know, raised from the journal, told by mail, until somebody acknowledges
//! it or its cause is gone.
//!
//! [`AlertFollower`] reads the journal and raises, repeats and closes; the alert, the mail about it and how far the
//! journal was read are one write. What time alone does (gathered mail, the end of quiet hours, escalation) is done by
//! [`tick`].

mod follow;
mod raise;
mod recipients;
mod settings;
mod time;

use catalog::{Permission, Realm, Severity};
use domain::model::{Alert, AlertId, AlertState, JournalEntry, WebhookId};
use serde_json::json;
use store::{Tx, repo};

use crate::{Engine, Error, Result, Scope};

pub use follow::AlertFollower;
pub(crate) use recipients::called;
pub(crate) use settings::check_recipients;
pub use settings::{edit_settings, realm, settings};
pub use store::repo::alerts::Filter;
pub use time::tick;

/// Closed alerts are kept for a year, milliseconds.
const KEPT: i64 = 365 * 86_400_000;

/// The alerts of the installation are its system administrators', those of an organization whose role allows it.
fn require(scope: &Scope, permission: Permission) -> Result<()> {
    match realm(scope) {
        Realm::Installation => scope.require_system(),
        Realm::Organization => scope.require(permission),
    }
}

/// Alerts, the newest first.
///
/// # Errors
/// [`Error::Denied`].
pub async fn list(engine: &Engine, scope: &Scope, filter: Filter, limit: u32) -> Result<Vec<Alert>> {
    require(scope, Permission::AlertsView)?;
    let limit = limit.clamp(1, 500);
    let read = async move |tx: &mut Tx| Ok::<_, Error>(repo::alerts::list(tx, &filter, limit).await?);
    engine.store.read(scope.organization(), read).await
}

/// One alert.
///
/// # Errors
/// [`Error::Denied`], [`Error::NotFound`].
pub async fn get(engine: &Engine, scope: &Scope, id: AlertId) -> Result<Alert> {
    require(scope, Permission::AlertsView)?;
    let read = async move |tx: &mut Tx| Ok::<_, Error>(repo::alerts::get(tx, id).await?);
    engine.store.read(scope.organization(), read).await?.ok_or(Error::NotFound("alert"))
}

/// Alerts that are not closed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Open {
    /// Nobody has looked at them: critical, warning, informational.
    pub new: [i64; 3],
    /// Somebody takes care of them.
    pub acknowledged: i64,
}

/// Counts what is open.
///
/// # Errors
/// [`Error::Denied`].
pub async fn open(engine: &Engine, scope: &Scope) -> Result<Open> {
    require(scope, Permission::AlertsView)?;
    let read = async |tx: &mut Tx| Ok::<_, Error>(repo::alerts::open(tx).await?);
    let mut open = Open::default();
    for (state, severity, count) in engine.store.read(scope.organization(), read).await? {
        match (state, severity) {
            (AlertState::Acknowledged, _) => open.acknowledged += count,
            (AlertState::New, Severity::Critical) => open.new[0] += count,
            (AlertState::New, Severity::Warning) => open.new[1] += count,
            (AlertState::New, Severity::Informational) => open.new[2] += count,
            (AlertState::Closed, _) => {}
        }
    }
    Ok(open)
}

/// What an administrator does with alerts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Act {
    /// Takes care of them: no escalation.
    Acknowledge,
    /// They need nobody any more.
    Close,
}

/// Acknowledges or closes alerts; those that are closed already stay as they are. Answers how many changed.
///
/// # Errors
/// [`Error::Denied`], [`Error::NotFound`] if one of them does not exist here, [`Error::Invalid`] for more than 500.
pub async fn act(engine: &Engine, scope: &Scope, ids: Vec<AlertId>, act: Act) -> Result<usize> {
    require(scope, Permission::AlertsHandle)?;
    if ids.is_empty() || ids.len() > 500 {
        return Err(Error::invalid("alerts", "Choose 1 to 500 alerts."));
    }
    let name = scope.administrator().map_or_else(|| scope.actor().to_string(), |a| a.display_name.clone());
    let unit = async move |tx: &mut Tx| {
        let mut changed = 0;
        for id in &ids {
            let mut alert = repo::alerts::get(tx, *id).await?.ok_or(Error::NotFound("alert"))?;
            let done = Some((name.clone(), tx.now()));
            let event = match (act, alert.state) {
                (Act::Acknowledge, AlertState::New) => {
                    (alert.state, alert.acknowledged) = (AlertState::Acknowledged, done);
                    "alert.acknowledged"
                }
                (Act::Close, AlertState::New | AlertState::Acknowledged) => {
                    (alert.state, alert.closed) = (AlertState::Closed, done);
                    "alert.closed"
                }
                _ => continue,
            };
            // Somebody knows: nothing is sent about it any more.
            (alert.escalate_at, alert.mail_due_at) = (None, None);
            repo::alerts::put(tx, &mut alert).await?;
            tx.journal(entry(event, &alert, &alert.webhooks));
            changed += 1;
        }
        Ok::<_, Error>(changed)
    };
    engine.store.write(scope.organization(), scope.actor().clone(), unit).await
}

/// What the journal says of an alert, and which webhooks hear it because its settings name them.
fn entry(event: &'static str, alert: &Alert, webhooks: &[WebhookId]) -> JournalEntry {
    JournalEntry {
        event,
        subject: alert.id.to_string(),
        body: json!({
            "name": alert.text, "kind": alert.kind, "severity": alert.severity, "about": alert.subject,
            "detail": alert.detail, "count": alert.count, "entry": alert.sequence, "webhooks": webhooks,
        }),
    }
}

/// Forgets what was closed a year ago.
pub(crate) async fn purge(tx: &mut Tx) -> store::Result<u64> {
    let before = tx.now() - KEPT;
    repo::alerts::purge(tx, before, 2_000).await
}
