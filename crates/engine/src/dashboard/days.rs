//! Compliance over time: a count is kept for every day.

use catalog::Permission;
use domain::Millis;
use domain::model::{Actor, ComplianceDay, OrganizationId};
use store::repo;

use super::{Dashboard, sums};
use crate::devices::Posture;
use crate::{Engine, Error, Result, Scope, schedules};

/// Counts are kept for so many days.
pub const KEPT_DAYS: i64 = 800;

const DAY: Millis = 86_400_000;

/// The day that it is in an organization.
fn today(engine: &Engine, organization: OrganizationId) -> Result<i64> {
    let org = engine.directory.organization(organization).ok_or(Error::NotFound("organization"))?;
    let zone = schedules::zone(&org.read().organization.settings.time_zone).unwrap_or_default();
    Ok(zone.local(engine.now()).div_euclid(DAY))
}

fn count(day: i64, sums: &Dashboard) -> ComplianceDay {
    let gone = [Posture::Wiped, Posture::Retired];
    let postures = sums.by_posture.iter().filter(|(posture, n)| *n > 0 && !gone.contains(posture));
    ComplianceDay {
        day,
        by_posture: postures.map(|(posture, n)| (posture.key().to_owned(), *n as u64)).collect(),
        by_rule: sums.by_rule.iter().map(|(rule, n)| (rule.key().to_owned(), *n as u64)).collect(),
        mail_stopped: sums.mail_stopped as u64,
        network_stopped: sums.network_stopped as u64,
    }
}

/// Keeps how an organization stands as the count of its day; the last one of a day stays.
///
/// # Errors
/// Storage errors; the next count of the day takes its place.
pub async fn keep_today(engine: &Engine, organization: OrganizationId) -> Result<()> {
    let day = today(engine, organization)?;
    let count = count(day, &sums(engine, organization)?);
    engine
        .store
        .write(organization, Actor::System, async move |tx| {
            if repo::compliance_days::between(tx, day, day).await?.first() != Some(&count) {
                repo::compliance_days::put(tx, &count).await?;
            }
            repo::compliance_days::purge(tx, day - KEPT_DAYS).await?;
            Ok::<_, Error>(())
        })
        .await
}

/// The counts of the last days, at most [`KEPT_DAYS`], oldest first; the last one is today's, as it is `now`. A day
/// on which the server did not run has none.
///
/// # Errors
/// [`Error::Denied`], [`Error::Invalid`] for another number of days; storage errors.
pub async fn course(
    engine: &Engine,
    scope: &Scope,
    days: i64,
    now: &Dashboard,
) -> Result<Vec<ComplianceDay>> {
    scope.require(Permission::DevicesView)?;
    if !(1..=KEPT_DAYS).contains(&days) {
        return Err(Error::invalid("days", format!("Ask for 1 to {KEPT_DAYS} days.")));
    }
    let last = today(engine, scope.organization())?;
    let now = count(last, now);
    let mut kept = engine
        .store
        .read(scope.organization(), async move |tx| {
            Ok::<_, Error>(repo::compliance_days::between(tx, last - days + 1, last - 1).await?)
        })
        .await?;
    kept.push(now);
    Ok(kept)
}
