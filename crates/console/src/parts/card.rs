//! Cards, figures, and how they stand side by side.
use askama::Template;

use super::{Html, Spark, Tone, html::parts};

/// A titled box.
#[derive(Debug, Clone, Default, Template)]
#[template(path = "parts/card.html")]
pub struct Card {
    /// Unique in the page, where the box is replaced or linked to; may be empty.
    pub id: String,
    /// The title; may be empty.
    pub title: String,
    /// A quiet remark on the right of the title.
    pub aside: Html,
    /// The content.
    pub body: Html,
    /// A quiet last line.
    pub footer: Html,
    /// Whether the content reaches the edges (tables).
    pub flush: bool,
}

impl Card {
    /// A box with ordinary content.
    pub fn new(title: impl Into<String>, body: impl Into<Html>) -> Self {
        Self { title: title.into(), body: body.into(), ..Self::default() }
    }

    /// A box around a table.
    pub fn flush(title: impl Into<String>, body: impl Into<Html>) -> Self {
        Self { flush: true, ..Self::new(title, body) }
    }

    /// With a remark beside the title.
    pub fn aside(self, aside: impl Into<Html>) -> Self {
        Self { aside: aside.into(), ..self }
    }

    /// With a last line.
    pub fn footer(self, footer: impl Into<Html>) -> Self {
        Self { footer: footer.into(), ..self }
    }
}

/// One figure that matters.
#[derive(Debug, Clone, Default, Template)]
#[template(path = "parts/stat.html")]
pub struct Stat {
    /// What is counted.
    pub label: String,
    /// The figure, formatted.
    pub value: String,
    /// What it means or how it moves.
    pub note: String,
    /// Colour.
    pub tone: Tone,
    /// The last days.
    pub spark: Option<Spark>,
    /// Where the counted things are listed.
    pub href: Option<String>,
}

/// How columns share the width. All of them stand one under the other on a phone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Widths {
    /// Two alike.
    #[default]
    Two,
    /// Three alike.
    Three,
    /// Four alike; two by two on narrow screens.
    Four,
    /// Two thirds and one third.
    TwoToOne,
}

/// Parts side by side.
#[derive(Debug, Clone, Default, Template)]
#[template(path = "parts/columns.html")]
pub struct Columns {
    /// Widths.
    pub widths: Widths,
    /// The parts.
    pub parts: Vec<Html>,
}

impl Columns {
    /// Parts side by side.
    pub fn new(widths: Widths, parts: impl IntoIterator<Item = Html>) -> Self {
        Self { widths, parts: parts.into_iter().collect() }
    }

    const fn class(&self) -> &'static str {
        match self.widths {
            Widths::Two => "n2",
            Widths::Three => "n3",
            Widths::Four => "n4",
            Widths::TwoToOne => "w21",
        }
    }
}

parts!(Card, Stat, Columns);
