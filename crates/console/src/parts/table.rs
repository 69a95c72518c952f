//! Plain tables, and what may stand in a cell.
use askama::Template;

use super::{Html, html::parts};

/// Where the content of a column stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Align {
    /// Text.
    #[default]
    Left,
    /// Figures.
    Right,
    /// Marks.
    Center,
}

impl Align {
    pub(super) const fn class(self) -> &'static str {
        match self {
            Self::Left => "",
            Self::Right => "num",
            Self::Center => "center",
        }
    }
}

/// One line of a table; the first cell names it.
#[derive(Debug, Clone, Default)]
pub struct TableRow {
    /// The cells, one for each column.
    pub cells: Vec<Html>,
}

/// A small table without filters; folds into a list on a phone.
#[derive(Debug, Clone, Default, Template)]
#[template(path = "parts/table.html")]
pub struct Table {
    /// What it lists, for screen readers.
    pub caption: String,
    /// Heads of the columns.
    pub columns: Vec<(String, Align)>,
    /// The lines.
    pub rows: Vec<TableRow>,
    /// Whether cells hold several lines and stand at the top.
    pub tall: bool,
}

impl Table {
    /// A table with columns of text.
    pub fn new(caption: impl Into<String>, columns: &[&str]) -> Self {
        let columns = columns.iter().map(|name| ((*name).into(), Align::Left)).collect();
        Self { caption: caption.into(), columns, ..Self::default() }
    }

    /// With cells of several lines.
    pub fn tall(self) -> Self {
        Self { tall: true, ..self }
    }

    /// With one more line.
    pub fn row(mut self, cells: impl IntoIterator<Item = Html>) -> Self {
        self.rows.push(TableRow { cells: cells.into_iter().collect() });
        self
    }

    /// Head and alignment of column `index`; a surplus cell has neither.
    fn column(&self, index: usize) -> (&str, &'static str) {
        self.columns.get(index).map_or(("", ""), |(name, align)| (name, align.class()))
    }
}

/// What may stand in a cell of a table or a grid.
pub mod cell {
    use super::Html;
    use crate::parts::Icon;

    /// Nothing is known.
    pub fn none() -> Html {
        Html::trusted("<span class=\"muted\" aria-label=\"not known\" role=\"img\">–</span>".into())
    }

    /// Text; nothing known when empty.
    pub fn text(text: impl AsRef<str>) -> Html {
        if text.as_ref().is_empty() { none() } else { Html::text(text) }
    }

    /// Quiet text.
    pub fn muted(text: impl AsRef<str>) -> Html {
        wrap("muted", text.as_ref())
    }

    /// Identifiers, addresses, serial numbers.
    pub fn mono(text: impl AsRef<str>) -> Html {
        if text.as_ref().is_empty() { none() } else { wrap("mono", text.as_ref()) }
    }

    /// A link to a page of this host.
    pub fn link(href: impl AsRef<str>, text: impl AsRef<str>) -> Html {
        anchor("", href.as_ref(), text.as_ref())
    }

    /// The link that opens the row: what Enter and a click on the row follow. One to a row.
    pub fn open(href: impl AsRef<str>, text: impl AsRef<str>) -> Html {
        anchor("open", href.as_ref(), text.as_ref())
    }

    /// Text after an icon.
    pub fn with_icon(icon: Icon, text: impl AsRef<str>) -> Html {
        Html::trusted(format!("<span class=\"with-icon\">{icon}{}</span>", Html::text(text)))
    }

    /// A second, quieter line under the first.
    pub fn lines(first: impl Into<Html>, second: impl Into<Html>) -> Html {
        Html::trusted(format!("<div>{}</div><div class=\"sub\">{}</div>", first.into(), second.into()))
    }

    /// Buttons beside each other.
    pub fn buttons(all: impl IntoIterator<Item = Html>) -> Html {
        Html::trusted(format!("<div class=\"buttons\">{}</div>", Html::join(all)))
    }

    /// A sentence or two.
    pub fn prose(text: impl Into<Html>) -> Html {
        Html::trusted(format!("<div class=\"cell-why\">{}</div>", text.into()))
    }

    fn anchor(class: &str, href: &str, text: &str) -> Html {
        let class = if class.is_empty() { String::new() } else { format!(" class=\"{class}\"") };
        Html::trusted(format!("<a{class} href=\"{}\">{}</a>", Html::text(href), Html::text(text)))
    }

    fn wrap(class: &str, text: &str) -> Html {
        Html::trusted(format!("<span class=\"{class}\">{}</span>", Html::text(text)))
    }
}

parts!(Table);
