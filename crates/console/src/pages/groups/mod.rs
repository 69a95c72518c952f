//! Groups: who is treated alike, in which order groups count, and what their members get.

mod detail;
mod form;
mod list;
mod members;
mod remove;
mod rule;

use catalog::Permission;
use door::{Access, Routes};
use http::Method;

const PATH: &str = "/dashboard/groups";

/// Registers the pages.
pub fn routes(routes: Routes) -> Routes {
    let view = Access::Needs(Permission::GroupsView);
    let edit = Access::Needs(Permission::GroupsEdit);
    routes
        .route(Method::GET, "/dashboard/groups", view, list::show)
        .route(Method::GET, "/dashboard/groups/add", edit, form::add_show)
        .route(Method::POST, "/dashboard/groups/add", edit, form::add)
        .route(Method::GET, "/dashboard/groups/{id}", view, detail::show)
        .route(Method::GET, "/dashboard/groups/{id}/edit", edit, form::edit_show)
        .route(Method::POST, "/dashboard/groups/{id}/edit", edit, form::save)
        .route(Method::POST, "/dashboard/groups/{id}/move", edit, list::place)
        .route(Method::GET, "/dashboard/groups/{id}/copy", edit, form::copy_show)
        .route(Method::POST, "/dashboard/groups/{id}/copy", edit, form::copy)
        .route(Method::GET, "/dashboard/groups/{id}/remove", edit, remove::ask)
        .route(Method::POST, "/dashboard/groups/{id}/remove", edit, remove::remove)
        .route(Method::GET, "/dashboard/groups/{id}/members", edit, members::choose)
        .route(Method::POST, "/dashboard/groups/{id}/members", edit, members::change)
        .route(Method::GET, "/dashboard/groups/{id}/rule", edit, rule::show)
        .route(Method::POST, "/dashboard/groups/{id}/rule", edit, rule::save)
}
