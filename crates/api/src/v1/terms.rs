//! Terms of use: drafts, versions, publication.

use std::collections::BTreeMap;

use axum::Json;
use catalog::{Liability, Permission};
use domain::model::Terms;
use door::{Access, Path};
use engine::terms::{self, TermsInput};
use http::Method;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::answer::{Created, Done, Page, Versioned};
use super::endpoint::{Family, endpoint};
use super::input::{Body, Call, Seen};
use super::problem::Problem;
use super::words::{Ref, Word};

pub(super) fn family() -> Family {
    let (all, one) = ("/api/v1/terms", "/api/v1/terms/{terms}");
    let view = Access::Needs(Permission::OrganizationView);
    let change = Access::Needs(Permission::OrganizationEdit);
    Family {
        name: "Terms of use",
        about: "What people accept before their devices are managed, in versions. Who accepted what is the report \
                `terms_accepted`.",
        endpoints: vec![
            endpoint(Method::GET, all, view, list, "List the versions")
                .says("The newest first; a draft comes before them.")
                .gives::<Page<TermsInfo>>(),
            endpoint(Method::POST, all, change, create, "Write the draft of the next version")
                .says("There is one draft at most.")
                .body::<Input>()
                .creates::<TermsInfo>(),
            endpoint(Method::GET, one, view, show, "Show a version").gives::<TermsInfo>(),
            endpoint(Method::PUT, one, change, replace, "Change the draft")
                .says("What is published stays as people accepted it.")
                .body::<Input>()
                .gives::<TermsInfo>(),
            endpoint(Method::DELETE, one, change, remove, "Throw the draft away"),
            endpoint(Method::POST, "/api/v1/terms/{terms}/publish", change, publish, "Publish the draft")
                .says("It is in force at once. May be held for a second person, as every change that shuts out many."),
            endpoint(Method::POST, "/api/v1/terms/withdraw", change, withdraw, "Take the terms out of force")
                .says("Nobody need accept any; the versions, and who accepted them, stay."),
        ],
    }
}

/// A version of the terms, or the draft of the next one.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Terms")]
struct TermsInfo {
    /// Its id.
    id: Ref<Terms>,
    /// Grows with every change.
    rev: i64,
    /// 1 for the first version; null for the draft.
    version: Option<u32>,
    /// Whether it is in force.
    in_force: bool,
    /// The text in each language, by its tag.
    texts: BTreeMap<String, String>,
    /// The language for people whose own there is no text in.
    main_language: String,
    /// What is new.
    changes: String,
    /// Those who accepted an earlier version must accept this one.
    accept_again: bool,
    /// Who must accept: the users of such devices; null: everyone.
    liability: Option<Word<Liability>>,
    /// When it was published, milliseconds since 1970; null for the draft.
    published_at: Option<i64>,
    /// Who published it.
    published_by: Option<String>,
}

fn info(call: &Call, terms: Terms) -> TermsInfo {
    let org = call.engine.directory().organization(call.scope.organization());
    let force = org.and_then(|org| org.read().organization.terms.as_ref().map(|force| force.terms));
    let (published_at, published_by) = terms.published.map(|(at, by)| (at, by.to_string())).unzip();
    TermsInfo {
        id: terms.id.into(),
        rev: terms.rev,
        version: (terms.version > 0).then_some(terms.version),
        in_force: force == Some(terms.id),
        texts: terms.texts,
        main_language: terms.main_language,
        changes: terms.changes,
        accept_again: terms.accept_again,
        liability: terms.liability.map(Word),
        published_at,
        published_by,
    }
}

/// A draft.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "TermsInput")]
struct Input {
    /// The text in each language, by its tag (`en`, `de`, `pt-BR`): paragraphs of plain text between empty lines, at
    /// most 60,000 letters, in at most 30 languages.
    texts: BTreeMap<String, String>,
    /// The language for people whose own there is no text in; one of the texts.
    main_language: String,
    /// What is new, at most 1,000 letters.
    #[serde(default)]
    changes: String,
    /// Those who accepted an earlier version must accept this one.
    #[serde(default = "yes")]
    accept_again: bool,
    /// Who must accept: the users of such devices; null: everyone.
    #[serde(default)]
    liability: Option<Word<Liability>>,
}

fn yes() -> bool {
    true
}

impl From<Input> for TermsInput {
    fn from(input: Input) -> Self {
        let Input { texts, main_language, changes, accept_again, liability } = input;
        Self { texts, main_language, changes, accept_again, liability: liability.map(|word| word.0) }
    }
}

async fn list(call: Call) -> Result<Json<Page<TermsInfo>>, Problem> {
    let all = terms::list(&call.engine, &call.scope).await?;
    Ok(Page::whole(all.into_iter().map(|terms| info(&call, terms)).collect()))
}

async fn create(call: Call, Body(input): Body<Input>) -> Result<Created<TermsInfo>, Problem> {
    let id = terms::draft(&call.engine, &call.scope, input.into()).await?;
    let draft = terms::get(&call.engine, &call.scope, id).await?;
    Ok(Created(format!("/api/v1/terms/{id}"), info(&call, draft)))
}

async fn show(call: Call, Path(id): Path<Ref<Terms>>) -> Result<Versioned<TermsInfo>, Problem> {
    let terms = terms::get(&call.engine, &call.scope, id.0).await?;
    Ok(Versioned(terms.rev, info(&call, terms)))
}

async fn replace(
    call: Call,
    Path(id): Path<Ref<Terms>>,
    seen: Seen,
    Body(input): Body<Input>,
) -> Result<Versioned<TermsInfo>, Problem> {
    seen.expect(terms::get(&call.engine, &call.scope, id.0).await?.rev)?;
    terms::edit(&call.engine, &call.scope, id.0, seen.0, input.into()).await?;
    show(call, Path(id)).await
}

async fn remove(call: Call, Path(id): Path<Ref<Terms>>) -> Result<Done, Problem> {
    terms::discard(&call.engine, &call.scope, id.0).await?;
    Ok(Done)
}

async fn publish(call: Call, Path(id): Path<Ref<Terms>>) -> Result<Done, Problem> {
    terms::publish(&call.engine, &call.scope, id.0).await?;
    Ok(Done)
}

async fn withdraw(call: Call) -> Result<Done, Problem> {
    terms::withdraw(&call.engine, &call.scope).await?;
    Ok(Done)
}
