//! The Database Task Scheduler: what the server does by itself.

use axum::Json;
use catalog::{Millis, Permission};
use domain::model::TaskOutcome;
use door::{Access, Path};
use engine::tasks::{self, Ran, Task, TaskId};
use http::Method;
use schemars::JsonSchema;
use serde::Serialize;

use super::answer::Page;
use super::endpoint::{Family, endpoint};
use super::input::Call;
use super::problem::Problem;

pub(super) fn family() -> Family {
    let view = Access::Needs(Permission::OrganizationView);
    Family {
        name: "Database Task Scheduler",
        about: "What the server does by itself, now and then: when, how it went, and what comes next.",
        endpoints: vec![
            endpoint(Method::GET, "/api/v1/tasks", view, list, "List the tasks").gives::<Page<TaskInfo>>(),
            endpoint(Method::POST, "/api/v1/tasks/{task}/run", view, run, "Run a task now")
                .says(
                    "When it is due next stays. What runs for longer than ten seconds goes on by itself. Needs the \
                     permission for what the task does.",
                )
                .gives::<RanInfo>(),
        ],
    }
}

pub(super) fn installation() -> Family {
    Family {
        name: "Installation tasks",
        about: "What the server does by itself for the installation.",
        endpoints: vec![
            endpoint(
                Method::GET,
                "/api/v1/installation/tasks",
                Access::System,
                list_installation,
                "List the installation's tasks",
            )
            .gives::<Page<TaskInfo>>(),
            endpoint(
                Method::POST,
                "/api/v1/installation/tasks/{task}/run",
                Access::System,
                run_installation,
                "Run one of the installation's tasks now",
            )
            .gives::<RanInfo>(),
        ],
    }
}

/// A task.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Task")]
struct TaskInfo {
    /// What it is called: `purge-journal`, `directory-ldp_…`, `report-rml_…`.
    id: String,
    /// Its name.
    name: String,
    /// What it does.
    about: String,
    /// When it runs, in words.
    when: String,
    /// Whether it runs by itself.
    on: bool,
    /// It is running on the node that answers.
    running: bool,
    /// How it went last; null: it never ran.
    last: Option<OutcomeInfo>,
    /// When it runs next, if nothing holds it up; null: never.
    next_at: Option<Millis>,
    /// Whether I may run it now.
    may_run: bool,
}

/// How a run of a task went.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "TaskOutcome")]
pub(super) struct OutcomeInfo {
    /// When it ended.
    at: Millis,
    /// How long it took, milliseconds.
    took: Millis,
    /// Whether it did what it should.
    good: bool,
    /// What it did, or why not, in a sentence.
    says: String,
}

impl From<TaskOutcome> for OutcomeInfo {
    fn from(outcome: TaskOutcome) -> Self {
        let TaskOutcome { at, took, good, says } = outcome;
        Self { at, took, good, says }
    }
}

/// What became of a task that was run.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "TaskRan")]
pub(super) struct RanInfo {
    /// It is over; otherwise it goes on.
    done: bool,
    /// How it went; null while it goes on.
    outcome: Option<OutcomeInfo>,
}

impl From<Ran> for RanInfo {
    fn from(ran: Ran) -> Self {
        match ran {
            Ran::Done(outcome) => Self { done: true, outcome: Some(outcome.into()) },
            Ran::UnderWay => Self { done: false, outcome: None },
        }
    }
}

impl From<Task> for TaskInfo {
    fn from(task: Task) -> Self {
        let Task { id, name, about, when, on, running, last, next_at, may_run } = task;
        let last = last.map(OutcomeInfo::from);
        Self { id: id.to_string(), name, about, when, on, running, last, next_at, may_run }
    }
}

async fn list(call: Call) -> Result<Json<Page<TaskInfo>>, Problem> {
    let all = tasks::list(&call.engine, &call.scope).await?;
    Ok(Page::whole(all.into_iter().map(TaskInfo::from).collect()))
}

async fn run(call: Call, Path(task): Path<String>) -> Result<Json<RanInfo>, Problem> {
    let id: TaskId = task.parse()?;
    Ok(Json(tasks::run(&call.engine, &call.scope, id).await?.into()))
}

async fn list_installation(call: Call) -> Result<Json<Page<TaskInfo>>, Problem> {
    let all = tasks::list(&call.engine, &call.scope.at_installation()?).await?;
    Ok(Page::whole(all.into_iter().map(TaskInfo::from).collect()))
}

async fn run_installation(call: Call, Path(task): Path<String>) -> Result<Json<RanInfo>, Problem> {
    let id: TaskId = task.parse()?;
    Ok(Json(tasks::run(&call.engine, &call.scope.at_installation()?, id).await?.into()))
}
