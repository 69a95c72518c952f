//! What happened: the timeline, and the last requests of the mail client.

use axum::Json;
use domain::model::Device;
use door::Path;
use engine::devices;
use engine::exchanges::Exchange;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::v1::answer::Page;
use crate::v1::input::{Call, Params};
use crate::v1::journal::Entry;
use crate::v1::problem::Problem;
use crate::v1::words::Ref;

/// How many.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Limit {
    /// 1 to 500; 50 unless told.
    limit: Option<u32>,
}

/// One request of a device and what became of it.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Exchange")]
pub(super) struct ExchangeInfo {
    /// When it came.
    at: i64,
    /// ActiveSync command.
    command: String,
    /// Protocol version.
    version: String,
    /// HTTP status answered.
    http_status: u16,
    /// Status inside the answer, when one was seen.
    status: Option<u16>,
    /// Milliseconds from request to answer.
    duration_ms: u32,
    /// Who answered: device, gateway, stand-in or mail server.
    answered_by: String,
    /// Why it was refused; empty when it was not.
    why: String,
    /// Bytes of the request's body.
    request_bytes: u64,
    /// Bytes of the answer's body.
    answer_bytes: u64,
}

impl From<Exchange> for ExchangeInfo {
    fn from(e: Exchange) -> Self {
        Self {
            at: e.at,
            command: e.command,
            version: e.version,
            http_status: e.http,
            status: e.status,
            duration_ms: e.duration,
            answered_by: e.who,
            why: e.why,
            request_bytes: e.bytes.0,
            answer_bytes: e.bytes.1,
        }
    }
}

pub(super) async fn timeline(
    call: Call,
    Path(id): Path<Ref<Device>>,
    Params(query): Params<Limit>,
) -> Result<Json<Page<Entry>>, Problem> {
    let limit = query.limit.unwrap_or(50);
    let rows = devices::timeline(&call.engine, &call.scope, id.0, limit).await?;
    Ok(Json(Page { items: rows.into_iter().map(Into::into).collect(), next: None, total: None }))
}

pub(super) async fn exchanges(
    call: Call,
    Path(id): Path<Ref<Device>>,
) -> Result<Json<Page<ExchangeInfo>>, Problem> {
    let all = devices::exchanges(&call.engine, &call.scope, id.0).await?;
    Ok(Page::whole(all.into_iter().map(Into::into).collect()))
}
