//! The matrix of access restrictions: what a device loses while something is wrong with it.
use askama::Template;

use super::{Chip, Choice, Html, html::parts};

/// A level at which restrictions are decided, the most general first.
#[derive(Debug, Clone, Default)]
pub struct Level {
    /// *Organization*, *Platform: 1 differs*.
    pub label: String,
    /// Its address.
    pub href: String,
    /// The one shown.
    pub current: bool,
}

/// One tick box.
#[derive(Debug, Clone, Default)]
pub struct MatrixCell {
    /// Name sent; empty when it cannot be changed here.
    pub name: String,
    /// Ticked.
    pub on: bool,
    /// Changed and not saved yet.
    pub changed: bool,
    /// Level that decided it, where that is not this one; may be empty.
    pub from: String,
    /// What the box is for; drawn where several stand in one cell.
    pub label: String,
    /// The boxes behind a sum: a column for several targets. Then the cell has none of its own.
    pub kinds: Vec<MatrixCell>,
}

impl MatrixCell {
    /// How many of the kinds are ticked.
    fn ticked(&self) -> String {
        let on = self.kinds.iter().filter(|kind| kind.on).count();
        match on {
            0 => "none".to_owned(),
            n if n == self.kinds.len() => "all".to_owned(),
            n => format!("{n} of {}", self.kinds.len()),
        }
    }
}

/// One condition.
#[derive(Debug, Clone, Default)]
pub struct MatrixRow {
    /// Heading drawn before the row; may be empty.
    pub section: String,
    /// The condition.
    pub condition: String,
    /// Its parameters in words.
    pub detail: Html,
    /// How grave it is.
    pub severity: Chip,
    /// One box for each target.
    pub cells: Vec<MatrixCell>,
    /// Name sent for the delay.
    pub delay_name: String,
    /// After how long it takes effect.
    pub delays: Vec<Choice>,
    /// How many devices have it now.
    pub now: Html,
}

/// Conditions and targets.
#[derive(Debug, Clone, Default, Template)]
#[template(path = "parts/matrix.html")]
pub struct Matrix {
    /// The levels, for the way between them.
    pub levels: Vec<Level>,
    /// The targets: *ActiveSync connections*, *Network Access*.
    pub targets: Vec<String>,
    /// The conditions.
    pub rows: Vec<MatrixRow>,
    /// The reader may only look.
    pub read_only: bool,
}

impl Matrix {
    fn target(&self, index: usize) -> &str {
        self.targets.get(index).map_or("", String::as_str)
    }
}

parts!(Matrix);
