//! Restriction notifications: what users are told, and what Cisco ISE shows.

use std::collections::BTreeMap;

use axum::Json;
use catalog::{Permission, RuleId};
use domain::model::Device;
use domain::notification::{NotificationSettings, Occasion, RuleTexts};
use door::Access;
use engine::notifications;
use http::Method;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::answer::Versioned;
use super::endpoint::{Family, endpoint};
use super::input::{Body, Call, Seen};
use super::problem::Problem;
use super::words::{Ref, Word};

pub(super) fn family() -> Family {
    let view = Access::Needs(Permission::ComplianceView);
    let edit = Access::Needs(Permission::ComplianceEdit);
    let path = "/api/v1/restriction-notifications";
    Family {
        name: "Restriction notifications",
        about: "What users are told when access is about to be taken away, is taken away, and comes back.",
        endpoints: vec![
            endpoint(Method::GET, path, view, show, "Show what users are told")
                .gives::<Settings>()
                .versioned(),
            endpoint(Method::PUT, path, edit, replace, "Replace what users are told")
                .says("Placeholders: {user} {device} {reason} {remediation} {admin_contact} {deadline}.")
                .body::<Settings>()
                .gives::<Settings>()
                .versioned(),
            endpoint(
                Method::POST,
                "/api/v1/restriction-notifications/preview",
                Access::Needs(Permission::ComplianceView),
                preview,
                "Show the mail that the user of a device would get",
            )
            .says("With the settings in force, or with other texts for the rule; nothing is sent.")
            .body::<About>()
            .gives::<Preview>(),
        ],
    }
}

/// What users are told.
#[derive(Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(rename = "NotificationSettings")]
struct Settings {
    /// Users are written to at all.
    on: bool,
    /// While access stays restricted they are told again after so many hours, at most 720; 0: once.
    repeat_hours: u32,
    /// Texts by rule; what is missing is the usual text.
    rules: BTreeMap<String, Texts>,
}

/// Texts of one rule; an empty one is the usual one.
#[derive(Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(rename = "NotificationTexts")]
struct Texts {
    /// Users are not written to because of this rule.
    silent: bool,
    /// Why; also Cisco ISE's failure reason. At most 255 characters.
    reason: String,
    /// What helps; also Cisco ISE's remediation. At most 255 characters.
    remediation: String,
    /// Mail when access is about to be taken away.
    announced: String,
    /// Mail when it was taken away.
    restricted: String,
    /// Mail when it came back.
    restored: String,
}

impl From<&NotificationSettings> for Settings {
    fn from(s: &NotificationSettings) -> Self {
        let texts = |t: &RuleTexts| Texts {
            silent: t.silent,
            reason: t.reason.clone(),
            remediation: t.remediation.clone(),
            announced: t.announced.clone(),
            restricted: t.restricted.clone(),
            restored: t.restored.clone(),
        };
        Self {
            on: s.on,
            repeat_hours: s.repeat_hours,
            rules: s.rules.iter().map(|(rule, t)| (rule.key().to_owned(), texts(t))).collect(),
        }
    }
}

fn texts(t: Texts) -> RuleTexts {
    let Texts { silent, reason, remediation, announced, restricted, restored } = t;
    RuleTexts { silent, reason, remediation, announced, restricted, restored }
}

fn settings(s: Settings) -> Result<NotificationSettings, engine::Error> {
    let mut rules = BTreeMap::new();
    for (key, t) in s.rules {
        let rule = catalog::RULES.iter().find(|rule| rule.id.key() == key);
        let Some(rule) = rule else {
            return Err(engine::Error::invalid(format!("rules.{key}"), "There is no such rule."));
        };
        rules.insert(rule.id, texts(t));
    }
    Ok(NotificationSettings { on: s.on, repeat_hours: s.repeat_hours, rules })
}

/// Whose mail.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "NotificationPreviewOf")]
struct About {
    /// The device.
    device: Ref<Device>,
    /// What it tells.
    occasion: Word<Occasion>,
    /// Because of which rule.
    rule: Word<RuleId>,
    /// Texts of the rule to be tried instead of those in force.
    #[serde(default)]
    texts: Option<Texts>,
}

/// A mail that was not sent.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "NotificationPreview")]
struct Preview {
    /// Whom it would go to; null: the user has no address, or a wrong one.
    recipient: Option<String>,
    /// Whether such mail goes out at all with the settings in force.
    is_told: bool,
    /// Its subject.
    subject: String,
    /// Its text.
    text: String,
}

async fn show(call: Call) -> Result<Versioned<Settings>, Problem> {
    let (rev, messaging) = notifications::settings(&call.engine, &call.scope)?;
    Ok(Versioned(rev, (&messaging.notifications).into()))
}

async fn replace(
    call: Call,
    seen: Seen,
    Body(input): Body<Settings>,
) -> Result<Versioned<Settings>, Problem> {
    seen.expect(notifications::settings(&call.engine, &call.scope)?.0)?;
    notifications::edit_settings(&call.engine, &call.scope, seen.0, settings(input)?).await?;
    show(call).await
}

async fn preview(call: Call, Body(about): Body<About>) -> Result<Json<Preview>, Problem> {
    let (device, occasion, rule) = (about.device.0, about.occasion.0, about.rule.0);
    let texts = about.texts.map(texts);
    let mail = notifications::preview(&call.engine, &call.scope, device, occasion, rule, texts)?;
    let recipient = mail.recipient.map(Into::into);
    Ok(Json(Preview { recipient, is_told: mail.is_told, subject: mail.subject, text: mail.text }))
}
