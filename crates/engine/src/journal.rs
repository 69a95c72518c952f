//! Reading the journal.

use catalog::{CommandKind, Permission, RuleId, Target};
use domain::Millis;
use domain::model::{Actor, AdministratorId, JournalRow};

use serde_json::Value;

use crate::{Engine, Error, Result, Scope};

/// What stands in an event's words for a mark without its braces, by what the entry says: `command`, `rule` or
/// `target`. Empty for another mark.
pub fn word(mark: &str, body: Option<&Value>) -> &'static str {
    let text = |key: &str| body.and_then(|body| body.get(key)).and_then(Value::as_str);
    match mark {
        "command" => {
            let kind = text("kind").or_else(|| text("command"));
            let kind = kind.and_then(|key| serde_json::from_value::<CommandKind>(key.into()).ok());
            kind.map_or("A command", |kind| kind.entry().label)
        }
        "rule" => text("rule").and_then(RuleId::from_key).map_or("a rule", |rule| rule.entry().label),
        "target" => text("target").and_then(Target::from_key).map_or("access", |target| target.info().label),
        _ => "",
    }
}

/// The name of an entry's subject in its event's words, and what else they mark.
pub(crate) fn filled(label: &str, name: &str, body: Option<&Value>) -> String {
    let mark = |text: String, mark: &str| text.replace(&format!("{{{mark}}}"), word(mark, body));
    ["command", "rule", "target"].into_iter().fold(label.replace("{name}", name), mark)
}

/// An entry as a sentence: its event's words with the name that its subject has now, else the one that it keeps.
pub(crate) fn sentence(engine: &Engine, row: &JournalRow) -> String {
    let label = catalog::event_by_key(&row.event).map_or(row.event.as_str(), |event| event.label);
    filled(label, &crate::alerts::called(engine, row), row.body.as_ref())
}

/// Which rows.
#[derive(Debug, Clone, Default, serde::Deserialize)]
#[serde(default)]
pub struct JournalQuery {
    /// Only rows before this sequence number (paging backwards in time).
    pub before: Option<i64>,
    /// Only events of the catalogue that begin with this, e.g. `device.`.
    pub event: String,
    /// Only this subject (an id in text form).
    pub subject: String,
    /// Only the devices and users that a search for this finds first; a text that finds none shows no row.
    pub search: String,
    /// Only what this actor did: as entries name it, or the id of an administrator, whose tokens and ISE calls
    /// count as well.
    pub actor: String,
    /// Only from this moment on, milliseconds since 1970.
    pub from: Option<Millis>,
    /// Only before this moment.
    pub until: Option<Millis>,
    /// How many, 1 to 500.
    pub limit: Option<u32>,
}

/// A page of the journal, newest first.
///
/// # Errors
/// [`Error::Denied`].
pub async fn page(engine: &Engine, scope: &Scope, query: JournalQuery) -> Result<Vec<JournalRow>> {
    scope.require(Permission::JournalView)?;
    rows(engine, scope, query).await
}

/// The rows about one subject, for the timeline of a page that the scope may see already.
pub(crate) async fn about(
    engine: &Engine,
    scope: &Scope,
    subject: String,
    limit: u32,
) -> Result<Vec<JournalRow>> {
    rows(engine, scope, JournalQuery { subject, limit: Some(limit), ..JournalQuery::default() }).await
}

async fn rows(engine: &Engine, scope: &Scope, query: JournalQuery) -> Result<Vec<JournalRow>> {
    let limit = query.limit.unwrap_or(50).clamp(1, 500);
    let mut subjects = Vec::from_iter((!query.subject.is_empty()).then_some(query.subject));
    let search = query.search.trim();
    if !search.is_empty() {
        let found = found(engine, scope, search)?;
        subjects = if subjects.is_empty() {
            found
        } else {
            subjects.into_iter().filter(|s| found.contains(s)).collect()
        };
        if subjects.is_empty() {
            return Ok(Vec::new());
        }
    }
    let filter = store::repo::journal::Filter {
        events: events(&query.event),
        subjects,
        actors: actors(engine, scope, &query.actor),
        from: query.from,
        until: query.until,
    };
    engine
        .store
        .read(scope.organization(), async move |tx| {
            let rows = store::repo::journal::page(tx, query.before, &filter, limit).await?;
            Ok::<_, Error>(rows)
        })
        .await
}

/// The events that begin with a text; the text itself when the catalogue has none, so that nothing is found.
fn events(prefix: &str) -> Vec<String> {
    if prefix.is_empty() {
        return Vec::new();
    }
    let known = catalog::EVENTS.iter().map(|e| e.key).filter(|key| key.starts_with(prefix));
    let mut keys: Vec<_> = known.map(str::to_owned).collect();
    if keys.is_empty() {
        keys.push(prefix.to_owned());
    }
    keys
}

/// The names under which an actor stands in the journal.
fn actors(engine: &Engine, scope: &Scope, wanted: &str) -> Vec<String> {
    let id = wanted.parse::<AdministratorId>().ok();
    let admin = id.and_then(|id| engine.directory.administrator(id));
    // One of the installation acts in organizations too; one of another organization never acts here.
    let here = |o| o == scope.organization() || o == domain::model::Organization::SYSTEM;
    let Some(admin) = admin.filter(|a| here(a.organization)) else {
        return (!wanted.is_empty()).then(|| wanted.to_owned()).into_iter().collect();
    };
    let tokens = engine.directory.tokens_of(admin.id);
    let tokens = tokens.iter().map(|token| Actor::Token(token.id, admin.username.clone()));
    let own = [
        Actor::Administrator(admin.id, admin.username.clone()),
        Actor::Ise(admin.id, admin.username.clone()),
    ];
    own.into_iter().chain(tokens).map(|actor| actor.to_string()).collect()
}

/// Whom a search means.
fn found(engine: &Engine, scope: &Scope, text: &str) -> Result<Vec<String>> {
    let hits = crate::devices::search(engine, scope, text, 8)?;
    let mut ids: Vec<_> = hits
        .into_iter()
        .map(|hit| match hit {
            crate::devices::Hit::Device(id, ..) => id.to_string(),
            crate::devices::Hit::User(id, ..) => id.to_string(),
            crate::devices::Hit::Group(id, ..) => id.to_string(),
        })
        .collect();
    // What is gone is not found any more, but its id still is in the journal.
    ids.extend(text.split_once('_').filter(|(_, hex)| hex.len() == 32).map(|_| text.to_owned()));
    Ok(ids)
}
