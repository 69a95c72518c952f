//! Device connection schedules.

use super::{
    constraint,
    entity::{self, Statements, entity},
    text,
};
use crate::{Result, Tx};
use domain::{
    Change,
    model::{Schedule, ScheduleId},
};
use std::sync::Arc;

entity!(Schedule, constraint::SCHEDULE_CHANGED);

const STATEMENTS: Statements = Statements {
    insert: "INSERT INTO connection_schedule (organization_id, rev, doc, id, name_lower) \
             VALUES ($1, $2, $3, $4, $5)",
    update: "UPDATE connection_schedule SET rev = $2, doc = $3, name_lower = $5 \
             WHERE organization_id = $1 AND id = $4 AND rev + 1 = $2",
};

/// The schedule, if there is one of this id in the organization.
pub async fn get(tx: &mut Tx, id: ScheduleId) -> Result<Option<Schedule>> {
    let sql = "SELECT doc FROM connection_schedule WHERE organization_id = $1 AND id = $2";
    entity::one(tx.fetch_optional(sql, &[tx.organization().into(), id.into()]).await?)
}

/// Inserts or updates. Conflicts: [`constraint::SCHEDULE_NAME`] (compared in lower case),
/// [`constraint::SCHEDULE_CHANGED`].
pub async fn put(tx: &mut Tx, schedule: &mut Schedule) -> Result<()> {
    let rest = [schedule.id.into(), text::lower(&schedule.name)];
    entity::put(tx, schedule, &STATEMENTS, &rest).await?;
    tx.changed(Change::Schedule(Arc::new(schedule.clone())));
    Ok(())
}

/// Removes the schedule; false if there was none. Who has it is the caller's to look after.
pub async fn remove(tx: &mut Tx, id: ScheduleId) -> Result<bool> {
    let sql = "DELETE FROM connection_schedule WHERE organization_id = $1 AND id = $2";
    let removed = tx.execute(sql, &[tx.organization().into(), id.into()]).await? > 0;
    if removed {
        tx.changed(Change::ScheduleRemoved(id));
    }
    Ok(removed)
}
