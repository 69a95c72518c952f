//! Results of the search over everything.
use askama::Template;

use super::{Chip, Icon, html::parts};

/// One result.
#[derive(Debug, Clone)]
pub struct Hit {
    /// Picture.
    pub icon: Icon,
    /// What was found.
    pub title: String,
    /// Where it was found, what it belongs to.
    pub detail: String,
    /// State, where it has one.
    pub chip: Option<Chip>,
    /// Its page.
    pub href: String,
}

/// Results of one kind.
#[derive(Debug, Clone, Default)]
pub struct HitGroup {
    /// *Devices*, *Users*, *Settings*, *Pages*.
    pub title: String,
    /// The results, best first.
    pub hits: Vec<Hit>,
}

/// The region `#hits`, shown in the overlay and on the search page.
#[derive(Debug, Clone, Default, Template)]
#[template(path = "parts/search.html")]
pub struct SearchResults {
    /// What was asked.
    pub query: String,
    /// What was found.
    pub groups: Vec<HitGroup>,
}

parts!(SearchResults);
