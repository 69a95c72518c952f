//! Reports that are sent by mail.

use axum::Json;
use catalog::{Millis, Permission, Platform, Report};
use domain::model::{Group, Recurrence, ReportMail};
use domain::schedule::TimeOfDay;
use door::{Access, Path};
use engine::report_mails;
use http::Method;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::answer::{Created, Done, Page, Versioned};
use super::endpoint::{Family, endpoint};
use super::input::{Body, Call, Seen};
use super::problem::Problem;
use super::tasks::OutcomeInfo;
use super::words::{Ref, Word};

pub(super) fn family() -> Family {
    let view = Access::Needs(Permission::OrganizationView);
    let edit = Access::Needs(Permission::OrganizationEdit);
    let (all, one) = ("/api/v1/report-mails", "/api/v1/report-mails/{report_mail}");
    Family {
        name: "Reports by mail",
        about: "Reports that are sent as files, again and again, to addresses of the organization. Making one needs the \
                permission to export, and that for what the report shows.",
        endpoints: vec![
            endpoint(Method::GET, all, view, list, "List reports by mail").gives::<Page<ReportMailInfo>>(),
            endpoint(Method::POST, all, edit, create, "Make a report by mail")
                .body::<ReportMailInput>()
                .creates::<ReportMailInfo>(),
            endpoint(Method::GET, one, view, show, "Show a report by mail")
                .gives::<ReportMailInfo>()
                .versioned(),
            endpoint(Method::PUT, one, edit, replace, "Replace a report by mail")
                .body::<ReportMailInput>()
                .gives::<ReportMailInfo>()
                .versioned(),
            endpoint(Method::DELETE, one, edit, remove, "Remove a report by mail"),
            endpoint(
                Method::POST,
                "/api/v1/report-mails/{report_mail}/send",
                edit,
                send,
                "Send a report now",
            )
            .says("When it is due next stays.")
            .gives::<OutcomeInfo>(),
        ],
    }
}

/// How often, and at what time of the day in the organization's time zone, such as `07:30`.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(tag = "every", rename_all = "snake_case", deny_unknown_fields)]
#[schemars(rename = "Recurrence")]
enum When {
    /// Every day.
    Day {
        /// `00:00` to `23:59`.
        time: String,
    },
    /// Every week.
    Week {
        /// 1 for Monday to 7 for Sunday.
        weekday: u8,
        /// `00:00` to `23:59`.
        time: String,
    },
    /// Every month; where there is no such day, on its last one.
    Month {
        /// 1 to 31.
        day: u8,
        /// `00:00` to `23:59`.
        time: String,
    },
}

impl From<Recurrence> for When {
    fn from(when: Recurrence) -> Self {
        let minute = when.minute();
        let time = format!("{:02}:{:02}", minute / 60, minute % 60);
        match when {
            Recurrence::Day { .. } => Self::Day { time },
            Recurrence::Week { weekday, .. } => Self::Week { weekday, time },
            Recurrence::Month { day, .. } => Self::Month { day, time },
        }
    }
}

impl When {
    fn into_engine(self) -> Result<Recurrence, Problem> {
        let minute = |time: &str| {
            let time = time.parse::<TimeOfDay>().map_err(|why| Problem::invalid("when.time", why))?;
            Ok::<_, Problem>(time.minutes())
        };
        Ok(match self {
            Self::Day { time } => Recurrence::Day { minute: minute(&time)? },
            Self::Week { weekday, time } => Recurrence::Week { weekday, minute: minute(&time)? },
            Self::Month { day, time } => Recurrence::Month { day, minute: minute(&time)? },
        })
    }
}

/// A report by mail.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "ReportMail")]
struct ReportMailInfo {
    /// Its id.
    id: Ref<ReportMail>,
    /// Name; also the subject of the mail.
    name: String,
    /// Which report.
    report: Word<Report>,
    /// Only devices of this platform.
    platform: Option<Word<Platform>>,
    /// Only devices of the members of this group.
    group: Option<Ref<Group>>,
    /// Days without contact.
    silent_days: Option<u32>,
    /// A report over a period looks back so many days.
    period_days: u32,
    /// A workbook instead of CSV.
    workbook: bool,
    /// To whom.
    recipients: Vec<String>,
    /// How often.
    when: When,
    /// Whether it is sent.
    on: bool,
    /// How it went last; null: it was never sent.
    last: Option<OutcomeInfo>,
    /// When it is due; null: never.
    next_at: Option<Millis>,
    /// Grows with every change; the ETag.
    rev: i64,
}

impl From<ReportMail> for ReportMailInfo {
    fn from(mail: ReportMail) -> Self {
        Self {
            id: mail.id.into(),
            name: mail.name,
            report: Word(mail.report),
            platform: mail.platform.map(Word),
            group: mail.group.map(Into::into),
            silent_days: mail.silent_days,
            period_days: mail.period_days,
            workbook: mail.workbook,
            recipients: mail.recipients.iter().map(|to| to.as_str().to_owned()).collect(),
            when: mail.when.into(),
            on: mail.on,
            last: mail.last.map(Into::into),
            next_at: mail.next_at,
            rev: mail.rev,
        }
    }
}

/// What is entered.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct ReportMailInput {
    /// Name, 1 to 100 letters, unique in the organization; also the subject of the mail.
    name: String,
    /// Which report.
    report: Word<Report>,
    /// Only devices of this platform.
    platform: Option<Word<Platform>>,
    /// Only devices of the members of this group.
    group: Option<Ref<Group>>,
    /// Days without contact, 1 to 3,650.
    silent_days: Option<u32>,
    /// A report over a period looks back so many days, 1 to 366.
    #[serde(default = "thirty")]
    period_days: u32,
    /// A workbook instead of CSV.
    #[serde(default)]
    workbook: bool,
    /// 1 to 20 addresses in the organization's mail domains, or of its administrators. Who is neither any more gets
    /// nothing.
    recipients: Vec<String>,
    /// How often.
    when: When,
    /// Whether it is sent.
    #[serde(default = "yes")]
    on: bool,
}

fn thirty() -> u32 {
    30
}

fn yes() -> bool {
    true
}

impl ReportMailInput {
    fn into_engine(self) -> Result<report_mails::ReportMailInput, Problem> {
        Ok(report_mails::ReportMailInput {
            name: self.name,
            report: self.report.0,
            platform: self.platform.map(|word| word.0),
            group: self.group.map(|id| id.0),
            silent_days: self.silent_days,
            period_days: self.period_days,
            workbook: self.workbook,
            recipients: self.recipients,
            when: self.when.into_engine()?,
            on: self.on,
        })
    }
}

async fn list(call: Call) -> Result<Json<Page<ReportMailInfo>>, Problem> {
    let all = report_mails::list(&call.engine, &call.scope).await?;
    Ok(Page::whole(all.into_iter().map(Into::into).collect()))
}

async fn create(call: Call, Body(input): Body<ReportMailInput>) -> Result<Created<ReportMailInfo>, Problem> {
    let id = report_mails::create(&call.engine, &call.scope, input.into_engine()?).await?;
    let made = report_mails::get(&call.engine, &call.scope, id).await?;
    Ok(Created(format!("/api/v1/report-mails/{id}"), made.into()))
}

async fn show(call: Call, Path(id): Path<Ref<ReportMail>>) -> Result<Versioned<ReportMailInfo>, Problem> {
    let mail = report_mails::get(&call.engine, &call.scope, id.0).await?;
    Ok(Versioned(mail.rev, mail.into()))
}

async fn replace(
    call: Call,
    Path(id): Path<Ref<ReportMail>>,
    seen: Seen,
    Body(input): Body<ReportMailInput>,
) -> Result<Versioned<ReportMailInfo>, Problem> {
    seen.expect(report_mails::get(&call.engine, &call.scope, id.0).await?.rev)?;
    report_mails::edit(&call.engine, &call.scope, id.0, seen.0, input.into_engine()?).await?;
    show(call, Path(id)).await
}

async fn remove(call: Call, Path(id): Path<Ref<ReportMail>>) -> Result<Done, Problem> {
    report_mails::remove(&call.engine, &call.scope, id.0).await?;
    Ok(Done)
}

async fn send(call: Call, Path(id): Path<Ref<ReportMail>>) -> Result<Json<OutcomeInfo>, Problem> {
    Ok(Json(report_mails::run_now(&call.engine, &call.scope, id.0).await?.into()))
}
