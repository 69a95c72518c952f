//! Policy suites: editing, publishing, assigning; and the documents that devices get.

mod documents;
mod state;
mod suites;

pub use documents::{Document, DocumentCache, document_for};
pub use domain::policy::PolicyState;
pub use state::{state_of, status_of, suite_of};
pub use suites::{
    Assignment, SuiteInput, affected, assign_default, copy, create, diff_with_published, edit, edit_seen,
    get, list, publish, remove, revisions, roll_back,
};
