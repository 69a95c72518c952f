//! Policy suites: drafts, publishing, revisions, who has them.

use axum::Json;
use catalog::{Liability, Permission};
use domain::model::{Device, PolicyRevision, PolicySuite, SuiteValues};
use domain::policy::{Difference, Direction};
use door::{Access, Path};
use engine::policy::{self, Assignment};
use http::Method;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::answer::{Created, Done, Page, Versioned};
use super::endpoint::{Family, endpoint};
use super::input::{Body, Call, Params, Seen};
use super::problem::Problem;
use super::words::{Ref, SettingValues, Word};

pub(super) fn family() -> Family {
    let view = Access::Needs(Permission::PolicyView);
    let change = Access::Needs(Permission::PolicyEdit);
    let publishing = Access::Needs(Permission::PolicyPublish);
    let (all, one) = ("/api/v1/policy-suites", "/api/v1/policy-suites/{suite}");
    Family {
        name: "Policy suites",
        about: "Settings for corporate and individual devices. Devices see only published revisions.",
        endpoints: vec![
            endpoint(Method::GET, all, view, list, "List policy suites").gives::<Page<SuiteWithUse>>(),
            endpoint(Method::POST, all, change, create, "Make a suite as a draft")
                .says("From values, or from a template of the catalogue.")
                .body::<NewSuite>()
                .creates::<SuiteInfo>(),
            endpoint(Method::GET, one, view, show, "Show a suite").gives::<SuiteInfo>().versioned(),
            endpoint(Method::PUT, one, change, replace, "Replace name, description and draft")
                .says("A draft that is left out stays.")
                .body::<SuiteInput>()
                .gives::<SuiteInfo>()
                .versioned(),
            endpoint(Method::DELETE, one, change, remove, "Delete a suite")
                .says("Whoever has it gets the replacement, which must be named when there is somebody.")
                .query::<Removal>(),
            endpoint(
                Method::POST,
                "/api/v1/policy-suites/{suite}/publish",
                publishing,
                publish,
                "Publish the draft as a new revision",
            )
            .body::<Publication>()
            .gives::<Published>(),
            endpoint(
                Method::GET,
                "/api/v1/policy-suites/{suite}/difference",
                view,
                difference,
                "What publishing would change, in words",
            )
            .gives::<Page<Change>>(),
            endpoint(
                Method::GET,
                "/api/v1/policy-suites/{suite}/affected-devices",
                view,
                affected,
                "Devices that would have to fetch their policy again",
            )
            .says("At most 1000 of them are listed; the total counts all.")
            .gives::<Page<Ref<Device>>>(),
            endpoint(
                Method::GET,
                "/api/v1/policy-suites/{suite}/revisions",
                view,
                revisions,
                "List revisions, newest first",
            )
            .gives::<Page<Revision>>(),
            endpoint(
                Method::POST,
                "/api/v1/policy-suites/{suite}/roll-back",
                publishing,
                roll_back,
                "Publish an earlier revision's values again",
            )
            .body::<RollBack>()
            .gives::<Published>(),
            endpoint(Method::POST, "/api/v1/policy-suites/{suite}/copy", change, copy, "Copy as a new draft")
                .body::<Copy>()
                .creates::<SuiteInfo>(),
            endpoint(
                Method::POST,
                "/api/v1/policy-suites/{suite}/make-default",
                publishing,
                make_default,
                "Make a published suite the organization's default",
            ),
        ],
    }
}

/// The two columns of a suite.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "SuiteValues")]
struct Columns {
    /// For corporate devices.
    corporate: SettingValues,
    /// For individual devices.
    individual: SettingValues,
}

impl From<&SuiteValues> for Columns {
    fn from(v: &SuiteValues) -> Self {
        Self {
            corporate: SettingValues(v.corporate.clone()),
            individual: SettingValues(v.individual.clone()),
        }
    }
}

impl From<Columns> for SuiteValues {
    fn from(c: Columns) -> Self {
        Self { corporate: c.corporate.0, individual: c.individual.0 }
    }
}

/// A policy suite.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "PolicySuite")]
struct SuiteInfo {
    /// Its id.
    id: Ref<PolicySuite>,
    /// Name, unique in the organization.
    name: String,
    /// What it is for.
    description: String,
    /// What would be published.
    draft: Columns,
    /// The revision in force; null until the first publication.
    published: Option<Revision>,
    /// The draft differs from what is published.
    draft_differs: bool,
    /// When it was made.
    created_at: i64,
    /// Grows with every change; the ETag.
    rev: i64,
}

impl From<&PolicySuite> for SuiteInfo {
    fn from(s: &PolicySuite) -> Self {
        Self {
            id: s.id.into(),
            name: s.name.clone(),
            description: s.description.clone(),
            draft: (&s.draft).into(),
            published: s.published.as_ref().map(Into::into),
            draft_differs: s.published.as_ref().is_none_or(|r| r.values != s.draft),
            created_at: s.created_at,
            rev: s.rev,
        }
    }
}

/// A published, immutable revision.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "PolicyRevision")]
struct Revision {
    /// 1, 2, 3 … within the suite.
    number: i64,
    /// The values.
    values: Columns,
    /// When.
    published_at: i64,
    /// By whom.
    published_by: String,
    /// Note of the publisher.
    note: String,
}

impl From<&PolicyRevision> for Revision {
    fn from(r: &PolicyRevision) -> Self {
        Self {
            number: r.number,
            values: (&r.values).into(),
            published_at: r.published_at,
            published_by: r.published_by.clone(),
            note: r.note.clone(),
        }
    }
}

/// A suite as listed, with who has it.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "PolicySuiteSummary")]
struct SuiteWithUse {
    /// Its id.
    id: Ref<PolicySuite>,
    /// Name.
    name: String,
    /// What it is for.
    description: String,
    /// Number of the revision in force; null until the first publication.
    revision: Option<i64>,
    /// When that was published.
    published_at: Option<i64>,
    /// The draft differs from what is published.
    draft_differs: bool,
    /// It is the organization's default.
    is_default: bool,
    /// Users with it as their own.
    users: usize,
    /// Groups that give it to their members.
    groups: usize,
    /// Devices with it as their own.
    own_devices: usize,
    /// Devices that have it in force in the end.
    devices: usize,
}

impl SuiteWithUse {
    fn new(suite: &PolicySuite, used: &Assignment) -> Self {
        Self {
            id: suite.id.into(),
            name: suite.name.clone(),
            description: suite.description.clone(),
            revision: suite.published.as_ref().map(|r| r.number),
            published_at: suite.published.as_ref().map(|r| r.published_at),
            draft_differs: suite.published.as_ref().is_none_or(|r| r.values != suite.draft),
            is_default: used.is_default,
            users: used.by_user,
            groups: used.by_group,
            own_devices: used.by_device,
            devices: used.devices,
        }
    }
}

/// What a new suite needs.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct NewSuite {
    /// Name, unique in the organization, 1 to 100 characters.
    name: String,
    /// What it is for.
    #[serde(default)]
    description: String,
    /// Values to begin with.
    draft: Option<Columns>,
    /// Template to begin with, when no draft is sent: none, low, moderate or strict.
    template: Option<String>,
}

/// What a suite is replaced with.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct SuiteInput {
    /// Name, unique in the organization, 1 to 100 characters.
    name: String,
    /// What it is for.
    #[serde(default)]
    description: String,
    /// The new draft; left out, the draft stays.
    draft: Option<Columns>,
}

/// Who takes over.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Removal {
    /// The suite for whoever has the deleted one.
    replacement: Option<Ref<PolicySuite>>,
}

/// A publication.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Publication {
    /// Why, for the list of revisions; at most 500 characters are kept.
    #[serde(default)]
    note: String,
}

/// What was published.
#[derive(Serialize, JsonSchema)]
struct Published {
    /// Number of the new revision.
    revision: i64,
}

/// Where to go back to.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct RollBack {
    /// Number of the revision.
    revision: i64,
}

/// A copy.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "SuiteCopy")]
struct Copy {
    /// Name of the copy.
    name: String,
}

/// One changed value.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "PolicyChange")]
struct Change {
    /// Key of the setting.
    setting: String,
    /// Its label.
    label: String,
    /// Column.
    column: Word<Liability>,
    /// Value before, in words.
    from: String,
    /// Value after, in words.
    to: String,
    /// Whether it asks for more or for less.
    direction: Way,
    /// All of it in one sentence.
    sentence: String,
}

/// Direction of a change.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "PolicyDirection")]
enum Way {
    /// Asks for more than before.
    Stricter,
    /// Asks for less than before.
    Milder,
    /// Neither.
    Other,
}

impl From<Difference> for Change {
    fn from(d: Difference) -> Self {
        Self {
            sentence: d.sentence(),
            setting: d.key,
            label: d.label,
            column: Word(d.column),
            from: d.from,
            to: d.to,
            direction: match d.direction {
                Direction::Stricter => Way::Stricter,
                Direction::Milder => Way::Milder,
                Direction::Other => Way::Other,
            },
        }
    }
}

fn read(call: &Call, id: Ref<PolicySuite>) -> Result<SuiteInfo, Problem> {
    Ok(policy::get(&call.engine, &call.scope, id.0)?.as_ref().into())
}

async fn list(call: Call) -> Result<Json<Page<SuiteWithUse>>, Problem> {
    let all = policy::list(&call.engine, &call.scope)?;
    Ok(Page::whole(all.iter().map(|(suite, used)| SuiteWithUse::new(suite, used)).collect()))
}

async fn create(call: Call, Body(input): Body<NewSuite>) -> Result<Created<SuiteInfo>, Problem> {
    let NewSuite { name, description, draft, template } = input;
    let input = policy::SuiteInput { name, description, draft: draft.map(Into::into), template };
    let id = policy::create(&call.engine, &call.scope, input).await?;
    Ok(Created(format!("/api/v1/policy-suites/{id}"), read(&call, id.into())?))
}

async fn show(call: Call, Path(id): Path<Ref<PolicySuite>>) -> Result<Versioned<SuiteInfo>, Problem> {
    let info = read(&call, id)?;
    Ok(Versioned(info.rev, info))
}

async fn replace(
    call: Call,
    Path(id): Path<Ref<PolicySuite>>,
    seen: Seen,
    Body(input): Body<SuiteInput>,
) -> Result<Versioned<SuiteInfo>, Problem> {
    seen.expect(read(&call, id)?.rev)?;
    let SuiteInput { name, description, draft } = input;
    let input = policy::SuiteInput { name, description, draft: draft.map(Into::into), template: None };
    policy::edit_seen(&call.engine, &call.scope, id.0, seen.0, input).await?;
    show(call, Path(id)).await
}

async fn remove(
    call: Call,
    Path(id): Path<Ref<PolicySuite>>,
    Params(query): Params<Removal>,
) -> Result<Done, Problem> {
    policy::remove(&call.engine, &call.scope, id.0, query.replacement.map(|r| r.0)).await?;
    Ok(Done)
}

async fn publish(
    call: Call,
    Path(id): Path<Ref<PolicySuite>>,
    Body(input): Body<Publication>,
) -> Result<Json<Published>, Problem> {
    let revision = policy::publish(&call.engine, &call.scope, id.0, &input.note).await?;
    Ok(Json(Published { revision }))
}

async fn difference(call: Call, Path(id): Path<Ref<PolicySuite>>) -> Result<Json<Page<Change>>, Problem> {
    let all = policy::diff_with_published(&call.engine, &call.scope, id.0)?;
    Ok(Page::whole(all.into_iter().map(Into::into).collect()))
}

async fn affected(call: Call, Path(id): Path<Ref<PolicySuite>>) -> Result<Json<Page<Ref<Device>>>, Problem> {
    let all = policy::affected(&call.engine, &call.scope, id.0)?;
    let total = Some(all.len());
    Ok(Json(Page { items: all.into_iter().take(1_000).map(Into::into).collect(), next: None, total }))
}

async fn revisions(call: Call, Path(id): Path<Ref<PolicySuite>>) -> Result<Json<Page<Revision>>, Problem> {
    let all = policy::revisions(&call.engine, &call.scope, id.0).await?;
    Ok(Page::whole(all.iter().map(Into::into).collect()))
}

async fn roll_back(
    call: Call,
    Path(id): Path<Ref<PolicySuite>>,
    Body(input): Body<RollBack>,
) -> Result<Json<Published>, Problem> {
    let revision = policy::roll_back(&call.engine, &call.scope, id.0, input.revision).await?;
    Ok(Json(Published { revision }))
}

async fn copy(
    call: Call,
    Path(id): Path<Ref<PolicySuite>>,
    Body(input): Body<Copy>,
) -> Result<Created<SuiteInfo>, Problem> {
    let new = policy::copy(&call.engine, &call.scope, id.0, &input.name).await?;
    Ok(Created(format!("/api/v1/policy-suites/{new}"), read(&call, new.into())?))
}

async fn make_default(call: Call, Path(id): Path<Ref<PolicySuite>>) -> Result<Done, Problem> {
    policy::assign_default(&call.engine, &call.scope, id.0).await?;
    Ok(Done)
}
