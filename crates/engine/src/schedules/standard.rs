//! The schedule that every organization begins with.

use domain::Millis;
use domain::model::{
    Actor, JournalEntry, Organization, OrganizationId, Schedule, ScheduleHalf, ScheduleZone,
};
use serde_json::json;
use store::repo;

use crate::{Engine, Error, Result};

/// Working hours by the hour, else every four hours, everything pushed at once: nothing waits that did not wait before.
pub(crate) fn standard(engine: &Engine, organization: OrganizationId, now: Millis) -> Schedule {
    Schedule {
        organization,
        id: engine.entropy.id(now),
        rev: 0,
        name: "Default".into(),
        description: "Given to everybody who has no other schedule.".into(),
        zone: ScheduleZone::Organization,
        corporate: ScheduleHalf::default(),
        individual: ScheduleHalf::default(),
        created_at: now,
    }
}

/// Gives a default schedule to organizations that were made before there were schedules.
///
/// # Errors
/// Storage errors.
pub(crate) async fn complete(engine: &Engine) -> Result<()> {
    let wanting = |o: &Organization| o.settings.default_schedule.is_none();
    for organization in engine.directory.organizations().into_iter().filter(|o| wanting(o)) {
        let id = organization.id;
        let known = engine.directory.organization(id);
        if known.is_some_and(|org| !org.read().schedules().is_empty()) {
            continue;
        }
        let schedule = standard(engine, id, engine.now());
        engine
            .store
            .write(id, Actor::System, async move |tx| {
                // Another node may have been faster.
                let mut organization = match repo::organizations::get(tx, id).await? {
                    Some(organization) if wanting(&organization) => organization,
                    _ => return Ok(()),
                };
                let mut schedule = schedule.clone();
                repo::schedules::put(tx, &mut schedule).await?;
                organization.settings.default_schedule = Some(schedule.id);
                repo::organizations::put(tx, &mut organization).await?;
                tx.journal(JournalEntry {
                    event: "schedule.created",
                    subject: schedule.id.to_string(),
                    body: json!({ "name": schedule.name }),
                });
                Ok::<_, Error>(())
            })
            .await?;
    }
    Ok(())
}
