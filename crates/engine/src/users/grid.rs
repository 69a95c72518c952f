//! The list of users: filter, sort, page, all from memory but for what became of letters. Columns and filters are
//! tables here; their keys are the only names a request can sort, choose or filter by.

use std::borrow::Cow;
use std::sync::Arc;

use catalog::{Liability, Permission};
use domain::model::{CustomColumn, CustomOrder, CustomScope, User, UserState};

use super::matches;
use crate::assignment::{liability_of, schedule_of, server_of, suite_of};
use crate::devices::Sort;
use crate::letters::{self, LetterFilter};
use crate::{Engine, Error, OrgIndex, Result, Scope, custom_columns};

/// Users looked at under one lock: whoever changes the index waits for milliseconds at most.
const STEP: usize = 512;

/// What is asked of the list. All of it lives in the page's address.
#[derive(Debug, Clone, Default)]
pub struct UserQuery {
    /// Free text: name, sign-in name, address.
    pub text: String,
    /// Filters as key and value ([`FILTERS`]): values of one key are alternatives, all keys must hold.
    pub filters: Vec<(String, String)>,
    /// Order; `None` is by sign-in name.
    pub sort: Option<Sort>,
    /// Rows to skip.
    pub offset: usize,
    /// Rows wanted, 1 to 500.
    pub limit: usize,
}

/// A page of the list.
#[derive(Debug, Clone)]
pub struct UserPage {
    /// The users.
    pub rows: Vec<Arc<User>>,
    /// How many match in all.
    pub total: usize,
}

/// A column of the list.
#[derive(Debug, Clone)]
pub struct UserColumn {
    /// Its name in addresses and views.
    pub key: Cow<'static, str>,
    /// Its heading.
    pub label: Cow<'static, str>,
    /// Shown unless the administrator chose otherwise.
    pub default: bool,
    source: Source,
}

#[derive(Debug, Clone)]
enum Source {
    Text(fn(&OrgIndex, &User) -> String),
    Number(fn(&OrgIndex, &User) -> i64),
    /// Shown by whoever draws it; it has no order.
    Drawn,
    Own(CustomColumn),
}

impl UserColumn {
    const fn new(key: &'static str, label: &'static str, default: bool, source: Source) -> Self {
        Self { key: Cow::Borrowed(key), label: Cow::Borrowed(label), default, source }
    }

    /// What stands in it, as text.
    pub fn text(&self, org: &OrgIndex, user: &User) -> String {
        match &self.source {
            Source::Text(text) => text(org, user),
            Source::Number(number) => number(org, user).to_string(),
            Source::Drawn => String::new(),
            Source::Own(column) => custom_columns::shown(column, &user.custom).to_owned(),
        }
    }

    /// Whether the list can be sorted by it.
    pub fn is_sortable(&self) -> bool {
        !matches!(self.source, Source::Drawn)
    }

    fn order(&self, org: &OrgIndex, user: &User) -> Order {
        match &self.source {
            Source::Number(number) => Order::Number(number(org, user)),
            Source::Own(column) => match custom_columns::shown(column, &user.custom) {
                "" => Order::Unknown,
                value => Order::Own(column.kind.order(value)),
            },
            Source::Text(_) | Source::Drawn => match self.text(org, user) {
                text if text.is_empty() => Order::Unknown,
                text => Order::Text(text.to_lowercase()),
            },
        }
    }
}

/// What a row is sorted by; what is unknown comes last.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Order {
    Number(i64),
    Text(String),
    Own(CustomOrder),
    Unknown,
}

const COLUMNS: &[UserColumn] = &[
    UserColumn::new("name", "User", true, Source::Text(|_, u| u.display_name.clone())),
    UserColumn::new("username", "Sign-in name", false, Source::Text(|_, u| u.username.clone())),
    UserColumn::new("state", "State", true, Source::Text(|_, u| state(u).to_owned())),
    UserColumn::new("email", "E-mail", true, Source::Text(|_, u| u.email.clone())),
    UserColumn::new("letter", "Welcome letter", true, Source::Drawn),
    UserColumn::new(
        "devices",
        "Devices",
        true,
        Source::Number(|org, u| org.devices.of_user(u.id).len() as i64),
    ),
    UserColumn::new(
        "server",
        "Mail server",
        true,
        Source::Text(|org, u| {
            server_of(org, u).map_or_else(|| "Stand-in".to_owned(), |s| s.value.name.clone())
        }),
    ),
    UserColumn::new(
        "suite",
        "Policy suite",
        true,
        Source::Text(|org, u| suite_of(org, u, None).0.map(|s| s.name.clone()).unwrap_or_default()),
    ),
    UserColumn::new(
        "schedule",
        "Connection schedule",
        false,
        Source::Text(|org, u| schedule_of(org, u, None).map(|s| s.value.name.clone()).unwrap_or_default()),
    ),
    UserColumn::new(
        "liability",
        "Liability",
        true,
        Source::Text(|org, u| liability_of(org, u, None).value.label().to_owned()),
    ),
    UserColumn::new(
        "groups",
        "Groups",
        true,
        Source::Text(|org, u| {
            org.groups_of_ranked(u).iter().map(|g| g.name.as_str()).collect::<Vec<_>>().join(", ")
        }),
    ),
    UserColumn::new("domain", "Login domain", false, Source::Text(|_, u| u.domain.clone())),
    UserColumn::new("first_name", "First name", false, Source::Text(|_, u| u.first_name.clone())),
    UserColumn::new("last_name", "Last name", false, Source::Text(|_, u| u.last_name.clone())),
    UserColumn::new("phone", "Phone number", false, Source::Text(|_, u| u.phone.clone())),
    UserColumn::new("language", "Language", false, Source::Text(|_, u| language(u).to_owned())),
    UserColumn::new("source", "Came from", false, Source::Text(came_from)),
    UserColumn::new(
        "shared",
        "Shared account",
        false,
        Source::Text(|_, u| if u.shared { "yes" } else { "no" }.to_owned()),
    ),
    UserColumn::new(
        "max_devices",
        "Devices allowed",
        false,
        Source::Number(|org, u| i64::from(u.device_limit(&org.organization.settings))),
    ),
    UserColumn::new("created_at", "Made", false, Source::Number(|_, u| u.created_at)),
];

fn state(user: &User) -> &'static str {
    if user.state == UserState::Active { "active" } else { "disabled" }
}

fn language(user: &User) -> &str {
    catalog::LANGUAGES
        .iter()
        .find(|language| language.key == user.language)
        .map_or("", |language| language.name)
}

/// The columns of an organization's list, its own ones behind the others.
pub fn columns_in(org: &OrgIndex) -> Vec<UserColumn> {
    let own = custom_columns::of_scope(org, CustomScope::User).map(|column| UserColumn {
        key: Cow::Owned(column.id.to_string()),
        label: Cow::Owned(column.name.clone()),
        default: false,
        source: Source::Own(column.clone()),
    });
    COLUMNS.iter().cloned().chain(own).collect()
}

/// Where users can have come from: the word of the filter, and how it is called.
pub const SOURCES: [(&str, &str); 4] = [
    ("by_hand", "By hand or file"),
    ("directory", "A directory"),
    ("provisioned", "SCIM"),
    ("hands_off", "Hands-off enrolment"),
];

fn source(user: &User) -> &'static str {
    match user {
        user if user.directory.is_some() => "directory",
        user if !user.external_id.is_empty() || !user.provisioned_as.is_empty() => "provisioned",
        user if user.hands_off => "hands_off",
        _ => "by_hand",
    }
}

fn came_from(org: &OrgIndex, user: &User) -> String {
    if let Some(identity) = &user.directory {
        return org
            .directory(identity.server)
            .map_or_else(|| "A directory".to_owned(), |server| server.name.clone());
    }
    let known = SOURCES.iter().find(|(key, _)| *key == source(user));
    known.map_or("", |(_, label)| label).to_owned()
}

/// The keys of filters.
pub const FILTERS: [&str; 6] = ["letter", "state", "liability", "source", "devices", "group"];

/// Whether there is a filter of this key with this value.
pub fn is_filter(key: &str, value: &str) -> bool {
    match key {
        "letter" => LetterFilter::from_key(value).is_some(),
        "state" => ["active", "disabled"].contains(&value),
        "liability" => Liability::from_key(value).is_some(),
        "source" => SOURCES.iter().any(|(key, _)| *key == value),
        "devices" => ["none", "some"].contains(&value),
        "group" => value.parse::<domain::model::GroupId>().is_ok(),
        _ => false,
    }
}

fn holds(org: &OrgIndex, user: &User, key: &str, value: &str) -> bool {
    match key {
        "state" => state(user) == value,
        "liability" => liability_of(org, user, None).value.key() == value,
        "source" => source(user) == value,
        "devices" => org.devices.of_user(user.id).is_empty() == (value == "none"),
        "group" => value.parse().is_ok_and(|group| user.groups.binary_search(&group).is_ok()),
        // Looked at before; what is not known lets nobody through.
        "letter" => true,
        _ => false,
    }
}

/// A page of users.
///
/// # Errors
/// [`Error::Denied`]; [`Error::Invalid`] for a column or filter that does not exist.
pub async fn grid(engine: &Engine, scope: &Scope, query: &UserQuery) -> Result<UserPage> {
    let all = all(engine, scope, query).await?;
    let total = all.len();
    let rows = all.into_iter().skip(query.offset).take(query.limit.clamp(1, 500)).collect();
    Ok(UserPage { rows, total })
}

/// Everybody who matches, in order.
///
/// # Errors
/// As [`grid`].
pub async fn all(engine: &Engine, scope: &Scope, query: &UserQuery) -> Result<Vec<Arc<User>>> {
    scope.require(Permission::DevicesView)?;
    if let Some((key, value)) = query.filters.iter().find(|(key, value)| !is_filter(key, value)) {
        return Err(Error::invalid("filters", format!("There is no filter {key} with the value {value}.")));
    }
    let letter = query.filters.iter().find(|(key, _)| key == "letter");
    let letter = match letter.and_then(|(_, value)| LetterFilter::from_key(value)) {
        Some(filter) => Some(letters::wanted(engine, scope, filter).await?),
        None => None,
    };
    let lock = engine.directory.organization(scope.organization()).ok_or(Error::NotFound("organization"))?;
    let (users, column) = {
        let org = lock.read();
        (org.users().cloned().collect::<Vec<_>>(), sorted_by(&org, query)?)
    };
    let text = query.text.trim().to_lowercase();
    let mut keys: Vec<&str> = query.filters.iter().map(|(key, _)| key.as_str()).collect();
    keys.sort_unstable();
    keys.dedup();
    let mut found = Vec::new();
    for chunk in users.chunks(STEP) {
        let org = lock.read();
        for user in chunk {
            let fits = |key: &&str| {
                query.filters.iter().any(|(known, value)| known == key && holds(&org, user, known, value))
            };
            if matches(user, &text)
                && letter.as_ref().is_none_or(|wanted| wanted(user))
                && keys.iter().all(fits)
            {
                let order = column.as_ref().map_or(Order::Unknown, |column| column.order(&org, user));
                found.push((order, user.username.to_lowercase(), Arc::clone(user)));
            }
        }
    }
    let descending = query.sort.as_ref().is_some_and(|sort| sort.descending);
    found.sort_by(|a, b| {
        let by_column = match (&a.0, &b.0) {
            // What nobody knows comes last, whichever way round.
            (Order::Unknown, _) | (_, Order::Unknown) => a.0.cmp(&b.0),
            (a, b) if descending => b.cmp(a),
            (a, b) => a.cmp(b),
        };
        by_column.then_with(|| a.1.cmp(&b.1))
    });
    Ok(found.into_iter().map(|(_, _, user)| user).collect())
}

fn sorted_by(org: &OrgIndex, query: &UserQuery) -> Result<Option<UserColumn>> {
    let Some(sort) = &query.sort else { return Ok(None) };
    let known = columns_in(org).into_iter().find(|column| column.key == sort.column && column.is_sortable());
    known
        .map(Some)
        .ok_or_else(|| Error::invalid("sort", format!("There is no column {} to sort by.", sort.column)))
}
