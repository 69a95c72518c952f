//! Reports, and reports as files.

use axum::Json;
use catalog::{Millis, Permission, Platform, Report};
use domain::model::{Device, Group, User};
use door::{Access, Path};
use engine::export::Format;
use engine::reports::{self, Cell, Chart, Narrowed, Sheet};
use http::Method;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::answer::{File, Page};
use super::endpoint::{Family, endpoint};
use super::input::{Call, Params};
use super::problem::Problem;
use super::words::{Ref, Word};

const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

pub(super) fn family() -> Family {
    Family {
        name: "Reports",
        about: "Tables over devices and records, as they are now. Each report needs the permission for what it shows.",
        endpoints: vec![
            endpoint(Method::GET, "/api/v1/reports", Access::SignedIn, list, "List the reports I may see")
                .gives::<Page<ReportInfo>>(),
            endpoint(Method::GET, "/api/v1/reports/{report}", Access::SignedIn, show, "Make a report")
                .says("At most 1,000 rows; all of them are in the export.")
                .query::<Narrowing>()
                .gives::<SheetInfo>(),
            endpoint(
                Method::GET,
                "/api/v1/reports/{report}/export",
                Access::Needs(Permission::DevicesExport),
                export,
                "Export a report",
            )
            .says(
                "Times are those of the organization's zone; what a spreadsheet would run as a formula is disarmed. \
                 Journaled.",
            )
            .query::<Exporting>()
            .file(&["text/csv", XLSX, "application/json"]),
        ],
    }
}

/// A report that can be made.
#[derive(Serialize, JsonSchema)]
struct ReportInfo {
    /// The report.
    key: Word<Report>,
    /// Its name.
    label: &'static str,
    /// What it answers.
    about: &'static str,
}

/// What a report is narrowed by; what it does not take is ignored.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Narrowing {
    /// Only from this moment on, milliseconds since 1970; by default thirty days back.
    from: Option<Millis>,
    /// Only before this moment.
    until: Option<Millis>,
    /// Only devices of this platform.
    platform: Option<Word<Platform>>,
    /// Only devices of the members of this group.
    group: Option<Ref<Group>>,
    /// Days without contact, 1 to 3,650.
    days: Option<u32>,
}

impl From<Narrowing> for Narrowed {
    fn from(narrowing: Narrowing) -> Self {
        Self {
            from: narrowing.from,
            until: narrowing.until,
            platform: narrowing.platform.map(|word| word.0),
            group: narrowing.group.map(|id| id.0),
            days: narrowing.days,
        }
    }
}

/// The same, and the format of the file.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Exporting {
    /// `csv` (the default), `xlsx` or `json`.
    format: Option<String>,
    /// Only from this moment on, milliseconds since 1970; by default thirty days back.
    from: Option<Millis>,
    /// Only before this moment.
    until: Option<Millis>,
    /// Only devices of this platform.
    platform: Option<Word<Platform>>,
    /// Only devices of the members of this group.
    group: Option<Ref<Group>>,
    /// Days without contact, 1 to 3,650.
    days: Option<u32>,
}

/// A report as it is now.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Report")]
struct SheetInfo {
    /// The report.
    key: Word<Report>,
    /// Its name.
    label: &'static str,
    /// Heads of the columns.
    columns: Vec<&'static str>,
    /// The rows, a value for each column.
    rows: Vec<Vec<CellInfo>>,
    /// How many rows there are.
    total: usize,
    /// There are more than a report can hold.
    is_cut: bool,
    /// The picture, if it says something.
    chart: Option<ChartInfo>,
}

/// A value: a text, a count, or one of these with what it means.
#[derive(Serialize, JsonSchema)]
#[serde(untagged)]
#[schemars(rename = "ReportCell")]
enum CellInfo {
    Text(String),
    Number(u64),
    Time { at: Option<Millis> },
    Device { device: Ref<Device>, name: String },
    User { user: Ref<User>, name: String },
}

impl From<Cell> for CellInfo {
    fn from(cell: Cell) -> Self {
        match cell {
            Cell::Text(text) => Self::Text(text),
            Cell::Number(number) => Self::Number(number),
            Cell::Time(at) => Self::Time { at },
            Cell::Device(id, name) => Self::Device { device: id.into(), name },
            Cell::User(id, name) => Self::User { user: id.into(), name },
        }
    }
}

/// Figures of a report as a picture.
#[derive(Serialize, JsonSchema)]
#[serde(untagged)]
#[schemars(rename = "ReportChart")]
enum ChartInfo {
    Bars { bars: Vec<BarInfo> },
    Days { days: Vec<i64>, layers: Vec<LayerInfo> },
}

/// A bar.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "ReportBar")]
struct BarInfo {
    /// Its name.
    label: String,
    /// How many.
    value: u64,
}

/// A layer over days, which are numbered since 1970.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "ReportLayer")]
struct LayerInfo {
    /// Its name.
    label: String,
    /// A value for each day.
    values: Vec<u64>,
}

impl From<Chart> for ChartInfo {
    fn from(chart: Chart) -> Self {
        match chart {
            Chart::Bars(bars) => {
                Self::Bars { bars: bars.into_iter().map(|(label, value)| BarInfo { label, value }).collect() }
            }
            Chart::Days { days, layers } => {
                let layer = |(label, values)| LayerInfo { label, values };
                Self::Days { days, layers: layers.into_iter().map(layer).collect() }
            }
        }
    }
}

impl From<Sheet> for SheetInfo {
    fn from(sheet: Sheet) -> Self {
        let total = sheet.rows.len();
        let row = |row: Vec<Cell>| row.into_iter().map(CellInfo::from).collect();
        Self {
            key: Word(sheet.report),
            label: sheet.report.info().label,
            columns: sheet.columns,
            rows: sheet.rows.into_iter().take(1_000).map(row).collect(),
            total,
            is_cut: sheet.is_cut,
            chart: sheet.chart.map(ChartInfo::from),
        }
    }
}

async fn list(call: Call) -> Json<Page<ReportInfo>> {
    let info = |info: &catalog::ReportInfo| ReportInfo {
        key: Word(info.report),
        label: info.label,
        about: info.about,
    };
    Page::whole(reports::list(&call.scope).into_iter().map(info).collect())
}

async fn show(
    call: Call,
    Path(report): Path<Word<Report>>,
    Params(narrowing): Params<Narrowing>,
) -> Result<Json<SheetInfo>, Problem> {
    let sheet = reports::run(&call.engine, &call.scope, report.0, &narrowing.into()).await?;
    Ok(Json(sheet.into()))
}

async fn export(
    call: Call,
    Path(report): Path<Word<Report>>,
    Params(asked): Params<Exporting>,
) -> Result<File, Problem> {
    let Exporting { format, from, until, platform, group, days } = asked;
    let format = Format::from_key(format.as_deref().unwrap_or("csv"))
        .ok_or_else(|| Problem::invalid("format", "Ask for csv, xlsx or json."))?;
    let narrowed = Narrowing { from, until, platform, group, days }.into();
    let bytes = reports::export(&call.engine, &call.scope, report.0, &narrowed, format).await?;
    let name = match format {
        Format::Csv => "report.csv",
        Format::Xlsx => "report.xlsx",
        Format::Json => "report.json",
    };
    Ok(File { media: format.media(), name, bytes })
}
