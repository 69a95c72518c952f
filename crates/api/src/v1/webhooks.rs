//! Webhooks, and the stream of events that they deliver.

use axum::Json;
use catalog::{Millis, Permission};
use domain::model::{JournalRow, Webhook, WebhookDelivery, WebhookState};
use door::{Access, Path};
use engine::webhooks::{self, WebhookInput};
use http::Method;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::answer::{Created, Done, Page};
use super::endpoint::{Family, endpoint};
use super::input::{Body, Call, Params};
use super::problem::Problem;
use super::words::Ref;

pub(super) fn family() -> Family {
    let view = Access::Needs(Permission::OrganizationView);
    let edit = Access::Needs(Permission::OrganizationEdit);
    let one = "/api/v1/webhooks/{webhook}";
    Family {
        name: "Webhooks",
        about: "What the journal says, posted to addresses of the organization, signed and in order.",
        endpoints: vec![
            endpoint(Method::GET, "/api/v1/webhooks", view, list, "List webhooks")
                .gives::<Page<WebhookInfo>>(),
            endpoint(Method::POST, "/api/v1/webhooks", edit, create, "Make a webhook")
                .says("It hears what happens from now on. The secret is in this answer and nowhere else.")
                .body::<Settings>()
                .creates::<Made>(),
            endpoint(Method::GET, one, view, show, "Show a webhook").gives::<WebhookInfo>(),
            endpoint(Method::PUT, one, edit, replace, "Change a webhook")
                .body::<Settings>()
                .gives::<WebhookInfo>(),
            endpoint(Method::DELETE, one, edit, remove, "Remove a webhook"),
            endpoint(
                Method::GET,
                "/api/v1/webhooks/{webhook}/deliveries",
                view,
                deliveries,
                "List the last deliveries",
            )
            .gives::<Page<Delivery>>(),
            endpoint(
                Method::POST,
                "/api/v1/webhooks/{webhook}/test",
                edit,
                test,
                "Deliver an event that never happened",
            )
            .gives::<Tested>(),
            endpoint(Method::POST, "/api/v1/webhooks/{webhook}/resume", edit, resume, "Go on after a pause")
                .says("Where it stopped, or behind the entry that you name because you read up to it.")
                .body::<Resume>()
                .gives::<WebhookInfo>(),
            endpoint(
                Method::POST,
                "/api/v1/webhooks/{webhook}/secrets",
                edit,
                new_secret,
                "Make a second secret",
            )
            .says("Deliveries carry both signatures until the old one is retired.")
            .gives::<Secret>(),
            endpoint(
                Method::DELETE,
                "/api/v1/webhooks/{webhook}/secrets",
                edit,
                retire,
                "Retire the old secret",
            ),
            endpoint(
                Method::GET,
                "/api/v1/events",
                Access::Needs(Permission::JournalView),
                events,
                "Read events, oldest first",
            )
            .says("The stream that webhooks deliver, by the same sequence numbers.")
            .query::<EventQuery>()
            .gives::<Page<Event>>(),
        ],
    }
}

/// A webhook as it is set.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "WebhookSettings")]
struct Settings {
    /// Name, 1 to 100 characters.
    name: String,
    /// `https://…`.
    url: String,
    /// Beginnings of event keys, such as `device.`; empty: every event.
    #[serde(default)]
    events: Vec<String>,
    /// Delivered to.
    #[serde(default = "yes")]
    on: bool,
}

fn yes() -> bool {
    true
}

impl From<Settings> for WebhookInput {
    fn from(s: Settings) -> Self {
        Self { name: s.name, url: s.url, events: s.events, on: s.on }
    }
}

/// A webhook.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Webhook")]
struct WebhookInfo {
    /// Its id.
    id: Ref<Webhook>,
    /// Name.
    name: String,
    /// Where it posts to.
    url: String,
    /// Beginnings of event keys; empty: every event.
    events: Vec<String>,
    /// Delivered to.
    on: bool,
    /// How many secrets sign: 2 while the receiver changes over.
    secrets: usize,
    /// When it was made.
    created_at: Millis,
    /// The newest entry that was delivered or is not for it.
    sequence: i64,
    /// Failures since the last success.
    attempts: u32,
    /// Since when nothing is taken.
    failing_since: Option<Millis>,
    /// Since when it is paused.
    paused_at: Option<Millis>,
}

impl From<(Webhook, WebhookState)> for WebhookInfo {
    fn from((w, s): (Webhook, WebhookState)) -> Self {
        Self {
            id: w.id.into(),
            name: w.name,
            url: w.url,
            events: w.events,
            on: w.on,
            secrets: w.secrets.len(),
            created_at: w.created_at,
            sequence: s.sequence,
            attempts: s.attempts,
            failing_since: s.failing_since,
            paused_at: s.paused_at,
        }
    }
}

/// A new webhook with its secret.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "WebhookCreated")]
struct Made {
    /// The webhook.
    webhook: WebhookInfo,
    /// The key of its signature; shown this once.
    secret: String,
}

/// A new secret.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "WebhookSecret")]
struct Secret {
    /// The key of the signature; shown this once.
    secret: String,
}

/// Where to go on.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(rename = "WebhookResume")]
struct Resume {
    /// The last entry that you have; null: where it stopped.
    after: Option<i64>,
}

/// What a test brought.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "WebhookTest")]
struct Tested {
    /// The receiver took it.
    ok: bool,
    /// Its status, or why it failed.
    detail: String,
}

/// A delivery that was tried.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "WebhookDelivery")]
struct Delivery {
    /// When.
    at: Millis,
    /// The first entry in it; 0 for a test.
    first: i64,
    /// The last entry in it.
    last: i64,
    /// How many events it held.
    events: u32,
    /// Whether the receiver took it.
    taken: bool,
    /// The status, or why it failed.
    outcome: String,
}

impl From<WebhookDelivery> for Delivery {
    fn from(d: WebhookDelivery) -> Self {
        let WebhookDelivery { at, first, last, events, taken, outcome } = d;
        Self { at, first, last, events, taken, outcome }
    }
}

/// Where to read on.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct EventQuery {
    /// Only events behind this sequence number; 0 unless told.
    #[serde(default)]
    after: i64,
    /// Events a page, 1 to 500; 100 unless told.
    limit: Option<u32>,
}

/// An event as webhooks deliver it.
#[derive(Serialize, JsonSchema)]
struct Event {
    /// Gap-free within the organization.
    sequence: i64,
    /// When.
    at: Millis,
    /// Who.
    actor: String,
    /// Key of the event, as in the catalogue.
    event: String,
    /// What it is about: an id, or empty.
    subject: String,
    /// Details; null when they were erased.
    body: Option<serde_json::Value>,
}

impl From<JournalRow> for Event {
    fn from(r: JournalRow) -> Self {
        Self {
            sequence: r.sequence,
            at: r.at,
            actor: r.actor,
            event: r.event,
            subject: r.subject,
            body: r.body,
        }
    }
}

async fn read(call: &Call, id: Ref<Webhook>) -> Result<WebhookInfo, Problem> {
    let all = webhooks::list(&call.engine, &call.scope).await?;
    let found = all.into_iter().find(|(webhook, _)| webhook.id == id.0);
    Ok(found.ok_or(engine::Error::NotFound("webhook"))?.into())
}

async fn list(call: Call) -> Result<Json<Page<WebhookInfo>>, Problem> {
    let all = webhooks::list(&call.engine, &call.scope).await?;
    Ok(Page::whole(all.into_iter().map(Into::into).collect()))
}

async fn create(call: Call, Body(input): Body<Settings>) -> Result<Created<Made>, Problem> {
    let (id, secret) = webhooks::create(&call.engine, &call.scope, input.into()).await?;
    let webhook = read(&call, id.into()).await?;
    Ok(Created(format!("/api/v1/webhooks/{id}"), Made { webhook, secret }))
}

async fn show(call: Call, Path(id): Path<Ref<Webhook>>) -> Result<Json<WebhookInfo>, Problem> {
    Ok(Json(read(&call, id).await?))
}

async fn replace(
    call: Call,
    Path(id): Path<Ref<Webhook>>,
    Body(input): Body<Settings>,
) -> Result<Json<WebhookInfo>, Problem> {
    webhooks::edit(&call.engine, &call.scope, id.0, input.into()).await?;
    Ok(Json(read(&call, id).await?))
}

async fn remove(call: Call, Path(id): Path<Ref<Webhook>>) -> Result<Done, Problem> {
    webhooks::remove(&call.engine, &call.scope, id.0).await?;
    Ok(Done)
}

async fn deliveries(call: Call, Path(id): Path<Ref<Webhook>>) -> Result<Json<Page<Delivery>>, Problem> {
    let all = webhooks::deliveries(&call.engine, &call.scope, id.0, 100).await?;
    Ok(Page::whole(all.into_iter().map(Into::into).collect()))
}

async fn test(call: Call, Path(id): Path<Ref<Webhook>>) -> Result<Json<Tested>, Problem> {
    let outcome = webhooks::test(&call.engine, &call.scope, id.0).await?;
    let detail = outcome.as_ref().map_or_else(ToString::to_string, ToString::to_string);
    Ok(Json(Tested { ok: outcome.is_ok(), detail }))
}

async fn resume(
    call: Call,
    Path(id): Path<Ref<Webhook>>,
    Body(to): Body<Resume>,
) -> Result<Json<WebhookInfo>, Problem> {
    webhooks::resume(&call.engine, &call.scope, id.0, to.after).await?;
    Ok(Json(read(&call, id).await?))
}

async fn new_secret(call: Call, Path(id): Path<Ref<Webhook>>) -> Result<Json<Secret>, Problem> {
    Ok(Json(Secret { secret: webhooks::new_secret(&call.engine, &call.scope, id.0).await? }))
}

async fn retire(call: Call, Path(id): Path<Ref<Webhook>>) -> Result<Done, Problem> {
    webhooks::retire_secret(&call.engine, &call.scope, id.0).await?;
    Ok(Done)
}

async fn events(call: Call, Params(query): Params<EventQuery>) -> Result<Json<Page<Event>>, Problem> {
    let limit = query.limit.unwrap_or(100).clamp(1, 500);
    let rows = webhooks::events(&call.engine, &call.scope, query.after, limit).await?;
    let full = rows.len() == limit as usize;
    let next = rows.last().filter(|_| full).map(|row| row.sequence.to_string());
    Ok(Json(Page { items: rows.into_iter().map(Into::into).collect(), next, total: None }))
}
