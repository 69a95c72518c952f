//! One entry, with what was before and after.

use door::Path;
use engine::journal::{JournalQuery, page};
use serde_json::Value;

use super::super::frame::{Answer, Cx, Oops};
use super::super::words;
use super::{PATH, told};
use crate::parts::{Card, Fact, Facts, Head, Html, Place, Table, cell};

pub async fn show(cx: Cx, Path(sequence): Path<i64>) -> Answer {
    let query =
        JournalQuery { before: Some(sequence.saturating_add(1)), limit: Some(1), ..JournalQuery::default() };
    let rows = page(&cx.engine, &cx.scope, query).await?;
    let row = rows.into_iter().find(|r| r.sequence == sequence).ok_or(Oops::not_found("journal entry"))?;
    let said = told(&cx, &row);
    let facts = Facts::rows([
        Fact::new("When", cx.at(row.at)),
        Fact::new("Who", only("actor", &row.actor, Html::text(row.actor.clone()))),
        Fact::new("What", said.html.clone()),
        Fact::new("Event", only("event", &row.event, cell::mono(&row.event))),
        Fact::new("Subject", only("subject", &row.subject, cell::mono(&row.subject))),
        Fact::new("Hash", cell::mono(&row.hash)),
    ]);
    let mut body = vec![Card::new("", facts).into()];
    body.extend(row.body.as_ref().map(details));
    let head = Head::new(format!("Entry {sequence}"), said.html).under("Journal", "/dashboard/journal");
    cx.page(Place::Journal, head, body)
}

/// Before and after side by side where the entry has both; else whatever it keeps, line by line.
fn details(body: &Value) -> Html {
    let empty = serde_json::Map::new();
    let of = |key: &str| body.get(key).and_then(Value::as_object);
    if let (Some(before), Some(after)) = (of("before").or(Some(&empty)), of("after")) {
        let mut table = Table::new("What changed", &["What", "Before", "After"]).tall();
        let keys: std::collections::BTreeSet<&String> = before.keys().chain(after.keys()).collect();
        for key in keys {
            let (old, new) = (before.get(key), after.get(key));
            if old != new {
                table = table.row([Html::text(label(key)), shown(old), shown(new)]);
            }
        }
        return Card::flush("What changed", table).into();
    }
    let lines = body.as_object().unwrap_or(&empty);
    let facts = lines.iter().map(|(key, value)| Fact::new(label(key), shown(Some(value))));
    Card::new("Details", Facts::rows(facts)).into()
}

/// A key as the head of a line.
pub fn label(key: &str) -> String {
    let words = key.replace('_', " ");
    let mut letters = words.chars();
    letters.next().map_or(String::new(), |first| first.to_uppercase().chain(letters).collect())
}

fn shown(value: Option<&Value>) -> Html {
    match value {
        None | Some(Value::Null) => cell::none(),
        Some(Value::String(text)) => cell::text(text),
        Some(Value::Bool(yes)) => Html::text(if *yes { "yes" } else { "no" }),
        Some(Value::Number(number)) => Html::text(number.to_string()),
        Some(Value::Array(items)) if items.iter().all(Value::is_string) => {
            cell::prose(items.iter().filter_map(Value::as_str).collect::<Vec<_>>().join("; "))
        }
        Some(other) => cell::mono(other.to_string()),
    }
}

/// A value with the way to all entries that have it.
fn only(key: &str, value: &str, shown: Html) -> Html {
    if value.is_empty() {
        return shown;
    }
    cell::lines(shown, cell::link(format!("{PATH}?{key}={}", words::encoded(value)), "All such entries"))
}
