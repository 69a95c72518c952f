//! The grid: the list of devices, users, administrators, journal entries.
//!
//! Columns can be chosen and sorted, filters stand above as chips, pages go by key, rows can be picked
//! for a bulk action, the view can be exported. All of its state lives in the address ([`State`]), so a
//! view can be sent to a colleague, kept as a bookmark and left with Back.
mod state;

use std::borrow::Cow;

use askama::Template;

pub use state::State;

use super::{Align, EmptyState, Html, Icon, Input, Tab, html::parts};

/// The columns a grid can show.
#[derive(Debug, Clone, Default)]
pub struct Column {
    /// Name in the address, unique.
    pub key: Cow<'static, str>,
    /// Head.
    pub label: String,
    /// Alignment.
    pub align: Align,
    /// Address that sorts by it, and its present direction; absent when it cannot be sorted.
    pub sort: Option<(String, Option<Direction>)>,
    /// Left out on phones.
    pub wide_only: bool,
}

/// Which way a column is sorted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// Smallest first.
    Ascending,
    /// Largest first.
    Descending,
}

impl Column {
    /// A column of text.
    pub fn new(key: impl Into<Cow<'static, str>>, label: impl Into<String>) -> Self {
        Self { key: key.into(), label: label.into(), ..Self::default() }
    }

    /// That can be sorted; `state` knows the address and the direction.
    pub fn sortable(self, state: &State) -> Self {
        let sort = Some((state.sorted_by(&self.key), state.direction(&self.key)));
        Self { sort, ..self }
    }

    /// Of figures.
    pub fn right(self) -> Self {
        Self { align: Align::Right, ..self }
    }

    /// Not on phones.
    pub fn wide_only(self) -> Self {
        Self { wide_only: true, ..self }
    }

    fn aria_sort(&self) -> Option<&'static str> {
        Some(match self.sort.as_ref()?.1? {
            Direction::Ascending => "ascending",
            Direction::Descending => "descending",
        })
    }

    fn sort_icon(&self) -> Icon {
        match self.sort {
            Some((_, Some(Direction::Descending))) => Icon::SortDown,
            _ => Icon::SortUp,
        }
    }
}

/// One line.
#[derive(Debug, Clone, Default)]
pub struct Row {
    /// Value sent when it is picked; empty when it cannot be.
    pub id: String,
    /// Its name, for the tick box.
    pub name: String,
    /// One cell for each shown column.
    pub cells: Vec<Html>,
}

/// A column in the list of choices.
#[derive(Debug, Clone)]
pub struct ColumnChoice {
    /// Name in the address.
    pub key: Cow<'static, str>,
    /// Head.
    pub label: String,
    /// Whether it is shown.
    pub shown: bool,
    /// Whether it is shown when nobody has chosen.
    pub usual: bool,
}

/// One value of a filter.
#[derive(Debug, Clone, Default)]
pub struct FilterOption {
    /// Value in the address.
    pub value: String,
    /// Its name.
    pub label: String,
    /// How many lines have it; empty when not counted.
    pub count: String,
    /// Whether it is chosen.
    pub on: bool,
}

/// A filter: several values may be chosen, any of which fits, or only one.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Name in the address.
    pub key: &'static str,
    /// Name on the button.
    pub label: String,
    /// The values.
    pub options: Vec<FilterOption>,
    /// Only one value can be chosen.
    pub one: bool,
}

impl Filter {
    fn chosen(&self) -> usize {
        self.options.iter().filter(|option| option.on).count()
    }
}

/// A filter in force, with the address that lifts it.
#[derive(Debug, Clone)]
pub struct Applied {
    /// *Platform: Android*.
    pub label: String,
    /// Address without it.
    pub href: String,
}

/// Something done to the picked rows.
#[derive(Debug, Clone)]
pub struct BulkAction {
    /// Value of `action`.
    pub value: String,
    /// Name.
    pub label: String,
    /// Icon.
    pub icon: Icon,
    /// Dangerous: leads to a page that asks again.
    pub danger: bool,
}

/// What can be done to picked rows. Posts `id` for each, `action`, `csrf`, and `everything=1` with
/// `query` (the grid's own) when all lines that fit the filters are meant.
#[derive(Debug, Clone, Default)]
pub struct Bulk {
    /// Where to post.
    pub action: String,
    /// Token.
    pub csrf: String,
    /// The query of this view.
    pub query: String,
    /// *all 412 devices*; empty when only the picked rows may be meant.
    pub everything: String,
    /// The actions.
    pub actions: Vec<BulkAction>,
}

/// The foot: how much is shown, and the way to the rest. Pages go by key, so there are no page numbers.
#[derive(Debug, Clone, Default)]
pub struct Pager {
    /// *51–100 of 412*.
    pub summary: String,
    /// First page, when this is not it.
    pub first: Option<String>,
    /// The page before.
    pub previous: Option<String>,
    /// The page after.
    pub next: Option<String>,
    /// Lines to a page: number, address, whether it is the present one.
    pub sizes: Vec<(u32, String, bool)>,
}

/// The grid.
#[derive(Debug, Clone, Default, Template)]
#[template(path = "parts/grid.html")]
pub struct Grid {
    /// Unique in the page; the region that is replaced.
    pub id: String,
    /// What it lists, for screen readers.
    pub label: String,
    /// The state in the address.
    pub state: State,
    /// Text in the empty search box; no box when empty.
    pub search_hint: String,
    /// Saved views.
    pub views: Vec<Tab>,
    /// What can be done about views; stands at the end of their row.
    pub views_more: Vec<Tab>,
    /// Filters.
    pub filters: Vec<Filter>,
    /// Filters that are entered: days.
    pub fields: Vec<Input>,
    /// Filters in force.
    pub applied: Vec<Applied>,
    /// The columns to choose from; no choice when empty.
    pub choices: Vec<ColumnChoice>,
    /// The shown columns.
    pub columns: Vec<Column>,
    /// The lines.
    pub rows: Vec<Row>,
    /// Actions on picked rows.
    pub bulk: Option<Bulk>,
    /// Address of the export of this view.
    pub export: Option<String>,
    /// The foot.
    pub pager: Pager,
    /// What to say when there are no lines.
    pub empty: Option<EmptyState>,
}

impl Grid {
    /// The entry as drawn inside a label, which names it.
    fn unlabelled(input: &Input) -> Input {
        Input { label: String::new(), ..input.clone() }
    }

    fn column(&self, index: usize) -> Option<&Column> {
        self.columns.get(index)
    }

    /// Filters in force that are not drawn, so that they survive when another one is chosen.
    fn kept(&self) -> Vec<&(String, String)> {
        let drawn = |key: &String| {
            self.filters.iter().any(|f| f.key == key) || self.fields.iter().any(|f| f.name == *key)
        };
        self.state.filters.iter().filter(|(key, _)| !drawn(key)).collect()
    }

    fn pickable(&self) -> bool {
        self.bulk.as_ref().is_some_and(|bulk| !bulk.actions.is_empty())
    }
}

parts!(Grid);
