//! What a file would do, row by row, before anything is done.

use std::collections::HashMap;

use domain::model::{Duplicates, GroupId, ImportCounts, ImportIssue, UserId};

use super::row::{Outcome, Rules};
use super::table::{Row, Table};
use crate::index::OrgLock;
use crate::users::UserInput;

/// Rows looked at under one lock: whoever changes the index waits for milliseconds at most.
const STEP: usize = 256;

/// What a file would do.
#[derive(Debug, Default)]
pub(super) struct Plan {
    pub counts: ImportCounts,
    /// All of them; the first ones are kept.
    pub issues: Vec<ImportIssue>,
    /// The rows that can be imported.
    pub good: Vec<Row>,
    /// Users with devices that would be changed, but for passwords: what must be asked for.
    pub changes: Vec<(UserId, UserInput, Vec<GroupId>)>,
    /// Some row has a password.
    pub passwords: bool,
}

/// Goes through all rows.
pub(super) fn plan(lock: &OrgLock, table: &Table, duplicates: Duplicates) -> Plan {
    let rules = Rules { headings: &table.headings, fields: &table.fields, duplicates };
    let mut plan = Plan::default();
    let mut names = Twice::default();
    let mut addresses = Twice::default();
    for chunk in table.rows.chunks(STEP) {
        let org = lock.read();
        for row in chunk {
            let mut twice: Vec<ImportIssue> = Vec::new();
            for (seen, text, field) in [
                (&mut names, rules.username(row), super::headings::Field::Username),
                (&mut addresses, rules.email(row), super::headings::Field::Email),
            ] {
                if let Some(message) = seen.before(text, row.line) {
                    twice.push(ImportIssue { line: row.line, column: rules.heading(Some(field)), message });
                }
            }
            if table.long.binary_search(&row.line).is_ok() {
                let message =
                    "The row has more cells than there are headings. Is a cell with a separator in it \
                               without quotation marks?"
                        .to_owned();
                twice.push(ImportIssue { line: row.line, column: String::new(), message });
            }
            let outcome = if twice.is_empty() { rules.outcome(&org, row) } else { Outcome::Bad(twice) };
            plan.take(&org, row, outcome);
        }
    }
    plan
}

impl Plan {
    fn take(&mut self, org: &crate::OrgIndex, row: &Row, outcome: Outcome) {
        match outcome {
            Outcome::Bad(issues) => {
                self.counts.bad += 1;
                self.issues.extend(issues);
                return;
            }
            Outcome::Skipped => self.counts.skipped += 1,
            Outcome::Same(None) => self.counts.same += 1,
            Outcome::Same(Some(_)) => {
                self.counts.same += 1;
                self.passwords = true;
            }
            Outcome::New(wanted) => {
                self.counts.new += 1;
                self.passwords |= !wanted.input.password.is_empty();
            }
            Outcome::Changed(old, mut wanted) => {
                self.counts.changed += 1;
                self.passwords |= !wanted.input.password.is_empty();
                if !org.devices.of_user(old.id).is_empty() {
                    wanted.input.password.clear();
                    self.changes.push((old.id, wanted.input, wanted.groups));
                }
            }
        }
        self.good.push(row.clone());
    }
}

/// Finds what is in a file twice.
#[derive(Default)]
struct Twice(HashMap<String, u32>);

impl Twice {
    /// Words about an earlier line that says the same, in any letter case.
    fn before(&mut self, text: &str, line: u32) -> Option<String> {
        if text.is_empty() || text == "-" {
            return None;
        }
        match self.0.entry(text.to_lowercase()) {
            std::collections::hash_map::Entry::Occupied(there) => Some(format!(
                "\u{201c}{text}\u{201d} is in line {} already. Keep one of the two rows.",
                there.get()
            )),
            std::collections::hash_map::Entry::Vacant(free) => {
                free.insert(line);
                None
            }
        }
    }
}
