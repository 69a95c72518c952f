//! Getting started: how far the organization is with its set-up.

use axum::Json;
use catalog::{Permission, SetUpStep, Step};
use door::{Access, Path};
use engine::getting_started::{self, StepReport, StepState};
use engine::set_up::{self, SetUpReport, SetUpState};
use http::Method;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::answer::{Done, Page};
use super::endpoint::{Family, endpoint};
use super::input::{Body, Call};
use super::problem::Problem;
use super::words::Word;

pub(super) fn family() -> Family {
    Family {
        name: "Getting started",
        about: "The steps in which an organization is made ready.",
        endpoints: vec![
            endpoint(
                Method::GET,
                "/api/v1/getting-started",
                Access::Needs(Permission::OrganizationView),
                list,
                "List the steps with their state",
            )
            .gives::<Page<StepInfo>>(),
            endpoint(
                Method::PUT,
                "/api/v1/getting-started/{step}",
                Access::Needs(Permission::OrganizationEdit),
                confirm,
                "Tick a step off, or open it again",
            )
            .says("A step that shows in what is configured stays done. `409` for one that this version cannot do.")
            .body::<Confirmation>()
            .gives::<StepInfo>(),
            endpoint(
                Method::GET,
                "/api/v1/set-up",
                Access::Needs(Permission::OrganizationView),
                set_up_steps,
                "List the steps of the wizard with their state",
            )
            .gives::<Page<SetUpInfo>>(),
            endpoint(
                Method::POST,
                "/api/v1/set-up/{set_up_step}/pass",
                Access::Needs(Permission::OrganizationEdit),
                pass,
                "Go on from a step of the wizard",
            )
            .says("It is right as it came, or not wanted. The wizard begins behind it the next time."),
        ],
    }
}

/// A step of the wizard.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "SetUpReport")]
struct SetUpInfo {
    /// The step.
    step: Word<SetUpStep>,
    /// What is set up.
    label: &'static str,
    /// What it is good for.
    about: &'static str,
    /// How far it is.
    state: Word<SetUpState>,
    /// What there is, one sentence.
    detail: String,
}

async fn set_up_steps(call: Call) -> Result<Json<Page<SetUpInfo>>, Problem> {
    let steps = set_up::steps(&call.engine, &call.scope)?;
    let info = |report: SetUpReport| SetUpInfo {
        step: Word(report.step),
        label: report.step.info().label,
        about: report.step.info().about,
        state: Word(report.state),
        detail: report.detail,
    };
    Ok(Page::whole(steps.into_iter().map(info).collect()))
}

async fn pass(call: Call, Path(step): Path<Word<SetUpStep>>) -> Result<Done, Problem> {
    set_up::pass(&call.engine, &call.scope, step.0).await?;
    Ok(Done)
}

/// A step.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "StepReport")]
struct StepInfo {
    /// The step.
    step: Word<Step>,
    /// What is to be done.
    label: &'static str,
    /// What it is good for.
    about: &'static str,
    /// Nothing stands still without it.
    optional: bool,
    /// How far it is.
    state: Word<StepState>,
    /// What there is, one sentence.
    detail: String,
}

impl From<StepReport> for StepInfo {
    fn from(report: StepReport) -> Self {
        let info = report.step.info();
        Self {
            step: Word(report.step),
            label: info.label,
            about: info.about,
            optional: info.optional,
            state: Word(report.state),
            detail: report.detail,
        }
    }
}

/// Whether a step is right as it is.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Confirmation {
    /// It is.
    confirmed: bool,
}

async fn list(call: Call) -> Result<Json<Page<StepInfo>>, Problem> {
    let steps = getting_started::steps(&call.engine, &call.scope)?;
    Ok(Page::whole(steps.into_iter().map(StepInfo::from).collect()))
}

async fn confirm(
    call: Call,
    Path(step): Path<Word<Step>>,
    Body(confirmation): Body<Confirmation>,
) -> Result<Json<StepInfo>, Problem> {
    getting_started::confirm(&call.engine, &call.scope, step.0, confirmation.confirmed).await?;
    let steps = getting_started::steps(&call.engine, &call.scope)?;
    let report = steps.into_iter().find(|report| report.step == step.0);
    Ok(Json(report.ok_or(engine::Error::NotFound("step"))?.into()))
}
