//! Letters: their templates, and mail to many.

use axum::Json;
use catalog::{LetterKind, Millis, Permission};
use domain::letter::{Letter, Template};
use domain::model::{Group, LetterState, Mail, MailState, Mailing, Organization, User};
use door::{Access, Path};
use engine::letters::{self, Audience, LetterFilter, Order, SettingsInput};
use engine::{Engine, Scope};
use http::Method;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::answer::{Created, Done, Page, Versioned};
use super::endpoint::{Family, endpoint};
use super::input::{Body, Call, Params, Seen};
use super::problem::Problem;
use super::words::{Ref, Word};

pub(super) fn family() -> Family {
    let view = Access::Needs(Permission::OrganizationView);
    let edit = Access::Needs(Permission::OrganizationEdit);
    let people = Access::Needs(Permission::DevicesView);
    let one = "/api/v1/letter-templates/{letter}/{language}";
    Family {
        name: "Letters",
        about: "Mail that the organization words itself, in the language of the reader: text and HTML from one source.",
        endpoints: vec![
            endpoint(Method::GET, "/api/v1/letter-settings", view, show_settings, "Show the settings of letters")
                .gives::<Settings>()
                .versioned(),
            endpoint(Method::PUT, "/api/v1/letter-settings", edit, replace_settings, "Replace the settings of letters")
                .body::<Settings>()
                .gives::<Settings>()
                .versioned(),
            endpoint(Method::GET, "/api/v1/letter-templates", view, templates, "List the templates in force")
                .says("The organization's own ones, and the usual ones where it has none.")
                .gives::<Page<TemplateInfo>>(),
            endpoint(Method::PUT, one, edit, replace, "Word a letter anew")
                .says("If-Match takes the ETag of the settings of letters.")
                .body::<TemplateInput>()
                .versioned(),
            endpoint(Method::DELETE, one, edit, remove, "Take the usual text again"),
            endpoint(Method::POST, "/api/v1/letter-templates/preview", edit, preview, "Show what a template makes")
                .body::<TemplatePreview>()
                .gives::<LetterInfo>(),
            endpoint(Method::POST, "/api/v1/letter-templates/test", edit, test, "Send what a template makes to oneself")
                .body::<TemplatePreview>()
                .gives::<Tested>(),
            endpoint(Method::GET, "/api/v1/users/{user}/letter", people, of_user, "Show a user's last welcome letter")
                .says("Null if none was ever sent.")
                .gives::<Option<UserLetter>>(),
            endpoint(Method::GET, "/api/v1/users-by-letter", people, by_letter, "List users by what became of their letter")
                .query::<ByLetter>()
                .gives::<Page<super::users::UserInfo>>(),
            endpoint(Method::GET, "/api/v1/mailings", people, list, "List mailings")
                .says("Those of a month, newest first, at most 200.")
                .gives::<Page<MailingInfo>>(),
            // Who may send depends on the letter; the use case asks for that.
            endpoint(Method::POST, "/api/v1/mailings", people, order, "Send a letter to many")
                .says("Welcome letters and reminders need `users.invite`, group e-mail `users.mail`. The same ticket again \
                       answers the mailing that there is: nothing is sent twice.")
                .body::<MailingInput>()
                .creates::<MailingInfo>(),
            endpoint(Method::POST, "/api/v1/mailings/preview", people, foresee, "Show what a mailing would send")
                .body::<MailingInput>()
                .gives::<MailingPreview>(),
            endpoint(Method::GET, "/api/v1/mailings/{mailing}", people, show, "Show a mailing").gives::<MailingInfo>(),
            endpoint(Method::GET, "/api/v1/mailings/{mailing}/results", people, results, "List what became of its mails")
                .query::<After>()
                .gives::<Page<MailResult>>(),
        ],
    }
}

pub(super) fn installation() -> Family {
    let all = "/api/v1/installation/mailings";
    Family {
        name: "Mail to administrators",
        about: "Mail of a system administrator to the administrators of organizations.",
        endpoints: vec![
            endpoint(Method::GET, all, Access::System, list_system, "List mailings to administrators")
                .gives::<Page<MailingInfo>>(),
            endpoint(Method::POST, all, Access::System, order_system, "Write to administrators")
                .says("The same ticket again answers the mailing that there is: nothing is sent twice.")
                .body::<SystemMailing>()
                .creates::<MailingInfo>(),
            endpoint(
                Method::GET,
                "/api/v1/installation/mailings/{mailing}/results",
                Access::System,
                results_system,
                "List what became of its mails",
            )
            .query::<After>()
            .gives::<Page<MailResult>>(),
        ],
    }
}

/// Settings of letters.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "LetterSettings")]
struct Settings {
    /// Users are told when their local password is set or changed.
    tell_password_changes: bool,
    /// Users who come from a directory get a welcome letter.
    welcome_directory_users: bool,
}

/// A template in force.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "LetterTemplate")]
struct TemplateInfo {
    /// What it is for.
    letter: Word<LetterKind>,
    /// When it is sent.
    about: &'static str,
    /// Its language.
    language: String,
    /// Whether it is the organization's own; else it is the usual one.
    own: bool,
    /// Subject, with placeholders.
    subject: String,
    /// Text, in the markup of letters.
    body: String,
}

/// Subject and text.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "LetterTemplateInput")]
struct TemplateInput {
    /// Subject, with placeholders, at most 150 characters.
    subject: String,
    /// Text, in the markup of letters, at most 10,000 characters.
    body: String,
}

/// A template to try.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "LetterTemplatePreview")]
struct TemplatePreview {
    /// What it is for.
    letter: Word<LetterKind>,
    /// Its language, such as en or de.
    language: String,
    /// Subject, with placeholders.
    subject: String,
    /// Text, in the markup of letters.
    body: String,
    /// The user it is written to; null takes a made-up one.
    user: Option<Ref<User>>,
}

/// A letter as it would be sent.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Letter")]
struct LetterInfo {
    /// Subject.
    subject: String,
    /// Plain text.
    text: String,
    /// The same as a page; it shows the QR code as `cid:enrolment-qr`.
    html: String,
    /// What the QR code says, if there is one.
    qr: Option<String>,
}

impl From<Letter> for LetterInfo {
    fn from(letter: Letter) -> Self {
        Self { subject: letter.subject.into(), text: letter.text, html: letter.html, qr: letter.qr }
    }
}

/// Where a test went.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "LetterTested")]
struct Tested {
    /// The address of one's own account.
    recipient: String,
}

/// What became of a letter.
#[derive(Serialize, JsonSchema)]
struct UserLetter {
    /// Where it stands.
    state: Word<LetterState>,
    /// Since when.
    at: Millis,
    /// The SMTP server's words, or why it was not sent.
    outcome: String,
}

/// Which users.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct ByLetter {
    /// `never`, `queued`, `sent` or `refused`.
    letter: String,
    /// A text in sign-in name, address or name.
    #[serde(default)]
    q: String,
    /// `next` of the page before.
    cursor: Option<String>,
    /// Users a page, 1 to 500; 50 unless told.
    limit: Option<usize>,
}

/// What is to be sent, to whom: exactly one of users, group, search and `without_device`.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct MailingInput {
    /// `welcome`, `enrollment_reminder` or `group_mail`.
    letter: Word<LetterKind>,
    /// Chosen by the caller, 8 to 100 letters and digits, new for each mailing; not looked at in a preview.
    #[serde(default)]
    ticket: String,
    /// These users, at most 50,000.
    #[serde(default)]
    users: Vec<Ref<User>>,
    /// Members of this group.
    group: Option<Ref<Group>>,
    /// Users that this text finds; empty: all.
    search: Option<String>,
    /// Users who have no device.
    #[serde(default)]
    without_device: bool,
    /// Subject of a group e-mail, with placeholders.
    #[serde(default)]
    subject: String,
    /// Text of a group e-mail, in the markup of letters.
    #[serde(default)]
    body: String,
}

impl MailingInput {
    fn read(self) -> Result<Order, Problem> {
        let mut audiences = Vec::new();
        if !self.users.is_empty() {
            audiences.push(Audience::Users(self.users.iter().map(|user| user.0).collect()));
        }
        audiences.extend(self.group.map(|group| Audience::Group(group.0)));
        audiences.extend(self.search.map(Audience::Found));
        if self.without_device {
            audiences.push(Audience::WithoutDevice);
        }
        let audience = audiences.pop().filter(|_| audiences.is_empty());
        let audience = audience.ok_or_else(|| {
            Problem::invalid("users", "Send exactly one of users, group, search and without_device.")
        })?;
        let message = Template { subject: self.subject, body: self.body };
        Ok(Order { kind: self.letter.0, ticket: self.ticket, audience, message })
    }
}

/// A message to administrators.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct SystemMailing {
    /// Chosen by the caller, 8 to 100 letters and digits, new for each mailing.
    ticket: String,
    /// Organizations whose administrators are written to; empty: all.
    #[serde(default)]
    organizations: Vec<Ref<Organization>>,
    /// Subject, with placeholders.
    subject: String,
    /// Text, in the markup of letters.
    body: String,
}

/// What a mailing would send.
#[derive(Serialize, JsonSchema)]
struct MailingPreview {
    /// To whom, in words.
    audience: String,
    /// People meant.
    recipients: usize,
    /// How many of them cannot be written to.
    unreachable: usize,
    /// Who reads the letter beneath.
    reader: String,
    /// The letter of that reader.
    letter: LetterInfo,
}

/// A letter to many.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Mailing")]
struct MailingInfo {
    /// Its id.
    id: Ref<Mailing>,
    /// What is sent.
    letter: Word<LetterKind>,
    /// To whom, in words.
    audience: String,
    /// Subject of the message, if there is one.
    subject: String,
    /// Who sent it.
    by: String,
    /// People meant.
    recipients: u32,
    /// Mails queued so far.
    queued: u32,
    /// People who cannot be written to, so far.
    refused: u32,
    /// Why, for at most 200 of them.
    issues: Vec<Issue>,
    /// When it was ordered.
    created_at: Millis,
    /// When everything was queued; null while that goes on.
    finished_at: Option<Millis>,
}

/// Somebody who was not written to.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "MailingIssue")]
struct Issue {
    /// Who.
    name: String,
    /// Why not.
    why: String,
}

impl From<Mailing> for MailingInfo {
    fn from(mailing: Mailing) -> Self {
        Self {
            id: mailing.id.into(),
            letter: Word(mailing.kind),
            audience: mailing.audience,
            subject: mailing.subject,
            by: mailing.by.name(),
            recipients: mailing.recipients,
            queued: mailing.queued,
            refused: mailing.refused,
            issues: mailing
                .issues
                .into_iter()
                .map(|issue| Issue { name: issue.name, why: issue.why })
                .collect(),
            created_at: mailing.created_at,
            finished_at: mailing.finished_at,
        }
    }
}

/// A page of results.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct After {
    /// `next` of the page before.
    cursor: Option<Ref<Mail>>,
    /// Mails a page, 1 to 500; 100 unless told.
    limit: Option<u32>,
}

/// What became of a mail.
#[derive(Serialize, JsonSchema)]
struct MailResult {
    /// Its id, also in its Message-ID.
    id: Ref<Mail>,
    /// The user it is for; null for an administrator.
    user: Option<Ref<User>>,
    /// To whom.
    recipient: String,
    /// Where it stands.
    state: Word<MailState>,
    /// The server's words, or why it failed.
    outcome: String,
    /// When it was over.
    finished_at: Option<Millis>,
}

async fn show_settings(call: Call) -> Result<Versioned<Settings>, Problem> {
    let (rev, settings) = letters::settings(&call.engine, &call.scope)?;
    let SettingsInput { tell_password_changes, welcome_directory_users } = settings;
    Ok(Versioned(rev, Settings { tell_password_changes, welcome_directory_users }))
}

async fn replace_settings(
    call: Call,
    seen: Seen,
    Body(input): Body<Settings>,
) -> Result<Versioned<Settings>, Problem> {
    seen.expect(letters::settings(&call.engine, &call.scope)?.0)?;
    let Settings { tell_password_changes, welcome_directory_users } = input;
    let new = SettingsInput { tell_password_changes, welcome_directory_users };
    letters::edit_settings(&call.engine, &call.scope, seen.0, new).await?;
    show_settings(call).await
}

async fn templates(call: Call) -> Result<Json<Page<TemplateInfo>>, Problem> {
    let all = letters::templates(&call.engine, &call.scope)?;
    let info = |found: letters::TemplateInfo| TemplateInfo {
        letter: Word(found.kind),
        about: found.kind.info().about,
        language: found.language,
        own: found.is_own,
        subject: found.template.subject,
        body: found.template.body,
    };
    Ok(Page::whole(all.into_iter().map(info).collect()))
}

async fn replace(
    call: Call,
    Path((letter, language)): Path<(Word<LetterKind>, String)>,
    seen: Seen,
    Body(input): Body<TemplateInput>,
) -> Result<Done, Problem> {
    seen.expect(letters::settings(&call.engine, &call.scope)?.0)?;
    let template = Template { subject: input.subject, body: input.body };
    letters::edit_template(&call.engine, &call.scope, seen.0, (letter.0, &language), template).await?;
    Ok(Done)
}

async fn remove(
    call: Call,
    Path((letter, language)): Path<(Word<LetterKind>, String)>,
) -> Result<Done, Problem> {
    letters::remove_template(&call.engine, &call.scope, None, (letter.0, &language)).await?;
    Ok(Done)
}

async fn preview(call: Call, Body(input): Body<TemplatePreview>) -> Result<Json<LetterInfo>, Problem> {
    let template = Template { subject: input.subject, body: input.body };
    let user = input.user.map(|user| user.0);
    let which = (input.letter.0, input.language.as_str());
    let letter = letters::preview_template(&call.engine, &call.scope, which, template, user)?;
    Ok(Json(letter.into()))
}

async fn test(call: Call, Body(input): Body<TemplatePreview>) -> Result<Json<Tested>, Problem> {
    let template = Template { subject: input.subject, body: input.body };
    let user = input.user.map(|user| user.0);
    let which = (input.letter.0, input.language.as_str());
    let recipient = letters::test_template(&call.engine, &call.scope, which, template, user).await?;
    Ok(Json(Tested { recipient: recipient.to_string() }))
}

async fn of_user(call: Call, Path(user): Path<Ref<User>>) -> Result<Json<Option<UserLetter>>, Problem> {
    let user = engine::users::get(&call.engine, &call.scope, user.0)?.id;
    let mut found = letters::states(&call.engine, &call.scope, vec![user]).await?;
    Ok(Json(found.remove(&user).map(|letter| UserLetter {
        state: Word(letter.state),
        at: letter.at,
        outcome: letter.outcome,
    })))
}

async fn by_letter(
    call: Call,
    Params(query): Params<ByLetter>,
) -> Result<Json<Page<super::users::UserInfo>>, Problem> {
    let filter = LetterFilter::from_key(&query.letter)
        .ok_or_else(|| Problem::invalid("letter", "Send never, queued, sent or refused."))?;
    let after = query.cursor.as_deref().map(super::users::read_cursor).transpose()?;
    let limit = query.limit.unwrap_or(50).clamp(1, 500);
    let (engine, scope) = (&call.engine, &call.scope);
    let mut found = letters::list_users(engine, scope, filter, &query.q, after.as_deref(), limit + 1).await?;
    let next = super::users::next(&mut found, limit);
    let total = Some(letters::count_users(engine, scope, filter, &query.q).await?);
    Ok(Json(Page { items: super::users::infos(&call, &found)?, next, total }))
}

async fn list(call: Call) -> Result<Json<Page<MailingInfo>>, Problem> {
    Ok(Page::whole(letters::list(&call.engine, &call.scope).await?.into_iter().map(Into::into).collect()))
}

async fn order(call: Call, Body(input): Body<MailingInput>) -> Result<Created<MailingInfo>, Problem> {
    let made = letters::order(&call.engine, &call.scope, input.read()?).await?;
    Ok(Created(format!("/api/v1/mailings/{}", made.id), made.into()))
}

async fn foresee(call: Call, Body(input): Body<MailingInput>) -> Result<Json<MailingPreview>, Problem> {
    let found = letters::preview(&call.engine, &call.scope, &input.read()?, None)?;
    Ok(Json(MailingPreview {
        audience: found.audience,
        recipients: found.recipients,
        unreachable: found.unreachable,
        reader: found.reader,
        letter: found.letter.into(),
    }))
}

async fn show(call: Call, Path(id): Path<Ref<Mailing>>) -> Result<Json<MailingInfo>, Problem> {
    Ok(Json(letters::get(&call.engine, &call.scope, id.0).await?.into()))
}

async fn results(
    call: Call,
    Path(id): Path<Ref<Mailing>>,
    Params(query): Params<After>,
) -> Result<Json<Page<MailResult>>, Problem> {
    results_at(&call.engine, &call.scope, id, query).await
}

async fn results_at(
    engine: &Engine,
    scope: &Scope,
    id: Ref<Mailing>,
    query: After,
) -> Result<Json<Page<MailResult>>, Problem> {
    let limit = query.limit.unwrap_or(100).clamp(1, 500);
    let mails = letters::results(engine, scope, id.0, query.cursor.map(|id| id.0), limit).await?;
    let full = mails.len() == limit as usize;
    let next = mails.last().filter(|_| full).map(|mail| mail.id.to_string());
    let result = |mail: &Mail| MailResult {
        id: mail.id.into(),
        user: mail.user.map(Into::into),
        recipient: mail.recipient.to_string(),
        state: Word(mail.state),
        outcome: mail.outcome.clone(),
        finished_at: mail.finished_at,
    };
    Ok(Json(Page { items: mails.iter().map(result).collect(), next, total: None }))
}

async fn list_system(call: Call) -> Result<Json<Page<MailingInfo>>, Problem> {
    let scope = call.scope.at_installation()?;
    Ok(Page::whole(letters::list(&call.engine, &scope).await?.into_iter().map(Into::into).collect()))
}

async fn order_system(call: Call, Body(input): Body<SystemMailing>) -> Result<Created<MailingInfo>, Problem> {
    let scope = call.scope.at_installation()?;
    let order = Order {
        kind: LetterKind::AdministratorMail,
        ticket: input.ticket,
        audience: Audience::Administrators(input.organizations.iter().map(|id| id.0).collect()),
        message: Template { subject: input.subject, body: input.body },
    };
    let made = letters::order(&call.engine, &scope, order).await?;
    Ok(Created(format!("/api/v1/installation/mailings/{}/results", made.id), made.into()))
}

async fn results_system(
    call: Call,
    Path(id): Path<Ref<Mailing>>,
    Params(query): Params<After>,
) -> Result<Json<Page<MailResult>>, Problem> {
    let scope = call.scope.at_installation()?;
    results_at(&call.engine, &scope, id, query).await
}
