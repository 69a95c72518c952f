//! Entering, editing, joining and removing by hand.

use std::collections::BTreeMap;

use axum::Json;
use catalog::{Liability, Platform};
use domain::model::{CustomScope, Device, PolicySuite, Schedule, User};
use door::Path;
use engine::{custom_columns, devices};
use schemars::JsonSchema;
use serde::Deserialize;

use super::detail::{DeviceInfo, read};
use crate::v1::administrators::present;
use crate::v1::answer::{Created, Done};
use crate::v1::input::{Body, Call};
use crate::v1::problem::Problem;
use crate::v1::words::{Known, Ref, Word};

/// A device made known by hand.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewDevice {
    /// Owner.
    user: Ref<User>,
    /// Name shown, 1 to 100 characters; empty takes "Device of …".
    #[serde(default)]
    name: String,
    /// Platform, as far as it is known.
    platform: Option<Word<Platform>>,
    /// Null takes the user's.
    liability: Option<Word<Liability>>,
    /// MAC addresses in any spelling, at most 10.
    #[serde(default)]
    macs: Vec<String>,
    /// Facts that may be entered by hand, by key: `serial_number`, `imei` …
    #[serde(default)]
    facts: BTreeMap<String, Known>,
}

/// What can be edited of a device. Missing fields stay as they are.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[expect(clippy::option_option, reason = "absent, null and a value are three things")]
pub(super) struct DeviceEdit {
    /// Name shown, 1 to 100 characters.
    name: Option<String>,
    /// Liability of its own; null takes the user's.
    #[serde(default, deserialize_with = "present")]
    #[schemars(with = "Option<Word<Liability>>")]
    liability: Option<Option<Word<Liability>>>,
    /// Suite of its own; null takes the user's or the organization's.
    #[serde(default, deserialize_with = "present")]
    #[schemars(with = "Option<Ref<PolicySuite>>")]
    suite: Option<Option<Ref<PolicySuite>>>,
    /// Connection schedule of its own; null takes the user's or the organization's.
    #[serde(default, deserialize_with = "present")]
    #[schemars(with = "Option<Ref<Schedule>>")]
    schedule: Option<Option<Ref<Schedule>>>,
    /// MAC addresses in any spelling, as a whole, at most 10.
    macs: Option<Vec<String>>,
    /// The mail client wants HTTP 449 with the status body from 14.0 on.
    quirk_449: Option<bool>,
    /// The mail client wants a Ping to be refused by Ping status 7 from 14.0 on.
    quirk_ping: Option<bool>,
    /// Facts entered by hand, by key; null forgets one.
    #[serde(default)]
    facts: BTreeMap<String, Option<Known>>,
    /// Values of the organization's own columns, by the columns' names; an empty one is taken away.
    #[serde(default)]
    custom: BTreeMap<String, String>,
}

/// The other record.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "DeviceJoin")]
pub(super) struct Join {
    /// The record that is given up.
    other: Ref<Device>,
}

pub(super) async fn create(call: Call, Body(input): Body<NewDevice>) -> Result<Created<DeviceInfo>, Problem> {
    let new = devices::NewDevice {
        user: input.user.0,
        name: input.name,
        platform: input.platform.map(|p| p.0).unwrap_or_default(),
        liability: input.liability.map(|l| l.0),
        macs: input.macs,
        facts: input.facts.into_iter().map(|(key, value)| (key, value.0)).collect(),
    };
    let made = devices::create(&call.engine, &call.scope, new).await?;
    Ok(Created(format!("/api/v1/devices/{}", made.id), read(&call, made.id.into())?))
}

pub(super) async fn edit(
    call: Call,
    Path(id): Path<Ref<Device>>,
    Body(input): Body<DeviceEdit>,
) -> Result<Json<DeviceInfo>, Problem> {
    let custom = {
        let org = call.organization()?;
        custom_columns::from_names(&org.read(), CustomScope::Device, input.custom)?
    };
    let edit = devices::DeviceEdit {
        custom,
        name: input.name,
        liability: input.liability.map(|l| l.map(|l| l.0)),
        suite: input.suite.map(|s| s.map(|s| s.0)),
        schedule: input.schedule.map(|s| s.map(|s| s.0)),
        macs: input.macs,
        quirk_449: input.quirk_449,
        quirk_ping: input.quirk_ping,
        facts: input.facts.into_iter().map(|(key, value)| (key, value.map(|v| v.0))).collect(),
    };
    devices::edit(&call.engine, &call.scope, id.0, edit).await?;
    Ok(Json(read(&call, id)?))
}

pub(super) async fn remove(call: Call, Path(id): Path<Ref<Device>>) -> Result<Done, Problem> {
    devices::remove(&call.engine, &call.scope, id.0).await?;
    Ok(Done)
}

pub(super) async fn join(
    call: Call,
    Path(id): Path<Ref<Device>>,
    Body(input): Body<Join>,
) -> Result<Json<DeviceInfo>, Problem> {
    devices::join(&call.engine, &call.scope, id.0, input.other.0).await?;
    Ok(Json(read(&call, id)?))
}
