//! A list of facts: what it is called, what it is, where we know it from.
use askama::Template;

use super::{Html, html::parts};

/// One fact.
#[derive(Debug, Clone, Default)]
pub struct Fact {
    /// What it is called.
    pub label: String,
    /// The value; empty means not known, and is shown as such.
    pub value: Html,
    /// Source and age, in small print.
    pub source: Html,
}

impl Fact {
    /// A fact without small print.
    pub fn new(label: impl Into<String>, value: impl Into<Html>) -> Self {
        Self { label: label.into(), value: value.into(), source: Html::default() }
    }

    /// With its source and age.
    pub fn source(self, source: impl Into<Html>) -> Self {
        Self { source: source.into(), ..self }
    }
}

/// Facts in columns, or one under the other.
#[derive(Debug, Clone, Template)]
#[template(path = "parts/facts.html")]
pub struct Facts {
    /// The facts.
    pub facts: Vec<Fact>,
    /// Columns on a wide screen, 1 to 4; 0 draws label and value as lines of a table.
    pub columns: u8,
}

impl Facts {
    /// Facts in four columns.
    pub fn new(facts: impl IntoIterator<Item = Fact>) -> Self {
        Self { facts: facts.into_iter().collect(), columns: 4 }
    }

    /// Facts as lines.
    pub fn rows(facts: impl IntoIterator<Item = Fact>) -> Self {
        Self { columns: 0, ..Self::new(facts) }
    }

    fn class(&self) -> String {
        if self.columns == 0 { "rows".into() } else { format!("n{}", self.columns) }
    }
}

parts!(Facts);
