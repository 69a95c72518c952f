//! Workbooks. Every cell is a text: a text is never run, whatever it begins with. Rows go to a nameless temporary
//! file as they are written, so a hundred thousand of them do not fill the memory.

use rust_xlsxwriter::{Format, Workbook, XlsxError};

use super::Table;
use crate::{Error, Result};

/// Letters that a cell of a workbook can hold.
const CELL_MAX: usize = 32_767;
/// Rows that a sheet can hold, the headings included.
const ROWS_MAX: usize = 1_048_576;

/// Writes a workbook with one sheet.
pub(super) fn write(table: &Table) -> Result<Vec<u8>> {
    if table.rows.len() >= ROWS_MAX {
        return Err(Error::invalid("format", "This is more than a sheet can hold. Take CSV or JSON."));
    }
    sheet(table).map_err(Error::internal)
}

fn sheet(table: &Table) -> Result<Vec<u8>, XlsxError> {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet_with_constant_memory()?;
    sheet.set_name(name(&table.name))?;
    sheet.set_freeze_panes(1, 0)?;
    let bold = Format::new().set_bold();
    for (column, (_, heading)) in (0_u16..).zip(&table.columns) {
        sheet.set_column_width(column, 22)?;
        sheet.write_string_with_format(0, column, text(heading), &bold)?;
    }
    for (number, row) in (1_u32..).zip(&table.rows) {
        for (column, cell) in (0_u16..).zip(row) {
            if !cell.is_empty() {
                sheet.write_string(number, column, text(cell))?;
            }
        }
    }
    book.save_to_buffer()
}

/// A name of at most 31 letters without those that sheets cannot have.
fn name(wanted: &str) -> String {
    let plain: String = wanted.chars().filter(|c| !"[]:*?/\\'".contains(*c)).take(31).collect();
    if plain.is_empty() { "Sheet1".to_owned() } else { plain }
}

/// Without what XML cannot hold, and not longer than a cell.
fn text(cell: &str) -> String {
    let allowed = |c: &char| !c.is_control() || matches!(c, '\t' | '\n' | '\r');
    cell.chars().filter(allowed).filter(|c| !matches!(c, '\u{fffe}' | '\u{ffff}')).take(CELL_MAX).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_in_a_workbook_is_a_formula_and_the_xml_is_whole() {
        let evil = ["=cmd|'/C calc'!A0", "<script>&\"", "]]>", "\u{1}\u{fffe}x", "{=1}", "http://a.test"];
        let table = Table {
            name: "Users [all]:*".into(),
            columns: vec![("a".into(), "=A".into())],
            rows: evil.iter().map(|cell| vec![(*cell).to_owned()]).collect(),
        };
        let bytes = write(&table).expect("a workbook");
        assert!(bytes.starts_with(b"PK"));
        assert!(bytes.len() < 20_000, "{}", bytes.len());
    }
}
