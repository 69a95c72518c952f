//! The SMTP server that takes outgoing mail, and the log of what went out.

use axum::Json;
use catalog::{Millis, Permission};
use domain::model::{Mail, MailState, SmtpSecurity, SmtpServer};
use door::Access;
use engine::mail::{self, SmtpInput};
use engine::{Engine, Scope};
use http::Method;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::answer::{Done, Page, Versioned};
use super::endpoint::{Family, endpoint};
use super::input::{Body, Call, Params, Seen};
use super::problem::Problem;
use super::words::{Ref, Word};

pub(super) fn family() -> Family {
    let view = Access::Needs(Permission::OrganizationView);
    let edit = Access::Needs(Permission::OrganizationEdit);
    let path = "/api/v1/smtp-server";
    Family {
        name: "Outgoing mail",
        about: "The SMTP server of the organization, and what went out through it.",
        endpoints: vec![
            endpoint(Method::GET, path, view, show, "Show the SMTP server")
                .says("Null while the organization has none of its own; the installation's serves then.")
                .gives::<Option<SmtpInfo>>()
                .versioned(),
            endpoint(Method::PUT, path, edit, replace, "Set the SMTP server")
                .says("A password that is left out stays, as long as host and user name do.")
                .body::<SmtpSettings>()
                .gives::<Option<SmtpInfo>>()
                .versioned(),
            endpoint(Method::DELETE, path, edit, remove, "Remove the SMTP server"),
            endpoint(Method::POST, "/api/v1/smtp-server/test", edit, test, "Test the SMTP server")
                .says("Connects, checks the certificate, signs in, and hands over a mail if a recipient is named.")
                .body::<Recipient>()
                .gives::<SmtpTest>(),
            endpoint(Method::GET, "/api/v1/mail", view, log, "List outgoing mail, newest first")
                .query::<LogQuery>()
                .gives::<Page<MailInfo>>(),
        ],
    }
}

pub(super) fn installation() -> Family {
    let path = "/api/v1/installation/smtp-server";
    let system = Access::System;
    Family {
        name: "Installation mail",
        about: "The SMTP server that serves organizations without one of their own.",
        endpoints: vec![
            endpoint(Method::GET, path, system, show_system, "Show the installation's SMTP server")
                .gives::<Option<SmtpInfo>>()
                .versioned(),
            endpoint(Method::PUT, path, system, replace_system, "Set the installation's SMTP server")
                .body::<SmtpSettings>()
                .gives::<Option<SmtpInfo>>()
                .versioned(),
            endpoint(Method::DELETE, path, system, remove_system, "Remove the installation's SMTP server"),
            endpoint(
                Method::POST,
                "/api/v1/installation/smtp-server/test",
                system,
                test_system,
                "Test the installation's SMTP server",
            )
            .body::<Recipient>()
            .gives::<SmtpTest>(),
        ],
    }
}

/// An SMTP server as it is set.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct SmtpSettings {
    /// Name or address.
    host: String,
    /// Port, usually 465 or 587.
    port: u16,
    /// Protection of the connection.
    security: Word<SmtpSecurity>,
    /// Roots that the certificate must come from, in PEM form; empty: the public authorities.
    #[serde(default)]
    roots: String,
    /// Name to sign in with; empty: without.
    #[serde(default)]
    username: String,
    /// Password; left out: as before.
    #[serde(default)]
    password: Option<String>,
    /// Address that mail comes from.
    sender: String,
    /// Name beside it.
    #[serde(default)]
    sender_name: String,
    /// Where answers go; empty: to the sender.
    #[serde(default)]
    reply_to: String,
    /// Mails in an hour, 1 to 100,000.
    #[serde(default = "hourly_limit")]
    hourly_limit: u32,
}

fn hourly_limit() -> u32 {
    SmtpInput::default().hourly_limit
}

impl From<SmtpSettings> for SmtpInput {
    fn from(s: SmtpSettings) -> Self {
        Self {
            host: s.host,
            port: s.port,
            security: s.security.0,
            roots: s.roots,
            username: s.username,
            password: s.password,
            sender: s.sender,
            sender_name: s.sender_name,
            reply_to: s.reply_to,
            hourly_limit: s.hourly_limit,
        }
    }
}

/// An SMTP server.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "SmtpServer")]
struct SmtpInfo {
    /// Name or address.
    host: String,
    /// Port.
    port: u16,
    /// Protection of the connection.
    security: Word<SmtpSecurity>,
    /// Roots that the certificate must come from; empty: the public authorities.
    roots: String,
    /// Name to sign in with; empty: without.
    username: String,
    /// Whether a password is kept. It is never shown.
    has_password: bool,
    /// Address that mail comes from.
    sender: String,
    /// Name beside it.
    sender_name: String,
    /// Where answers go; empty: to the sender.
    reply_to: String,
    /// Mails in an hour.
    hourly_limit: u32,
}

impl From<SmtpServer> for SmtpInfo {
    fn from(s: SmtpServer) -> Self {
        Self {
            host: s.host,
            port: s.port,
            security: Word(s.security),
            roots: s.roots,
            username: s.username,
            has_password: s.password.is_some(),
            sender: s.sender.into(),
            sender_name: s.sender_name.into(),
            reply_to: s.reply_to.map(Into::into).unwrap_or_default(),
            hourly_limit: s.hourly_limit,
        }
    }
}

/// Whom a test mail goes to; without a recipient none goes out.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(rename = "SmtpTestRecipient")]
struct Recipient {
    /// Address.
    recipient: String,
}

/// What a test of the SMTP server brought.
#[derive(Serialize, JsonSchema)]
struct SmtpTest {
    /// The server takes mail.
    ok: bool,
    /// Its words, or what is wrong and what to do about it.
    detail: String,
}

/// A page of the log.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "MailQuery")]
struct LogQuery {
    /// `next` of the page before.
    cursor: Option<Ref<Mail>>,
    /// Mails a page, 1 to 500; 50 unless told.
    limit: Option<u32>,
}

/// An outgoing mail, without its text.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "OutgoingMail")]
struct MailInfo {
    /// Its id; part of its Message-ID.
    id: Ref<Mail>,
    /// What it is for.
    purpose: String,
    /// To whom.
    recipient: String,
    /// Subject.
    subject: String,
    /// Where it stands.
    state: Word<MailState>,
    /// Attempts so far.
    attempts: u32,
    /// What the last attempt brought.
    outcome: String,
    /// When it was queued.
    created_at: Millis,
    /// When it is tried next; null when it is over.
    due_at: Option<Millis>,
    /// When it was over.
    finished_at: Option<Millis>,
}

impl From<Mail> for MailInfo {
    fn from(m: Mail) -> Self {
        Self {
            id: m.id.into(),
            purpose: m.purpose,
            recipient: m.recipient.into(),
            subject: m.subject.into(),
            state: Word(m.state),
            attempts: m.attempts,
            outcome: m.outcome,
            created_at: m.created_at,
            due_at: m.due_at,
            finished_at: m.finished_at,
        }
    }
}

type Shown = Versioned<Option<SmtpInfo>>;

fn read(engine: &Engine, scope: &Scope) -> Result<Shown, Problem> {
    let (rev, server) = mail::server(engine, scope)?;
    Ok(Versioned(rev, server.map(Into::into)))
}

async fn put(engine: &Engine, scope: &Scope, seen: Seen, input: SmtpSettings) -> Result<Shown, Problem> {
    seen.expect(mail::server(engine, scope)?.0)?;
    mail::edit_server(engine, scope, seen.0, input.into()).await?;
    read(engine, scope)
}

async fn tested(engine: &Engine, scope: &Scope, recipient: &str) -> Result<Json<SmtpTest>, Problem> {
    let outcome = mail::test_server(engine, scope, recipient).await?;
    let ok = outcome.is_ok();
    Ok(Json(SmtpTest { ok, detail: outcome.unwrap_or_else(|error| error.to_string()) }))
}

async fn show(call: Call) -> Result<Shown, Problem> {
    read(&call.engine, &call.scope)
}

async fn replace(call: Call, seen: Seen, Body(input): Body<SmtpSettings>) -> Result<Shown, Problem> {
    put(&call.engine, &call.scope, seen, input).await
}

async fn remove(call: Call, seen: Seen) -> Result<Done, Problem> {
    mail::remove_server(&call.engine, &call.scope, seen.0).await?;
    Ok(Done)
}

async fn test(call: Call, Body(to): Body<Recipient>) -> Result<Json<SmtpTest>, Problem> {
    tested(&call.engine, &call.scope, &to.recipient).await
}

async fn show_system(call: Call) -> Result<Shown, Problem> {
    read(&call.engine, &call.scope.at_installation()?)
}

async fn replace_system(call: Call, seen: Seen, Body(input): Body<SmtpSettings>) -> Result<Shown, Problem> {
    put(&call.engine, &call.scope.at_installation()?, seen, input).await
}

async fn remove_system(call: Call, seen: Seen) -> Result<Done, Problem> {
    mail::remove_server(&call.engine, &call.scope.at_installation()?, seen.0).await?;
    Ok(Done)
}

async fn test_system(call: Call, Body(to): Body<Recipient>) -> Result<Json<SmtpTest>, Problem> {
    tested(&call.engine, &call.scope.at_installation()?, &to.recipient).await
}

async fn log(call: Call, Params(query): Params<LogQuery>) -> Result<Json<Page<MailInfo>>, Problem> {
    let limit = query.limit.unwrap_or(50).clamp(1, 500);
    let mails = mail::log(&call.engine, &call.scope, query.cursor.map(|id| id.0), limit).await?;
    let full = mails.len() == limit as usize;
    let next = mails.last().filter(|_| full).map(|mail| mail.id.to_string());
    Ok(Json(Page { items: mails.into_iter().map(Into::into).collect(), next, total: None }))
}
