//! The list of users as a file. Its columns are those of the import, so a file that was changed can be sent back.

use catalog::{Liability, Permission};
use domain::model::{CustomScope, JournalEntry, User, UserState};
use serde_json::json;

use super::UserQuery;
use crate::export::{Format, Table};
use crate::{Engine, Error, OrgIndex, Result, Scope, custom_columns};

/// Makes a cell.
type Cell = fn(&OrgIndex, &User) -> String;

/// Columns before the organization's own ones: name, and what stands in it.
const COLUMNS: &[(&str, Cell)] = &[
    ("username", |_, u| u.username.clone()),
    ("domain", |_, u| u.domain.clone()),
    ("email", |_, u| u.email.clone()),
    ("first_name", |_, u| u.first_name.clone()),
    ("last_name", |_, u| u.last_name.clone()),
    ("display_name", |_, u| u.display_name.clone()),
    ("phone", |_, u| u.phone.clone()),
    ("liability", |_, u| u.liability.map_or("", Liability::key).to_owned()),
    ("policy_suite", |org, u| {
        u.suite.and_then(|id| org.suite(id)).map(|s| s.name.clone()).unwrap_or_default()
    }),
    ("schedule", |org, u| {
        u.schedule.and_then(|id| org.schedule(id)).map(|s| s.name.clone()).unwrap_or_default()
    }),
    ("activesync_server", |org, u| {
        u.server.and_then(|id| org.server(id)).map(|s| s.name.clone()).unwrap_or_default()
    }),
    ("groups", |org, u| {
        org.groups_of_ranked(u).iter().map(|g| g.name.as_str()).collect::<Vec<_>>().join("|")
    }),
    ("state", |_, u| if u.state == UserState::Active { "active" } else { "disabled" }.to_owned()),
    ("shared", |_, u| if u.shared { "yes" } else { "no" }.to_owned()),
    ("language", |_, u| u.language.clone()),
    ("max_devices", |_, u| u.max_devices.map(|n| n.to_string()).unwrap_or_default()),
];

/// Users looked at under one lock.
const STEP: usize = 512;

/// Every user that a query finds, in its order; its page is not looked at. Journaled.
///
/// # Errors
/// [`Error::Denied`]; [`Error::Invalid`] for a column or filter that does not exist.
pub async fn export(engine: &Engine, scope: &Scope, query: &UserQuery, format: Format) -> Result<Vec<u8>> {
    scope.require(Permission::DevicesExport)?;
    let users = super::all(engine, scope, query).await?;
    let lock = engine.directory.organization(scope.organization()).ok_or(Error::NotFound("organization"))?;
    let own: Vec<_> = custom_columns::of_scope(&lock.read(), CustomScope::User).cloned().collect();
    let known = COLUMNS.iter().map(|(name, _)| ((*name).to_owned(), (*name).to_owned()));
    let mut table = Table { name: "Users".into(), columns: known.collect(), rows: Vec::new() };
    let field = |column| (custom_columns::field(column), custom_columns::field(column));
    table.columns.extend(own.iter().map(field));
    for chunk in users.chunks(STEP) {
        let org = lock.read();
        table.rows.extend(chunk.iter().map(|user| {
            let known = COLUMNS.iter().map(|(_, cell)| cell(&org, user));
            let custom = own.iter().map(|column| custom_columns::shown(column, &user.custom).to_owned());
            known.chain(custom).collect::<Vec<_>>()
        }));
    }
    let count = table.rows.len();
    engine
        .store
        .write(scope.organization(), scope.actor().clone(), async move |tx| {
            tx.journal(JournalEntry {
                event: "user.exported",
                subject: String::new(),
                body: json!({ "users": count }),
            });
            Ok::<_, Error>(())
        })
        .await?;
    table.write(format)
}
