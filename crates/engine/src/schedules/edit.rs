//! Listing and editing schedules.

use std::sync::Arc;

use catalog::{Liability, Permission};
use domain::model::{JournalEntry, RoamingMode, Schedule, ScheduleHalf, ScheduleId, ScheduleZone};
use domain::schedule::{Interval, PeakRange, Week};
use serde_json::json;
use store::repo;

use crate::approvals::{self, Edit, Pass};
use crate::issues::{Issues, unchanged};
use crate::{Engine, Error, Result, Scope};

/// Nothing is pushed below this at the most, percent.
const MOST_BATTERY: i64 = 90;

/// What a schedule is made of.
#[derive(Debug, Clone, PartialEq, Eq, serde::Deserialize, serde::Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct ScheduleInput {
    /// Name, unique in the organization.
    pub name: String,
    /// What it is for.
    pub description: String,
    /// `organization`, `device`, or the IANA name of a time zone.
    pub zone: String,
    /// For corporate devices.
    pub corporate: HalfInput,
    /// For individual devices.
    pub individual: HalfInput,
}

/// What a half is made of; see [`ScheduleHalf`].
#[derive(Debug, Clone, PartialEq, Eq, serde::Deserialize, serde::Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct HalfInput {
    /// Ranges of peak time; one that does not end after it begins ends on the day after.
    pub peak: Vec<PeakRange>,
    /// `5m`, `10m`, `15m`, `30m`, `1h`, `2h`, `4h`, `8h`, `12h`, `24h` or `manual`.
    pub peak_interval: Interval,
    /// The same outside of peak times.
    pub off_peak_interval: Interval,
    /// What waits is pushed at once in peak times.
    pub push_peak: bool,
    /// The same outside of them.
    pub push_off_peak: bool,
    /// `as_normal`, `off_peak` or `manual`.
    pub roaming: RoamingMode,
    /// Nothing is pushed below so many percent of battery; 0 is never.
    pub low_battery: i64,
}

impl Default for ScheduleInput {
    fn default() -> Self {
        Self {
            name: String::new(),
            description: String::new(),
            zone: String::from(ScheduleZone::default()),
            corporate: HalfInput::default(),
            individual: HalfInput::default(),
        }
    }
}

impl Default for HalfInput {
    fn default() -> Self {
        Self::from(&ScheduleHalf::default())
    }
}

impl From<&ScheduleHalf> for HalfInput {
    fn from(half: &ScheduleHalf) -> Self {
        Self {
            peak: half.peak.ranges().to_vec(),
            peak_interval: half.peak_interval,
            off_peak_interval: half.off_peak_interval,
            push_peak: half.push_peak,
            push_off_peak: half.push_off_peak,
            roaming: half.roaming,
            low_battery: i64::from(half.low_battery),
        }
    }
}

impl From<&Schedule> for ScheduleInput {
    fn from(schedule: &Schedule) -> Self {
        Self {
            name: schedule.name.clone(),
            description: schedule.description.clone(),
            zone: String::from(schedule.zone.clone()),
            corporate: HalfInput::from(&schedule.corporate),
            individual: HalfInput::from(&schedule.individual),
        }
    }
}

/// How many devices and users have a schedule, by where it comes from.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize)]
pub struct Use {
    /// Devices with a schedule of their own.
    pub by_device: usize,
    /// Users with a schedule of their own.
    pub by_user: usize,
    /// Groups that give it to their members.
    pub by_group: usize,
    /// It is the organization's default.
    pub is_default: bool,
    /// Corporate devices that go by it in the end.
    pub corporate: usize,
    /// Individual devices that go by it in the end.
    pub individual: usize,
}

impl Use {
    /// Devices that go by it in the end.
    pub fn devices(&self) -> usize {
        self.corporate + self.individual
    }
    /// Whether anybody has it.
    pub fn is_used(&self) -> bool {
        self.is_default || self.by_device + self.by_user + self.by_group > 0
    }
}

/// All schedules with their use, by name.
///
/// # Errors
/// [`Error::Denied`].
pub fn list(engine: &Engine, scope: &Scope) -> Result<Vec<(Arc<Schedule>, Use)>> {
    scope.require(Permission::SchedulesView)?;
    in_use(engine, scope)
}

/// The same for pages of other features.
pub(crate) fn in_use(engine: &Engine, scope: &Scope) -> Result<Vec<(Arc<Schedule>, Use)>> {
    let org = engine.directory.organization(scope.organization()).ok_or(Error::NotFound("organization"))?;
    let org = org.read();
    let default = org.organization.settings.default_schedule;
    let of = |schedule: Arc<Schedule>| {
        let id = Some(schedule.id);
        let mut used = Use { is_default: default == id, ..Use::default() };
        used.by_user = org.tally().users_scheduled(schedule.id);
        used.by_group = org.groups().iter().filter(|group| group.settings.schedule == id).count();
        for (group, count, _) in org.tally().policies() {
            used.by_device += if group.device_schedule == id { count } else { 0 };
            if group.schedule(&org) == id {
                match group.liability(&org) {
                    Liability::Corporate => used.corporate += count,
                    Liability::Individual => used.individual += count,
                }
            }
        }
        (schedule, used)
    };
    Ok(org.schedules().into_iter().map(of).collect())
}

/// One schedule.
///
/// # Errors
/// [`Error::NotFound`] also for another organization's.
pub fn get(engine: &Engine, scope: &Scope, id: ScheduleId) -> Result<Arc<Schedule>> {
    scope.require(Permission::SchedulesView)?;
    let org = engine.directory.organization(scope.organization()).ok_or(Error::NotFound("organization"))?;
    let schedule = org.read().schedule(id).cloned();
    schedule.ok_or(Error::NotFound("connection schedule"))
}

/// Makes a schedule. Nobody goes by it before it is assigned.
///
/// # Errors
/// [`Error::Invalid`] by field (`corporate.low_battery`, `individual.peak.monday`), [`Error::Conflict`] for a taken name.
pub async fn create(engine: &Engine, scope: &Scope, input: ScheduleInput) -> Result<ScheduleId> {
    scope.require(Permission::SchedulesEdit)?;
    let now = engine.now();
    let empty = super::standard(engine, scope.organization(), now);
    let schedule = filled(empty, &input)?;
    let id = schedule.id;
    put(engine, scope, schedule, "schedule.created", serde_json::Value::Null, Pass::PART).await?;
    Ok(id)
}

/// Copies a schedule under another name.
///
/// # Errors
/// As [`create`].
pub async fn copy(engine: &Engine, scope: &Scope, id: ScheduleId, name: &str) -> Result<ScheduleId> {
    let from = get(engine, scope, id)?;
    let input = ScheduleInput { name: name.to_owned(), ..ScheduleInput::from(&*from) };
    create(engine, scope, input).await
}

/// Replaces what a schedule says; devices go by it at once.
///
/// # Errors
/// As [`create`].
pub async fn edit(engine: &Engine, scope: &Scope, id: ScheduleId, input: ScheduleInput) -> Result<()> {
    edit_seen(engine, scope, id, None, input).await
}

/// The same, only if the schedule is still at the `rev` that the author of the edit saw.
///
/// # Errors
/// As [`edit`]; [`Error::Conflict`] for another `rev`.
pub async fn edit_seen(
    engine: &Engine,
    scope: &Scope,
    id: ScheduleId,
    seen: Option<i64>,
    input: ScheduleInput,
) -> Result<()> {
    scope.require(Permission::SchedulesEdit)?;
    let old = get(engine, scope, id)?;
    unchanged(seen, old.rev)?;
    filled(Schedule::clone(&old), &input)?;
    let edit = Edit::Schedule { schedule: id, input: Box::new(input.clone()) };
    let pass = approvals::ask(engine, scope, edit).await?;
    carry_out(engine, scope, id, &input, pass).await
}

/// Stores what a schedule says.
pub(crate) async fn carry_out(
    engine: &Engine,
    scope: &Scope,
    id: ScheduleId,
    input: &ScheduleInput,
    pass: Pass,
) -> Result<()> {
    let org = engine.directory.organization(scope.organization()).ok_or(Error::NotFound("organization"))?;
    let old = org.read().schedule(id).cloned().ok_or(Error::NotFound("connection schedule"))?;
    let new = filled(Schedule::clone(&old), input)?;
    put(engine, scope, new, "schedule.updated", json!(ScheduleInput::from(&*old)), pass).await?;
    crate::compliance::catch_up(engine, scope.organization()).await
}

async fn put(
    engine: &Engine,
    scope: &Scope,
    schedule: Schedule,
    event: &'static str,
    before: serde_json::Value,
    pass: Pass,
) -> Result<()> {
    engine
        .store
        .write(scope.organization(), scope.actor().clone(), async move |tx| {
            pass.take(tx).await?;
            let mut schedule = schedule.clone();
            repo::schedules::put(tx, &mut schedule).await?;
            tx.journal(JournalEntry {
                event,
                subject: schedule.id.to_string(),
                body: json!({
                    "name": schedule.name, "before": before, "after": ScheduleInput::from(&schedule),
                }),
            });
            Ok::<_, Error>(())
        })
        .await
}

/// The schedule with what was entered, if all of it is good.
pub(crate) fn filled(schedule: Schedule, input: &ScheduleInput) -> Result<Schedule> {
    let mut issues = Issues::default();
    let name = input.name.trim();
    issues.check((1..=100).contains(&name.chars().count()), "name", || {
        "Enter a name of 1 to 100 characters.".into()
    });
    issues.check(input.description.chars().count() <= 500, "description", || {
        "Use at most 500 characters.".into()
    });
    let zone = ScheduleZone::from(input.zone.trim().to_owned());
    if let ScheduleZone::Named(name) = &zone {
        issues.check(super::zone(name).is_some(), "zone", || {
            format!("\"{name}\" is not a time zone. Use a name such as Europe/Berlin.")
        });
    }
    let corporate = half(&input.corporate, Liability::Corporate, &mut issues);
    let individual = half(&input.individual, Liability::Individual, &mut issues);
    issues.done()?;
    Ok(Schedule {
        name: name.to_owned(),
        description: input.description.clone(),
        zone,
        corporate,
        individual,
        ..schedule
    })
}

fn half(input: &HalfInput, column: Liability, issues: &mut Issues) -> ScheduleHalf {
    let column = column.key();
    issues.check((0..=MOST_BATTERY).contains(&input.low_battery), &format!("{column}.low_battery"), || {
        format!("Enter 0 to {MOST_BATTERY} percent.")
    });
    let peak = Week::new(&input.peak).unwrap_or_else(|why| {
        issues.add(format!("{column}.peak.{}", why.day.key()), why.message);
        Week::default()
    });
    ScheduleHalf {
        peak,
        peak_interval: input.peak_interval,
        off_peak_interval: input.off_peak_interval,
        push_peak: input.push_peak,
        push_off_peak: input.push_off_peak,
        roaming: input.roaming,
        low_battery: u8::try_from(input.low_battery).unwrap_or_default(),
    }
}
