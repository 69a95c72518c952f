//! Getting started: the nine steps of the guide, how far each is, and where it is done.

use catalog::{Permission, STEPS, Step};
use door::{Access, Form, Path, Routes};
use engine::Error;
use engine::getting_started::{self, StepReport, StepState};
use http::Method;

use super::frame::{Answer, Cx, Oops, PostButton, hidden_value};
use crate::parts::{Button, ButtonKind, Card, Chip, Head, Html, Place, Progress, Table, Tone, cell};

const PATH: &str = "/dashboard/getting-started";

/// Registers the page.
pub fn routes(routes: Routes) -> Routes {
    routes.route(Method::GET, PATH, Access::Needs(Permission::OrganizationView), show).route(
        Method::POST,
        "/dashboard/getting-started/{step}",
        Access::Needs(Permission::OrganizationEdit),
        confirm,
    )
}

async fn show(cx: Cx) -> Answer {
    if cx.outside() {
        return Err(Oops::not_found("page"));
    }
    let all = getting_started::steps(&cx.engine, &cx.scope)?;
    let counts =
        |report: &&StepReport| report.state != StepState::Unavailable && !report.step.info().optional;
    let needed = all.iter().filter(counts).count();
    let done = all.iter().filter(counts).filter(|report| is_done(report.state)).count();
    let lead = if done == needed {
        "Everything that must be done is done. This page stays, and says so if that changes.".to_owned()
    } else {
        format!("{done} of {needed} necessary steps are done. Each leads to the page where it is done.")
    };
    let columns = ["Step", "State", "What there is", ""];
    let table = Table::new("Steps", &columns).tall();
    // One button stands out: that of the next step.
    let next =
        all.iter().find(|report| report.state == StepState::Open && !report.step.info().page.is_empty());
    let next = next.map(|report| report.step);
    let table = all
        .iter()
        .zip(1..)
        .fold(table, |table, (report, n)| table.row(row(&cx, report, n, next == Some(report.step))));
    let body = vec![Card::new("", progress(done, needed)).into(), Card::flush("", table).into()];
    let mut head = Head::new(Place::GettingStarted.label(), lead);
    if cx.can(Permission::OrganizationEdit) {
        head = head.action(Button::link("Set-up wizard", "/dashboard/set-up"));
    }
    cx.page(Place::GettingStarted, head, body)
}

fn progress(done: usize, needed: usize) -> Progress {
    Progress {
        id: "steps".into(),
        label: "Necessary steps".into(),
        done: done as u64,
        total: needed as u64,
        ..Progress::default()
    }
}

fn is_done(state: StepState) -> bool {
    matches!(state, StepState::Done | StepState::Confirmed)
}

fn row(cx: &Cx, report: &StepReport, number: usize, is_next: bool) -> [Html; 4] {
    let info = report.step.info();
    let title = format!("{number}. {}", info.label);
    let title = if info.page.is_empty() { Html::text(title) } else { cell::link(info.page, title) };
    let chip = match report.state {
        StepState::Done => Chip::new("Done", Tone::Ok),
        StepState::Confirmed => Chip::new("Ticked off", Tone::Ok),
        StepState::Open if info.optional => Chip::new("Optional", Tone::Idle),
        StepState::Open => Chip::new("To do", Tone::Warn),
        StepState::Unavailable => Chip::new("Not in this version", Tone::Idle),
    };
    [
        cell::lines(title, info.about),
        chip.into(),
        cell::prose(report.detail.as_str()),
        buttons(cx, report, is_next),
    ]
}

fn buttons(cx: &Cx, report: &StepReport, is_next: bool) -> Html {
    let info = report.step.info();
    let mut all: Vec<Html> = Vec::new();
    if report.state == StepState::Open && !info.page.is_empty() && cx.can(info.needs) {
        let kind = if is_next { ButtonKind::Primary } else { ButtonKind::Plain };
        all.push(Button::link("Open", info.page).kind(kind).small().into());
    }
    let tick = match report.state {
        StepState::Open => Some(("It is right as it is", "on")),
        StepState::Confirmed => Some(("Open again", "")),
        StepState::Done | StepState::Unavailable => None,
    };
    if let Some((label, value)) = tick.filter(|_| cx.can(Permission::OrganizationEdit)) {
        let hidden = [cx.hidden(), vec![hidden_value("confirmed", value)]].concat();
        let button = Button::submit(label).kind(ButtonKind::Plain).small();
        all.push(PostButton { action: format!("{PATH}/{}", info.key), hidden, button }.into());
    }
    cell::buttons(all)
}

async fn confirm(cx: Cx, Path(key): Path<String>, Form(data): Form) -> Answer {
    let step: Step =
        STEPS.iter().find(|info| info.key == key).map(|info| info.step).ok_or(Error::NotFound("step"))?;
    getting_started::confirm(&cx.engine, &cx.scope, step, data.ticked("confirmed")).await?;
    let said = if data.ticked("confirmed") { "Ticked off." } else { "Opened again." };
    cx.done(PATH, said)
}
