//! The journal: of the organization, and of the installation.

use axum::Json;
use catalog::Permission;
use domain::model::JournalRow;
use door::Access;
use engine::{Scope, journal};
use http::Method;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::answer::Page;
use super::endpoint::{Family, endpoint};
use super::input::{Call, Params};
use super::problem::Problem;

pub(super) fn family() -> Family {
    Family {
        name: "Journal",
        about: "Who did what, when. Entries are chained by hashes.",
        endpoints: vec![
            endpoint(
                Method::GET,
                "/api/v1/journal",
                Access::Needs(Permission::JournalView),
                here,
                "Read the organization's journal, newest first",
            )
            .query::<JournalQuery>()
            .gives::<Page<Entry>>(),
        ],
    }
}

pub(super) fn installation() -> Family {
    Family {
        name: "Installation journal",
        about: "What happened to the installation itself.",
        endpoints: vec![
            endpoint(
                Method::GET,
                "/api/v1/installation/journal",
                Access::System,
                of_installation,
                "Read the installation's journal, newest first",
            )
            .query::<JournalQuery>()
            .gives::<Page<Entry>>(),
        ],
    }
}

/// An entry of the journal.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "JournalEntry")]
pub(super) struct Entry {
    /// Gap-free within the organization.
    sequence: i64,
    /// When.
    at: i64,
    /// Who.
    actor: String,
    /// Key of the event, as in the catalogue.
    event: String,
    /// What it is about: an id, or empty.
    subject: String,
    /// Details; null when they were erased.
    body: Option<serde_json::Value>,
    /// Hash of the chain at this entry, hexadecimal.
    hash: String,
}

impl From<JournalRow> for Entry {
    fn from(row: JournalRow) -> Self {
        let JournalRow { organization: _, sequence, at, actor, event, subject, body, hash } = row;
        Self { sequence, at, actor, event, subject, body, hash }
    }
}

/// Which entries.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct JournalQuery {
    /// Only events whose key begins with this, such as `device.`.
    #[serde(default)]
    event: String,
    /// Only entries about this id.
    #[serde(default)]
    subject: String,
    /// Only the devices and users that a search for this finds first.
    #[serde(default)]
    q: String,
    /// Only what this actor did: as entries name it, or the id of an administrator (with all its present tokens).
    #[serde(default)]
    actor: String,
    /// Only from this moment on.
    from: Option<i64>,
    /// Only before this moment.
    until: Option<i64>,
    /// `next` of the page before.
    cursor: Option<i64>,
    /// Entries a page, 1 to 500; 50 unless told.
    limit: Option<u32>,
}

async fn here(call: Call, Params(query): Params<JournalQuery>) -> Result<Json<Page<Entry>>, Problem> {
    page(&call, &call.scope, query).await
}

async fn of_installation(
    call: Call,
    Params(query): Params<JournalQuery>,
) -> Result<Json<Page<Entry>>, Problem> {
    page(&call, &call.scope.at_installation()?, query).await
}

async fn page(call: &Call, scope: &Scope, query: JournalQuery) -> Result<Json<Page<Entry>>, Problem> {
    let limit = query.limit.unwrap_or(50).clamp(1, 500);
    let JournalQuery { event, subject, q: search, actor, from, until, cursor, limit: _ } = query;
    let asked = journal::JournalQuery {
        before: cursor,
        event,
        subject,
        search,
        actor,
        from,
        until,
        limit: Some(limit),
    };
    let rows = journal::page(&call.engine, scope, asked).await?;
    let full = rows.len() == limit as usize;
    let next = rows.last().filter(|row| full && row.sequence > 1).map(|row| row.sequence.to_string());
    Ok(Json(Page { items: rows.into_iter().map(Into::into).collect(), next, total: None }))
}
