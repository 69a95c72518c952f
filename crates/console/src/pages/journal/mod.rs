//! The journal: who did what, when, to what; with what was before and after.

mod entry;
mod list;
mod told;

use catalog::Permission;
use door::{Access, Routes};
use http::Method;

pub use told::{told, told_on};

const PATH: &str = "/dashboard/journal";

/// Registers the pages.
pub fn routes(routes: Routes) -> Routes {
    let view = Access::Needs(Permission::JournalView);
    routes.route(Method::GET, PATH, view, list::show).route(
        Method::GET,
        "/dashboard/journal/{sequence}",
        view,
        entry::show,
    )
}
