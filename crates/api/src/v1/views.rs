//! Saved views of the lists of devices and users: one's own.

use axum::Json;
use catalog::Permission;
use domain::model::{SavedView, ViewList};
use door::{Access, Path};
use engine::views;
use http::Method;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::answer::{Created, Done, Page, Versioned};
use super::endpoint::{Family, endpoint};
use super::input::{Body, Call, Seen};
use super::problem::Problem;
use super::words::{Ref, Word};

pub(super) fn family() -> Family {
    let view = Access::Needs(Permission::DevicesView);
    let (all, one) = ("/api/v1/views", "/api/v1/views/{view}");
    Family {
        name: "Saved views",
        about: "Columns, filters and order of the console's lists of devices and users. Everybody has their own.",
        endpoints: vec![
            endpoint(Method::GET, all, view, list, "List my views").gives::<Page<View>>(),
            endpoint(Method::POST, all, view, create, "Save a view")
                .says("At most 50 in an organization.")
                .body::<NewView>()
                .creates::<View>(),
            endpoint(Method::GET, one, view, show, "Show a view of mine").gives::<View>().versioned(),
            endpoint(Method::PUT, one, view, replace, "Replace a view of mine")
                .body::<NewView>()
                .gives::<View>()
                .versioned(),
            endpoint(Method::DELETE, one, view, remove, "Remove a view of mine"),
        ],
    }
}

/// A value of a filter.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "ViewFilter")]
struct ViewFilter {
    /// What it looks at: of devices `status`, `platform`, `state`, `finding`, `policy`, `silent` (hours), `suite` …; of
    /// users `letter`, `state`, `liability`, `source`, `devices` or `group`.
    key: String,
    /// A value; several entries of one key are alternatives, all keys must hold.
    value: String,
}

/// What a view shows.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct NewView {
    /// Name, 1 to 60 characters, unique among one's own.
    name: String,
    /// The list that it is one of, `devices` unless told; it never changes.
    #[serde(default)]
    list: Option<Word<ViewList>>,
    /// Free text searched for, at most 200 characters.
    #[serde(default)]
    search: String,
    /// Filters.
    #[serde(default)]
    filters: Vec<ViewFilter>,
    /// Column to sort by, with `-` before it for largest first; empty is the usual order.
    #[serde(default)]
    sort: String,
    /// Columns by key; none are the usual ones.
    #[serde(default)]
    columns: Vec<String>,
}

impl From<NewView> for views::ViewInput {
    fn from(new: NewView) -> Self {
        let NewView { name, list, search, filters, sort, columns } = new;
        let filters = filters.into_iter().map(|f| (f.key, f.value)).collect();
        let list = list.map(|word| word.0).unwrap_or_default();
        Self { name, list, search, filters, sort, columns }
    }
}

/// A saved view.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "SavedView")]
struct View {
    /// Its id.
    id: Ref<SavedView>,
    /// Name.
    name: String,
    /// The list that it is one of.
    list: Word<ViewList>,
    /// Free text searched for.
    search: String,
    /// Filters.
    filters: Vec<ViewFilter>,
    /// Order.
    sort: String,
    /// Columns.
    columns: Vec<String>,
    /// When it was made.
    created_at: i64,
    /// Grows with every change.
    rev: i64,
}

impl From<SavedView> for View {
    fn from(view: SavedView) -> Self {
        let SavedView { id, rev, list, name, search, filters, sort, columns, created_at, .. } = view;
        let filters = filters.into_iter().map(|(key, value)| ViewFilter { key, value }).collect();
        Self { id: id.into(), name, list: Word(list), search, filters, sort, columns, created_at, rev }
    }
}

async fn list(call: Call) -> Result<Json<Page<View>>, Problem> {
    let own = views::list(&call.engine, &call.scope).await?;
    Ok(Page::whole(own.into_iter().map(Into::into).collect()))
}

async fn create(call: Call, Body(new): Body<NewView>) -> Result<Created<View>, Problem> {
    let made = views::create(&call.engine, &call.scope, new.into()).await?;
    Ok(Created(format!("/api/v1/views/{}", made.id), made.into()))
}

async fn show(call: Call, Path(id): Path<Ref<SavedView>>) -> Result<Versioned<View>, Problem> {
    let view = views::get(&call.engine, &call.scope, id.0).await?;
    Ok(Versioned(view.rev, view.into()))
}

async fn replace(
    call: Call,
    Path(id): Path<Ref<SavedView>>,
    seen: Seen,
    Body(new): Body<NewView>,
) -> Result<Versioned<View>, Problem> {
    seen.expect(views::get(&call.engine, &call.scope, id.0).await?.rev)?;
    let view = views::edit(&call.engine, &call.scope, id.0, seen.0, new.into()).await?;
    Ok(Versioned(view.rev, view.into()))
}

async fn remove(call: Call, Path(id): Path<Ref<SavedView>>) -> Result<Done, Problem> {
    views::remove(&call.engine, &call.scope, id.0).await?;
    Ok(Done)
}
