//! Former verdicts: why a device was shut out at a moment, and what changed when.

use catalog::Permission;
use domain::Millis;
use domain::model::{DeviceId, VerdictRecord};
use store::repo;

use crate::{Engine, Result, Scope, devices};

/// A verdict with the time until which it held.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Past {
    /// The verdict; it held from its `at`.
    pub record: VerdictRecord,
    /// When the next one began; `None` while it holds.
    pub until: Option<Millis>,
}

/// The verdict that held at a moment; `None` when the device was not known then, or it is not kept any more.
///
/// # Errors
/// [`Error::Denied`](crate::Error::Denied), [`Error::NotFound`](crate::Error::NotFound).
pub async fn verdict_at(
    engine: &Engine,
    scope: &Scope,
    device: DeviceId,
    moment: Millis,
) -> Result<Option<Past>> {
    scope.require(Permission::DevicesView)?;
    devices::find(engine, scope, device)?;
    engine
        .store
        .read(scope.organization(), async move |tx| {
            let Some(record) = repo::verdicts::at(tx, device, moment).await? else { return Ok(None) };
            let until = repo::verdicts::next_after(tx, device, record.at).await?;
            Ok(Some(Past { record, until }))
        })
        .await
}

/// The verdicts of a device that began before a moment (`None`: all), the newest first, at most `limit`.
///
/// # Errors
/// As [`verdict_at`].
pub async fn verdicts(
    engine: &Engine,
    scope: &Scope,
    device: DeviceId,
    before: Option<Millis>,
    limit: u32,
) -> Result<Vec<VerdictRecord>> {
    scope.require(Permission::DevicesView)?;
    devices::find(engine, scope, device)?;
    let before = before.unwrap_or(Millis::MAX);
    engine
        .store
        .read(scope.organization(), async move |tx| {
            Ok(repo::verdicts::before(tx, device, before, limit).await?)
        })
        .await
}
