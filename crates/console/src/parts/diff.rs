//! Changes in words, before they are published and in the journal afterwards.
use askama::Template;

use super::{Chip, Html, Icon, Tone, html::parts};

/// What a change does to those it touches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// Asks more of the device.
    Stricter,
    /// Asks less.
    Looser,
    /// Neither.
    Neutral,
}

impl Effect {
    fn chip(self) -> Option<Chip> {
        match self {
            Self::Stricter => Some(Chip::new("Stricter", Tone::Info).icon(Icon::Lock)),
            Self::Looser => Some(Chip::new("Looser", Tone::Warn)),
            Self::Neutral => None,
        }
    }
}

/// One change.
#[derive(Debug, Clone)]
pub struct Change {
    /// What is changed.
    pub what: String,
    /// For whom: *corporate*, *individual*; may be empty.
    pub scope: String,
    /// The value before; empty when it was not set.
    pub from: String,
    /// The value after; empty when it is no longer set.
    pub to: String,
    /// Which way it goes.
    pub effect: Effect,
}

/// A list of changes and what they touch.
#[derive(Debug, Clone, Default, Template)]
#[template(path = "parts/diff.html")]
pub struct Diff {
    /// The changes.
    pub changes: Vec<Change>,
    /// How many devices it touches and what they will notice.
    pub consequence: Html,
}

parts!(Diff);
