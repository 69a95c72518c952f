//! What time alone does: the end of quiet hours, gathered mail, escalation.

use std::collections::BTreeMap;

use catalog::Severity;
use domain::Millis;
use domain::mail::MailAddress;
use domain::model::{Actor, Alert, AlertState, Organization, OrganizationId, QuietHours};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use store::{Tx, repo};

use super::{entry, raise};
use crate::{Engine, Error, Result};

const MINUTE: Millis = 60_000;
/// Alerts of an organization handled in one unit.
const AT_ONCE: u32 = 200;

/// When mail about an alert that is raised now goes out: at once, with the next gathered mail, or after quiet hours.
pub(super) fn mail_at(
    engine: &Engine,
    organization: OrganizationId,
    severity: Severity,
    now: Millis,
) -> Millis {
    let Some(messaging) = engine.directory.messaging(organization) else { return now };
    if severity == Severity::Critical {
        return now;
    }
    let every = i64::from(messaging.alerts.digest_minutes) * MINUTE;
    // All of an organization's gathered mail goes at the same moments.
    let gathered = if every > 0 { (now / every + 1) * every } else { now };
    match messaging.alerts.quiet {
        Some(quiet) => after_quiet(quiet, &zone(engine, organization), gathered),
        None => gathered,
    }
}

fn zone(engine: &Engine, organization: OrganizationId) -> TimeZone {
    let org = engine.directory.organization(organization);
    let name = org.map(|org| org.read().organization.settings.time_zone.clone());
    name.and_then(|name| TimeZone::get(&name).ok()).unwrap_or(TimeZone::UTC)
}

/// The moment itself, or the end of the quiet hours in which it lies.
fn after_quiet(quiet: QuietHours, zone: &TimeZone, at: Millis) -> Millis {
    let Ok(stamp) = Timestamp::from_millisecond(at) else { return at };
    let local = stamp.to_zoned(zone.clone());
    let minute = u16::from(local.hour().unsigned_abs()) * 60 + u16::from(local.minute().unsigned_abs());
    if !quiet.has(minute) {
        return at;
    }
    let (hour, left) = (quiet.until / 60, quiet.until % 60);
    let (Ok(hour), Ok(left)) = (i8::try_from(hour), i8::try_from(left)) else { return at };
    let mut day = local.date();
    if minute >= quiet.until {
        day = day.tomorrow().unwrap_or(day);
    }
    // Where the clock skips that moment, the zone says which one comes instead.
    day.at(hour, left, 0, 0).to_zoned(zone.clone()).map_or(at, |end| end.timestamp().as_millisecond().max(at))
}

/// Sends gathered mail and escalates, in every organization where something is due. Safe to run twice and on several
/// nodes: whoever is second finds the alerts changed.
///
/// # Errors
/// Storage errors; what was not done is done the next time.
pub async fn tick(engine: &Engine) -> Result<()> {
    let read = async |tx: &mut Tx| repo::installation::entities::with_due_alerts(tx).await;
    let due = engine.store.read(Organization::SYSTEM, read).await.map_err(Error::from)?;
    for organization in due {
        let escalate_to = engine
            .directory
            .messaging(organization)
            .map(|m| m.alerts.escalate_to.clone())
            .unwrap_or_default();
        let unit = async move |tx: &mut Tx| {
            let due = repo::alerts::due(tx, AT_ONCE).await?;
            gathered(tx, &due).await?;
            for mut alert in due {
                let now = tx.now();
                let escalated = alert.escalate_at.is_some_and(|at| at <= now);
                if escalated && alert.state == AlertState::New {
                    escalate(tx, &alert, &escalate_to).await?;
                }
                alert.escalate_at = alert.escalate_at.filter(|at| *at > now);
                alert.mail_due_at = alert.mail_due_at.filter(|at| *at > now);
                repo::alerts::put(tx, &mut alert).await?;
            }
            Ok::<_, Error>(())
        };
        match engine.store.write(organization, Actor::System, unit).await {
            Ok(()) => crate::mail::wake(engine),
            // Another node, or somebody who acknowledged one at this very moment.
            Err(Error::Conflict(_)) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// One mail to each recipient about everything that was gathered.
async fn gathered(tx: &mut Tx, due: &[Alert]) -> Result<()> {
    let now = tx.now();
    let mut by_recipient = BTreeMap::<&MailAddress, Vec<Alert>>::new();
    for alert in due.iter().filter(|alert| alert.mail_due_at.is_some_and(|at| at <= now)) {
        for recipient in &alert.recipients {
            by_recipient.entry(recipient).or_default().push(alert.clone());
        }
    }
    for (recipient, alerts) in by_recipient {
        let subject = match alerts.as_slice() {
            [one] => raise::subject(one),
            several => format!("{} alerts", several.len()),
        };
        raise::tell(tx, std::slice::from_ref(recipient), &subject, &raise::body(&alerts)).await?;
    }
    Ok(())
}

async fn escalate(tx: &mut Tx, alert: &Alert, to: &[MailAddress]) -> Result<()> {
    let mut recipients = alert.recipients.clone();
    recipients.extend(to.iter().filter(|address| !alert.recipients.contains(address)).cloned());
    let subject = format!("Nobody has acknowledged: {}", alert.text);
    raise::tell(tx, &recipients, &subject, &raise::body(std::slice::from_ref(alert))).await?;
    tx.journal(entry("alert.escalated", alert, &alert.webhooks));
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(zone: &TimeZone, text: &str) -> Millis {
        let local: jiff::civil::DateTime = text.parse().expect("a moment");
        local.to_zoned(zone.clone()).expect("a moment there").timestamp().as_millisecond()
    }

    #[test]
    fn quiet_hours_end_in_the_organizations_zone_also_when_the_clocks_change() {
        let berlin = TimeZone::get("Europe/Berlin").expect("a zone");
        let night = QuietHours { from: 22 * 60, until: 6 * 60 };
        let moved = |text: &str| after_quiet(night, &berlin, at(&berlin, text));
        assert_eq!(moved("2026-11-22T12:00"), at(&berlin, "2026-11-22T12:00"));
        assert_eq!(moved("2026-11-22T23:30"), at(&berlin, "2026-11-23T06:00"));
        assert_eq!(moved("2026-11-23T00:30"), at(&berlin, "2026-11-23T06:00"));
        // The night of 2026-03-29 is an hour shorter, that of 2026-10-25 an hour longer.
        assert_eq!(moved("2026-03-28T23:00") - at(&berlin, "2026-03-28T23:00"), 6 * 60 * MINUTE);
        assert_eq!(moved("2026-10-24T23:00") - at(&berlin, "2026-10-24T23:00"), 8 * 60 * MINUTE);
        // An end that the clock skips.
        let short = QuietHours { from: 60, until: 150 };
        let end = after_quiet(short, &berlin, at(&berlin, "2026-03-29T01:30"));
        assert!(end > at(&berlin, "2026-03-29T01:30") && end <= at(&berlin, "2026-03-29T04:00"));
    }
}
