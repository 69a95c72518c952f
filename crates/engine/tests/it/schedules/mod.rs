//! Device connection schedules: against an oracle, in use, and the scheduler.

mod oracle;
mod queue;
mod uses;

use domain::model::{Schedule, ScheduleId};
use engine::schedules::{self, ScheduleInput};

use crate::house::{House, Tenant};

pub fn default_of(house: &House, tenant: &Tenant) -> ScheduleId {
    engine::organizations::current(house, &tenant.all).unwrap().settings.default_schedule.unwrap()
}

pub fn interval(key: &str) -> domain::schedule::Interval {
    domain::schedule::Interval::from_key(key).unwrap()
}

/// Changes what the default schedule says for both liabilities.
pub async fn change_default(
    house: &House,
    tenant: &Tenant,
    change: impl Fn(&mut schedules::HalfInput),
) -> ScheduleId {
    let id = default_of(house, tenant);
    let old: std::sync::Arc<Schedule> = schedules::get(house, &tenant.all, id).unwrap();
    let mut input = ScheduleInput::from(&*old);
    change(&mut input.corporate);
    change(&mut input.individual);
    schedules::edit(house, &tenant.all, id, input).await.unwrap();
    id
}
