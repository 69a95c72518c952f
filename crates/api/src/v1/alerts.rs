//! Alerts, and when they are raised.

use std::collections::BTreeMap;

use axum::Json;
use catalog::{Millis, Permission, Severity};
use domain::mail::MailAddress;
use domain::model::{
    Administrator, Alert, AlertRule, AlertSettings, AlertState, Device, QuietHours, Recipients, RoleRef,
    Webhook,
};
use door::{Access, Path};
use engine::alerts::{self, Act, Filter};
use http::Method;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::answer::{Page, Versioned};
use super::endpoint::{Family, endpoint};
use super::input::{Body, Call, Params, Seen};
use super::problem::Problem;
use super::words::{Ref, Word};

pub(super) fn family() -> Family {
    let view = Access::Needs(Permission::AlertsView);
    let handle = Access::Needs(Permission::AlertsHandle);
    let settings = "/api/v1/alert-settings";
    Family {
        name: "Alerts",
        about: "What somebody should know, until somebody acknowledges it or its cause is gone.",
        endpoints: vec![
            endpoint(Method::GET, "/api/v1/alerts", view, list, "List alerts, newest first")
                .query::<AlertQuery>()
                .gives::<Page<AlertInfo>>(),
            endpoint(Method::GET, "/api/v1/alerts/open", view, open, "Count alerts that are not closed")
                .gives::<OpenAlerts>(),
            endpoint(Method::GET, "/api/v1/alerts/{alert}", view, show, "Show an alert").gives::<AlertInfo>(),
            endpoint(Method::POST, "/api/v1/alerts/acknowledge", handle, acknowledge, "Acknowledge alerts")
                .says("Nothing is escalated or sent about them any more.")
                .body::<Chosen>()
                .gives::<Changed>(),
            endpoint(Method::POST, "/api/v1/alerts/close", handle, close, "Close alerts")
                .body::<Chosen>()
                .gives::<Changed>(),
            endpoint(
                Method::GET,
                settings,
                Access::Needs(Permission::ComplianceView),
                show_settings,
                "Show when alerts are raised",
            )
            .says("Every kind of alert with what is in force, changed or not.")
            .gives::<Settings>()
            .versioned(),
            endpoint(
                Method::PUT,
                settings,
                Access::Needs(Permission::ComplianceEdit),
                replace_settings,
                "Replace when alerts are raised",
            )
            .says("A kind that is left out takes its default.")
            .body::<Settings>()
            .gives::<Settings>()
            .versioned(),
        ],
    }
}

pub(super) fn installation() -> Family {
    let settings = "/api/v1/installation/alert-settings";
    let system = Access::System;
    let path = "/api/v1/installation/alerts";
    Family {
        name: "Installation alerts",
        about: "What system administrators should know of the installation itself.",
        endpoints: vec![
            endpoint(Method::GET, path, system, list_system, "List the installation's alerts, newest first")
                .query::<AlertQuery>()
                .gives::<Page<AlertInfo>>(),
            endpoint(
                Method::POST,
                "/api/v1/installation/alerts/acknowledge",
                system,
                acknowledge_system,
                "Acknowledge the installation's alerts",
            )
            .body::<Chosen>()
            .gives::<Changed>(),
            endpoint(
                Method::POST,
                "/api/v1/installation/alerts/close",
                system,
                close_system,
                "Close the installation's alerts",
            )
            .body::<Chosen>()
            .gives::<Changed>(),
            endpoint(
                Method::GET,
                settings,
                system,
                show_settings_system,
                "Show when the installation's alerts are raised",
            )
            .gives::<Settings>()
            .versioned(),
            endpoint(
                Method::PUT,
                settings,
                system,
                replace_settings_system,
                "Replace when the installation's alerts are raised",
            )
            .says("A kind that is left out takes its default.")
            .body::<Settings>()
            .gives::<Settings>()
            .versioned(),
        ],
    }
}

/// Which alerts.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct AlertQuery {
    /// Only in these states.
    #[serde(default)]
    state: Vec<Word<AlertState>>,
    /// Only of these severities.
    #[serde(default)]
    severity: Vec<Word<Severity>>,
    /// Only of kinds that begin so, such as `device.finding_began/`.
    kind: Option<String>,
    /// Only about this id.
    subject: Option<String>,
    /// `next` of the page before.
    cursor: Option<Ref<Alert>>,
    /// Alerts a page, 1 to 500; 50 unless told.
    limit: Option<u32>,
}

/// An alert.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Alert")]
struct AlertInfo {
    /// Its id.
    id: Ref<Alert>,
    /// What it is about: the key of an event, of a finding with `/` and the rule.
    kind: String,
    /// How bad.
    severity: Word<Severity>,
    /// One line in words.
    text: String,
    /// Details; may be empty.
    detail: String,
    /// Id of what it is about; may be empty.
    subject: String,
    /// The device, if it is about one.
    device: Option<Ref<Device>>,
    /// Where it stands.
    state: Word<AlertState>,
    /// The newest entry of the journal that raised it.
    entry: i64,
    /// When it was raised first.
    at: Millis,
    /// How often it was raised.
    count: u32,
    /// When it was raised last.
    last_at: Millis,
    /// Who acknowledged it.
    acknowledged_by: Option<String>,
    /// When it was acknowledged.
    acknowledged_at: Option<Millis>,
    /// Who closed it; “the cause is gone” if nobody had to.
    closed_by: Option<String>,
    /// When it was closed.
    closed_at: Option<Millis>,
}

impl From<Alert> for AlertInfo {
    fn from(a: Alert) -> Self {
        let (acknowledged_by, acknowledged_at) = a.acknowledged.unzip();
        let (closed_by, closed_at) = a.closed.unzip();
        Self {
            id: a.id.into(),
            kind: a.kind,
            severity: Word(a.severity),
            text: a.text,
            detail: a.detail,
            subject: a.subject,
            device: a.device.map(Into::into),
            state: Word(a.state),
            entry: a.sequence,
            at: a.at,
            count: a.count,
            last_at: a.last_at,
            acknowledged_by,
            acknowledged_at,
            closed_by,
            closed_at,
        }
    }
}

/// How many alerts are not closed.
#[derive(Serialize, JsonSchema)]
struct OpenAlerts {
    /// New ones that are critical.
    critical: i64,
    /// New ones that are warnings.
    warning: i64,
    /// New ones that inform.
    informational: i64,
    /// Those that somebody takes care of.
    acknowledged: i64,
}

/// Alerts, 1 to 500.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "AlertChoice")]
struct Chosen {
    /// Their ids.
    alerts: Vec<Ref<Alert>>,
}

/// How many alerts changed; the others were in that state already.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "AlertsChanged")]
struct Changed {
    /// Their number.
    changed: usize,
}

/// When alerts are raised, and who hears of them.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(rename = "AlertSettings")]
#[derive(Default)]
struct Settings {
    /// By kind: the key of an event, of a finding with `/` and the rule.
    kinds: BTreeMap<String, Rule>,
    /// Mail about what is not critical is gathered and sent once in so many minutes, at most 1,440; 0: at once.
    digest_minutes: u32,
    /// No mail about what is not critical in these hours of the organization's zone.
    quiet: Option<Quiet>,
    /// Addresses that are told when nobody acknowledged an alert in time.
    escalate_to: Vec<String>,
}

/// Hours of a day, in minutes from midnight; they may cross midnight.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "QuietHours")]
struct Quiet {
    /// First minute, 0 to 1,439.
    from: u16,
    /// First minute after it, 0 to 1,439.
    until: u16,
}

/// How one kind of event raises alerts.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "AlertRule")]
struct Rule {
    /// Raised at all.
    on: bool,
    /// How bad.
    severity: Word<Severity>,
    /// Told by mail as well.
    email: bool,
    /// Who is told by mail.
    recipients: To,
    /// Webhooks that hear of it, whatever else they hear: at once, also in quiet hours.
    #[serde(default)]
    webhooks: Vec<Ref<Webhook>>,
    /// Whoever got mail about it gets another one when its cause is gone.
    #[serde(default)]
    tell_end: bool,
    /// The same about the same subject is told at most once in so many minutes, at most 43,200.
    throttle_minutes: u32,
    /// Escalated when nobody acknowledged it for so many minutes, at most 10,080; 0: never.
    escalate_minutes: u32,
}

/// Who is told of an alert by mail.
#[derive(Serialize, Deserialize, JsonSchema, Default)]
#[serde(deny_unknown_fields, default)]
#[schemars(rename = "AlertRecipients")]
pub(super) struct To {
    /// Every administrator of the organization with an address.
    all_administrators: bool,
    /// These administrators.
    administrators: Vec<Ref<Administrator>>,
    /// Administrators with these predefined roles.
    roles: Vec<String>,
    /// Administrators with these roles of the organization's own.
    custom_roles: Vec<Ref<domain::model::Role>>,
    /// These addresses.
    addresses: Vec<String>,
    /// The user whose device it is about.
    user: bool,
}

impl From<&Recipients> for To {
    fn from(to: &Recipients) -> Self {
        let predefined = |role: &RoleRef| match role {
            RoleRef::Predefined(key) => Some(key.clone()),
            RoleRef::Custom(_) => None,
        };
        let custom = |role: &RoleRef| match role {
            RoleRef::Predefined(_) => None,
            RoleRef::Custom(id) => Some((*id).into()),
        };
        Self {
            all_administrators: to.all_administrators,
            administrators: to.administrators.iter().map(|id| (*id).into()).collect(),
            roles: to.roles.iter().filter_map(predefined).collect(),
            custom_roles: to.roles.iter().filter_map(custom).collect(),
            addresses: to.addresses.iter().map(ToString::to_string).collect(),
            user: to.user,
        }
    }
}

impl From<&AlertRule> for Rule {
    fn from(r: &AlertRule) -> Self {
        Self {
            on: r.on,
            severity: Word(r.severity),
            email: r.email,
            recipients: (&r.recipients).into(),
            webhooks: r.webhooks.iter().map(|id| (*id).into()).collect(),
            tell_end: r.tell_end,
            throttle_minutes: r.throttle_minutes,
            escalate_minutes: r.escalate_minutes,
        }
    }
}

/// Addresses as typed, or which field is wrong.
fn addresses(field: &str, texts: &[String]) -> Result<Vec<MailAddress>, engine::Error> {
    let read =
        |text: &String| text.parse::<MailAddress>().map_err(|why| engine::Error::invalid(field, why.0));
    texts.iter().map(read).collect()
}

/// Recipients as named in a field.
pub(super) fn recipients(field: &str, to: To) -> Result<Recipients, engine::Error> {
    let custom = to.custom_roles.into_iter().map(|id| RoleRef::Custom(id.0));
    Ok(Recipients {
        all_administrators: to.all_administrators,
        administrators: to.administrators.into_iter().map(|id| id.0).collect(),
        roles: to.roles.into_iter().map(RoleRef::Predefined).chain(custom).collect(),
        addresses: addresses(field, &to.addresses)?,
        user: to.user,
    })
}

fn rule(key: &str, r: Rule) -> Result<AlertRule, engine::Error> {
    Ok(AlertRule {
        on: r.on,
        severity: r.severity.0,
        email: r.email,
        recipients: recipients(&format!("kinds.{key}.recipients"), r.recipients)?,
        webhooks: r.webhooks.into_iter().map(|id| id.0).collect(),
        tell_end: r.tell_end,
        throttle_minutes: r.throttle_minutes,
        escalate_minutes: r.escalate_minutes,
    })
}

fn settings(s: Settings) -> Result<AlertSettings, engine::Error> {
    let kinds = s.kinds.into_iter().map(|(key, r)| rule(&key, r).map(|r| (key, r)));
    Ok(AlertSettings {
        kinds: kinds.collect::<Result<_, _>>()?,
        digest_minutes: s.digest_minutes,
        quiet: s.quiet.map(|q| QuietHours { from: q.from, until: q.until }),
        escalate_to: addresses("escalate_to", &s.escalate_to)?,
    })
}

async fn list(call: Call, Params(query): Params<AlertQuery>) -> Result<Json<Page<AlertInfo>>, Problem> {
    let limit = query.limit.unwrap_or(50).clamp(1, 500);
    let filter = Filter {
        states: query.state.into_iter().map(|s| s.0).collect(),
        severities: query.severity.into_iter().map(|s| s.0).collect(),
        kind: query.kind,
        subject: query.subject,
        before: query.cursor.map(|id| id.0),
    };
    let found = alerts::list(&call.engine, &call.scope, filter, limit).await?;
    let full = found.len() == limit as usize;
    let next = found.last().filter(|_| full).map(|alert| alert.id.to_string());
    Ok(Json(Page { items: found.into_iter().map(Into::into).collect(), next, total: None }))
}

async fn open(call: Call) -> Result<Json<OpenAlerts>, Problem> {
    let open = alerts::open(&call.engine, &call.scope).await?;
    let [critical, warning, informational] = open.new;
    Ok(Json(OpenAlerts { critical, warning, informational, acknowledged: open.acknowledged }))
}

async fn show(call: Call, Path(id): Path<Ref<Alert>>) -> Result<Json<AlertInfo>, Problem> {
    Ok(Json(alerts::get(&call.engine, &call.scope, id.0).await?.into()))
}

async fn act(call: &Call, chosen: Chosen, act: Act) -> Result<Json<Changed>, Problem> {
    let ids = chosen.alerts.into_iter().map(|id| id.0).collect();
    Ok(Json(Changed { changed: alerts::act(&call.engine, &call.scope, ids, act).await? }))
}

async fn acknowledge(call: Call, Body(chosen): Body<Chosen>) -> Result<Json<Changed>, Problem> {
    act(&call, chosen, Act::Acknowledge).await
}

async fn close(call: Call, Body(chosen): Body<Chosen>) -> Result<Json<Changed>, Problem> {
    act(&call, chosen, Act::Close).await
}

async fn show_settings(call: Call) -> Result<Versioned<Settings>, Problem> {
    let (rev, messaging) = alerts::settings(&call.engine, &call.scope)?;
    let known = &messaging.alerts;
    let realm = alerts::realm(&call.scope);
    let kinds = catalog::alert_kinds().filter(|kind| kind.happens_in(realm));
    let kinds = kinds.map(|kind| (kind.key(), Rule::from(&known.rule(&kind)))).collect();
    let settings = Settings {
        kinds,
        digest_minutes: known.digest_minutes,
        quiet: known.quiet.map(|q| Quiet { from: q.from, until: q.until }),
        escalate_to: known.escalate_to.iter().map(ToString::to_string).collect(),
    };
    Ok(Versioned(rev, settings))
}

async fn replace_settings(
    call: Call,
    seen: Seen,
    Body(input): Body<Settings>,
) -> Result<Versioned<Settings>, Problem> {
    seen.expect(alerts::settings(&call.engine, &call.scope)?.0)?;
    alerts::edit_settings(&call.engine, &call.scope, seen.0, settings(input)?).await?;
    show_settings(call).await
}

/// The same call at the installation.
fn at_installation(call: Call) -> Result<Call, Problem> {
    let scope = call.scope.at_installation()?;
    Ok(Call { scope, ..call })
}

async fn list_system(call: Call, query: Params<AlertQuery>) -> Result<Json<Page<AlertInfo>>, Problem> {
    list(at_installation(call)?, query).await
}

async fn acknowledge_system(call: Call, body: Body<Chosen>) -> Result<Json<Changed>, Problem> {
    acknowledge(at_installation(call)?, body).await
}

async fn close_system(call: Call, body: Body<Chosen>) -> Result<Json<Changed>, Problem> {
    close(at_installation(call)?, body).await
}

async fn show_settings_system(call: Call) -> Result<Versioned<Settings>, Problem> {
    show_settings(at_installation(call)?).await
}

async fn replace_settings_system(
    call: Call,
    seen: Seen,
    body: Body<Settings>,
) -> Result<Versioned<Settings>, Problem> {
    replace_settings(at_installation(call)?, seen, body).await
}
