//! Smart Devices and Users ▸ Add Users ▸ CSV: sending a file, looking at what it would do, importing it.

mod one;
mod send;

use catalog::Permission;
use domain::model::ImportState;
use door::{Access, Routes};
use http::Method;

use crate::parts::{Chip, Tone};

const PATH: &str = "/dashboard/users/import";

/// Registers the pages.
pub fn routes(routes: Routes) -> Routes {
    let edit = Access::Needs(Permission::UsersEdit);
    routes
        .route(Method::GET, PATH, edit, send::show)
        .route(Method::POST, PATH, edit, send::send)
        .route(Method::GET, "/dashboard/users/import/template.csv", edit, send::template)
        .route(Method::GET, "/dashboard/users/import/{id}", edit, one::show)
        .route(Method::POST, "/dashboard/users/import/{id}/start", edit, one::start)
        .route(Method::POST, "/dashboard/users/import/{id}/discard", edit, one::discard)
}

fn chip(state: ImportState) -> Chip {
    match state {
        ImportState::Checked => Chip::new("Checked, not imported", Tone::Warn),
        ImportState::Running => Chip::new("Under way", Tone::Info),
        ImportState::Done => Chip::new("Imported", Tone::Ok),
    }
}
