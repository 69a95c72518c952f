//! The wizard: seven steps that make an organization ready. It can be left at any time and gone on with.

use axum::response::Response;
use catalog::{Permission, SetUpStep};
use door::{Access, Form, FormData, Routes};
use engine::set_up::{self, SetUpReport, SetUpState};
use http::{HeaderValue, Method, header};

use super::frame::{Answer, Cx, Oops, PostButton, hidden_value, see_other, wizard};
use crate::parts::{Button, ButtonKind, Card, Chip, Head, Html, Place, Progress, Table, Tone, cell};

const PATH: &str = "/dashboard/set-up";

/// Registers the pages.
pub fn routes(routes: Routes) -> Routes {
    let edit = Access::Needs(Permission::OrganizationEdit);
    routes
        .route(Method::GET, PATH, edit, show)
        .route(Method::POST, "/dashboard/set-up/go", edit, go)
        .route(Method::POST, "/dashboard/set-up/pass", edit, pass)
        .route(Method::POST, "/dashboard/set-up/leave", edit, leave)
}

async fn show(cx: Cx) -> Answer {
    if cx.outside() {
        return Err(Oops::not_found("page"));
    }
    let all = set_up::steps(&cx.engine, &cx.scope)?;
    let done = all.iter().filter(|report| report.state != SetUpState::Open).count();
    let next = all.iter().find(|report| report.state == SetUpState::Open).map(|report| report.step);
    let lead = match (done, next) {
        (_, None) => "Every step was gone through. What follows is in Getting started.",
        (0, _) => {
            "Seven steps make an organization ready. Each is tried out before the next; leave at any time, and go on later."
        }
        _ => "You left in between. Go on where you were, or open any step.",
    };
    let mut head =
        Head::new("Set up the organization", lead).under("Getting started", "/dashboard/getting-started");
    if next.is_none() {
        head = head
            .action(Button::link("Getting started", "/dashboard/getting-started").kind(ButtonKind::Primary));
    }
    let columns = ["Step", "State", "What there is", ""];
    let table = all.iter().zip(1..).fold(Table::new("Steps", &columns).tall(), |table, (report, number)| {
        table.row(row(&cx, report, number, next == Some(report.step)))
    });
    let progress = Progress {
        id: "set-up".into(),
        label: "Steps".into(),
        done: done as u64,
        total: all.len() as u64,
        ..Progress::default()
    };
    cx.page(Place::GettingStarted, head, vec![Card::new("", progress).into(), Card::flush("", table).into()])
}

fn row(cx: &Cx, report: &SetUpReport, number: usize, is_next: bool) -> [Html; 4] {
    let info = report.step.info();
    let chip = match report.state {
        SetUpState::Done => Chip::new("Done", Tone::Ok),
        SetUpState::Passed => Chip::new("As it came", Tone::Idle),
        SetUpState::Open => Chip::new("To do", Tone::Warn),
    };
    let (label, kind) = match (is_next, number) {
        (true, 1) => ("Begin", ButtonKind::Primary),
        (true, _) => ("Go on", ButtonKind::Primary),
        (false, _) => ("Open", ButtonKind::Plain),
    };
    let open = PostButton {
        action: format!("{PATH}/go"),
        hidden: [cx.hidden(), vec![hidden_value("step", info.key)]].concat(),
        button: Button::submit(label).kind(kind).small(),
    };
    let open = if cx.can(info.needs) { open.into() } else { Html::default() };
    [
        cell::lines(Html::text(format!("{number}. {}", info.label)), info.about),
        chip.into(),
        cell::prose(report.detail.as_str()),
        open,
    ]
}

fn step(data: &FormData) -> Result<SetUpStep, Oops> {
    SetUpStep::from_key(data.text("step")).ok_or_else(|| Oops::not_found("step"))
}

/// Off to the page of a step, or out of the wizard.
fn off(to: &str, step: Option<SetUpStep>) -> Response {
    let mut response = see_other(to);
    if let Ok(cookie) = HeaderValue::from_str(&wizard::set(step)) {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    response
}

async fn go(_: Cx, Form(data): Form) -> Answer {
    let step = step(&data)?;
    Ok(off(step.info().page, Some(step)))
}

async fn pass(cx: Cx, Form(data): Form) -> Answer {
    let next = set_up::pass(&cx.engine, &cx.scope, step(&data)?).await?;
    Ok(off(next.map_or(PATH, |next| next.info().page), next))
}

async fn leave(_: Cx, _: Form) -> Answer {
    Ok(off(PATH, None))
}
