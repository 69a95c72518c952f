//! Device connection schedules: when and how often devices check in, and who goes by which.

use axum::Json;
use catalog::{Liability, Permission};
use domain::model::{RoamingMode, Schedule, ScheduleHalf};
use domain::schedule::{Day, Interval, PeakRange, TimeOfDay};
use door::{Access, Path};
use engine::schedules::{self, HalfInput, Outlook, Use};
use http::Method;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::answer::{Created, Done, Page, Versioned};
use super::endpoint::{Family, endpoint};
use super::input::{Body, Call, Params, Seen};
use super::problem::Problem;
use super::words::{Ref, Word};

pub(super) fn family() -> Family {
    let view = Access::Needs(Permission::SchedulesView);
    let change = Access::Needs(Permission::SchedulesEdit);
    let (all, one) = ("/api/v1/connection-schedules", "/api/v1/connection-schedules/{schedule}");
    Family {
        name: "Device connection schedules",
        about: "When and how often devices are expected to check in, and when things are pushed to them.",
        endpoints: vec![
            endpoint(Method::GET, all, view, list, "List connection schedules")
                .gives::<Page<ScheduleWithUse>>(),
            endpoint(Method::POST, all, change, create, "Make a connection schedule")
                .says("What is left out is as in the default schedule.")
                .body::<ScheduleInput>()
                .creates::<ScheduleInfo>(),
            endpoint(Method::GET, one, view, show, "Show a connection schedule")
                .gives::<ScheduleInfo>()
                .versioned(),
            endpoint(Method::PUT, one, change, replace, "Replace a connection schedule")
                .says("Devices go by it at once.")
                .body::<ScheduleInput>()
                .gives::<ScheduleInfo>()
                .versioned(),
            endpoint(Method::DELETE, one, change, remove, "Delete a connection schedule")
                .says("Whoever has it gets the replacement, which must be named when there is somebody.")
                .query::<Removal>(),
            endpoint(
                Method::POST,
                "/api/v1/connection-schedules/{schedule}/copy",
                change,
                copy,
                "Copy a connection schedule",
            )
            .body::<Copy>()
            .creates::<ScheduleInfo>(),
            endpoint(
                Method::POST,
                "/api/v1/connection-schedules/{schedule}/make-default",
                change,
                make_default,
                "Make a schedule the organization's default",
            ),
            endpoint(
                Method::GET,
                "/api/v1/connection-schedules/{schedule}/outlook",
                view,
                outlook,
                "What a schedule means in the next hours",
            )
            .says("For a device that is heard of now and then not any more.")
            .query::<Ahead>()
            .gives::<Page<OutlookInfo>>(),
        ],
    }
}

/// A range of peak time that begins on a day. Where it does not end after it begins it ends on the day after.
#[derive(Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "PeakRange")]
struct Range {
    /// The day it begins on.
    day: Word<Day>,
    /// From this time on, `00:00` to `23:59`.
    from: String,
    /// Up to this time, `00:00` to `24:00`.
    until: String,
}

/// What a schedule says for devices of one liability.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(rename = "ConnectionScheduleHalf")]
struct Half {
    /// Peak times; what overlaps is refused.
    peak: Vec<Range>,
    /// Time between two check-ins in peak times.
    peak_interval: Word<Interval>,
    /// Time between two check-ins outside of them.
    off_peak_interval: Word<Interval>,
    /// In peak times what waits for a device is pushed at once; else it waits for the next check-in.
    push_peak: bool,
    /// The same outside of peak times.
    push_off_peak: bool,
    /// What a device does in a foreign network.
    roaming: Word<RoamingMode>,
    /// Below so many percent of battery nothing is pushed: 0 to 90; 0 is never.
    low_battery: i64,
}

impl Default for Half {
    fn default() -> Self {
        (&ScheduleHalf::default()).into()
    }
}

impl From<&ScheduleHalf> for Half {
    fn from(half: &ScheduleHalf) -> Self {
        let range = |range: &PeakRange| Range {
            day: Word(range.day),
            from: range.from.to_string(),
            until: range.until.to_string(),
        };
        Self {
            peak: half.peak.ranges().iter().map(range).collect(),
            peak_interval: Word(half.peak_interval),
            off_peak_interval: Word(half.off_peak_interval),
            push_peak: half.push_peak,
            push_off_peak: half.push_off_peak,
            roaming: Word(half.roaming),
            low_battery: i64::from(half.low_battery),
        }
    }
}

impl Half {
    fn into_input(self, column: Liability) -> Result<HalfInput, Problem> {
        let column = column.key();
        let time = |number: usize, end: &str, text: &str| {
            text.parse::<TimeOfDay>()
                .map_err(|why| Problem::invalid(format!("{column}.peak[{number}].{end}"), why))
        };
        let range = |(number, range): (usize, &Range)| {
            Ok(PeakRange {
                day: range.day.0,
                from: time(number, "from", &range.from)?,
                until: time(number, "until", &range.until)?,
            })
        };
        Ok(HalfInput {
            peak: self.peak.iter().enumerate().map(range).collect::<Result<_, Problem>>()?,
            peak_interval: self.peak_interval.0,
            off_peak_interval: self.off_peak_interval.0,
            push_peak: self.push_peak,
            push_off_peak: self.push_off_peak,
            roaming: self.roaming.0,
            low_battery: self.low_battery,
        })
    }
}

/// A device connection schedule.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "ConnectionSchedule")]
struct ScheduleInfo {
    /// Its id.
    id: Ref<Schedule>,
    /// Name, unique in the organization.
    name: String,
    /// What it is for.
    description: String,
    /// The clock that its week is read by: `organization`, `device`, or the IANA name of a zone.
    zone: String,
    /// For corporate devices.
    corporate: Half,
    /// For individual devices.
    individual: Half,
    /// When it was made.
    created_at: i64,
    /// Grows with every change; the ETag.
    rev: i64,
}

impl From<&Schedule> for ScheduleInfo {
    fn from(s: &Schedule) -> Self {
        Self {
            id: s.id.into(),
            name: s.name.clone(),
            description: s.description.clone(),
            zone: String::from(s.zone.clone()),
            corporate: (&s.corporate).into(),
            individual: (&s.individual).into(),
            created_at: s.created_at,
            rev: s.rev,
        }
    }
}

/// A schedule as listed, with who has it.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "ConnectionScheduleSummary")]
struct ScheduleWithUse {
    /// Its id.
    id: Ref<Schedule>,
    /// Name.
    name: String,
    /// What it is for.
    description: String,
    /// It is the organization's default.
    is_default: bool,
    /// Users with it as their own.
    users: usize,
    /// Groups that give it to their members.
    groups: usize,
    /// Devices with it as their own.
    own_devices: usize,
    /// Corporate devices that go by it in the end.
    corporate_devices: usize,
    /// Individual devices that go by it in the end.
    individual_devices: usize,
}

impl ScheduleWithUse {
    fn new(schedule: &Schedule, used: &Use) -> Self {
        Self {
            id: schedule.id.into(),
            name: schedule.name.clone(),
            description: schedule.description.clone(),
            is_default: used.is_default,
            users: used.by_user,
            groups: used.by_group,
            own_devices: used.by_device,
            corporate_devices: used.corporate,
            individual_devices: used.individual,
        }
    }
}

/// What a schedule is made of.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "ConnectionScheduleInput")]
pub(super) struct ScheduleInput {
    /// Name, unique in the organization, 1 to 100 characters.
    name: String,
    /// What it is for, at most 500 characters.
    #[serde(default)]
    description: String,
    /// `organization`, `device` (where its zone is known), or the IANA name of a time zone.
    #[serde(default = "organization_zone")]
    zone: String,
    /// For corporate devices.
    #[serde(default)]
    corporate: Half,
    /// For individual devices.
    #[serde(default)]
    individual: Half,
}

fn organization_zone() -> String {
    schedules::ScheduleInput::default().zone
}

impl ScheduleInput {
    pub(super) fn into_engine(self) -> Result<schedules::ScheduleInput, Problem> {
        Ok(schedules::ScheduleInput {
            name: self.name,
            description: self.description,
            zone: self.zone,
            corporate: self.corporate.into_input(Liability::Corporate)?,
            individual: self.individual.into_input(Liability::Individual)?,
        })
    }
}

/// Who takes over.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "ConnectionScheduleRemoval")]
struct Removal {
    /// The schedule for whoever has the deleted one.
    replacement: Option<Ref<Schedule>>,
}

/// A copy.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "ConnectionScheduleCopy")]
struct Copy {
    /// Name of the copy.
    name: String,
}

/// How far ahead.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Ahead {
    /// Hours, 1 to 336; 48 unless told.
    hours: Option<u16>,
}

/// What a half means in the next hours.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "ConnectionScheduleOutlook")]
struct OutlookInfo {
    /// For devices of this liability.
    liability: Word<Liability>,
    /// Peak and off-peak, in order and without gaps.
    stretches: Vec<StretchInfo>,
    /// When check-ins are due.
    due: Vec<i64>,
    /// Check-ins a day, on the average of a week.
    per_day: u32,
}

/// A stretch of time in which nothing changes.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "ConnectionScheduleStretch")]
struct StretchInfo {
    /// From.
    from: i64,
    /// Until, not included.
    until: i64,
    /// It is peak time.
    peak: bool,
    /// What waits is pushed at once.
    pushed: bool,
}

impl From<Outlook> for OutlookInfo {
    fn from(outlook: Outlook) -> Self {
        let stretch = |s: &schedules::Stretch| StretchInfo {
            from: s.from,
            until: s.until,
            peak: s.peak,
            pushed: s.pushed,
        };
        Self {
            liability: Word(outlook.liability),
            stretches: outlook.stretches.iter().map(stretch).collect(),
            due: outlook.due,
            per_day: outlook.per_day,
        }
    }
}

fn read(call: &Call, id: Ref<Schedule>) -> Result<ScheduleInfo, Problem> {
    Ok(schedules::get(&call.engine, &call.scope, id.0)?.as_ref().into())
}

async fn list(call: Call) -> Result<Json<Page<ScheduleWithUse>>, Problem> {
    let all = schedules::list(&call.engine, &call.scope)?;
    Ok(Page::whole(all.iter().map(|(schedule, used)| ScheduleWithUse::new(schedule, used)).collect()))
}

async fn create(call: Call, Body(input): Body<ScheduleInput>) -> Result<Created<ScheduleInfo>, Problem> {
    let id = schedules::create(&call.engine, &call.scope, input.into_engine()?).await?;
    Ok(Created(format!("/api/v1/connection-schedules/{id}"), read(&call, id.into())?))
}

async fn show(call: Call, Path(id): Path<Ref<Schedule>>) -> Result<Versioned<ScheduleInfo>, Problem> {
    let info = read(&call, id)?;
    Ok(Versioned(info.rev, info))
}

async fn replace(
    call: Call,
    Path(id): Path<Ref<Schedule>>,
    seen: Seen,
    Body(input): Body<ScheduleInput>,
) -> Result<Versioned<ScheduleInfo>, Problem> {
    seen.expect(read(&call, id)?.rev)?;
    schedules::edit_seen(&call.engine, &call.scope, id.0, seen.0, input.into_engine()?).await?;
    show(call, Path(id)).await
}

async fn remove(
    call: Call,
    Path(id): Path<Ref<Schedule>>,
    Params(query): Params<Removal>,
) -> Result<Done, Problem> {
    schedules::remove(&call.engine, &call.scope, id.0, query.replacement.map(|r| r.0)).await?;
    Ok(Done)
}

async fn copy(
    call: Call,
    Path(id): Path<Ref<Schedule>>,
    Body(input): Body<Copy>,
) -> Result<Created<ScheduleInfo>, Problem> {
    let new = schedules::copy(&call.engine, &call.scope, id.0, &input.name).await?;
    Ok(Created(format!("/api/v1/connection-schedules/{new}"), read(&call, new.into())?))
}

async fn make_default(call: Call, Path(id): Path<Ref<Schedule>>) -> Result<Done, Problem> {
    schedules::assign_default(&call.engine, &call.scope, id.0).await?;
    Ok(Done)
}

async fn outlook(
    call: Call,
    Path(id): Path<Ref<Schedule>>,
    Params(ahead): Params<Ahead>,
) -> Result<Json<Page<OutlookInfo>>, Problem> {
    let schedule = schedules::get(&call.engine, &call.scope, id.0)?;
    let hours = ahead.hours.unwrap_or(48);
    if !(1..=336).contains(&hours) {
        return Err(Problem::invalid("hours", "Send 1 to 336."));
    }
    let halves = schedules::outlook(&call.engine, &call.scope, &schedule, hours)?;
    Ok(Page::whole(halves.into_iter().map(Into::into).collect()))
}
