//! Single facts, for integrations.

use axum::Json;
use catalog::{KnownFact, Source};
use domain::model::Device;
use door::Path;
use engine::{Error, devices};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::v1::answer::Done;
use crate::v1::input::{Body, Call};
use crate::v1::problem::Problem;
use crate::v1::words::{Known, Ref};

/// A fact that is known.
#[derive(Serialize, JsonSchema)]
pub(super) struct Fact {
    /// The value.
    value: Known,
    /// Who said so.
    source: FactSource,
    /// Name of the integration, when one said so.
    integration: Option<String>,
    /// When it was last said.
    at: i64,
}

/// Who said so.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum FactSource {
    /// The device, over ActiveSync.
    Activesync,
    /// Recognized from DeviceType or User-Agent.
    Recognized,
    /// An administrator, by hand.
    Administrator,
    /// An integration, by REST.
    Integration,
    /// The server itself.
    Server,
}

impl From<&KnownFact> for Fact {
    fn from(known: &KnownFact) -> Self {
        let (source, integration) = match &known.source {
            Source::Activesync => (FactSource::Activesync, None),
            Source::Recognized => (FactSource::Recognized, None),
            Source::Administrator => (FactSource::Administrator, None),
            Source::Integration(name) => (FactSource::Integration, Some(name.clone())),
            Source::Server => (FactSource::Server, None),
        };
        Self { value: Known(known.value.clone()), source, integration, at: known.at }
    }
}

/// A value to enter.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct FactInput {
    /// Of the type that the catalogue gives for the fact.
    value: Known,
}

pub(super) async fn show(
    call: Call,
    Path((id, key)): Path<(Ref<Device>, String)>,
) -> Result<Json<Fact>, Problem> {
    let device = devices::get(&call.engine, &call.scope, id.0)?;
    let known = device.facts.by_key(&key).ok_or(Error::NotFound("known fact"))?;
    Ok(Json(known.into()))
}

pub(super) async fn enter(
    call: Call,
    Path((id, key)): Path<(Ref<Device>, String)>,
    Body(input): Body<FactInput>,
) -> Result<Json<Fact>, Problem> {
    devices::enter_fact(&call.engine, &call.scope, id.0, &key, Some(input.value.0)).await?;
    show(call, Path((id, key))).await
}

pub(super) async fn forget(
    call: Call,
    Path((id, key)): Path<(Ref<Device>, String)>,
) -> Result<Done, Problem> {
    devices::enter_fact(&call.engine, &call.scope, id.0, &key, None).await?;
    Ok(Done)
}
