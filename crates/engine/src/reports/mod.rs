//! Reports: a table and a chart over devices or records, narrowed by a few filters. Figures are those of the moment in
//! which a report is asked for.

mod commands;
mod course;
mod devices;
mod export;
mod records;
mod users;

use std::sync::Arc;

use catalog::{Platform, REPORTS, Report, ReportFilter, ReportInfo};
use domain::Millis;
use domain::model::{Device, DeviceId, DeviceState, GroupId, UserId};

pub use export::export;
pub(crate) use export::{write, zone_of};

use crate::{Engine, Error, OrgIndex, Result, Scope};

/// Rows of one report at most; more are not read.
pub const MAX_ROWS: usize = 100_000;
/// Devices looked at under one lock.
const STEP: usize = 512;
const DAY: Millis = 86_400_000;

/// What a report is narrowed by; what it does not take is ignored.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Narrowed {
    /// Only from this moment on; by default thirty days back.
    pub from: Option<Millis>,
    /// Only before this moment.
    pub until: Option<Millis>,
    /// Only devices of this platform.
    pub platform: Option<Platform>,
    /// Only devices of the members of this group.
    pub group: Option<GroupId>,
    /// Days without contact, 1 to 3,650.
    pub days: Option<u32>,
}

/// One value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cell {
    /// Text.
    Text(String),
    /// A count.
    Number(u64),
    /// A moment; `None`: never.
    Time(Option<Millis>),
    /// A device by its name.
    Device(DeviceId, String),
    /// A user by the name shown.
    User(UserId, String),
}

impl From<&str> for Cell {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Cell {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<usize> for Cell {
    fn from(number: usize) -> Self {
        Self::Number(number as u64)
    }
}

/// The figures of a report as a picture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Chart {
    /// One bar for each name, the largest first.
    Bars(Vec<(String, u64)>),
    /// Layers over days, by number since 1970.
    Days {
        /// The days, in order.
        days: Vec<i64>,
        /// Name and values of each layer.
        layers: Vec<(String, Vec<u64>)>,
    },
}

/// A report as it is now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sheet {
    /// Which.
    pub report: Report,
    /// Heads of the columns.
    pub columns: Vec<&'static str>,
    /// The rows.
    pub rows: Vec<Vec<Cell>>,
    /// The picture, if it says something.
    pub chart: Option<Chart>,
    /// There are more than [`MAX_ROWS`].
    pub is_cut: bool,
}

impl Sheet {
    fn new(report: Report, columns: &[&'static str], rows: Vec<Vec<Cell>>) -> Self {
        Self { report, columns: columns.to_vec(), rows, chart: None, is_cut: false }
    }
    fn with(self, chart: Chart) -> Self {
        Self { chart: Some(chart), ..self }
    }
}

/// The reports that one may see.
pub fn list(scope: &Scope) -> Vec<&'static ReportInfo> {
    REPORTS.iter().filter(|info| scope.has(info.needs)).collect()
}

/// Makes a report.
///
/// # Errors
/// [`Error::Denied`]; [`Error::Invalid`] for days or a period that make no sense; storage errors.
pub async fn run(engine: &Engine, scope: &Scope, report: Report, narrowed: &Narrowed) -> Result<Sheet> {
    scope.require(report.info().needs)?;
    check(report, narrowed)?;
    let fleet = || Fleet::of(engine, scope, narrowed);
    let mut sheet = match report {
        Report::UsersAndDevices => devices::users_and_devices(&fleet()?),
        Report::NotConnected => devices::not_connected(&fleet()?, narrowed),
        Report::PlatformsAndModels => devices::platforms_and_models(&fleet()?),
        Report::ComplianceNow => devices::compliance_now(&fleet()?),
        Report::RestrictedDevices => devices::restricted(&fleet()?),
        Report::PolicyState => devices::policy_state(&fleet()?),
        Report::StaleAndDuplicate => devices::stale_and_duplicate(&fleet()?, narrowed),
        Report::TermsAccepted => users::terms_accepted(engine, scope, narrowed)?,
        Report::ComplianceOverTime => course::compliance(engine, scope, narrowed).await?,
        Report::Enrolment => records::enrolment(engine, scope, narrowed).await?,
        Report::WipesAndLocks => commands::commands(engine, scope, narrowed).await?,
        Report::AdministratorActivity => records::administrators(engine, scope, narrowed).await?,
        Report::IseCalls => records::ise_calls(engine, scope, narrowed).await?,
    };
    sheet.is_cut |= sheet.rows.len() > MAX_ROWS;
    sheet.rows.truncate(MAX_ROWS);
    Ok(sheet)
}

fn check(report: Report, narrowed: &Narrowed) -> Result<()> {
    let info = report.info();
    if info.takes(ReportFilter::Silence) && narrowed.days.is_some_and(|days| !(1..=3_650).contains(&days)) {
        return Err(Error::invalid("days", "Enter 1 to 3,650 days."));
    }
    let backwards = narrowed.from.zip(narrowed.until).is_some_and(|(from, until)| from >= until);
    if info.takes(ReportFilter::Period) && backwards {
        return Err(Error::invalid("until", "The last day lies before the first."));
    }
    Ok(())
}

/// The period of a report: as chosen, else the last thirty days.
fn period(engine: &Engine, narrowed: &Narrowed) -> (Millis, Millis) {
    let until = narrowed.until.unwrap_or_else(|| engine.now() + 1);
    (narrowed.from.unwrap_or(until - 30 * DAY), until)
}

/// The devices that a report looks at.
struct Fleet<'e> {
    engine: &'e Engine,
    org: Arc<crate::OrgLock>,
    devices: Vec<Arc<Device>>,
    now: Millis,
}

impl<'e> Fleet<'e> {
    /// Managed devices, narrowed, by name.
    fn of(engine: &'e Engine, scope: &Scope, narrowed: &Narrowed) -> Result<Self> {
        let lock =
            engine.directory.organization(scope.organization()).ok_or(Error::NotFound("organization"))?;
        let mut devices: Vec<Arc<Device>> = {
            let org = lock.read();
            let wanted = |device: &&Arc<Device>| {
                let in_group = |group| org.user(device.user).is_some_and(|user| user.groups.contains(&group));
                !matches!(device.state, DeviceState::Retired | DeviceState::Wiped)
                    && narrowed.platform.is_none_or(|platform| device.platform == platform)
                    && narrowed.group.is_none_or(in_group)
            };
            org.devices.iter().filter(wanted).cloned().collect()
        };
        devices.sort_by(|a, b| (&a.name, a.id).cmp(&(&b.name, b.id)));
        Ok(Self { engine, org: lock, devices, now: engine.now() })
    }

    /// Goes through the devices; writers get the index in between.
    fn each(&self, mut look: impl FnMut(&OrgIndex, &Arc<Device>)) {
        for chunk in self.devices.chunks(STEP) {
            let org = self.org.read();
            for device in chunk {
                look(&org, device);
            }
        }
    }

    /// The last contact of a device, also what is not written yet.
    fn last_contact(&self, device: &Device) -> Option<Millis> {
        device.last_contact_at.max(self.engine.presence.last(device.id))
    }

    fn user(org: &OrgIndex, device: &Device) -> Cell {
        let name = org.user(device.user).map(|user| user.display_name.clone()).unwrap_or_default();
        Cell::User(device.user, name)
    }

    fn device(device: &Device) -> Cell {
        Cell::Device(device.id, device.name.clone())
    }

    fn fact(device: &Device, key: &str) -> String {
        device.facts.text(key).unwrap_or_default().to_owned()
    }
}

/// Counts by name as bars, the largest first, ten at most; the rest is one bar.
fn bars(counts: impl IntoIterator<Item = (String, u64)>) -> Chart {
    let mut all: Vec<_> = counts.into_iter().filter(|(_, n)| *n > 0).collect();
    all.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    let rest: u64 = all.iter().skip(10).map(|(_, n)| n).sum();
    all.truncate(10);
    if rest > 0 {
        all.push(("All others".into(), rest));
    }
    Chart::Bars(all)
}
