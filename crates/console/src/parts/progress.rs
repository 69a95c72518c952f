//! Long work, steps of a set-up, values to copy.
use askama::Template;

use super::{Html, Icon, html::parts};

/// A long task. It is drawn from stored state, so it survives a reload, and asks again by itself.
#[derive(Debug, Clone, Default, Template)]
#[template(path = "parts/progress.html")]
pub struct Progress {
    /// Unique in the page.
    pub id: String,
    /// What is being done.
    pub label: String,
    /// Done so far.
    pub done: u64,
    /// Of how many.
    pub total: u64,
    /// What is happening now, what failed.
    pub detail: Html,
    /// Milliseconds after which to ask again; 0 when it is over.
    pub poll_ms: u32,
    /// Address that draws it, where that is not the page itself.
    pub from: String,
}

/// A step of a set-up.
#[derive(Debug, Clone, Default)]
pub struct Step {
    /// Its name.
    pub label: String,
    /// Finished.
    pub done: bool,
    /// The present one.
    pub current: bool,
}

/// Steps of a set-up.
#[derive(Debug, Clone, Default, Template)]
#[template(path = "parts/steps.html")]
pub struct Steps {
    /// The steps, in order.
    pub steps: Vec<Step>,
    /// Side by side, above a page; else one below the other.
    pub across: bool,
}

/// A value to be copied elsewhere: an address, a token shown once.
#[derive(Debug, Clone, Default, Template)]
#[template(path = "parts/copy.html")]
pub struct Copy {
    /// Unique in the page.
    pub id: String,
    /// What it is, for the button's name.
    pub label: String,
    /// The value.
    pub value: String,
}

parts!(Progress, Steps, Copy);
