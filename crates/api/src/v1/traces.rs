//! Timed traces of a user's requests, for the help desk.

use axum::Json;
use catalog::Permission;
use domain::model::User;
use door::{Access, Path};
use engine::{Error, devices};
use http::Method;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::answer::Done;
use super::endpoint::{Family, endpoint};
use super::input::{Body, Call};
use super::problem::Problem;
use super::words::Ref;

pub(super) fn family() -> Family {
    let path = "/api/v1/users/{user}/trace";
    let access = Access::Needs(Permission::DevicesTrace);
    Family {
        name: "Traces",
        about: "While a trace runs, a line is kept for each request of a user's devices; never a body or a password.",
        endpoints: vec![
            endpoint(Method::GET, path, access, show, "Show the trace of a user").gives::<TraceInfo>(),
            endpoint(Method::PUT, path, access, start, "Start a trace")
                .says("A former trace of the user is forgotten.")
                .body::<TraceInput>(),
            endpoint(Method::DELETE, path, access, stop, "Stop the trace; its lines stay"),
        ],
    }
}

/// A trace with its lines.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Trace")]
struct TraceInfo {
    /// When it began.
    started_at: i64,
    /// When it ends or ended.
    until: i64,
    /// Who asked for it.
    started_by: String,
    /// The lines, oldest first, at most 1000.
    lines: Vec<Line>,
}

/// A line of a trace.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "TraceLine")]
struct Line {
    /// When.
    at: i64,
    /// What was asked and answered.
    text: String,
}

/// How long.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct TraceInput {
    /// 1 to 240.
    minutes: u32,
}

async fn show(call: Call, Path(user): Path<Ref<User>>) -> Result<Json<TraceInfo>, Problem> {
    let found = devices::trace(&call.engine, &call.scope, user.0).await?;
    let (trace, lines) = found.ok_or(Error::NotFound("trace"))?;
    Ok(Json(TraceInfo {
        started_at: trace.started_at,
        until: trace.until,
        started_by: trace.started_by,
        lines: lines.into_iter().map(|l| Line { at: l.at, text: l.line }).collect(),
    }))
}

async fn start(
    call: Call,
    Path(user): Path<Ref<User>>,
    Body(input): Body<TraceInput>,
) -> Result<Done, Problem> {
    if input.minutes == 0 {
        return Err(Problem::invalid("minutes", "A trace runs 1 to 240 minutes; DELETE stops it."));
    }
    devices::set_trace(&call.engine, &call.scope, user.0, input.minutes).await?;
    Ok(Done)
}

async fn stop(call: Call, Path(user): Path<Ref<User>>) -> Result<Done, Problem> {
    devices::set_trace(&call.engine, &call.scope, user.0, 0).await?;
    Ok(Done)
}
