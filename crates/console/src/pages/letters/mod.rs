//! Letters: what users are written, by kind and language; mail to many, and what became of it.

mod compose;
mod list;
mod mailings;
mod template;

use catalog::Permission;
use domain::model::LetterState;
use door::{Access, Routes};
use http::Method;

use crate::parts::{Chip, Tone};

pub const PATH: &str = "/dashboard/letters";
pub const MAILINGS: &str = "/dashboard/mailings";
const SYSTEM: &str = "/dashboard/organizations/mailings";

pub use compose::{bulk_preview, send};

/// Registers the pages.
pub fn routes(routes: Routes) -> Routes {
    let view = Access::Needs(Permission::OrganizationView);
    let edit = Access::Needs(Permission::OrganizationEdit);
    let people = Access::Needs(Permission::DevicesView);
    let mail = Access::Needs(Permission::UsersMail);
    routes
        .route(Method::GET, PATH, view, list::show)
        .route(Method::POST, PATH, edit, list::save)
        .route(Method::GET, "/dashboard/letters/edit", view, template::show)
        .route(Method::POST, "/dashboard/letters/edit", edit, template::save)
        .route(Method::GET, MAILINGS, people, mailings::list)
        .route(Method::GET, "/dashboard/mailings/compose", mail, compose::show)
        .route(Method::POST, "/dashboard/mailings/compose", mail, compose::save)
        .route(Method::GET, "/dashboard/mailings/show", people, mailings::show)
        .route(Method::GET, SYSTEM, Access::System, mailings::list_system)
        .route(Method::GET, "/dashboard/organizations/mailings/compose", Access::System, compose::show_system)
        .route(
            Method::POST,
            "/dashboard/organizations/mailings/compose",
            Access::System,
            compose::save_system,
        )
}

/// What became of a letter, as a chip.
pub fn chip(state: Option<LetterState>) -> Chip {
    match state {
        None => Chip::new("Never sent", Tone::Idle),
        Some(LetterState::Queued) => Chip::new("Queued", Tone::Info),
        Some(LetterState::Sent) => Chip::new("Sent", Tone::Ok),
        Some(LetterState::Refused) => Chip::new("Not sent", Tone::Bad),
    }
}
