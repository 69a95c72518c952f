//! The form of a report by mail: what is stored as fields, and fields as input.

use catalog::{PLATFORMS, Permission, Platform, ReportFilter, ReportInfo};
use domain::model::{Recurrence, ReportMail};
use domain::schedule::{Day, TimeOfDay};
use door::FormData;
use engine::Error;
use engine::groups;
use engine::report_mails::ReportMailInput;

use super::super::frame::{Cx, Entered, Oops};
use crate::parts::FieldView;

/// What the form is filled with.
pub fn stored(mail: &ReportMail) -> FormData {
    let (every, weekday, day) = match mail.when {
        Recurrence::Day { .. } => ("day", 1, 1),
        Recurrence::Week { weekday, .. } => ("week", weekday, 1),
        Recurrence::Month { day, .. } => ("month", 1, day),
    };
    let minute = mail.when.minute();
    let recipients: Vec<&str> = mail.recipients.iter().map(domain::mail::MailAddress::as_str).collect();
    let pairs = [
        ("name", mail.name.clone()),
        ("report", mail.report.info().key.to_owned()),
        ("platform", mail.platform.map(|p| p.key().to_owned()).unwrap_or_default()),
        ("group", mail.group.map(|id| id.to_string()).unwrap_or_default()),
        ("silent_days", mail.silent_days.map(|days| days.to_string()).unwrap_or_default()),
        ("period_days", mail.period_days.to_string()),
        ("format", if mail.workbook { "xlsx" } else { "csv" }.to_owned()),
        ("recipients", recipients.join("\n")),
        ("every", every.to_owned()),
        ("weekday", weekday.to_string()),
        ("day", day.to_string()),
        ("time", format!("{:02}:{:02}", minute / 60, minute % 60)),
        ("on", if mail.on { "on" } else { "" }.to_owned()),
    ];
    filled(pairs)
}

/// A new one for a report, narrowed as the page it was asked for on.
pub fn fresh(cx: &Cx, info: &ReportInfo) -> FormData {
    filled([
        ("name", info.label.to_owned()),
        ("report", info.key.to_owned()),
        ("platform", cx.asked("platform").to_owned()),
        ("group", cx.asked("group").to_owned()),
        ("silent_days", cx.asked("days").to_owned()),
        ("period_days", "30".to_owned()),
        ("format", "csv".to_owned()),
        ("every", "week".to_owned()),
        ("weekday", "1".to_owned()),
        ("day", "1".to_owned()),
        ("time", "07:00".to_owned()),
        ("on", "on".to_owned()),
    ])
}

fn filled<const N: usize>(pairs: [(&str, String); N]) -> FormData {
    let pairs = pairs.into_iter().filter(|(_, value)| !value.is_empty());
    FormData::new(pairs.map(|(name, value)| (name.to_owned(), value)).collect())
}

/// The fields for a report.
pub fn fields(cx: &Cx, info: &ReportInfo, entered: &Entered<'_>) -> Result<Vec<FieldView>, Oops> {
    let mut fields = vec![entered.text("name", "Name").help("Also the subject of the mail.")];
    if info.takes(ReportFilter::Period) {
        fields.push(entered.number("period_days", "Looks back", (1, 366), "days"));
    }
    if info.takes(ReportFilter::Silence) {
        fields.push(entered.number("silent_days", "Not heard of for", (1, 3_650), "days").optional());
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
    let formats = choices(&[("csv", "CSV"), ("xlsx", "Workbook")]);
    fields.push(entered.segments("format", "File", &formats));
    fields.push(entered.area("recipients", "To").help(
        "One address to a line: in a mail domain of the organization, or an administrator’s. Whoever leaves gets \
         nothing more.",
    ));
    let every = choices(&[("day", "Every day"), ("week", "Every week"), ("month", "Every month")]);
    fields.push(entered.segments("every", "How often", &every));
    let days: Vec<_> = (1..).zip(Day::ALL).map(|(n, day)| (n.to_string(), day.label().to_owned())).collect();
    fields.push(entered.select("weekday", "Weekday", &days).help("For every week."));
    fields.push(
        entered
            .number("day", "Day of the month", (1, 31), "")
            .help("For every month; where there is no such day, on its last one."),
    );
    let zone = cx.org(|org| org.organization.settings.time_zone.clone())?;
    fields.push(entered.text("time", "At").help(format!("Such as 07:30, on the clocks of {zone}.")));
    fields.push(entered.switch("on", "Send it"));
    Ok(fields)
}

fn choices(of: &[(&str, &str)]) -> Vec<(String, String)> {
    of.iter().map(|(value, label)| ((*value).to_owned(), (*label).to_owned())).collect()
}

fn any(none: &str, of: impl Iterator<Item = (String, String)>) -> Vec<(String, String)> {
    std::iter::once((String::new(), none.to_owned())).chain(of).collect()
}

/// What was entered for a report. What is no number or time is refused here, what makes no sense by the use case.
pub fn input(info: &ReportInfo, data: &FormData) -> Result<ReportMailInput, Error> {
    let number = |name: &'static str, takes: bool| match data.text(name) {
        "" => Ok(None),
        _ if !takes => Ok(None),
        text => text.parse::<u32>().map(Some).map_err(|_| Error::invalid(name, "Enter a number.")),
    };
    let takes = |filter| info.takes(filter);
    let time: TimeOfDay =
        data.text("time").parse().map_err(|_| Error::invalid("time", "Enter a time from 00:00 to 23:59."))?;
    let minute = time.minutes();
    if minute >= 1_440 {
        return Err(Error::invalid("time", "Enter a time from 00:00 to 23:59."));
    }
    let small = |name: &'static str| data.text(name).parse::<u8>().unwrap_or_default();
    let when = match data.text("every") {
        "week" => Recurrence::Week { weekday: small("weekday"), minute },
        "month" => Recurrence::Month { day: small("day"), minute },
        _ => Recurrence::Day { minute },
    };
    let group = match data.text("group") {
        "" => None,
        text => Some(text.parse().map_err(|_| Error::invalid("group", "There is no such group."))?),
    };
    Ok(ReportMailInput {
        name: data.text("name").to_owned(),
        report: info.report,
        platform: Platform::from_key(data.text("platform")).filter(|_| takes(ReportFilter::Platform)),
        group: group.filter(|_| takes(ReportFilter::Group)),
        silent_days: number("silent_days", takes(ReportFilter::Silence))?,
        period_days: number("period_days", takes(ReportFilter::Period))?.unwrap_or(30),
        workbook: data.text("format") == "xlsx",
        recipients: data.lines("recipients"),
        when,
        on: data.ticked("on"),
    })
}
