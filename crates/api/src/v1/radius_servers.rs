//! RADIUS servers that are told at once when a device may use the network no longer, or again.

use axum::Json;
use catalog::Permission;
use domain::model::{Device, RadiusRequest, RadiusRequestKind, RadiusServer, RadiusState, StationForm};
use door::{Access, Path};
use engine::radius::{self, RadiusInput};
use http::Method;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::answer::{Created, Done, Page, Versioned};
use super::endpoint::{Family, endpoint};
use super::input::{Body, Call, Params, Seen};
use super::problem::Problem;
use super::words::{Ref, Word};

/// Requests shown.
const LATEST: u32 = 200;

pub(super) fn family() -> Family {
    let (all, one) = ("/api/v1/radius-servers", "/api/v1/radius-servers/{radius_server}");
    let (view, change) = (Access::Needs(Permission::IseView), Access::Needs(Permission::IseEdit));
    Family {
        name: "RADIUS servers",
        about: "Access devices that are asked by CoA- or Disconnect-Requests (RFC 5176) when the verdict on Network Access changes.",
        endpoints: vec![
            endpoint(Method::GET, all, view, list, "List RADIUS servers").gives::<Page<ServerInfo>>(),
            endpoint(Method::POST, all, change, create, "Add a RADIUS server")
                .says("From then on every change of a device's network verdict is told to it. A Disconnect-Request interrupts calls over the wireless network.")
                .body::<ServerSettings>()
                .creates::<ServerInfo>(),
            endpoint(Method::GET, one, view, show, "Show a RADIUS server").gives::<ServerInfo>().versioned(),
            endpoint(Method::PUT, one, change, replace, "Replace the settings of a RADIUS server")
                .says("A field that is left out takes its default; without a secret the stored one stays.")
                .body::<ServerSettings>()
                .gives::<ServerInfo>()
                .versioned(),
            endpoint(Method::DELETE, one, change, remove, "Remove a RADIUS server and what waits for it"),
            endpoint(
                Method::POST,
                "/api/v1/radius-servers/{radius_server}/test",
                change,
                test,
                "Ask a RADIUS server about a MAC now",
            )
            .says("With a MAC that is not connected, \"Session Context Not Found\" shows that address and secret are right.")
            .body::<TestInput>()
            .gives::<TestOutcome>(),
            endpoint(Method::GET, "/api/v1/radius-requests", view, requests, "What was asked, newest first")
                .says("At most 200; those that are over are kept for 30 days.")
                .query::<RequestQuery>()
                .gives::<Page<RequestInfo>>(),
        ],
    }
}

/// Settings of a RADIUS server.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(rename = "RadiusServerSettings")]
struct ServerSettings {
    /// Name, unique in the organization, 1 to 100 characters.
    name: String,
    /// Host name or address.
    host: String,
    /// UDP port; 3799, or 1700 on Cisco's devices.
    port: u16,
    /// The shared secret, 8 to 128 characters. Never given out.
    #[serde(skip_serializing)]
    secret: String,
    /// What is asked.
    request: Word<RadiusRequestKind>,
    /// How the access device writes MACs.
    station: Word<StationForm>,
    /// NAS-Identifier to send along; empty sends none.
    nas_identifier: String,
    /// Also when a device may use the network again.
    on_restore: bool,
    /// Requests in a second at most, 1 to 200.
    per_second: u32,
    /// Asked at all.
    enabled: bool,
}

impl From<RadiusInput> for ServerSettings {
    fn from(s: RadiusInput) -> Self {
        Self {
            name: s.name,
            host: s.host,
            port: s.port,
            secret: String::new(),
            request: Word(s.request),
            station: Word(s.station),
            nas_identifier: s.nas_identifier,
            on_restore: s.on_restore,
            per_second: s.per_second,
            enabled: s.enabled,
        }
    }
}

impl Default for ServerSettings {
    fn default() -> Self {
        RadiusInput::default().into()
    }
}

impl From<ServerSettings> for RadiusInput {
    fn from(s: ServerSettings) -> Self {
        Self {
            name: s.name,
            host: s.host,
            port: s.port,
            secret: s.secret,
            request: s.request.0,
            station: s.station.0,
            nas_identifier: s.nas_identifier,
            on_restore: s.on_restore,
            per_second: s.per_second,
            enabled: s.enabled,
        }
    }
}

/// A RADIUS server.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "RadiusServer")]
struct ServerInfo {
    /// Its id.
    id: Ref<RadiusServer>,
    /// Settings, without the secret.
    #[serde(flatten)]
    settings: ServerSettings,
    /// Grows with every change; the ETag.
    rev: i64,
}

impl From<&RadiusServer> for ServerInfo {
    fn from(s: &RadiusServer) -> Self {
        Self { id: s.id.into(), settings: RadiusInput::of(s).into(), rev: s.rev }
    }
}

/// A MAC to ask about.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(rename = "RadiusTest")]
struct TestInput {
    /// MAC in any spelling.
    mac: String,
}

/// What the access device said.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "RadiusTestOutcome")]
struct TestOutcome {
    /// It did what was asked.
    acknowledged: bool,
    /// Why not, or what it says besides.
    words: String,
    /// Packets sent until the answer.
    sends: u32,
    /// Milliseconds from the first packet to the answer.
    milliseconds: u64,
}

/// Which requests.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(rename = "RadiusRequestQuery")]
struct RequestQuery {
    /// About this device only.
    device: Option<Ref<Device>>,
}

/// A request about one MAC of a device.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "RadiusRequest")]
struct RequestInfo {
    /// Its id.
    id: Ref<RadiusRequest>,
    /// Whom it goes to.
    server: Ref<RadiusServer>,
    /// About which device.
    device: Ref<Device>,
    /// Twelve hexadecimal digits.
    mac: String,
    /// The device may use the network again; else no longer.
    restored: bool,
    /// When the verdict changed, milliseconds since 1970.
    at: i64,
    /// What became of it.
    state: Word<RadiusState>,
    /// The reason in words.
    detail: String,
    /// Packets sent.
    sends: u32,
    /// When it was over, milliseconds since 1970.
    done_at: Option<i64>,
}

impl From<RadiusRequest> for RequestInfo {
    fn from(r: RadiusRequest) -> Self {
        Self {
            id: r.id.into(),
            server: r.server.into(),
            device: r.device.into(),
            mac: r.mac,
            restored: r.restored,
            at: r.at,
            state: Word(r.state),
            detail: r.detail,
            sends: r.sends,
            done_at: r.done_at,
        }
    }
}

fn read(call: &Call, id: Ref<RadiusServer>) -> Result<ServerInfo, Problem> {
    Ok(radius::get(&call.engine, &call.scope, id.0)?.as_ref().into())
}

async fn list(call: Call) -> Result<Json<Page<ServerInfo>>, Problem> {
    let all = radius::list(&call.engine, &call.scope)?;
    Ok(Page::whole(all.iter().map(|s| s.as_ref().into()).collect()))
}

async fn create(call: Call, Body(input): Body<ServerSettings>) -> Result<Created<ServerInfo>, Problem> {
    let id = radius::create(&call.engine, &call.scope, input.into()).await?;
    Ok(Created(format!("/api/v1/radius-servers/{id}"), read(&call, id.into())?))
}

async fn show(call: Call, Path(id): Path<Ref<RadiusServer>>) -> Result<Versioned<ServerInfo>, Problem> {
    let info = read(&call, id)?;
    Ok(Versioned(info.rev, info))
}

async fn replace(
    call: Call,
    Path(id): Path<Ref<RadiusServer>>,
    seen: Seen,
    Body(input): Body<ServerSettings>,
) -> Result<Versioned<ServerInfo>, Problem> {
    seen.expect(read(&call, id)?.rev)?;
    radius::edit(&call.engine, &call.scope, id.0, seen.0, input.into()).await?;
    show(call, Path(id)).await
}

async fn remove(call: Call, Path(id): Path<Ref<RadiusServer>>) -> Result<Done, Problem> {
    radius::remove(&call.engine, &call.scope, id.0).await?;
    Ok(Done)
}

async fn test(
    call: Call,
    Path(id): Path<Ref<RadiusServer>>,
    Body(input): Body<TestInput>,
) -> Result<Json<TestOutcome>, Problem> {
    let told = radius::test(&call.engine, &call.scope, id.0, &input.mac).await?;
    Ok(Json(TestOutcome {
        acknowledged: told.done,
        words: told.words,
        sends: told.sends,
        milliseconds: told.after.as_millis() as u64,
    }))
}

async fn requests(
    call: Call,
    Params(query): Params<RequestQuery>,
) -> Result<Json<Page<RequestInfo>>, Problem> {
    let device = query.device.map(|device| device.0);
    let all = radius::requests(&call.engine, &call.scope, device, LATEST).await?;
    Ok(Page::whole(all.into_iter().map(Into::into).collect()))
}
