//! Custom columns: what an organization keeps of users and devices beyond what the product knows.

use axum::Json;
use catalog::Permission;
use domain::model::{CustomColumn, CustomKind, CustomScope};
use door::{Access, Path};
use engine::custom_columns::{self, ColumnInput};
use http::Method;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::answer::{Created, Done, Page};
use super::endpoint::{Family, endpoint};
use super::input::{Body, Call};
use super::problem::Problem;
use super::words::{Ref, Vocabulary, Word};

pub(super) fn family() -> Family {
    let (all, one) = ("/api/v1/custom-columns", "/api/v1/custom-columns/{column}");
    let (view, change) =
        (Access::Needs(Permission::DevicesView), Access::Needs(Permission::OrganizationEdit));
    Family {
        name: "Custom columns",
        about: "Columns of the organization's own, of users and of devices. Values stand with users and devices, by \
                the columns' names.",
        endpoints: vec![
            endpoint(Method::GET, all, view, list, "List custom columns")
                .says("In their order.")
                .gives::<Page<Column>>(),
            endpoint(Method::POST, all, change, create, "Make a custom column")
                .says("It comes last. An organization can have 50.")
                .body::<Input>()
                .creates::<Column>(),
            endpoint(Method::GET, one, view, show, "Show a custom column").gives::<Column>(),
            endpoint(Method::PUT, one, change, replace, "Replace a custom column")
                .says("The scope stays. A kind or a list that a value in use would not fit is refused.")
                .body::<Input>()
                .gives::<Column>(),
            endpoint(
                Method::POST,
                "/api/v1/custom-columns/{column}/move",
                change,
                place,
                "Move a custom column",
            )
            .body::<Place>(),
            endpoint(Method::DELETE, one, change, remove, "Remove a custom column")
                .says("With all its values."),
        ],
    }
}

impl Vocabulary for CustomScope {
    const NAME: &'static str = "CustomScope";
    const ABOUT: &'static str = "Who has a custom column.";
    fn all() -> Vec<Self> {
        vec![CustomScope::User, CustomScope::Device]
    }
}

/// What values look like.
#[derive(Clone, Copy, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "CustomKind")]
enum Kind {
    /// One line of text.
    Text,
    /// A decimal number of at most 15 digits.
    Number,
    /// A day, such as 2026-11-22.
    Date,
    /// One of `choices`.
    List,
    /// `yes` or `no`.
    YesNo,
}

/// A custom column.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "CustomColumn")]
struct Column {
    /// Its id.
    id: Ref<CustomColumn>,
    /// Heading; values are named by it, and `custom:name` is its key among the columns of lists and files.
    name: String,
    /// What it is for.
    help: String,
    /// What values look like.
    kind: Kind,
    /// What a list offers; empty for other kinds.
    choices: Vec<String>,
    /// Who has it.
    scope: Word<CustomScope>,
    /// Must be filled in.
    required: bool,
    /// Value where none was entered; empty for none.
    default: String,
}

impl From<&CustomColumn> for Column {
    fn from(c: &CustomColumn) -> Self {
        let (kind, choices) = match &c.kind {
            CustomKind::Text => (Kind::Text, Vec::new()),
            CustomKind::Number => (Kind::Number, Vec::new()),
            CustomKind::Date => (Kind::Date, Vec::new()),
            CustomKind::List(choices) => (Kind::List, choices.clone()),
            CustomKind::YesNo => (Kind::YesNo, Vec::new()),
        };
        Self {
            id: c.id.into(),
            name: c.name.clone(),
            help: c.help.clone(),
            kind,
            choices,
            scope: Word(c.scope),
            required: c.required,
            default: c.default.clone(),
        }
    }
}

/// What a column is made of.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "CustomColumnInput")]
struct Input {
    /// Heading, unique in its scope, 1 to 60 characters without `: ; , " { }`.
    name: String,
    /// What it is for, at most 200 characters.
    #[serde(default)]
    help: String,
    /// What values look like.
    kind: Kind,
    /// What a list offers, 1 to 200 values.
    #[serde(default)]
    choices: Vec<String>,
    /// Who has it; cannot be changed later.
    scope: Word<CustomScope>,
    /// Must be filled in when a user or device is entered by hand or by file.
    #[serde(default)]
    required: bool,
    /// Value where none was entered.
    #[serde(default)]
    default: String,
}

impl From<Input> for ColumnInput {
    fn from(input: Input) -> Self {
        let kind = match input.kind {
            Kind::Text => CustomKind::Text,
            Kind::Number => CustomKind::Number,
            Kind::Date => CustomKind::Date,
            Kind::List => CustomKind::List(input.choices),
            Kind::YesNo => CustomKind::YesNo,
        };
        let Input { name, help, scope, required, default, .. } = input;
        Self { name, help, kind, scope: scope.0, required, default }
    }
}

/// Where to.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "CustomColumnPlace")]
struct Place {
    /// The place, from 1.
    place: usize,
}

async fn list(call: Call) -> Result<Json<Page<Column>>, Problem> {
    let all = custom_columns::list(&call.engine, &call.scope)?;
    Ok(Page::whole(all.iter().map(Into::into).collect()))
}

async fn create(call: Call, Body(input): Body<Input>) -> Result<Created<Column>, Problem> {
    let id = custom_columns::create(&call.engine, &call.scope, input.into()).await?;
    let column = custom_columns::get(&call.engine, &call.scope, id)?;
    Ok(Created(format!("/api/v1/custom-columns/{id}"), (&column).into()))
}

async fn show(call: Call, Path(id): Path<Ref<CustomColumn>>) -> Result<Json<Column>, Problem> {
    Ok(Json((&custom_columns::get(&call.engine, &call.scope, id.0)?).into()))
}

async fn replace(
    call: Call,
    Path(id): Path<Ref<CustomColumn>>,
    Body(input): Body<Input>,
) -> Result<Json<Column>, Problem> {
    custom_columns::edit(&call.engine, &call.scope, id.0, input.into()).await?;
    show(call, Path(id)).await
}

async fn place(
    call: Call,
    Path(id): Path<Ref<CustomColumn>>,
    Body(to): Body<Place>,
) -> Result<Done, Problem> {
    custom_columns::move_to(&call.engine, &call.scope, id.0, to.place).await?;
    Ok(Done)
}

async fn remove(call: Call, Path(id): Path<Ref<CustomColumn>>) -> Result<Done, Problem> {
    custom_columns::remove(&call.engine, &call.scope, id.0).await?;
    Ok(Done)
}
