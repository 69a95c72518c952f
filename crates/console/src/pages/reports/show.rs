//! One report.

use catalog::{PLATFORMS, Permission, Platform, Report, ReportFilter, ReportInfo};
use door::{FormData, Path};
use engine::devices::Posture;
use engine::export::Format;
use engine::reports::{self, Cell, Chart, Narrowed, Sheet};
use engine::{Error, groups};

use super::super::frame::{Answer, Cx, Entered, Oops, SearchForm, Wrong, download};
use super::super::tasks::ADD_REPORT;
use super::super::words;
use super::PATH;
use crate::parts::{
    Bar, Bars, Button, Card, Columns, EmptyState, FieldView, Head, Html, Icon, Note, Place, Series, Stacked,
    Table, Tone, Widths, cell,
};

/// Rows drawn; all of them are in the export.
const SHOWN: usize = 500;
/// The names of filters in addresses.
const NAMES: [&str; 5] = ["from", "until", "platform", "group", "days"];
/// Colours of layers over days that are no state of devices.
const TONES: [Tone; 5] = [Tone::Info, Tone::Teal, Tone::Plum, Tone::Warn, Tone::Idle];

fn info(cx: &Cx, key: &str) -> Result<&'static ReportInfo, Oops> {
    let report = Report::from_key(key).filter(|_| !cx.outside()).ok_or_else(|| Oops::not_found("report"))?;
    Ok(report.info())
}

/// The filters as they stand in the address.
fn narrowed(cx: &Cx) -> Result<Narrowed, Error> {
    let asked = |name: &str| Some(cx.asked(name)).filter(|text| !text.is_empty());
    let day = |name: &'static str| match asked(name) {
        None => Ok(None),
        Some(text) => cx.day(text).map(Some).ok_or_else(|| Error::invalid(name, "Enter a day.")),
    };
    let days = match asked("days").map(str::parse) {
        None => None,
        Some(Ok(days)) => Some(days),
        Some(Err(_)) => return Err(Error::invalid("days", "Enter 1 to 3,650 days.")),
    };
    Ok(Narrowed {
        from: day("from")?.map(|(begins, _)| begins),
        until: day("until")?.map(|(_, ends)| ends),
        platform: asked("platform").and_then(Platform::from_key),
        group: asked("group").and_then(|id| id.parse().ok()),
        days,
    })
}

pub async fn show(cx: Cx, Path(key): Path<String>) -> Answer {
    let info = info(&cx, &key)?;
    let made = match narrowed(&cx) {
        Ok(narrowed) => reports::run(&cx.engine, &cx.scope, info.report, &narrowed).await,
        Err(error) => Err(error),
    };
    let (sheet, wrong) = match made {
        Ok(sheet) => (Some(sheet), Wrong::default()),
        Err(error @ Error::Denied(_)) => return Err(error.into()),
        Err(error) => (None, Wrong::of(error)?),
    };
    let mut body = filters(&cx, info, &wrong)?;
    if let Some(sheet) = &sheet {
        body.extend(drawn(&cx, sheet));
    }
    let head = head(&cx, info);
    if sheet.is_some() { cx.page(Place::Reports, head, body) } else { cx.again(Place::Reports, head, body) }
}

fn head(cx: &Cx, info: &ReportInfo) -> Head {
    let head = Head::new(info.label, info.about);
    if !cx.can(Permission::DevicesExport) {
        return head;
    }
    let asked = NAMES.iter().filter(|name| !cx.asked(name).is_empty());
    let pairs: Vec<_> = asked.map(|name| format!("{name}={}", words::encoded(cx.asked(name)))).collect();
    let query = pairs.join("&");
    let export = |format: &str| format!("{PATH}/{}/export?format={format}&{query}", info.key);
    let head = head
        .action(Button::link("CSV", export("csv")).icon(Icon::Download))
        .action(Button::link("Workbook", export("xlsx")).icon(Icon::Download));
    if !cx.can(Permission::OrganizationEdit) {
        return head;
    }
    let by_mail = format!("{ADD_REPORT}?report={}&{query}", info.key);
    head.action(Button::link("Schedule by mail", by_mail).icon(Icon::Clock))
}

/// What the report can be narrowed by.
fn filters(cx: &Cx, info: &ReportInfo, wrong: &Wrong) -> Result<Vec<Html>, Oops> {
    let pairs = NAMES.iter().map(|name| ((*name).to_owned(), cx.asked(name).to_owned()));
    let data = FormData::new(pairs.filter(|(_, value)| !value.is_empty()).collect());
    let entered = Entered { data: &data, wrong };
    let mut fields: Vec<FieldView> = Vec::new();
    if info.takes(ReportFilter::Period) {
        fields.push(entered.date("from", "From").optional());
        fields.push(entered.date("until", "To").help("Without days: the last thirty.").optional());
    }
    if info.takes(ReportFilter::Silence) {
        fields.push(entered.number("days", "Not heard of for", (1, 3_650), "days").optional());
    }
    if info.takes(ReportFilter::Platform) {
        let of = PLATFORMS.iter().map(|p| (p.key.to_owned(), p.label.to_owned()));
        fields.push(entered.select("platform", "Platform", &any("All platforms", of)));
    }
    if info.takes(ReportFilter::Group) && cx.can(Permission::GroupsView) {
        let all = groups::list(&cx.engine, &cx.scope)?;
        let of = all.iter().map(|(group, _)| (group.id.to_string(), group.name.clone()));
        fields.push(entered.select("group", "Group", &any("All groups", of)));
    }
    if fields.is_empty() {
        return Ok(Vec::new());
    }
    let field = Columns::new(Widths::Three, fields.into_iter().map(Html::from)).into();
    let form = SearchForm { action: format!("{PATH}/{}", info.key), field, button: "Show" };
    Ok(vec![Card::new("", form).into()])
}

fn any(none: &str, of: impl Iterator<Item = (String, String)>) -> Vec<(String, String)> {
    std::iter::once((String::new(), none.to_owned())).chain(of).collect()
}

fn drawn(cx: &Cx, sheet: &Sheet) -> Vec<Html> {
    if sheet.rows.is_empty() {
        let empty = EmptyState {
            icon: Icon::Columns,
            title: "Nothing to report".into(),
            text: "No device or record fits. Take a filter away, or choose other days.".into(),
            actions: Vec::new(),
        };
        return vec![Card::new("", empty).into()];
    }
    let mut body = Vec::new();
    if sheet.is_cut {
        let words =
            format!("A report holds {} rows; narrow it to see the rest.", words::grouped(reports::MAX_ROWS));
        body.push(Note::new(Tone::Warn, "This is not all", words).into());
    }
    if let Some(chart) = &sheet.chart {
        body.push(Card::new("", picture(sheet, chart)).into());
    }
    let mut table = Table::new(sheet.report.info().label, &sheet.columns);
    for row in sheet.rows.iter().take(SHOWN) {
        table = table.row(row.iter().map(|value| value_of(cx, value)));
    }
    let shown = sheet.rows.len().min(SHOWN);
    let count = if shown < sheet.rows.len() {
        let all = words::grouped(sheet.rows.len());
        format!("The first {shown} of {all} rows; the export has all of them.")
    } else {
        words::count(shown, "row", "rows")
    };
    body.push(Card::flush("", table).footer(Html::text(count)).into());
    body
}

fn picture(sheet: &Sheet, chart: &Chart) -> Html {
    match chart {
        Chart::Bars(bars) => {
            let bar = |(label, value): &(String, u64)| Bar {
                label: label.clone(),
                value: *value,
                tone: Tone::Info,
                ..Bar::default()
            };
            Bars { bars: bars.iter().map(bar).collect() }.into()
        }
        Chart::Days { days, layers } => {
            let series = layers.iter().zip(TONES.iter().cycle()).map(|((label, values), tone)| Series {
                label: label.clone(),
                tone: state_tone(label).unwrap_or(*tone),
                values: values.clone(),
            });
            Stacked {
                title: sheet.report.info().label.into(),
                labels: days.iter().map(|day| words::day(*day)).collect(),
                series: series.collect(),
            }
            .into()
        }
    }
}

/// The colour of a state of devices, as on the dashboard.
fn state_tone(label: &str) -> Option<Tone> {
    let posture = Posture::ALL.into_iter().find(|posture| posture.label() == label)?;
    Some(match posture {
        Posture::OutOfDate => Tone::Plum,
        other => words::status(other).tone(),
    })
}

fn value_of(cx: &Cx, value: &Cell) -> Html {
    match value {
        Cell::Text(text) => cell::text(text),
        Cell::Number(number) => Html::text(words::grouped(usize::try_from(*number).unwrap_or(usize::MAX))),
        Cell::Time(Some(at)) => cx.at(*at).into(),
        Cell::Time(None) => cell::none(),
        Cell::Device(id, name) => cell::link(format!("/dashboard/devices/{id}"), name),
        Cell::User(id, name) => cell::link(format!("/dashboard/users/{id}"), name),
    }
}

pub async fn export(cx: Cx, Path(key): Path<String>) -> Answer {
    let info = info(&cx, &key)?;
    let format = Format::from_key(cx.asked("format")).unwrap_or(Format::Csv);
    let bytes = reports::export(&cx.engine, &cx.scope, info.report, &narrowed(&cx)?, format).await?;
    let name = format!("{}.{}", info.key.replace('_', "-"), format.key());
    Ok(download(format.media(), &name, bytes))
}
