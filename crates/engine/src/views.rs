//! Saved views of the lists of devices and users: one's own only, in the organization they were made in.
//!
//! They are a convenience of their owner and change nothing for anybody else, so the journal does not tell of them.

use catalog::Permission;
use domain::model::{AdministratorId, SavedView, SavedViewId, ViewList};
use store::repo;

use crate::devices::{self, Column};
use crate::issues::Issues;
use crate::users::{self, UserColumn};
use crate::{Engine, Error, OrgIndex, Result, Scope};

/// Views that an administrator may keep in an organization.
pub const MOST: usize = 50;

/// What a view shows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ViewInput {
    /// The list that it is one of; it never changes.
    pub list: ViewList,
    /// Name, 1 to 60 characters, unique among one's own.
    pub name: String,
    /// Free text searched for, at most 200 characters.
    pub search: String,
    /// Filters as key and value ([`crate::devices::FILTERS`], [`crate::users::FILTERS`]), at most 64.
    pub filters: Vec<(String, String)>,
    /// Key of the column sorted by, with `-` before it for largest first; empty is the usual order.
    pub sort: String,
    /// Keys of the shown columns; empty for the usual ones.
    pub columns: Vec<String>,
}

fn owner(scope: &Scope) -> Result<AdministratorId> {
    scope.require(Permission::DevicesView)?;
    Ok(scope.administrator().ok_or(Error::Unauthenticated)?.id)
}

/// One's own views, by name.
///
/// # Errors
/// [`Error::Denied`], [`Error::Unauthenticated`] when no administrator stands behind the scope.
pub async fn list(engine: &Engine, scope: &Scope) -> Result<Vec<SavedView>> {
    let owner = owner(scope)?;
    let read = async move |tx: &mut store::Tx| Ok::<_, Error>(repo::views::list(tx, owner).await?);
    engine.store.read(scope.organization(), read).await
}

/// One of one's own views.
///
/// # Errors
/// [`Error::NotFound`], also for somebody else's.
pub async fn get(engine: &Engine, scope: &Scope, id: SavedViewId) -> Result<SavedView> {
    let owner = owner(scope)?;
    let read = async move |tx: &mut store::Tx| Ok::<_, Error>(repo::views::get(tx, owner, id).await?);
    engine.store.read(scope.organization(), read).await?.ok_or(Error::NotFound("view"))
}

/// Keeps a view.
///
/// # Errors
/// [`Error::Invalid`] by field, [`Error::Conflict`] for a name one has already and beyond [`MOST`].
pub async fn create(engine: &Engine, scope: &Scope, input: ViewInput) -> Result<SavedView> {
    let owner = owner(scope)?;
    let organization = scope.organization();
    if engine.directory.organization(organization).is_none() {
        return Err(Error::NotFound("organization"));
    }
    let now = engine.now();
    let blank = SavedView {
        organization,
        id: engine.entropy.id(now),
        rev: 0,
        administrator: owner,
        list: input.list,
        name: String::new(),
        search: String::new(),
        filters: Vec::new(),
        sort: String::new(),
        columns: Vec::new(),
        created_at: now,
    };
    let view = filled(engine, blank, input)?;
    engine
        .store
        .write(organization, scope.actor().clone(), async move |tx| {
            if repo::views::list(tx, owner).await?.len() >= MOST {
                let why = format!("You have {MOST} views. Remove one that you do not need any more.");
                return Err(Error::Conflict(why));
            }
            let mut view = view.clone();
            repo::views::put(tx, &mut view).await?;
            Ok(view)
        })
        .await
}

/// Replaces one of one's own views, if it is still at the `rev` that was seen.
///
/// # Errors
/// As [`create`]; [`Error::NotFound`]; [`Error::Conflict`] for another `rev`.
pub async fn edit(
    engine: &Engine,
    scope: &Scope,
    id: SavedViewId,
    seen: Option<i64>,
    input: ViewInput,
) -> Result<SavedView> {
    let old = get(engine, scope, id).await?;
    crate::issues::unchanged(seen, old.rev)?;
    let view = filled(engine, old, input)?;
    engine
        .store
        .write(scope.organization(), scope.actor().clone(), async move |tx| {
            let mut view = view.clone();
            repo::views::put(tx, &mut view).await?;
            Ok::<_, Error>(view)
        })
        .await
}

/// Forgets one of one's own views.
///
/// # Errors
/// [`Error::NotFound`], also for somebody else's.
pub async fn remove(engine: &Engine, scope: &Scope, id: SavedViewId) -> Result<()> {
    let owner = owner(scope)?;
    engine
        .store
        .write(scope.organization(), scope.actor().clone(), async move |tx| {
            if repo::views::remove(tx, owner, id).await? { Ok(()) } else { Err(Error::NotFound("view")) }
        })
        .await
}

/// What a list can show.
enum Known {
    Devices(Vec<Column>),
    Users(Vec<UserColumn>),
}

impl Known {
    fn of(org: &OrgIndex, list: ViewList) -> Self {
        match list {
            ViewList::Devices => Self::Devices(devices::columns_in(org)),
            ViewList::Users => Self::Users(users::columns_in(org)),
        }
    }
    fn is_column(&self, key: &str) -> bool {
        match self {
            Self::Devices(columns) => columns.iter().any(|column| column.is_called(key)),
            Self::Users(columns) => columns.iter().any(|column| column.key == key),
        }
    }
    fn is_filter(&self, key: &str, value: &str) -> bool {
        match self {
            Self::Devices(_) => devices::is_filter(key, value),
            Self::Users(_) => users::is_filter(key, value),
        }
    }
    fn count(&self) -> usize {
        match self {
            Self::Devices(columns) => columns.len(),
            Self::Users(columns) => columns.len(),
        }
    }
}

/// The view as wished for, after looking at every part of the wish.
fn filled(engine: &Engine, view: SavedView, input: ViewInput) -> Result<SavedView> {
    let org = engine.directory.organization(view.organization).ok_or(Error::NotFound("organization"))?;
    let known = Known::of(&org.read(), view.list);
    let is_column = |key: &str| known.is_column(key);
    let name = input.name.trim().to_owned();
    let sorted_by = input.sort.strip_prefix('-').unwrap_or(&input.sort);
    let mut issues = Issues::default();
    issues.check((1..=60).contains(&name.chars().count()), "name", || {
        "Enter a name of 1 to 60 characters.".into()
    });
    issues
        .check(input.search.chars().count() <= 200, "search", || "Search for at most 200 characters.".into());
    issues.check(input.filters.len() <= 64, "filters", || "Choose at most 64 values.".into());
    if let Some((key, value)) = input.filters.iter().find(|(key, value)| !known.is_filter(key, value)) {
        issues.add("filters", format!("There is no filter {key} with the value {value}."));
    }
    issues.check(sorted_by.is_empty() || is_column(sorted_by), "sort", || {
        format!("There is no column {sorted_by}.")
    });
    issues.check(input.columns.len() <= known.count(), "columns", || "These are too many columns.".into());
    if let Some(key) = input.columns.iter().find(|key| !is_column(key)) {
        issues.add("columns", format!("There is no column {key}."));
    }
    issues.done()?;
    let ViewInput { name: _, list: _, search, filters, sort, columns } = input;
    Ok(SavedView { name, search, filters, sort, columns, ..view })
}
