//! What was ordered for devices.

use std::collections::BTreeMap;

use catalog::Report;

use super::records::{entries, name};
use super::{Cell, Narrowed, Sheet, bars, period};
use crate::journal::{sentence, word};
use crate::{Engine, Result, Scope};

pub(super) async fn commands(engine: &Engine, scope: &Scope, narrowed: &Narrowed) -> Result<Sheet> {
    let (rows, is_cut) = entries(engine, scope, period(engine, narrowed), "command.").await?;
    let mut counts = BTreeMap::<String, u64>::new();
    for row in rows.iter().filter(|row| row.event == "command.ordered") {
        *counts.entry(word("command", row.body.as_ref()).to_owned()).or_default() += 1;
    }
    let cells = rows
        .iter()
        .map(|row| {
            vec![
                Cell::Time(Some(row.at)),
                word("command", row.body.as_ref()).into(),
                sentence(engine, row).into(),
                name(&row.actor).into(),
            ]
        })
        .collect();
    let columns = ["When", "Command", "What happened", "By"];
    Ok(Sheet { is_cut, ..Sheet::new(Report::WipesAndLocks, &columns, cells).with(bars(counts)) })
}
