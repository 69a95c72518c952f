//! The parts of which pages are made: plain view structs, each with a template that draws it.
//!
//! A part knows strings and small enums of its own, nothing of engine, catalogue or domain; whoever
//! builds a page translates. Parts nest: each is an askama template that may stand in another one
//! (`{{ grid }}`), and each turns into [`Html`] where a mixed list is wanted. Nothing a part is given
//! can become markup, except through [`Html`]. No part needs inline script or style, so the console runs
//! under `script-src 'self'; style-src 'self'`, and every part works without script.
//!
//! Identifiers (`id`) given to parts must be unique in a page; they join labels, buttons and popovers.
mod bare;
mod button;
mod card;
mod chart;
mod chip;
mod dialog;
mod diff;
mod facts;
mod form;
mod grid;
mod html;
mod icon;
mod layout;
mod letter;
mod matrix;
mod nav;
mod note;
mod progress;
mod qr;
mod search;
mod table;
mod tabs;
mod time;
mod timeline;
mod upload;
mod week;

pub use bare::{ErrorPage, SetUp, SignIn};
pub use button::{Button, ButtonKind, Menu, MenuItem};
pub use card::{Card, Columns, Stat, Widths};
pub use chart::{Bar, Bars, Donut, Series, Slice, Spark, Stacked};
pub use chip::{Chip, Status, Tone, Why};
pub use dialog::{Danger, Loss};
pub use diff::{Change, Diff, Effect};
pub use facts::{Fact, Facts};
pub use form::{
    Badge, Choice, Control, FieldView, Form, Input, SaveBar, SettingGroup, SettingValue, SettingView,
};
pub use grid::{
    Applied, Bulk, BulkAction, Column, ColumnChoice, Direction, Filter, FilterOption, Grid, Pager, Row,
    State as GridState,
};
pub use html::{Html, Part};
pub use icon::Icon;
pub use layout::{Crumb, Head, Layout, Organization, OrganizationChoice, Page, Theme, User};
pub use letter::LetterPreview;
pub use matrix::{Level, Matrix, MatrixCell, MatrixRow};
pub use nav::{NavGroup, NavItem, Place, navigation};
pub use note::{EmptyState, Note, Toast};
pub use progress::{Copy, Progress, Step, Steps};
pub use qr::Qr;
pub use search::{Hit, HitGroup, SearchResults};
pub use table::{Align, Table, TableRow, cell};
pub use tabs::{Tab, Tabs};
pub use time::Time;
pub use timeline::{Event, Timeline};
pub use upload::UploadForm;
pub use week::{Stretch, Strip, Week, WeekDay};
