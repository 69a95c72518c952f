//! Organization Administrators (and, outside every organization, system administrators).

mod acts;
mod form;
mod list;

use catalog::Permission;
use door::{Access, Routes};
use http::Method;

pub use form::{read_role, roles};

use super::frame::Cx;
use crate::parts::Place;

const PATH: &str = "/dashboard/administrators";

/// Registers the pages.
pub fn routes(routes: Routes) -> Routes {
    let view = Access::Needs(Permission::AdministratorsView);
    let edit = Access::Needs(Permission::AdministratorsEdit);
    routes
        .route(Method::GET, PATH, view, list::list)
        .route(Method::GET, "/dashboard/administrators/add", edit, form::add_show)
        .route(Method::POST, "/dashboard/administrators/add", edit, form::add)
        .route(Method::GET, "/dashboard/administrators/{id}", view, form::show)
        .route(Method::POST, "/dashboard/administrators/{id}", edit, form::save)
        .route(Method::POST, "/dashboard/administrators/{id}/reset-password", edit, acts::reset)
        .route(Method::POST, "/dashboard/administrators/{id}/sign-out", edit, acts::sign_out)
        .route(Method::POST, "/dashboard/administrators/{id}/reset-second-factor", edit, acts::reset_factor)
        .route(Method::GET, "/dashboard/administrators/{id}/remove", edit, acts::remove_ask)
        .route(Method::POST, "/dashboard/administrators/{id}/remove", edit, acts::remove)
}

fn title(cx: &Cx) -> &'static str {
    if cx.outside() { "System administrators" } else { Place::Administrators.label() }
}
