//! Organization Management ▸ Custom Columns.

mod form;
mod list;

use catalog::Permission;
use door::{Access, Routes};
use http::Method;

const PATH: &str = "/dashboard/custom-columns";

/// Registers the pages.
pub fn routes(routes: Routes) -> Routes {
    let view = Access::Needs(Permission::DevicesView);
    let edit = Access::Needs(Permission::OrganizationEdit);
    routes
        .route(Method::GET, PATH, view, list::show)
        .route(Method::GET, "/dashboard/custom-columns/add", edit, form::add_show)
        .route(Method::POST, "/dashboard/custom-columns/add", edit, form::add)
        .route(Method::GET, "/dashboard/custom-columns/{id}/edit", edit, form::edit_show)
        .route(Method::POST, "/dashboard/custom-columns/{id}/edit", edit, form::save)
        .route(Method::POST, "/dashboard/custom-columns/{id}/up", edit, list::up)
        .route(Method::GET, "/dashboard/custom-columns/{id}/remove", edit, list::remove_ask)
        .route(Method::POST, "/dashboard/custom-columns/{id}/remove", edit, list::remove)
}
