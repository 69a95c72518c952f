//! Tabs of a detail page: links, so that each has an address.
use askama::Template;

use super::html::parts;

/// One tab.
#[derive(Debug, Clone, Default)]
pub struct Tab {
    /// Its name.
    pub label: String,
    /// A number or a word after the name.
    pub note: String,
    /// Its address.
    pub href: String,
    /// Whether it is open.
    pub current: bool,
}

impl Tab {
    /// A tab.
    pub fn new(label: impl Into<String>, href: impl Into<String>, current: bool) -> Self {
        Self { label: label.into(), href: href.into(), current, note: String::new() }
    }

    /// With a number or word after the name.
    pub fn note(self, note: impl Into<String>) -> Self {
        Self { note: note.into(), ..self }
    }
}

/// A row of tabs.
#[derive(Debug, Clone, Default, Template)]
#[template(path = "parts/tabs.html")]
pub struct Tabs {
    /// What the tabs are of, for screen readers.
    pub label: String,
    /// The tabs.
    pub tabs: Vec<Tab>,
    /// Selector of the region a tab replaces; empty loads the page.
    pub swap: String,
}

parts!(Tabs);
