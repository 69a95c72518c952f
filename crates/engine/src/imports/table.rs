//! From the text of a file to rows of cells.

use serde::{Deserialize, Serialize};

use super::headings::{Field, field};
use crate::{Error, FieldIssue, OrgIndex, Result};

/// Rows of a file, headings not counted.
pub const ROWS_MAX: usize = 50_000;
/// Columns of a file.
const COLUMNS_MAX: usize = 100;
/// Letters of a cell.
const CELL_MAX: usize = 4_000;

/// A row as it stands in the file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Row {
    /// Line of the file where it begins, from 1.
    #[serde(rename = "l")]
    pub line: u32,
    /// Its cells, trimmed; as many as there are headings.
    #[serde(rename = "c")]
    pub cells: Vec<String>,
}

/// A file with its headings understood.
#[derive(Debug)]
pub(super) struct Table {
    pub headings: Vec<String>,
    pub fields: Vec<Option<Field>>,
    pub rows: Vec<Row>,
    pub separator: &'static str,
    /// Rows that have more cells than there are headings.
    pub long: Vec<u32>,
}

/// Separators that spreadsheets write, with their names.
const SEPARATORS: [(u8, &str); 4] = [(b',', "comma"), (b';', "semicolon"), (b'\t', "tab"), (b'|', "bar")];

fn wrong(message: impl Into<String>) -> Error {
    Error::invalid("file", message)
}

/// Reads a file.
///
/// # Errors
/// [`Error::Invalid`] for headings that are not known, and for more than can be imported at once.
pub(super) fn read(org: &OrgIndex, text: &str) -> Result<Table> {
    let (separator, name) = separator(text);
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(separator)
        .has_headers(false)
        .flexible(true)
        .from_reader(text.as_bytes());
    let mut record = csv::StringRecord::new();
    let mut next = |record: &mut csv::StringRecord| {
        loop {
            let there = reader.read_record(record).map_err(|_| wrong("The file cannot be read as CSV."))?;
            // A line of separators alone is what a spreadsheet writes for an empty row.
            if !there || record.iter().any(|cell| !cell.trim().is_empty()) {
                return Ok::<_, Error>(there);
            }
        }
    };
    if !next(&mut record)? {
        return Err(wrong("The file is empty. Download the template to begin with."));
    }
    let headings: Vec<String> = record.iter().map(|heading| heading.trim().to_owned()).collect();
    let fields = understood(org, &headings)?;
    let (mut rows, mut long) = (Vec::new(), Vec::new());
    while next(&mut record)? {
        if rows.len() == ROWS_MAX {
            let why = format!("The file has more than {ROWS_MAX} rows. Send it in several files.");
            return Err(wrong(why));
        }
        let line = record.position().map_or(0, csv::Position::line);
        let line = u32::try_from(line).unwrap_or(u32::MAX);
        if record.iter().skip(headings.len()).any(|cell| !cell.trim().is_empty()) {
            long.push(line);
        }
        if record.iter().any(|cell| cell.chars().count() > CELL_MAX) {
            return Err(wrong(format!(
                "Line {line}: a cell has more than {CELL_MAX} letters. Is a quotation mark missing?"
            )));
        }
        let mut cells: Vec<String> = record.iter().take(headings.len()).map(cell).collect();
        cells.resize(headings.len(), String::new());
        rows.push(Row { line, cells });
    }
    if rows.is_empty() {
        return Err(wrong("The file has headings but no rows."));
    }
    Ok(Table { headings, fields, rows, separator: name, long })
}

/// Exports put an apostrophe before what a spreadsheet would run; it is taken off again here.
fn cell(text: &str) -> String {
    let text = text.trim();
    match text.strip_prefix('\'') {
        Some(rest) if rest.starts_with(['=', '+', '-', '@', '\t', '\r']) => rest.to_owned(),
        _ => text.to_owned(),
    }
}

/// The separator that the first line has most of, outside of quotation marks.
fn separator(text: &str) -> (u8, &'static str) {
    let mut counts = [0_usize; SEPARATORS.len()];
    let mut quoted = false;
    for byte in text.trim_start().bytes().take_while(|b| *b != b'\n' && *b != b'\r') {
        quoted ^= byte == b'"';
        if let Some(at) = SEPARATORS.iter().position(|(separator, _)| *separator == byte).filter(|_| !quoted)
        {
            counts[at] += 1;
        }
    }
    let most = counts.iter().copied().max().unwrap_or(0);
    SEPARATORS[counts.iter().position(|count| *count == most).unwrap_or(0)]
}

/// What the headings mean; each may be there once.
fn understood(org: &OrgIndex, headings: &[String]) -> Result<Vec<Option<Field>>> {
    if headings.len() > COLUMNS_MAX {
        return Err(wrong(format!("The file has more than {COLUMNS_MAX} columns.")));
    }
    let mut fields: Vec<Option<Field>> = Vec::new();
    let mut issues = Vec::new();
    for heading in headings {
        let mut wrong = |message: String| issues.push(FieldIssue { field: "file".into(), message });
        let meant = field(org, heading).unwrap_or_else(|why| {
            wrong(why);
            None
        });
        if meant.is_some() && fields.contains(&meant) {
            wrong(format!("The column \u{201c}{heading}\u{201d} is there twice."));
        }
        fields.push(meant);
    }
    if issues.is_empty() && !fields.contains(&Some(Field::Username)) {
        return Err(wrong(
            "There is no column username. The first line of the file must be headings, as in the template.",
        ));
    }
    if issues.is_empty() { Ok(fields) } else { Err(Error::Invalid(issues)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_separator_is_found() {
        for (text, name) in [
            ("username,email;x\n;;;;", "comma"),
            ("username;email;name, first\n", "semicolon"),
            ("\"a,b,c,d\"\tusername\n", "tab"),
            ("username|email", "bar"),
            ("username", "comma"),
            ("", "comma"),
        ] {
            assert_eq!(separator(text).1, name, "{text}");
        }
    }

    #[test]
    fn an_apostrophe_of_an_export_is_no_part_of_the_text() {
        for (text, read) in
            [("'=1+1", "=1+1"), (" '@x ", "@x"), ("'s Gravenhage", "'s Gravenhage"), ("-1", "-1")]
        {
            assert_eq!(cell(text), read);
        }
    }
}
