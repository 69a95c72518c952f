//! One report by mail.

use catalog::{Permission, Report, ReportInfo};
use domain::model::{ReportMail, ReportMailId};
use door::{Form, FormData, Path};
use engine::{Error, report_mails, reports, tasks};

use super::super::frame::{Answer, Cx, Entered, Oops, PostButton, Wrong, hidden_value};
use super::entered::{fields, fresh, input, stored};
use super::{ADD_REPORT, PATH};
use crate::parts::{
    Button, ButtonKind, Card, FieldView, Form as FormView, Head, Html, Note, Place, Table, Tone, cell,
};

fn add_head() -> Head {
    Head::new("Add report by mail", "A report as a file, sent again and again.")
        .under(Place::TaskScheduler.label(), PATH)
}

/// Which report, or the form for it.
pub async fn add_show(cx: Cx) -> Answer {
    if cx.outside() {
        return Err(Oops::not_found("page"));
    }
    let body = match Report::from_key(cx.asked("report")) {
        Some(report) => {
            let data = fresh(&cx, report.info());
            form(&cx, report.info(), ADD_REPORT, &data, &Wrong::default(), None)?
        }
        None => choose(&cx),
    };
    cx.page(Place::TaskScheduler, add_head(), vec![body])
}

fn choose(cx: &Cx) -> Html {
    let table = Table::new("Which report", &["Report", "What it answers"]);
    let table = reports::list(&cx.scope).into_iter().fold(table, |table, info| {
        let to = format!("{ADD_REPORT}?report={}", info.key);
        table.row([cell::open(to, info.label), cell::prose(info.about)])
    });
    Card::flush("Which report", table).into()
}

fn chosen(data: &FormData) -> Result<&'static ReportInfo, Oops> {
    Report::from_key(data.text("report")).map(Report::info).ok_or_else(|| Oops::not_found("report"))
}

fn form(
    cx: &Cx,
    info: &ReportInfo,
    action: &str,
    data: &FormData,
    wrong: &Wrong,
    rev: Option<i64>,
) -> Result<Html, Oops> {
    let may = cx.can(Permission::OrganizationEdit) && cx.can(Permission::DevicesExport) && cx.can(info.needs);
    let mut fields = fields(cx, info, &Entered { data, wrong })?;
    if !may {
        fields = fields.into_iter().map(FieldView::read_only).collect();
    }
    let mut hidden = cx.hidden();
    hidden.push(hidden_value("report", info.key));
    hidden.extend(rev.map(|rev| hidden_value("rev", rev.to_string())));
    let form = FormView {
        id: "report-mail-form".into(),
        action: action.into(),
        hidden,
        error: wrong.rest(&fields),
        fields,
        buttons: if may { vec![Button::submit("Save").kind(ButtonKind::Primary)] } else { Vec::new() },
    };
    Ok(Card::new(info.label, form).into())
}

pub async fn add(cx: Cx, Form(data): Form) -> Answer {
    if cx.outside() {
        return Err(Oops::not_found("page"));
    }
    let info = chosen(&data)?;
    let made = match input(info, &data) {
        Ok(input) => report_mails::create(&cx.engine, &cx.scope, input).await,
        Err(error) => Err(error),
    };
    match made {
        Ok(_) => cx.done(PATH, "It is sent from now on."),
        Err(error @ (Error::Invalid(_) | Error::Conflict(_))) => {
            let body = form(&cx, info, ADD_REPORT, &data, &Wrong::of(error)?, None)?;
            cx.again(Place::TaskScheduler, add_head(), vec![body])
        }
        Err(error) => Err(error.into()),
    }
}

async fn page(
    cx: &Cx,
    mail: &ReportMail,
    typed: Option<(&FormData, &Wrong)>,
) -> Result<(Head, Vec<Html>), Oops> {
    let id = mail.id;
    let info = mail.report.info();
    let task = tasks::get(&cx.engine, &cx.scope, tasks::TaskId::Report(id)).await?;
    let mut head = Head::new(mail.name.clone(), info.about).under(Place::TaskScheduler.label(), PATH);
    if task.may_run {
        let button = Button { label: "Send now".into(), ..Button::default() };
        let action = format!("{PATH}/run/{}", task.id);
        head.actions.push(PostButton { action, hidden: cx.hidden(), button }.into());
    }
    if cx.can(Permission::OrganizationEdit) {
        let action = format!("{PATH}/reports/{id}/remove");
        head.actions.push(PostButton::remove(action, cx.hidden()).into());
    }
    let mut body = Vec::new();
    if let Some(last) = &task.last {
        let (tone, title) = if last.good { (Tone::Ok, "Sent") } else { (Tone::Bad, "Not sent") };
        let words = Html::join([Html::text(format!("{} ", last.says)), cx.ago(last.at).into()]);
        body.push(Note::new(tone, title, words).into());
    }
    let (stored, right) = (stored(mail), Wrong::default());
    let (data, wrong) = typed.unwrap_or((&stored, &right));
    let action = format!("{PATH}/reports/{id}");
    body.push(form(cx, info, &action, data, wrong, Some(mail.rev))?);
    Ok((head, body))
}

async fn found(cx: &Cx, id: ReportMailId) -> Result<ReportMail, Oops> {
    if cx.outside() {
        return Err(Oops::not_found("page"));
    }
    Ok(report_mails::get(&cx.engine, &cx.scope, id).await?)
}

pub async fn show(cx: Cx, Path(id): Path<ReportMailId>) -> Answer {
    let mail = found(&cx, id).await?;
    let (head, body) = page(&cx, &mail, None).await?;
    cx.page(Place::TaskScheduler, head, body)
}

pub async fn save(cx: Cx, Path(id): Path<ReportMailId>, Form(data): Form) -> Answer {
    let mail = found(&cx, id).await?;
    let seen = data.text("rev").parse().ok();
    let saved = match input(mail.report.info(), &data) {
        Ok(input) => report_mails::edit(&cx.engine, &cx.scope, id, seen, input).await,
        Err(error) => Err(error),
    };
    match saved {
        Ok(()) => cx.done(PATH, "Saved."),
        Err(error @ (Error::Invalid(_) | Error::Conflict(_))) => {
            let wrong = Wrong::of(error)?;
            let (head, body) = page(&cx, &mail, Some((&data, &wrong))).await?;
            cx.again(Place::TaskScheduler, head, body)
        }
        Err(error) => Err(error.into()),
    }
}

pub async fn remove(cx: Cx, Path(id): Path<ReportMailId>, Form(_): Form) -> Answer {
    report_mails::remove(&cx.engine, &cx.scope, id).await?;
    cx.done(PATH, "It is not sent any more.")
}
