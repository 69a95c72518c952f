//! Putting devices on the list, changing what is watched for, and taking them off.

use catalog::Permission;
use domain::model::{DeviceId, LEAVE_AFTER_MAX, Recipients, WATCH_MINUTES_MAX, Watched};
use store::{Tx, repo};

use super::{MOST, entry};
use crate::issues::Issues;
use crate::{Engine, Error, Result, Scope, alerts};

/// What an administrator enters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WatchInput {
    /// How long the device may be silent, minutes.
    pub minutes: u32,
    /// Who is told by mail, besides those whom the alert's settings name.
    pub recipients: Recipients,
    /// Leaves the list after so many contacts in time; 0: it stays.
    pub leave_after: u32,
    /// Why; at most 500 characters.
    pub note: String,
}

impl Default for WatchInput {
    fn default() -> Self {
        Self { minutes: 60, recipients: Recipients::default(), leave_after: 0, note: String::new() }
    }
}

fn check(engine: &Engine, scope: &Scope, input: &WatchInput) -> Result<()> {
    let mut issues = Issues::default();
    issues.check((1..=WATCH_MINUTES_MAX).contains(&input.minutes), "minutes", || {
        "Enter 1 to 43,200 minutes (30 days).".into()
    });
    issues.check(input.leave_after <= LEAVE_AFTER_MAX, "leave_after", || "Enter 0 to 1,000 contacts.".into());
    issues.check(input.note.chars().count() <= 500, "note", || "Use at most 500 characters.".into());
    alerts::check_recipients(engine, scope, &mut issues, "recipients", &input.recipients);
    issues.done()
}

/// Puts a device on the list, or changes what it is watched for, which begins anew then. Answers whether it is new there.
///
/// # Errors
/// [`Error::Invalid`] by field, [`Error::NotFound`] for the device, [`Error::Conflict`] beyond [`MOST`] or for one that
/// is not managed.
pub async fn put(engine: &Engine, scope: &Scope, device: DeviceId, input: WatchInput) -> Result<bool> {
    super::may_see(scope)?;
    scope.require(Permission::ComplianceEdit)?;
    check(engine, scope, &input)?;
    let org = engine.directory.organization(scope.organization()).ok_or(Error::NotFound("organization"))?;
    let known = org.read().devices.get(device).cloned().ok_or(Error::NotFound("device"))?;
    if !super::look::is_watchable(&known) {
        return Err(Error::conflict("The device is not managed any more, so nothing is expected of it."));
    }
    let by = scope.administrator().map_or_else(|| scope.actor().to_string(), |a| a.display_name.clone());
    let unit = async move |tx: &mut Tx| {
        let now = tx.now();
        let old = repo::watch::get(tx, device).await?;
        if old.is_none() && repo::watch::counts(tx).await?.0 >= i64::from(MOST) {
            return Err(Error::conflict(format!("There are {MOST} devices on the list. Take some off.")));
        }
        let mut watched = Watched {
            organization: tx.organization(),
            device,
            rev: old.as_ref().map_or(0, |old| old.rev),
            minutes: input.minutes,
            recipients: input.recipients.clone(),
            leave_after: input.leave_after,
            note: input.note.trim().to_owned(),
            by: old.as_ref().map_or_else(|| by.clone(), |old| old.by.clone()),
            since: old.as_ref().map_or(now, |old| old.since),
            good: 0,
            counted_at: None,
            silent_since: None,
            due_at: Some(now),
        };
        repo::watch::put(tx, &mut watched).await?;
        let event = if old.is_none() { "watch.added" } else { "watch.changed" };
        tx.journal(entry(event, &watched, &known.name, ""));
        Ok::<_, Error>(old.is_none())
    };
    engine.store.write(scope.organization(), scope.actor().clone(), unit).await
}

/// Takes a device off the list.
///
/// # Errors
/// [`Error::Denied`], [`Error::NotFound`].
pub async fn remove(engine: &Engine, scope: &Scope, device: DeviceId) -> Result<()> {
    super::may_see(scope)?;
    scope.require(Permission::ComplianceEdit)?;
    let org = engine.directory.organization(scope.organization()).ok_or(Error::NotFound("organization"))?;
    let name = org.read().devices.get(device).map(|device| device.name.clone()).unwrap_or_default();
    let unit = async move |tx: &mut Tx| {
        let known = repo::watch::get(tx, device).await?;
        let known = known.ok_or(Error::NotFound("device on the connectivity watch list"))?;
        repo::watch::remove(tx, device).await?;
        tx.journal(entry("watch.removed", &known, &name, "by hand"));
        Ok::<_, Error>(())
    };
    engine.store.write(scope.organization(), scope.actor().clone(), unit).await
}
