//! Tables as files: CSV, a workbook, JSON. What is in a table is decided by the views that are exported; how it is
//! written so that no reader runs it, here.

mod xlsx;

use serde_json::json;

use crate::{Error, Result};

/// File formats.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Comma-separated, UTF-8 with a byte order mark so that spreadsheets read it.
    Csv,
    /// A workbook for spreadsheets (Office Open XML) with one sheet, whose cells are all texts.
    Xlsx,
    /// A JSON array of objects, whose values are all texts.
    Json,
}

impl Format {
    /// All of them.
    pub const ALL: [Format; 3] = [Format::Csv, Format::Xlsx, Format::Json];

    /// The ending of file names, and the word in addresses.
    pub fn key(self) -> &'static str {
        match self {
            Format::Csv => "csv",
            Format::Xlsx => "xlsx",
            Format::Json => "json",
        }
    }
    /// The format of a word.
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|format| format.key() == key)
    }
    /// Its media type.
    pub fn media(self) -> &'static str {
        match self {
            Format::Csv => "text/csv; charset=utf-8; header=present",
            Format::Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            Format::Json => "application/json",
        }
    }
}

/// A table to be written. Every row has as many cells as there are columns.
#[derive(Debug, Clone, Default)]
pub struct Table {
    /// Name of the sheet.
    pub name: String,
    /// Keys (for JSON) and headings (for people).
    pub columns: Vec<(String, String)>,
    /// The cells.
    pub rows: Vec<Vec<String>>,
}

impl Table {
    /// Writes it.
    ///
    /// # Errors
    /// [`Error::Internal`] when a workbook cannot be written.
    pub fn write(&self, format: Format) -> Result<Vec<u8>> {
        match format {
            Format::Csv => Ok(self.csv()),
            Format::Xlsx => xlsx::write(self),
            Format::Json => self.json(),
        }
    }

    fn csv(&self) -> Vec<u8> {
        let mut out = b"\xEF\xBB\xBF".to_vec();
        let mut line = |cells: &mut dyn Iterator<Item = &String>| {
            for (at, cell) in cells.enumerate() {
                if at > 0 {
                    out.push(b',');
                }
                out.extend_from_slice(csv_cell(cell).as_bytes());
            }
            out.extend_from_slice(b"\r\n");
        };
        line(&mut self.columns.iter().map(|(_, heading)| heading));
        for row in &self.rows {
            line(&mut row.iter());
        }
        out
    }

    fn json(&self) -> Result<Vec<u8>> {
        let mut out = b"[".to_vec();
        for (at, row) in self.rows.iter().enumerate() {
            if at > 0 {
                out.extend_from_slice(b",\n");
            }
            let cells = self.columns.iter().zip(row);
            let object: serde_json::Map<_, _> =
                cells.map(|((key, _), cell)| (key.clone(), json!(cell))).collect();
            serde_json::to_writer(&mut out, &object).map_err(Error::internal)?;
        }
        out.push(b']');
        Ok(out)
    }
}

/// Quoted; a leading `= + - @`, tab or carriage return is disarmed, since spreadsheets would run it.
pub(crate) fn csv_cell(cell: &str) -> String {
    let text = cell.replace('"', "\"\"");
    if is_armed(cell) { format!("\"'{text}\"") } else { format!("\"{text}\"") }
}

/// Whether a spreadsheet would read a text as a formula. Blanks before it do not keep it from that.
fn is_armed(cell: &str) -> bool {
    cell.starts_with(['\t', '\r', '\n'])
        || cell.trim_start().starts_with(['=', '+', '-', '@', '\u{ff1d}', '\u{ff0b}', '\u{ff0d}', '\u{ff20}'])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formulas_are_disarmed() {
        for (cell, written) in [
            ("=1+1", "\"'=1+1\""),
            ("@SUM(A1)", "\"'@SUM(A1)\""),
            (" =1", "\"' =1\""),
            ("\u{ff1d}1", "\"'\u{ff1d}1\""),
            ("\n=1", "\"'\n=1\""),
            ("say \"hi\"", "\"say \"\"hi\"\"\""),
            ("plain", "\"plain\""),
        ] {
            assert_eq!(csv_cell(cell), written);
        }
    }

    #[test]
    fn formats_have_words() {
        for format in Format::ALL {
            assert_eq!(Format::from_key(format.key()), Some(format));
        }
        assert_eq!(Format::from_key("exe"), None);
    }
}
