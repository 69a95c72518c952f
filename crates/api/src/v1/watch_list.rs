//! The connectivity watch list.

use axum::Json;
use catalog::{Millis, Permission};
use domain::model::{ChannelKind, Device, Watched};
use door::{Access, Path};
use engine::watch::{self, WatchInput};
use http::Method;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::alerts::{To, recipients};
use super::answer::{Done, Page};
use super::endpoint::{Family, endpoint};
use super::input::{Body, Call};
use super::problem::Problem;
use super::words::{Ref, Word};

pub(super) fn family() -> Family {
    let view = Access::Needs(Permission::ComplianceView);
    let edit = Access::Needs(Permission::ComplianceEdit);
    let one = "/api/v1/watch-list/{device}";
    Family {
        name: "Connectivity watch list",
        about: "Devices whose silence raises an alert (`device.silent`), each with a threshold and recipients of its own.",
        endpoints: vec![
            endpoint(
                Method::GET,
                "/api/v1/watch-list",
                view,
                list,
                "List watched devices, silent ones first",
            )
            .gives::<Page<WatchedDevice>>(),
            endpoint(Method::GET, one, view, show, "Show a watched device")
                .says("`404` for a device that is not on the list.")
                .gives::<WatchedDevice>(),
            endpoint(
                Method::PUT,
                one,
                edit,
                put,
                "Put a device on the list, or change what it is watched for",
            )
            .says("A change begins anew: contacts in time are counted from none, a silence is told again.")
            .body::<WatchSettings>()
            .gives::<WatchedDevice>(),
            endpoint(Method::DELETE, one, edit, remove, "Take a device off the list"),
        ],
    }
}

/// What a device is watched for.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct WatchSettings {
    /// How long it may be silent, 1 to 43,200 minutes.
    minutes: u32,
    /// Who is told by mail, besides those whom the settings of the alert name.
    #[serde(default)]
    recipients: To,
    /// Leaves the list after so many contacts in time, at most 1,000; 0: it stays. One is counted for each span of
    /// `minutes`.
    #[serde(default)]
    leave_after: u32,
    /// Why; at most 500 characters.
    #[serde(default)]
    note: String,
}

/// A device on the list.
#[derive(Serialize, JsonSchema)]
struct WatchedDevice {
    /// The device.
    device: Ref<Device>,
    /// Its name.
    name: String,
    /// How long it may be silent, minutes.
    minutes: u32,
    /// Who is told by mail, besides those whom the settings of the alert name.
    recipients: To,
    /// Leaves the list after so many contacts in time; 0: it stays.
    leave_after: u32,
    /// Contacts in time so far.
    good: u32,
    /// Why it is watched.
    note: String,
    /// Who put it on the list.
    by: String,
    /// When.
    since: Millis,
    /// Since when it is silent, if it is for too long.
    silent_since: Option<Millis>,
    /// When it is looked at next, unless it is silent.
    due_at: Option<Millis>,
    /// Its last contact by each channel.
    contacts: Vec<Contact>,
}

/// The last contact by a channel.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "ChannelContact")]
struct Contact {
    /// The channel.
    channel: Word<ChannelKind>,
    /// When; null: never.
    at: Option<Millis>,
}

/// `None` for a device that was removed this moment.
fn info(call: &Call, watched: Watched) -> Option<WatchedDevice> {
    let org = call.engine.directory().organization(call.scope.organization())?;
    let device = org.read().devices.get(watched.device).cloned()?;
    let contacts = watch::contacts(&call.engine, &device);
    let contacts = contacts.into_iter().map(|(channel, at)| Contact { channel: Word(channel), at }).collect();
    Some(WatchedDevice {
        device: watched.device.into(),
        name: device.name.clone(),
        minutes: watched.minutes,
        recipients: (&watched.recipients).into(),
        leave_after: watched.leave_after,
        good: watched.good,
        note: watched.note,
        by: watched.by,
        since: watched.since,
        silent_since: watched.silent_since,
        due_at: watched.due_at,
        contacts,
    })
}

async fn list(call: Call) -> Result<Json<Page<WatchedDevice>>, Problem> {
    let all = watch::list(&call.engine, &call.scope).await?;
    Ok(Page::whole(all.into_iter().filter_map(|watched| info(&call, watched)).collect()))
}

async fn show(call: Call, Path(id): Path<Ref<Device>>) -> Result<Json<WatchedDevice>, Problem> {
    let watched = watch::get(&call.engine, &call.scope, id.0).await?;
    Ok(Json(info(&call, watched).ok_or(engine::Error::NotFound("device"))?))
}

async fn put(
    call: Call,
    Path(id): Path<Ref<Device>>,
    Body(settings): Body<WatchSettings>,
) -> Result<Json<WatchedDevice>, Problem> {
    let WatchSettings { minutes, recipients: to, leave_after, note } = settings;
    let input = WatchInput { minutes, recipients: recipients("recipients", to)?, leave_after, note };
    watch::put(&call.engine, &call.scope, id.0, input).await?;
    show(call, Path(id)).await
}

async fn remove(call: Call, Path(id): Path<Ref<Device>>) -> Result<Done, Problem> {
    watch::remove(&call.engine, &call.scope, id.0).await?;
    Ok(Done)
}
