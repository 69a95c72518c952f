//! What every page shares: the context of a request, forms, answers, and the last touch on every response.

mod answer;
mod context;
mod finish;
mod flash;
mod form;
mod layout;
mod part;
pub mod wizard;

pub use answer::{Answer, Oops, download, html, see_other};
pub use context::{Cx, HostRef, due_page};
pub use finish::{finish, refuse};
pub use form::{Entered, Wrong};
pub use part::{FormAround, PostButton, SearchForm, Tick, hidden_value};
