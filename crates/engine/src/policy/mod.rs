//! Policy suites: editing, publishing, assigning; and the documents that devices get.

pub(crate) mod assign;
mod documents;
pub(crate) mod publish;
mod state;
mod suites;

pub(crate) use assign::check_assignable;
pub use assign::{assign_default, remove};
pub use documents::{Document, DocumentCache, document_for};
pub use domain::policy::PolicyState;
pub use publish::{affected, affected_count, diff_with_published, publish, revisions, roll_back};
pub use state::{state_of, status_of};
pub use suites::{Assignment, SuiteInput, copy, create, edit, edit_seen, get, list};
